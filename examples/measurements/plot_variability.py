r"""
Which variabilities a representation reduces
============================================

Twenty digits under sixteen rotations make a balanced grid of two factors: which digit,
and which angle. How much of the variance of a representation does each explain? The
answer says what a representation has become invariant to, without any classifier.
:doc:`/user_guide/variability` has the formulas.
"""

import matplotlib.pyplot as plt

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.analysis import flattening, variability
from sklearn_scat.datasets import make_factor_digits
from sklearn_scat.displays import FactorDisplay

J = 2
local = ScatteringTransformer(J, padding="periodic")
mean = ScatteringTransformer(J, padding="periodic", pooling="mean")
roto = RotoTranslationScattering(J, padding="periodic", pooling="mean")


def layers_of(images):
    """Return four representations of images."""
    return {
        "pixels": images.reshape(len(images), -1),
        "scattering,\nall positions": local.fit_transform(images),
        "scattering,\nmean": mean.fit_transform(images),
        "roto-translation,\nmean": roto.fit_transform(images),
    }


# %%
# Three factors
# -------------
#
# Rotation explains much of the variance of pixels. The mean over positions loses where,
# and keeps at which angle; the roto-translation network loses the angle too. Neither is
# built to be invariant to scale, which is the control.

fig, axes = plt.subplots(3, 1, figsize=(7, 9), layout="constrained")
for factor, ax in zip(["rotation", "translation", "scale"], axes, strict=True):
    images, factors = make_factor_digits(factor)
    result = variability(layers_of(images), factors)
    FactorDisplay(result).plot(ax)
    shares = " ".join(f"{100 * share:5.1f}" for share in result.share[:, 1])
    print(f"{factor:>11s} explains {shares} %")

# %%
# The shape of an effect
# ----------------------
#
# The mean image of all digits moves along a closed curve as the angle goes round. The
# curves of single digits are flatter after scattering: fewer directions hold them.

images, factors = make_factor_digits("rotation")
layers = layers_of(images)
FactorDisplay(variability(layers, factors)).plot_effect("rotation", layer="pixels")
flat = flattening(layers, factors["digit"], n_components=2)
for layer, share in zip(flat.layers, flat.flatness, strict=True):
    name = layer.replace("\n", " ")
    print(f"{name:26s} two directions hold {100 * share:.0f} % of a digit's rotations")
plt.show()
