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

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_digits_images
from sklearn_scat.displays import ScatteringDisplay

# %%
# The image is a digit of 32×32 pixels. ``paths_`` says which scales and orientations
# belong to each coefficient.

digits = load_digits_images()
image = digits.images[digits.target == 4][0]  # (32, 32)
scattering = ScatteringTransformer(J=3, L=8).fit(image[None])
display = ScatteringDisplay.from_transformer(scattering, image)
print(display.maps.shape, scattering.paths_.dtype.names)

# %%
# Maps of order 1
# ---------------
#
# Each map has 4×4 samples, one for every 8 pixels.

display.plot_maps()

# %%
# Discs
# -----
#
# Averaged over the image. On the disc of order 2 each cell (j1, theta1) is divided
# again: outwards by the frequency of the second wavelet, and along the angle by its
# orientation. Paths have j2 > j1 only, so that the innermost ring stays empty.

fig = plt.figure(figsize=(10, 3.3), layout="constrained")
axes = [fig.add_subplot(1, 3, 1)]
axes += [fig.add_subplot(1, 3, k, projection="polar") for k in (2, 3)]
axes[0].imshow(image, cmap="gray_r")
axes[0].set(title="image", xlabel="column (pixels)", ylabel="row (pixels)")
display.plot(axes[1], order=1)
display.plot(axes[2], order=2)
plt.show()
