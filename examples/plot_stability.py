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

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_digits_images

# %%
# The image is a packet of waves: a Gaussian window of 8 pixels with a carrier of
# frequency 3π/4, drawn from its formula, so that shifts and dilations are exact.

size = 64
u1, u2 = np.mgrid[:size, :size] - size / 2


def packet(shift=0.0, dilation=0.0):
    """Return the packet shifted (pixels) along a row, or dilated about its centre."""
    v1, v2 = u1 * (1 - dilation), (u2 - shift) * (1 - dilation)
    window = np.exp(-(v1**2 + v2**2) / (2 * 8**2))
    return window * np.cos(3 * np.pi / 4 * v2)


def fourier_modulus(images):
    """Return the moduli of the images' Fourier transforms as rows."""
    return np.abs(np.fft.fft2(images)).reshape(len(images), -1)


def pixels(images):
    """Return the images as rows."""
    return images.reshape(len(images), -1)


def relative_distance(represent, images):
    """Return how far each image lies from the first one, over the first one's norm."""
    rows = represent(images)
    return np.linalg.norm(rows - rows[0], axis=1) / np.linalg.norm(rows[0])


# %%
# Distances
# ---------
#
# Under the dilation the curves of pixels and Fourier modulus coincide: the packet is
# symmetric about the centre of the dilation, and its Fourier transform is real.

shifts = np.linspace(0, 8, 49)
dilations = np.linspace(0, 0.1, 21)
shifted = np.stack([packet(shift=s) for s in shifts])
dilated = np.stack([packet(dilation=d) for d in dilations])

J = 4
scattering = ScatteringTransformer(J=J).fit(shifted)
methods = {
    "pixels": (pixels, "#D55E00", "--"),
    "Fourier modulus": (fourier_modulus, "#009E73", ":"),
    f"scattering, J={J}": (scattering.transform, "#0072B2", "-"),
}

fig, axes = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained", sharey=True)
for name, (represent, color, style) in methods.items():
    look = {"color": color, "linestyle": style, "linewidth": 2, "label": name}
    axes[0].plot(shifts, relative_distance(represent, shifted), **look)
    axes[1].plot(100 * dilations, relative_distance(represent, dilated), **look)
axes[0].set(xlabel="shift (pixels)", ylabel="relative distance ‖Φx − Φx′‖ / ‖Φx‖")
axes[1].set(xlabel="dilation (%)")
axes[1].legend()

# %%
# A larger J averages over wider windows, and the same shift counts less. Here for
# twenty digits of 64×64 without their mean, shifted by one pixel.

digits = load_digits_images(scale=6, pad=8).images[:20]
digits -= digits.mean(axis=(1, 2), keepdims=True)
for J in range(1, 6):
    scattering = ScatteringTransformer(J=J).fit(digits)
    S, S_shifted = (scattering.transform(x) for x in (digits, np.roll(digits, 1, 2)))
    distance = np.linalg.norm(S_shifted - S, axis=1) / np.linalg.norm(S, axis=1)
    print(f"J={J}: one pixel moves the coefficients by {distance.mean():.3f}")
plt.show()
