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
import numpy as np

from sklearn_scat.filters import FRAMES, littlewood_paley, morlet_bank

# %%
# The wavelets in space
# ---------------------
#
# Scales double from row to row; orientations turn by 22.5° from column to column. The
# bank holds Fourier transforms, all real: the real part of a wavelet is an even wave.

J, L, size = 3, 8, 64
bank = morlet_bank(J, (size, size), L=L)
psi = np.fft.fftshift(np.fft.ifft2(bank.psi_hat), axes=(-2, -1))  # (J, L, M, N)

fig, axes = plt.subplots(J, L, figsize=(8, 3.4), layout="constrained")
for j, theta in np.ndindex(J, L):
    window = psi[j, theta, 16:48, 16:48].real
    limit = np.abs(psi[j]).max()
    axes[j, theta].imshow(window, cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes[j, theta].set(xticks=[], yticks=[])
    axes[0, theta].set_title(f"theta={theta}", fontsize=9)
    axes[j, 0].set_ylabel(f"j={j}", fontsize=9)
fig.suptitle("Real part of the wavelets, 32×32 pixels each")

# %%
# The frequencies they cover
# --------------------------
#
# Contours stand at 70 % of each filter's largest value. An image is real, so that the
# half of the plane that the wavelets leave out carries no information of its own.

omega = np.fft.fftshift(2 * np.pi * np.fft.fftfreq(size))
ticks = {"xticks": [-np.pi, 0, np.pi], "xticklabels": ["−π", "0", "π"]}

fig, ax = plt.subplots(figsize=(4.2, 4.2), layout="constrained")
for j, color in enumerate(["#0072B2", "#D55E00", "#009E73"]):
    ax.plot([], [], color=color, label=f"j={j}")
    for psi_hat in bank.psi_hat[j]:
        values = np.fft.fftshift(psi_hat)
        ax.contour(omega, omega, values, [0.7 * values.max()], colors=color)
ax.contour(omega, omega, np.fft.fftshift(bank.phi_hat), [0.7], colors="black")
ax.set(aspect="equal", xlabel="ω₂ (radians per pixel, along a row)", **ticks)
ax.set(ylabel="ω₁ (radians per pixel, along a column)", ylim=(np.pi, -np.pi))
ax.set(yticks=ticks["xticks"], yticklabels=ticks["xticklabels"])
ax.plot([], [], color="black", label="low-pass")
ax.legend(loc="upper right", fontsize=9)

# %%
# Three frames
# ------------
#
# "morlet" is the bank of the published networks; its sum passes 1 slightly from J = 3
# on and falls to about 0.1 in the corners of the frequency square. "contractive"
# divides the wavelets by one number. "tight" reshapes them.

fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.axhline(1, color="0.7", linewidth=1)
for frame, style in zip(FRAMES, ["-", "--", ":"], strict=True):
    A = np.fft.fftshift(littlewood_paley(morlet_bank(4, (128, 128), frame=frame)))
    diagonal = np.diagonal(A)[64:]
    ax.plot(np.linspace(0, 1, 64, endpoint=False), diagonal, style, label=frame)
    print(f"{frame:12s} smallest {A.min():.3f}  largest {A.max():.3f}")
ax.set_xlabel("frequency along the diagonal, from 0 to the corner (π, π)")
ax.set_ylabel("Littlewood–Paley sum A(ω)")
ax.legend(title="frame")
plt.show()
