"""Share filter banks among the estimators of a process, within a bound in bytes."""

import threading
from collections import OrderedDict

from sklearn_scat.filters._bank import morlet_bank

MAX_BYTES = 2**28

_banks: OrderedDict = OrderedDict()
_lock = threading.Lock()


def cached_morlet_bank(J, shape, *, L=8, frame="morlet"):
    """Return :func:`morlet_bank` of the same arguments, built once while it is in use.

    The banks used last are kept, up to 256 MiB together; a larger one is built at each
    call. Their arrays are read-only, as they are shared.

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
    key = (int(J), tuple(int(n) for n in shape), int(L), frame)
    with _lock:
        bank = _banks.pop(key, None)
    if bank is None:
        bank = morlet_bank(key[0], key[1], L=key[2], frame=frame)
        for array in (bank.psi_hat, bank.phi_hat_rows, bank.phi_hat_columns):
            array.flags.writeable = False
    with _lock:
        _banks[key] = bank
        while sum(b.nbytes for b in _banks.values()) > MAX_BYTES:
            _banks.popitem(last=False)
    return bank
