r"""
The filter bank and what it covers
==================================

A scattering network uses one bank of wavelets :math:`\psi_{j,\theta}` and one low-pass
filter :math:`\varphi_J`. What a layer keeps of each frequency is the Littlewood–Paley
sum

.. math:: A(\omega) = \hat\varphi_J(\omega)^2 + \tfrac12 \sum_{j,\theta}
          \bigl(\hat\psi_{j,\theta}(\omega)^2 + \hat\psi_{j,\theta}(-\omega)^2\bigr).

A layer never increases a distance where :math:`A \le 1`, and loses nothing where
:math:`A = 1`.
"""

import matplotlib.pyplot as plt

from sklearn_scat.displays import FilterBankDisplay
from sklearn_scat.filters import FRAMES, littlewood_paley, morlet_bank

# %%
# The wavelets in space
# ---------------------
#
# Scales double from row to row; orientations turn by 22.5° from column to column. The
# bank holds Fourier transforms, all real: the real part of a wavelet is an even wave.

display = FilterBankDisplay(morlet_bank(3, (64, 64), L=8))
display.plot_wavelets()

# %%
# The frequencies they cover
# --------------------------
#
# Contours stand at 70 % of each filter's largest value, over the Littlewood–Paley sum.
# An image is real, so that the half of the plane that the wavelets leave out carries no
# information of its own.

display.plot()

# %%
# Three frames
# ------------
#
# "none" leaves the bank of the published networks; its sum passes 1 slightly from J = 3
# on and falls to about 0.1 in the corners of the frequency square. "contractive"
# divides the wavelets by one number. "tight" reshapes them.

fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for i, frame in enumerate(FRAMES):
    bank = morlet_bank(4, (128, 128), frame=frame)
    FilterBankDisplay(bank).plot_littlewood_paley(ax, curve=i)
    A = littlewood_paley(bank)
    print(f"{frame:12s} smallest {A.min():.3f}  largest {A.max():.3f}")
plt.show()
