"""
Textures that are turned
========================

A texture turned by any angle is the same texture. Rigid roto-translation scattering
averages over all orientations, but only after it has filtered along them, so that it
moves little as the image turns and still tells textures apart.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.datasets import make_textures
from sklearn_scat.displays import (
    AngleChangeDisplay,
    CircleBankDisplay,
    OrientationMapDisplay,
)
from sklearn_scat.filters import circle_bank

# %%
# A texture at twelve angles
# --------------------------
#
# The middle of a larger image, so that nothing comes in from outside.

kinds = ["points-bar", "points-ripple"]
images, y = make_textures(2, kinds=kinds, image_shape=(192, 192), random_state=0)
texture, other = images[y == 0][0], images[y == 1][0]
angles = np.arange(0, 91, 7.5)


def middle(image, angle=0.0):
    """Return the middle 128×128 pixels of an image, turned by degrees."""
    turned = ndimage.rotate(image, angle, reshape=False, order=3, mode="reflect")
    return turned[32:160, 32:160]


turned = np.stack([middle(texture, angle) for angle in angles])  # (13, 128, 128)

# %%
# How far the coefficients move
# -----------------------------
#
# The distance to another texture is dotted.

representations = {
    "translation": ScatteringTransformer(J=4, pooling="mean"),
    "roto-translation": RotoTranslationScattering(J=4, pooling="mean"),
}
features, others = {}, {}
for name, scattering in representations.items():
    details = scattering.fit(turned).paths_["order"] > 0
    features[name] = scattering.transform(turned)[:, details]
    others[name] = scattering.transform(middle(other)[None])[0, details]
display = AngleChangeDisplay(angles, features, other=others).plot()
for name, changes in display.changes.items():
    print(
        f"{name}: {changes.max():.2f}; another texture: {display.distances[name]:.2f}"
    )

# %%
# Wavelets along the orientations
# -------------------------------

CircleBankDisplay(circle_bank(3, 16)).plot()

# %%
# Coefficients over both orientations
# -----------------------------------
#
# The separable form keeps both. Bars answer along one orientation.

separable = RotoTranslationScattering(J=2, form="separable", pooling="mean")
S = separable.fit_transform(turned[:1])
OrientationMapDisplay(S[0], separable.paths_).plot()
plt.show()
