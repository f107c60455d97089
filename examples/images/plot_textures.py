"""
Textures that no power spectrum tells apart
===========================================

Gaussian noise and random points, passed through the same filter, have the same second
moments: their power spectra agree, and so does all that is computed from them. Their
scattering coefficients differ. A texture looks the same everywhere, so that one mean
for each path (``pooling="mean"``) is enough.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedShuffleSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import make_textures

# %%
# Eight classes, four power spectra
# ---------------------------------
#
# Above Gaussian noise, below random points; each column has one power spectrum.

kernels = ["blob", "bar", "ripple", "ring"]
kinds = [f"{noise}-{kernel}" for noise in ("gaussian", "points") for kernel in kernels]
images, y = make_textures(240, kinds=kinds, random_state=0)  # (240, 64, 64)

fig, axes = plt.subplots(2, 4, figsize=(8, 4.2), layout="constrained")
for k, ax in enumerate(axes.flat):
    picture = ax.imshow(images[y == k][0], cmap="gray", vmin=-3, vmax=3)
    ax.set(xticks=[0, 63], yticks=[0, 63])
    ax.set_title(kinds[k], fontsize=9)
fig.supxlabel("column (pixels)", fontsize=9)
fig.supylabel("row (pixels)", fontsize=9)
fig.colorbar(picture, ax=axes, label="value (standard deviations)")

# %%
# Representations
# ---------------
#
# The power spectrum is averaged over rings of frequencies, scattering over space. The
# logarithm makes sums of products, and is usual for textures.


def power_spectrum(images, n_rings=24):
    """Return the log power of each image on rings of frequencies: (n, n_rings)."""
    power = np.abs(np.fft.fft2(images)) ** 2
    omega = np.fft.fftfreq(images.shape[1])  # cycles per pixel
    radius = np.hypot(omega[:, None], omega)
    ring = np.digitize(radius, np.linspace(0, 0.5, n_rings + 1))
    means = [power[:, ring == r].mean(axis=1) for r in range(1, n_rings + 1)]
    return np.log(np.stack(means, axis=1) + 1e-12)


def log_scattering(images, max_order):
    """Return the log of each path's mean, without order 0, the mean grey level."""
    scattering = ScatteringTransformer(J=4, max_order=max_order, pooling="mean")
    S = scattering.fit_transform(images)
    return np.log(S[:, scattering.paths_["order"] > 0] + 1e-6)


representations = {
    "power spectrum": power_spectrum(images),
    "scattering,\norder 1": log_scattering(images, 1),
    "scattering,\norders 1 and 2": log_scattering(images, 2),
}

# %%
# Accuracy from ten textures of each class
# ----------------------------------------
#
# The power spectrum finds the column but not the row. Order 1 sees how sparse the
# responses of a wavelet are, and often finds the row; order 2 adds how they are spread.

lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
model = make_pipeline(StandardScaler(), lda)
draws = StratifiedShuffleSplit(5, train_size=80, random_state=0)
fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for i, features in enumerate(representations.values()):
    scores = 100 * cross_val_score(model, features, y, cv=draws)
    ax.bar(i, scores.mean(), yerr=scores.std(), capsize=4, color="#56B4E9", width=0.6)
    ax.annotate(f"{scores.mean():.0f} %", (i, 5), ha="center")
    print(f"{features.shape[1]} features: {scores.mean():.1f} ± {scores.std():.1f} %")
ax.axhline(50, color="0.3", linestyle="--", linewidth=1)
ax.annotate("column known,\nrow guessed", (2.35, 52), ha="left", fontsize=8)
ax.set_xticks(range(len(representations)), list(representations))
ax.set(ylabel="test accuracy (%)", ylim=(0, 105), xlim=(-0.5, 3.0))
plt.show()
