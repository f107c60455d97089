"""Share filter banks among the estimators of a process, within a bound in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

from sklearn_scat.filters._families import family_bank
from sklearn_scat.filters._frames import frame_name

MAX_BYTES = 2**28

_banks: OrderedDict = OrderedDict()
_lock = threading.Lock()


def cached_bank(J, shape, *, L=8, wavelet="morlet", frame="none"):
    """Return the filter bank of a family of wavelets, built once while it is in use.

    The banks used last are kept, up to 256 MiB together; a larger one, and those of a
    callable that cannot be hashed, are built at each call. Their arrays are read-only,
    as they are shared.

    Parameters
    ----------
    J : int
        Number of scales.
    shape : tuple of int (M, N)
        The grid, padding included.
    L : int, default=8
        Number of orientations in [0, π).
    wavelet : {"morlet"} or callable, default="morlet"
        The family: a name of :data:`FAMILIES`, or a function
        ``wavelet(J, shape, L)`` that returns a :class:`FilterBank`.
    frame : {"none", "contractive", "tight"}, default="none"
        How its wavelets are normalised, as in :func:`morlet_bank`.

    Returns
    -------
    bank : FilterBank
        With read-only arrays.

    Raises
    ------
    ValueError
        If a name is unknown, or the function's bank is not of J scales, L orientations
        and real numbers on the grid.

    Examples
    --------
    >>> from sklearn_scat.filters import cached_bank
    >>> cached_bank(2, (40, 40)) is cached_bank(2, (40, 40))
    True
    """
    shape, frame = tuple(int(n) for n in shape), frame_name(frame)
    key = (int(J), shape, int(L), wavelet, frame)
    kept = isinstance(wavelet, Hashable)
    with _lock:
        bank = _banks.pop(key, None) if kept else None
    if bank is None:
        bank = family_bank(key[0], shape, key[2], wavelet=wavelet, frame=frame)
        for array in (bank.psi_hat, bank.phi_hat_rows, bank.phi_hat_columns):
            array.flags.writeable = False
    if kept:
        _keep(key, bank)
    return bank


def cached_morlet_bank(J, shape, *, L=8, frame="none"):
    """Return :func:`morlet_bank` of the same arguments as :func:`cached_bank` does.

    Parameters
    ----------
    J, shape, L, frame
        As in :func:`morlet_bank`.

    Returns
    -------
    bank : FilterBank
        With read-only arrays, in float64.

    Examples
    --------
    >>> from sklearn_scat.filters import cached_morlet_bank
    >>> cached_morlet_bank(2, (40, 40)) is cached_morlet_bank(2, (40, 40))
    True
    """
    return cached_bank(J, shape, L=L, frame=frame)


def _keep(key, bank):
    """Put a bank among those used last, and drop others over the bound."""
    with _lock:
        _banks[key] = bank
        while sum(b.nbytes for b in _banks.values()) > MAX_BYTES:
            _banks.popitem(last=False)
