"""
Places of a photograph that look alike
======================================

Cut a photograph into tiles, represent each by the mean of every scattering path, and
ask which tiles are near to a given one. Sky finds sky and trees find trees, wherever
they are and whatever their exact pixels; distances between pixels find what is as
bright, a roof for trees. A tile that holds several things, as one of the roof, finds
others that do.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image
from sklearn.metrics import pairwise_distances

from sklearn_scat import NormalizedScattering, ScatteringTransformer

# %%
# Tiles of 32×32 pixels of the photograph of a Chinese temple that comes with
# scikit-learn, in grey levels from 0 to 1.
photograph = load_sample_image("china.jpg").mean(axis=2) / 255
side = 32
rows, columns = (n // side for n in photograph.shape)
tiles = photograph[: rows * side, : columns * side]
tiles = tiles.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(-1, side, side)

# %%
# The logarithm of the means: 81 numbers a tile, of which order 0 says how bright it is,
# and is left out.
scattering = ScatteringTransformer(J=3, L=6, pooling="mean", max_order=2)
S = NormalizedScattering(scattering, "log").fit_transform(tiles)
S = (S - S.mean(axis=0)) / S.std(axis=0)
by_scattering = pairwise_distances(S[:, 1:])
by_pixels = pairwise_distances(tiles.reshape(len(tiles), -1))

# %%
# The 30 tiles that are nearest to one of the sky, the roof and the trees; the others
# are darkened.
chosen = {"sky": (1, 16), "roof": (6, 8), "trees": (11, 17)}
figure, axes = plt.subplots(3, 3, figsize=(9, 6.5), layout="constrained")
for line, (name, (i, j)) in zip(axes, chosen.items(), strict=True):
    line[0].imshow(photograph, cmap="gray")
    line[0].add_patch(
        plt.Rectangle((j * side, i * side), side, side, fill=False, color="red", lw=2)
    )
    line[0].set_ylabel(name)
    for ax, distances in zip(line[1:], (by_scattering, by_pixels), strict=True):
        nearest = distances[i * columns + j].argsort()[:30]
        near = np.isin(np.arange(len(tiles)), nearest).reshape(rows, columns)
        shown = photograph[: rows * side, : columns * side].copy()
        shown[~np.kron(near, np.ones((side, side), bool))] *= 0.35
        ax.imshow(shown, cmap="gray", vmin=0, vmax=1)
for ax, title in zip(axes[0], ("tile", "by scattering", "by pixels"), strict=True):
    ax.set_title(title)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
plt.show()
