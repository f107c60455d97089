r"""
The coefficients of one image
=============================

Order 1 says how much of each scale and orientation an image holds near each place;
order 2 says how that amount varies, again by scale and orientation. Here they are drawn
on discs, as in Bruna and Mallat (2013): the radius is the frequency and the angle the
direction of the wave, so that vertical strokes, whose waves run along the horizontal,
show left and right.
"""

import matplotlib.pyplot as plt
import numpy as np

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_digits_images

# %%
# The image is a digit of 32×32 pixels. ``paths_`` says which scales and orientations
# belong to each coefficient.

digits = load_digits_images()
image = digits.images[digits.target == 4][:1]  # (1, 32, 32)
J, L = 3, 8
scattering = ScatteringTransformer(J=J, L=L, output="maps").fit(image)
maps = scattering.transform(image)[0]  # (P, 4, 4)
paths = scattering.paths_
print(maps.shape, paths.dtype.names)

# %%
# Maps of order 1
# ---------------
#
# Each map has 4×4 samples, one for every 8 pixels.

order1 = maps[paths["order"] == 1].reshape(J, L, 4, 4)
fig, axes = plt.subplots(J, L, figsize=(8, 3.4), layout="constrained")
for j, theta in np.ndindex(J, L):
    ax = axes[j, theta]
    picture = ax.imshow(order1[j, theta], cmap="viridis", vmin=0, vmax=order1.max())
    ax.set(xticks=[], yticks=[])
    axes[0, theta].set_title(f"theta={theta}", fontsize=9)
    axes[j, 0].set_ylabel(f"j={j}", fontsize=9)
fig.colorbar(picture, ax=axes, label="coefficient (grey levels)")

# %%
# Discs
# -----
#
# Averaged over the image. On the disc of order 2 each cell (j1, theta1) is divided
# again: outwards by the frequency of the second wavelet, and along the angle by its
# orientation. Paths have j2 > j1 only, so that the innermost ring stays empty.


def draw_disc(ax, values, edges, *, title):
    """Draw rings of equal sectors; sector 0 begins at the direction of theta = 0."""
    for ring, (low, high) in zip(values, edges, strict=True):
        both = np.tile(ring, 2)  # a real image has the same at the opposite direction
        step = 2 * np.pi / len(both)
        start = -np.pi / 2 + np.pi * (L // 2 - 1) / L + np.pi / L / 2
        angles = start - step * (np.arange(len(both)) + 0.5)
        colors = plt.cm.viridis(both / values_max(values))
        ax.bar(angles, high - low, step, low, color=colors, linewidth=0)
    ax.grid(False)
    ax.set(title=title, yticks=[], xticks=[0, np.pi / 2, np.pi, 3 * np.pi / 2])


def values_max(rings):
    """Return the largest value of all rings."""
    return max(float(np.max(ring)) for ring in rings)


means = maps.mean(axis=(1, 2))
rings1 = means[paths["order"] == 1].reshape(J, L)
edges1 = [(2.0**-j / 2, 2.0**-j) for j in range(J)]

rings2, edges2 = [], []
for j1 in range(J - 1):
    low, high = edges1[j1]
    borders = np.linspace(high, low, J - j1)
    for k, j2 in enumerate(range(j1 + 1, J)):
        chosen = (paths["order"] == 2) & (paths["j1"] == j1) & (paths["j2"] == j2)
        rings2.append(means[chosen])  # theta1 major, theta2 minor: (L * L,)
        edges2.append((borders[k + 1], borders[k]))

fig, axes = plt.subplots(
    1, 3, figsize=(9, 3.2), layout="constrained", subplot_kw={"projection": "polar"}
)
axes[0].remove()
axes[0] = fig.add_subplot(1, 3, 1)
axes[0].imshow(image[0], cmap="gray_r")
axes[0].set(title="image", xlabel="column (pixels)", ylabel="row (pixels)")
discs = [("order 1", rings1, edges1), ("order 2", rings2, edges2)]
for ax, (title, rings, edges) in zip(axes[1:], discs, strict=True):
    draw_disc(ax, rings, edges, title=title)
    norm = plt.Normalize(0, values_max(rings))
    mappable = plt.cm.ScalarMappable(norm, "viridis")
    fig.colorbar(mappable, ax=ax, label="mean (grey levels)", shrink=0.7, pad=0.15)
plt.show()
