"""What scattering does with orientations: wavelets, coefficients, changes."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.displays._style import curve_look, new_axes, tidy


class CircleBankDisplay:
    """Wavelets on the circle of orientations.

    Parameters
    ----------
    bank : CircleBank
        What :func:`sklearn_scat.filters.circle_bank` returns: anything with
        ``psi_hat`` (K, n) and ``phi_hat`` (n,).
    period : float, default=360
        Degrees round the circle: 360 for the rigid form of roto-translation
        scattering, 180 for the separable one.

    See Also
    --------
    sklearn_scat.filters.circle_bank : The wavelets.

    Examples
    --------
    >>> from sklearn_scat.displays import CircleBankDisplay
    >>> from sklearn_scat.filters import circle_bank
    >>> display = CircleBankDisplay(circle_bank(3, 16))
    >>> display.wavelets.shape, display.angles[:2].tolist()
    ((3, 16), [-180.0, -157.5])
    """

    def __init__(self, bank: Any, *, period: float = 360.0) -> None:
        self.bank = bank
        n = len(bank.phi_hat)
        self.angles = np.fft.fftshift(np.fft.fftfreq(n)) * period
        self.wavelets, self.low_pass = (
            np.fft.fftshift(np.fft.ifft(hat), axes=-1)
            for hat in (bank.psi_hat, bank.phi_hat)
        )

    def plot(self, ax: Any = None) -> Self:
        """Draw the real parts of the wavelets, and the low-pass filter.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : CircleBankDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax)
        for k, wavelet in enumerate(self.wavelets):
            ax.plot(self.angles, wavelet.real, label=f"ψ, k = {k}", **curve_look(k))
        look = {**curve_look(0), "color": "black", "marker": None}
        ax.plot(self.angles, self.low_pass.real, label="φ", **look)
        ax.set_xlabel("angle (degrees)")
        ax.set_ylabel("real part")
        tidy(ax)
        ax.legend(frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def plot_spectrum(self, ax: Any = None) -> Self:
        """Draw the Fourier transforms of the filters.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : CircleBankDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax)
        n = len(self.bank.phi_hat)
        frequencies = np.fft.fftshift(np.fft.fftfreq(n, 1 / n))
        for k, hat in enumerate(self.bank.psi_hat):
            shifted = np.fft.fftshift(hat)
            ax.plot(frequencies, shifted, label=f"ψ, k = {k}", **curve_look(k))
        look = {**curve_look(0), "color": "black", "marker": None}
        ax.plot(frequencies, np.fft.fftshift(self.bank.phi_hat), label="φ", **look)
        ax.set_xlabel("angular frequency (cycles per turn of the circle)")
        ax.set_ylabel("Fourier transform")
        tidy(ax)
        ax.legend(frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self


class OrientationMapDisplay:
    """Coefficients of order 2 as maps over both orientations, for each angular scale.

    Parameters
    ----------
    S : array-like of shape (P,)
        One coefficient a path, as ``pooling="mean"`` gives for an image.
    paths : structured ndarray of shape (P,)
        The fitted ``paths_``, with ``order``, ``j1``, ``theta1``, ``j2``, ``theta2``,
        and ``k`` where there are angular scales.
    j1, j2 : int, default=0, 1
        Which scales. Paths that differ in nothing but a sign are averaged.

    Raises
    ------
    ValueError
        If no path has these scales.

    Examples
    --------
    >>> from sklearn_scat import RotoTranslationScattering
    >>> from sklearn_scat.datasets import make_textures
    >>> from sklearn_scat.displays import OrientationMapDisplay
    >>> X, _ = make_textures(1, kinds=["points-bar"], random_state=0)
    >>> scattering = RotoTranslationScattering(form="separable", pooling="mean")
    >>> S = scattering.fit_transform(X)
    >>> maps = OrientationMapDisplay(S[0], scattering.paths_).maps
    >>> {k: values.shape for k, values in maps.items()}
    {-1: (2, 8), 0: (8, 8), 1: (4, 8)}
    """

    def __init__(
        self, S: ArrayLike, paths: NDArray[Any], *, j1: int = 0, j2: int = 1
    ) -> None:
        S = np.asarray(S)
        chosen = (paths["order"] == 2) & (paths["j1"] == j1) & (paths["j2"] == j2)
        if not chosen.any():
            raise ValueError(
                f"There is no path of order 2 with j1={j1} and j2={j2}; j2 must be "
                "larger than j1, and less than J."
            )
        self.j1, self.j2 = j1, j2
        angular = (
            paths["k"] if "k" in (paths.dtype.names or ()) else np.full(len(paths), -1)
        )
        self.maps, self.rows = {}, {}
        for k in np.unique(angular[chosen]):
            of_k = chosen & (angular == k)
            self.rows[int(k)], i = np.unique(paths["theta1"][of_k], return_inverse=True)
            columns, j = np.unique(paths["theta2"][of_k], return_inverse=True)
            total = np.zeros((len(self.rows[int(k)]), len(columns)))
            count = np.zeros_like(total)
            np.add.at(total, (i, j), S[of_k])
            np.add.at(count, (i, j), 1)
            self.maps[int(k)] = total / np.maximum(count, 1)

    def plot(self, axes: Any = None) -> Self:
        """Draw one map for each angular scale, from wide (low-pass) to narrow.

        Parameters
        ----------
        axes : sequence of matplotlib Axes, default=None
            As many as maps; None makes a figure.

        Returns
        -------
        display : OrientationMapDisplay
            The display, with the axes as ``axes_`` and the figure as ``figure_``.
        """
        if axes is None:
            from matplotlib import pyplot

            size = (2.6 * len(self.maps) + 1, 2.9)
            axes = pyplot.subplots(
                1, len(self.maps), figsize=size, layout="constrained", squeeze=False
            )[1][0]
        largest = max(values.max() for values in self.maps.values())
        for ax, (k, values) in zip(axes, self.maps.items(), strict=True):
            picture = ax.imshow(
                values, cmap="viridis", vmin=0, vmax=largest, aspect="auto"
            )
            rows = self.rows[k]
            labels = ["mean"] if rows[0] < 0 else rows
            ax.set_yticks(range(len(rows)), labels)
            ax.set_title("low-pass" if k < 0 else f"k = {k}", fontsize=10)
            ax.set_xlabel("second orientation θ₂ (index)")
        axes[0].set_ylabel("first orientation θ₁ (index)")
        figure = axes[0].figure
        figure.colorbar(picture, ax=list(axes), label="coefficient")
        self.axes_, self.figure_ = axes, figure
        return self


class AngleChangeDisplay:
    """How far features move as the image is turned.

    Parameters
    ----------
    angles : array-like of shape (n,)
        Degrees; the first is what the others are compared with.
    features : dict of str to array-like of shape (n, n_features)
        Features of the turned images, by the name of the representation.
    other : dict of str to array-like of shape (n_features,), default=None
        Features of another image, whose distance is drawn for comparison.

    Examples
    --------
    >>> from sklearn_scat.displays import AngleChangeDisplay
    >>> features = {"norm": [[3.0, 4.0], [3.0, 4.5]]}
    >>> AngleChangeDisplay([0, 90], features).changes["norm"].tolist()
    [0.0, 0.1]
    """

    def __init__(
        self,
        angles: ArrayLike,
        features: Mapping[str, ArrayLike],
        *,
        other: Mapping[str, ArrayLike] | None = None,
    ) -> None:
        self.angles = np.asarray(angles, float)
        self.changes = {name: _changes(F, F) for name, F in features.items()}
        self.distances = {
            name: float(_changes(features[name], [F])[0])
            for name, F in (other or {}).items()
        }

    def plot(self, ax: Any = None) -> Self:
        """Draw the relative change of each representation against the angle.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : AngleChangeDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax)
        for i, (name, changes) in enumerate(self.changes.items()):
            look = curve_look(i)
            ax.plot(self.angles, changes, label=name, **look)
            if name in self.distances:
                ax.axhline(
                    self.distances[name],
                    color=look["color"],
                    linestyle=":",
                    linewidth=1.2,
                    label=f"{name}, another image",
                )
        ax.set_xlabel("angle of rotation (degrees)")
        ax.set_ylabel("relative change of the features")
        ax.set_ylim(bottom=0)
        tidy(ax)
        ax.legend()
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _changes(first, turned):
    """Return ‖F(turned) − F(first)‖ / ‖F(first)‖, the first row standing for first."""
    reference = np.asarray(first, float)[0]
    differences = np.linalg.norm(np.asarray(turned, float) - reference, axis=1)
    return differences / np.linalg.norm(reference)
