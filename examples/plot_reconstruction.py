r"""
What comes back of the coefficients
===================================

How much of an image do its scattering coefficients keep? One answer is to look for an
image with these coefficients, from noise, by gradient descent:

.. math:: \hat x = \arg\min_x \tfrac12 \sum_p w_p \|S_p x - S_p\|^2

Order 1 alone loses more than both orders, and both lose more as J grows.
"""

import matplotlib.pyplot as plt

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_digits_images
from sklearn_scat.displays import ReconstructionDisplay
from sklearn_scat.inversion import interpolate, reconstruct

digits = load_digits_images().images[:5]  # (5, 32, 32)

# %%
# Reconstruction
# --------------
#
# One descent an image, sixty iterations each; the default of 300 gets nearer.

rows = {"image": digits}
for J, order in [(2, 1), (2, 2), (3, 2)]:
    scattering = ScatteringTransformer(J=J, L=4, max_order=order).fit(digits)
    S = scattering.transform(digits)
    result = reconstruct(scattering, S, reference=digits, max_iter=60)
    rows[f"J={J}, order {order}"] = result.image
    print(
        f"J={J}, order {order}: {S.shape[1] / digits[0].size:.2f} coefficients a pixel,"
        f" {result.psnr.mean():.1f} dB"
    )

ReconstructionDisplay(rows, ["0", "1", "2", "3", "4"], xlabel="digit").plot()

# %%
# Between two images
# ------------------
#
# Half-way between the pixels of two digits both are seen, at half strength. The mean of
# their coefficients belongs to no digit either, but to an image with its own strokes.

scattering = ScatteringTransformer(J=2, L=4).fit(digits)
way = interpolate(
    scattering, digits[1], digits[4], n_steps=5, images=digits, max_iter=80
)
ReconstructionDisplay.from_interpolation(way).plot()
for t, distance, blend in zip(way.t, way.distance, way.blend_distance, strict=True):
    print(f"t={t:.2f}: {distance:.2f} from a real image, the blend {blend:.2f}")
plt.show()
