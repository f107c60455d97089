"""
Segment textures from a few scribbles
=====================================

A user draws a few strokes on an image; a linear classifier learns from the pixels under
them what to call all others. What it sees of a pixel decides how well it does: the
scattering maps of :func:`~sklearn_scat.transform_tiles`, which take images of any size,
or the intensities, edges and textures of scikit-image's `multiscale_basic_features`
[1]_, with the same classifier.

.. [1] S. van der Walt et al., "scikit-image: image processing in Python", PeerJ 2:e453,
   2014.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import grey_dilation, map_coordinates
from scipy.stats import rankdata
from skimage import data
from skimage.feature import multiscale_basic_features
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import ScatteringTransformer, transform_tiles
from sklearn_scat.cascade import Grid

# %%
# A mosaic of photographs
# -----------------------
#
# Brick, grass and gravel, each with its grey levels made uniform, so that no pixel's
# value tells where it is from. Nine strokes of 40 pixels are all that is labelled, a
# quarter of a percent of the image.

N, J = 384, 4


def uniform(picture):
    """Return a square of a picture, its values replaced by their ranks in (0, 1]."""
    square = picture[:N, :N]
    return rankdata(square).reshape(square.shape) / square.size


def strokes(truth, seed, n_strokes=3, length=40):
    """Return labels along random strokes, and −1 elsewhere."""
    rng = np.random.default_rng(seed)
    labels = np.full(truth.shape, -1)
    for k in np.unique(truth):
        for place in rng.choice(np.argwhere(truth == k), n_strokes):
            angle = rng.uniform(0, np.pi)
            along = np.linspace(-length / 2, length / 2, 2 * length)[:, None]
            line = place + along * [np.sin(angle), np.cos(angle)]
            y, x = np.rint(line).astype(int).clip(0, N - 1).T
            own = truth[y, x] == k
            labels[y[own], x[own]] = k
    return labels


rows, columns = np.indices((N, N))
truth = (rows + 40 * np.sin(columns / 50)) // 128 + (
    columns + 30 * np.sin(rows / 40)
) // 128
truth = (truth % 3).astype(int)
textures = [uniform(picture) for picture in (data.brick(), data.grass(), data.gravel())]
image = np.choose(truth, textures).astype(np.float32)

# %%
# Two descriptions of a pixel
# ---------------------------
#
# Maps have a sample every :math:`2^J = 16` pixels. A pixel is described by its nearest
# sample for training; probabilities are interpolated between samples.

S = transform_tiles(image, ScatteringTransformer(J=J))  # (417, 24, 24)
maps = np.log(np.moveaxis(S, 0, -1).clip(1e-4))
places = Grid(image.shape, J).places
between = [np.interp(np.arange(N), place, np.arange(place.size)) for place in places]
basic = multiscale_basic_features(image)  # (384, 384, 24)


def classifier():
    """Return the classifier of both."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def by_scattering(labels):
    """Return the labels of all pixels, from those that are not −1."""
    y, x = np.nonzero(labels >= 0)
    rows, columns = (np.rint(places).astype(int) for places in between)
    model = classifier().fit(maps[rows[y], columns[x]], labels[y, x])
    P = model.predict_proba(maps.reshape(-1, maps.shape[-1]))
    P = P.T.reshape(-1, *maps.shape[:2])
    pixels = np.meshgrid(*between, indexing="ij")
    return np.argmax([map_coordinates(p, pixels, order=1) for p in P], axis=0)


def by_basic_features(labels):
    """Return the same by scikit-image's features, one row a pixel."""
    model = classifier().fit(basic[labels >= 0], labels[labels >= 0])
    return model.predict(basic.reshape(-1, basic.shape[-1])).reshape(N, N)


methods = {"scattering": by_scattering, "basic features": by_basic_features}
found = {
    name: [method(strokes(truth, seed)) for seed in range(5)]
    for name, method in methods.items()
}
for name, segmentations in found.items():
    accuracy = [np.mean(one == truth) for one in segmentations]
    print(f"{name}: {np.mean(accuracy):.1%} of the pixels, ± {np.std(accuracy):.1%}")

# %%
# What came out
# -------------
#
# Of five drawings of the strokes, the first.

fig, axes = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained", sharey=True)
drawn = np.ma.masked_less(grey_dilation(strokes(truth, 0), size=5), 0)
shown = {"image and strokes": drawn, "truth": truth}
shown |= {name: segmentations[0] for name, segmentations in found.items()}
for ax, (title, labels) in zip(axes, shown.items(), strict=True):
    ax.imshow(image, cmap="gray")
    alpha = 1 if title.startswith("image") else 0.5
    ax.imshow(labels, cmap="viridis", vmin=0, vmax=2, alpha=alpha, interpolation="none")
    ax.set(title=title, xlabel="column (pixels)")
axes[0].set_ylabel("row (pixels)")
plt.show()
