"""Families of wavelets: functions of (J, shape, L) that return a filter bank."""

import numpy as np

from sklearn_scat.filters._bank import FilterBank, in_frame, morlet_bank

FAMILIES = {"morlet": morlet_bank}


def family_bank(J, shape, L, *, wavelet, frame):
    """Return the bank of a family, normalised as a frame asks.

    Parameters
    ----------
    J, L : int
        Numbers of scales and of orientations.
    shape : tuple of int (M, N)
        The grid.
    wavelet : str or callable
        A name of `FAMILIES`, or a function ``wavelet(J, shape, L)``.
    frame : {"none", "contractive", "tight"}
        What is made of the family's bank.

    Raises
    ------
    ValueError
        If the bank is none of this size.
    """
    bank = _family(wavelet)(J, shape, L)
    if not isinstance(bank, FilterBank):
        raise ValueError(
            f"wavelet={wavelet!r} must return a FilterBank of sklearn_scat.filters; "
            f"got a {type(bank).__name__}."
        )
    shapes = {
        "psi_hat": (J, L, *shape),
        "phi_hat_rows": shape[:1],
        "phi_hat_columns": shape[1:],
    }
    for name, expected in shapes.items():
        array = getattr(bank, name)
        if np.shape(array) != expected or np.asarray(array).dtype.kind != "f":
            raise ValueError(
                f"wavelet={wavelet!r} must return real {name} of shape {expected} for "
                f"J={J}, shape={shape}, L={L}; got {np.asarray(array).dtype} of shape "
                f"{np.shape(array)}."
            )
    return in_frame(bank, frame)


def _family(wavelet):
    """Return the function of a family."""
    if callable(wavelet):
        return wavelet
    if wavelet not in FAMILIES:
        raise ValueError(
            f"wavelet must be one of {sorted(FAMILIES)} or a function (J, shape, L) "
            f"that returns a FilterBank; got {wavelet!r}."
        )
    return FAMILIES[wavelet]
