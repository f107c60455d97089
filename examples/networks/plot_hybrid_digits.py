"""
A hybrid network on digits
==========================

Scattering as the first layers of a network, and three learned convolutions on top of
it: a classifier of scikit-learn that trains in a minute on a CPU. The same network on
pixels stands beside it.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from sklearn_scat import ImageClassifier
from sklearn_scat.datasets import load_digits_images
from sklearn_scat.nn import SmallCNN, scat_cnn

# %%
# 100 digits to learn from, ten of each class, and the rest to test on.

X, y = load_digits_images(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=100, stratify=y, random_state=0
)

# %%
# ``augment="affine"`` turns, slants and moves the training digits a little, anew in
# every epoch, so that scattering has to stand inside the network. Weights, batches and
# changes follow from ``random_state``.

settings = {"augment": "affine", "max_epochs": 30, "random_state": 0}
networks = {
    "pixels": ImageClassifier(SmallCNN, module__width=16, **settings),
    "scattering": ImageClassifier(scat_cnn, module__width=16, **settings),
}
for name, network in networks.items():
    network.fit(X_train, y_train)
    accuracy = 100 * network.score(X_test, y_test)
    n_weights = sum(p.numel() for p in network.to_torch().parameters())
    print(f"{name:11s} {n_weights:7,} weights, test accuracy {accuracy:.1f} %")

# %%
# The loss on the training digits, and the digits that the hybrid network is least sure
# of, with what it takes them for.

fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
styles = {"pixels": ("#D55E00", "--"), "scattering": ("#0072B2", "-")}
for name, network in networks.items():
    losses = [epoch["train_loss"] for epoch in network.history_]
    color, line = styles[name]
    left.semilogy(range(1, len(losses) + 1), losses, line, color=color, label=name)
left.set(xlabel="epoch", ylabel="loss (nats)")
left.legend()

probabilities = networks["scattering"].predict_proba(X_test)
unsure = np.argsort(probabilities.max(axis=1))[:8]
pictures = X_test[unsure].reshape(2, 4, 32, 32).transpose(0, 2, 1, 3).reshape(64, 128)
right.imshow(pictures, cmap="gray_r")
for i, row in enumerate(unsure):
    text = f"{y_test[row]} → {probabilities[row].argmax()}"
    right.text(32 * (i % 4) + 2, 32 * (i // 4) + 4, text, fontsize=8, color="#0072B2")
right.set(title="least sure: digit → taken for", xticks=[], yticks=[])
plt.show()
