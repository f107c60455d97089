"""
Wavelets that learn
===================

:class:`sklearn_scat.nn.ScatteringParametric2d` learns the direction, frequency, width
and slant of its wavelets by gradient descent, with the classifier that follows. Four
numbers a wavelet are few: they can be learned from a hundred images.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from sklearn_scat.datasets import load_digits_images
from sklearn_scat.filters import littlewood_paley
from sklearn_scat.nn import (
    Hybrid,
    Scattering2d,
    ScatteringParametric2d,
    SharedLocalEncoder,
    angular_spectrum,
)

# %%
# A hundred digits of 16×16 pixels to learn from. The wavelets start at random, as in
# Gauthier et al. (2022): the network has to find what the fixed ones are given.

digits = load_digits_images()
images = nn.functional.avg_pool2d(torch.from_numpy(digits.images[:400, None]), 2)
target = torch.from_numpy(digits.target[:400])


def network(frozen):
    """Return scattering, an average to 2×2 pixels and a linear layer."""
    torch.manual_seed(1)
    scattering = ScatteringParametric2d(2, (16, 16), L=4, init="random")
    head = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(100, 10))
    return Hybrid(scattering, head, frozen=frozen, in_channels=1)


def train(net, n_steps):
    """Return the losses of training: the wavelets learn with a rate of their own."""
    scattering = [p for p in net.scattering.parameters() if p.requires_grad]
    groups = [{"params": net.head.parameters(), "lr": 0.03}]
    groups += [{"params": scattering, "lr": 0.1}] if scattering else []
    optimizer = torch.optim.Adam(groups)
    losses = []
    for _ in range(n_steps):
        loss = nn.functional.cross_entropy(net(images[:100]), target[:100])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


learned, frozen = network(frozen=False), network(frozen=True)
before = learned.scattering.bank()
losses = {"learned": train(learned, 50), "left at random": train(frozen, 50)}
after = learned.scattering.bank()

for name, net in [("learned", learned), ("left at random", frozen)]:
    with torch.no_grad():
        hits = net.eval()(images[100:]).argmax(1) == target[100:]
    print(f"wavelets {name:14}: {100 * hits.float().mean():.1f} % of 300 other digits")

# %%
# The real parts of the wavelets, in space: above at the start, below after training. On
# the right the loss beside that of the network whose wavelets stay as they are.


def in_space(psi_hat):
    """Return the real part of a wavelet about its middle: (15, 15)."""
    psi = np.fft.fftshift(np.fft.ifft2(psi_hat).real)
    m, n = np.array(psi.shape) // 2
    return psi[m - 7 : m + 8, n - 7 : n + 8]


fig = plt.figure(figsize=(9, 4.2), layout="constrained")
left, right = fig.subfigures(1, 2, width_ratios=(1.6, 1))
axes = left.subplots(4, 4)
for row, (name, bank, j) in enumerate(
    (name, bank, j)
    for j in (0, 1)
    for name, bank in (("start", before), ("learned", after))
):
    for theta, ax in enumerate(axes[row]):
        psi = in_space(bank.psi_hat[j, theta])
        limit = np.abs(psi).max()
        ax.imshow(psi, cmap="PuOr", vmin=-limit, vmax=limit)
        ax.set(xticks=[], yticks=[])
    axes[row, 0].set_ylabel(f"j = {j}\n{name}", fontsize=8)
ax = right.subplots()
for (name, values), style in zip(losses.items(), ["-", "--"], strict=True):
    ax.semilogy(values, style, label=f"wavelets {name}")
ax.set(xlabel="step", ylabel="loss (nats)")
ax.legend(fontsize=8)

# %%
# Learning does not keep the frame: the largest Littlewood–Paley sum says how much a
# layer may amplify. Above 1 the transform contracts no longer.

for name, bank in [("start", before), ("learned", after)]:
    print(f"largest Littlewood–Paley sum, {name}: {littlewood_paley(bank).max():.2f}")

# %%
# What a layer on top of scattering learns
# ----------------------------------------
#
# The first layer of :class:`~sklearn_scat.nn.SharedLocalEncoder` sees all orientations
# of a window. If the labels do not depend on the orientation of the images, as those of
# digits turned at will, its weights come to depend on it less: their energy gathers at
# the angular frequency 0. Weights at random have a flat spectrum.

torch.manual_seed(0)
scattering = Scattering2d(2, (16, 16))
quarters = torch.randint(4, (400,))
turned = torch.stack(
    [x.rot90(int(q), (-2, -1)) for x, q in zip(images, quarters, strict=True)]
)
with torch.no_grad():
    maps = scattering(turned)
maps = (maps - maps.mean((0, 2, 3), keepdim=True)) / maps.std((0, 2, 3), keepdim=True)

encoder = SharedLocalEncoder(10, width=64, hidden=(64, 64), in_channels=81)
nn.init.normal_(encoder.F1[0].weight, std=0.01)  # so that the learned part outweighs it
spectra = {"at random": angular_spectrum(encoder.F1[0].weight, scattering.paths)}
optimizer = torch.optim.SGD(encoder.parameters(), lr=0.05, momentum=0.9)
for _ in range(60):
    loss = nn.functional.cross_entropy(encoder(maps), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
spectra["learned"] = angular_spectrum(encoder.F1[0].weight, scattering.paths)

fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
frequencies = np.arange(-3, 5)
for (name, E), marker in zip(spectra.items(), "os", strict=True):
    ax.plot(frequencies, E[frequencies % 8], marker=marker, label=name)
ax.set(xlabel="angular frequency (cycles per half turn)", ylabel="share of the energy")
ax.set_ylim(0, None)
ax.legend()
plt.show()
