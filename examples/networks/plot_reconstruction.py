r"""
What comes back of the coefficients
===================================

How much of an image do its scattering coefficients keep? One answer is to look for an
image with these coefficients, from their averages, by gradient descent:

.. math:: \hat x = \arg\min_x \tfrac12 \sum_p w_p \|S_p x - S_p\|^2

Order 1 alone loses more than both orders, and both lose more as J grows.
"""

import matplotlib.pyplot as plt

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_digits_images
from sklearn_scat.displays import ReconstructionDisplay
from sklearn_scat.inversion import ScatteringGenerator, interpolate, reconstruct

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
print("distance to the nearest of the five, pixels:", way.blend_distance.round(1))
print("distance, scattering:", way.distance.round(1))
print("sharpness, pixels:", way.blend_sharpness.round(2))
print("sharpness, scattering:", way.sharpness.round(2))

# %%
# A generator
# -----------
#
# A descent knows no other image. A network that learns to invert whitened principal
# components of the coefficients does: between two digits it makes strokes as it saw
# them, and of white noise it makes digits.

small = load_digits_images().images.reshape(-1, 16, 2, 16, 2).mean((2, 4))
train, test = small[:1000], small[1500:]
generator = ScatteringGenerator(
    ScatteringTransformer(J=3), n_components=32, max_epochs=15, random_state=0
).fit(train)

error = abs(generator.reconstruct(test) - test).mean() / small.max()
print(f"mean absolute error on test digits: {error:.3f} of the range")

ways = [generator.interpolate(test[i], test[i + 1], 9, images=train) for i in (2, 6)]
rows = {"image": test[:9], "reconstruction": generator.reconstruct(test[:9])}
rows["noise"] = generator.sample(9, random_state=0)
for i, way in enumerate(ways, 1):
    rows |= {f"pixels {i}": way.blend, f"scattering {i}": way.image}
ReconstructionDisplay(rows, [str(i) for i in range(9)]).plot()

# %%
# A blur is near to everything, and a blend is half a blur: a distance alone prefers
# both. Half-way, each is brought to the sharpness of the two digits before it is
# compared with the training digits. Digits of so few pixels overlap, and the blend is a
# strong rival: pair by pair either wins.

for way in ways:
    print(
        f"scattering: sharpness {way.sharpness[4]:.2f}, distance once sharp "
        f"{way.sharp_distance[4]:.1f}; pixels: {way.blend_sharpness[4]:.2f}, "
        f"{way.blend_sharp_distance[4]:.1f}"
    )
plt.show()
