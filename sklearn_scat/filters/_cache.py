"""Share filter banks among the estimators of a process, within a bound in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sklearn_scat.filters._bank import FilterBank
from sklearn_scat.filters._families import family_bank
from sklearn_scat.filters._frames import frame_name

MAX_BYTES = 2**28

_lock = threading.Lock()


@dataclass
class _Kept:
    """A bank, and the bytes that are kept beside it as long as it lives."""

    bank: FilterBank
    beside: int = 0

    @property
    def nbytes(self):
        """Memory in all, in bytes."""
        return self.bank.nbytes + self.beside


_banks: OrderedDict[tuple, _Kept] = OrderedDict()


def cached_bank(
    J: int,
    shape: Sequence[int],
    *,
    L: int = 8,
    wavelet: Literal["morlet"] | Callable[..., Any] = "morlet",
    frame: Literal["none", "contractive", "tight"] = "none",
) -> FilterBank:
    """Return the filter bank of a family of wavelets, built once while it is in use.

    The banks used last are kept, up to 256 MiB together with the tables of engines for
    them; a larger one, and those of a callable that cannot be hashed, are built at each
    call. Their arrays are read-only, as they are shared.

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
        if kept and key in _banks:
            _banks.move_to_end(key)
            return _banks[key].bank
    bank = family_bank(key[0], shape, key[2], wavelet=wavelet, frame=frame)
    for array in (bank.psi_hat, bank.phi_hat_rows, bank.phi_hat_columns):
        array.flags.writeable = False
    if kept and bank.nbytes <= MAX_BYTES:
        _keep(key, bank)
    return bank


def cached_morlet_bank(
    J: int,
    shape: Sequence[int],
    *,
    L: int = 8,
    frame: Literal["none", "contractive", "tight"] = "none",
) -> FilterBank:
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


def count_beside(bank, nbytes):
    """Count memory that is kept as long as a bank is, such as an engine's tables.

    Other banks go if it passes the bound. A bank that is not shared is not counted.

    Parameters
    ----------
    bank : FilterBank
        What the memory is kept for.
    nbytes : int
        In bytes.
    """
    with _lock:
        for kept in _banks.values():
            if kept.bank is bank:
                kept.beside += nbytes
        _drop_oldest()


def _keep(key, bank):
    """Put a bank among those used last, and drop others over the bound."""
    with _lock:
        _banks[key] = _Kept(bank)
        _drop_oldest()


def _drop_oldest():
    """Drop the banks used longest ago, but for the last one, over the bound."""
    while len(_banks) > 1 and sum(k.nbytes for k in _banks.values()) > MAX_BYTES:
        _banks.popitem(last=False)
