r"""
Stability to shifts and deformations
====================================

A good representation moves little when an image is shifted or slightly deformed. Pixels
do not survive a shift; the modulus of the Fourier transform ignores shifts altogether,
and yet a dilation by a few per cent throws it off at high frequencies. Scattering
coefficients move in proportion to the deformation:

.. math:: \|S_J x - S_J x_\tau\| \le C\,\|x\|\,\bigl(2^{-J}\|\tau\|_\infty
          + J\,\|\nabla\tau\|_\infty + \|H\tau\|_\infty\bigr)
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

from sklearn_scat import ScatteringTransformer
from sklearn_scat.analysis import dilation_stability, relative_stability


def fourier_modulus(images):
    """Return the moduli of the images' Fourier transforms."""
    return np.abs(np.fft.fft2(images))


def pixels(images):
    """Return the images."""
    return images


# %%
# Dilations
# ---------
#
# A packet of waves is drawn from its formula and dilated by up to ten per cent. The
# Fourier transform of the packet is real, so that its modulus does no better than the
# pixels.

representations = {"pixels": pixels, "Fourier modulus": fourier_modulus}
for J in (2, 3, 4):
    scattering = ScatteringTransformer(J=J).fit(np.zeros((1, 64, 64)))
    representations[f"scattering, J={J}"] = scattering

dilation = dilation_stability(representations, dilations=np.linspace(0.005, 0.1, 20))

fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
styles = ["-", "--", ":", "-.", (0, (5, 1, 1, 1))]
for name, distance, style in zip(
    dilation.layers, dilation.distance, styles, strict=True
):
    ax.plot(100 * dilation.dilation, distance, linestyle=style, label=name)
ax.set(xlabel="dilation (%)", ylabel="relative distance ‖Φx − Φx′‖ / ‖Φx‖")
ax.legend()
for name, slope in zip(dilation.layers, dilation.slope, strict=True):
    print(f"{name:16s} moves by at most {slope:5.1f} times the dilation")

# %%
# Random deformations
# -------------------
#
# Crops of photographs, 64×64 pixels, under smooth random fields that move the centre by
# one and by two pixels. R compares what a deformation does with what noise of the same
# norm does: it is 1 for pixels, below 1 for what ignores deformations more than other
# changes, and it falls with the scale.

photographs = [image.mean(axis=2) / 255 for image in load_sample_images().images]
corners = [(r, c) for r in (40, 150, 250, 330) for c in (100, 300, 500)]
crops = np.stack([p[r : r + 64, c : c + 64] for p in photographs for r, c in corners])
crops -= crops.mean(axis=(1, 2), keepdims=True)
crops = crops.astype(np.float32)  # as the native kernel takes them
stability = relative_stability(representations, crops, displacement=[1.0, 2.0])

for name, R in zip(stability.layers, stability.R, strict=True):
    print(f"{name:16s} R = {R[0]:.2f} at one pixel, {R[1]:.2f} at two")

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.barh(stability.layers, stability.R[:, 0], color="#0072B2")
ax.axvline(1, color="0.5", linewidth=1)
ax.invert_yaxis()
ax.set(xlabel="R: change by a deformation of one pixel, over that by noise")

# %%
# Shifts
# ------
#
# A larger J averages over wider windows, and the same shift counts less.

for J in range(1, 6):
    scattering = ScatteringTransformer(J=J).fit(crops)
    S, S_shifted = (scattering.transform(x) for x in (crops, np.roll(crops, 1, 2)))
    distance = np.linalg.norm(S_shifted - S, axis=1) / np.linalg.norm(S, axis=1)
    print(f"J={J}: one pixel moves the coefficients by {distance.mean():.3f}")
plt.show()
