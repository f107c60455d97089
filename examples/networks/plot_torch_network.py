"""
A small network on top of scattering
====================================

:class:`sklearn_scat.nn.Scattering2d` is the transform as a layer of torch networks. It
has no weights: what follows it is learned, and starts from coefficients that are
already stable to shifts and deformations.
"""

import matplotlib.pyplot as plt
import torch
from sklearn.model_selection import train_test_split
from torch import nn

from sklearn_scat.datasets import load_digits_images
from sklearn_scat.nn import Scattering2d

# %%
# 200 digits to learn from, the rest to test on. Channels come first.

digits = load_digits_images()
images = torch.from_numpy(digits.images[:, None])  # (1797, 1, 32, 32)
target = torch.from_numpy(digits.target)
x_train, x_test, y_train, y_test = train_test_split(
    images, target, train_size=200, stratify=target, random_state=0
)

# %%
# The layer gives 1 + 8·2 + 64 = 81 maps of 8×8. Batch normalisation without weights
# brings them to one scale, as in Oyallon et al. (2018).

torch.manual_seed(0)
scattering = Scattering2d(J=2, shape=(32, 32))
network = nn.Sequential(
    nn.BatchNorm2d(81, affine=False),
    nn.Conv2d(81, 32, 1),
    nn.ReLU(),
    nn.AvgPool2d(2),
    nn.Flatten(),
    nn.Linear(32 * 16, 10),
)
print("weights of the scattering:", sum(p.numel() for p in scattering.parameters()))
print("weights of the network:   ", sum(p.numel() for p in network.parameters()))

# %%
# As the scattering does not change, it is computed once. With copies of the images that
# vary (augmentation), put it first in the ``nn.Sequential`` instead.

with torch.no_grad():
    S_train, S_test = scattering(x_train), scattering(x_test)

optimizer = torch.optim.Adam(network.parameters(), lr=3e-3, weight_decay=1e-3)
losses, accuracies = [], []
for _ in range(20):
    network.train()
    order = torch.randperm(len(S_train))
    for batch in order.split(50):
        loss = nn.functional.cross_entropy(network(S_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    network.eval()
    with torch.no_grad():
        hits = network(S_test).argmax(1) == y_test
    losses.append(loss.item())
    accuracies.append(100 * hits.float().mean().item())
print(f"test accuracy after {len(losses)} epochs: {accuracies[-1]:.1f} %")

# %%

fig, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
epochs = range(1, len(losses) + 1)
axes[0].semilogy(epochs, losses, color="#0072B2")
axes[0].set(xlabel="epoch", ylabel="loss of the last batch (nats)")
axes[1].plot(epochs, accuracies, color="#D55E00")
axes[1].set(xlabel="epoch", ylabel="test accuracy (%)", ylim=(0, 100))
plt.show()
