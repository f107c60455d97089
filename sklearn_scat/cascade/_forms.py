"""The forms of roto-translation scattering, each as one value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sklearn_scat.cascade._arrays import complex_beside
from sklearn_scat.cascade._operators import Wavelet2d
from sklearn_scat.cascade._paths import (
    complete_path_table,
    rigid_path_table,
    rigid_scales,
    separable_path_table,
    separable_scales,
)
from sklearn_scat.cascade._rotation import (
    CompleteRotoTranslation,
    Lift,
    RotoTranslation,
    SeparableRotation,
    complete_gains,
    rigid_filters,
    rigid_gains,
    separable_filters,
    separable_gains,
)
from sklearn_scat.filters import CircleBank, circle_bank


@dataclass(frozen=True)
class Form:
    """Say what a form makes of the spatial filters and of the angular ones.

    Attributes
    ----------
    first : callable
        From the spatial operator W to the first layer.
    later : callable
        From W and angular filters, matrices, to each later layer.
    filters : callable
        From a CircleBank to these matrices.
    gains : callable
        ``gains(circle, max_order=...)``: by how much the angular filters stretch, for
        :func:`lipschitz_bound`.
    path_table : callable
        ``path_table(J, L, K, max_order=...)``.
    scales : callable
        ``scales(L, K)``: the number of angular scales, or its default for K None.
    turns : int
        Angular filters live on ``turns * L`` angles.
    conjugate : bool
        Whether the conjugate signal is filtered too.
    """

    first: Callable
    later: Callable
    filters: Callable
    gains: Callable
    path_table: Callable
    scales: Callable
    turns: int
    conjugate: bool

    def circle(
        self, L: int, K: int, *, frame: Literal["none", "contractive", "tight"] = "none"
    ) -> Any:
        """Return the angular filters of L orientations and K angular scales."""
        n = self.turns * int(L)
        return circle_bank(K, n, frame=frame, conjugate=self.conjugate)

    def layers(self, W: Wavelet2d, filters: Any, *, max_order: int) -> Any:
        """Return the operators over W and the matrices of angular filters."""
        return [self.first(W), *[self.later(W, filters)] * max_order]

    def operators(self, W: Wavelet2d, circle: CircleBank, *, max_order: int = 2) -> Any:
        """Return the operators over W and a bank of angular filters."""
        like = W.averages[0][0]
        filters = [complex_beside(like, h) for h in self.filters(circle)]
        return self.layers(W, filters, max_order=max_order)


FORMS = {
    "rigid": Form(
        first=Lift,
        later=RotoTranslation,
        filters=rigid_filters,
        gains=rigid_gains,
        path_table=rigid_path_table,
        scales=rigid_scales,
        turns=2,
        conjugate=False,
    ),
    "complete": Form(
        first=Lift,
        later=CompleteRotoTranslation,
        filters=rigid_filters,
        gains=complete_gains,
        path_table=complete_path_table,
        scales=rigid_scales,
        turns=2,
        conjugate=False,
    ),
    "separable": Form(
        first=lambda W: W,
        later=SeparableRotation,
        filters=separable_filters,
        gains=separable_gains,
        path_table=separable_path_table,
        scales=separable_scales,
        turns=1,
        conjugate=True,
    ),
}


def rigid_operators(
    W: Wavelet2d, circle: CircleBank, *, max_order: int = 2
) -> list[Any]:
    """Return the operators of roto-translation scattering on rigid motions.

    Parameters
    ----------
    W : Wavelet2d
        The spatial filters, of L orientations.
    circle : CircleBank
        Angular filters on 2L angles.
    max_order : {0, 1, 2}, default=2
        Number of wavelets along the longest path.

    Returns
    -------
    operators : list
        For :func:`scattering`.
    """
    return FORMS["rigid"].operators(W, circle, max_order=max_order)


def separable_operators(
    W: Wavelet2d, circle: CircleBank, *, max_order: int = 2
) -> list[Any]:
    """Return the operators of the separable roto-translation scattering.

    Parameters
    ----------
    W : Wavelet2d
        The spatial filters, of L orientations.
    circle : CircleBank
        Angular filters on L angles.
    max_order : {0, 1, 2}, default=2
        Number of wavelets along the longest path.

    Returns
    -------
    operators : list
        For :func:`scattering`.
    """
    return FORMS["separable"].operators(W, circle, max_order=max_order)


def angular_scales(
    L: int, K: int | None = None, *, form: Literal["rigid", "separable"] = "rigid"
) -> int:
    r"""Return the number of angular scales of a roto-translation network.

    Parameters
    ----------
    L : int
        Number of orientations.
    K : int, default=None
        What is asked for. None takes :math:`\lfloor\log_2 2L\rfloor - 1` in the rigid
        form, and :math:`\lfloor\log_2 L\rfloor - 1`, or less where :math:`2^K` does not
        divide L, in the separable one.
    form : {"rigid", "separable"}, default="rigid"
        The separable form samples every 2^K angles.

    Returns
    -------
    K : int

    Raises
    ------
    ValueError
        If the separable form's L does not divide by 4, or by 2^K.

    Examples
    --------
    >>> from sklearn_scat.cascade import angular_scales
    >>> angular_scales(8), angular_scales(8, form="separable")
    (3, 2)
    """
    return FORMS[form].scales(int(L), K)
