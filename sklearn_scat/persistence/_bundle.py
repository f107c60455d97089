"""Fitted estimators in files that run no code when they are read.

A bundle is one file: the estimator as skops writes it, its arrays and the weights of
networks in NumPy's format, a description as JSON, and a checksum over all. Unlike a
pickle it is read without calling what it names.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.base import BaseEstimator

from sklearn_scat.persistence._contents import check_contents, without_storage
from sklearn_scat.persistence._files import (
    ESTIMATOR,
    MANIFEST,
    BundleError,
    read_parts,
    write_parts,
)
from sklearn_scat.persistence._manifest import read_manifest, type_name, write_manifest
from sklearn_scat.persistence._plain import plain_estimator
from sklearn_scat.persistence._schema import (
    as_written,
    checked_estimator,
    network_weights,
)
from sklearn_scat.persistence._types import TRUSTED, advice

__all__ = ["BundleError", "BundleInfo", "inspect", "load", "save"]

_MAX_BYTES = 2**32
# Parts of scikit-learn that import large libraries, and that no estimator is in.
_IMPORT_LIBRARIES = tuple(
    f"sklearn.externals.array_api_compat.{name}" for name in ("torch", "dask")
)


@dataclass(frozen=True)
class BundleInfo:
    """What a bundle says of itself, read without making anything of it.

    Parameters
    ----------
    estimator : str
        Class of the estimator.
    text : str
        The estimator as it was printed, with the parameters that are not defaults.
    versions : dict of str to str
        Of Python and the packages that wrote it.
    weights : dict of str to (str, tuple)
        Type and shape of every array of the networks.
    types : tuple of str
        All that is not trusted by itself, and that `load` would have to be told of.
    n_bytes : int
        Of all parts together.

    Examples
    --------
    >>> from sklearn_scat.persistence import BundleInfo
    >>> info = BundleInfo("sklearn.svm._classes.SVC", "SVC()", {}, {}, (), 4000)
    >>> info.text
    'SVC()'
    """

    estimator: str
    text: str
    versions: dict
    weights: dict
    types: tuple
    n_bytes: int


def save(
    path: str | os.PathLike[str], estimator: Any, *, trusted: Sequence[str] = ()
) -> None:
    """Write an estimator into a bundle, the whole file or nothing.

    Parameters
    ----------
    path : path-like
        The file, which is replaced if it is there.
    estimator : estimator
        Of this package or of scikit-learn, or a pipeline or search of these, fitted or
        not.
    trusted : sequence of str, default=()
        Names of further types that it may hold, as ``my_package.MyTransformer``. `load`
        has to be told of them too.

    Raises
    ------
    BundleError
        If the estimator holds what a bundle cannot: types that are not trusted,
        functions without a name, tensors.

    See Also
    --------
    load : Read it again.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import sklearn_scat
    >>> scattering = sklearn_scat.ScatteringTransformer(J=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sklearn_scat.save(Path(folder) / "model.scat", scattering)
    ...     sklearn_scat.load(Path(folder) / "model.scat")
    ScatteringTransformer(J=3)
    """
    io = _skops()
    if not isinstance(estimator, BaseEstimator):
        raise BundleError(
            f"save takes estimators; got a {type(estimator).__name__}. For a network "
            "of torch, save the ImageClassifier around it."
        )
    try:
        data = as_written(io.dumps(estimator))
        unknown = _untrusted(io, data, trusted)
        if not unknown:
            checked_estimator(data, path, trusted=trusted, max_bytes=sys.maxsize)
    except Exception as error:  # skops raises what it meets
        raise BundleError(
            f"{type_name(estimator)} holds what a bundle cannot: {error}. Networks go "
            "into an ImageClassifier as classes or functions, with their parameters."
        ) from error
    if unknown:
        raise BundleError(
            f"{type_name(estimator)} holds types that load does not trust: "
            f"{', '.join(unknown)}.{advice(unknown)} If they do no harm, pass "
            f"trusted={unknown} to save and to load."
        )
    write_parts(path, {MANIFEST: write_manifest(estimator), ESTIMATOR: data})


def load(
    path: str | os.PathLike[str],
    *,
    trusted: Sequence[str] = (),
    max_bytes: int = _MAX_BYTES,
) -> Any:
    """Return the estimator of a bundle.

    Parameters
    ----------
    path : path-like
        A file that `save` wrote.
    trusted : sequence of str, default=()
        Names of types that the bundle may hold, besides those of this package and of
        scikit-learn. :func:`inspect` tells which it needs.
    max_bytes : int, default=4294967296
        Largest file, and largest size of its parts, that is read.

    Returns
    -------
    estimator : estimator
        As it was saved: the same parameters, the same predictions. Only ``cache`` and
        ``memory`` are None: folders of the machine that saved it are none of this one.

    Raises
    ------
    BundleError
        If the file is too large, no bundle, damaged or changed, holds other types, or
        would call anything. Nothing of it was called then.

    See Also
    --------
    save : Write an estimator.
    inspect : Look at a bundle first.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import sklearn_scat
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "model.scat"
    ...     _ = path.write_bytes(b"something else")
    ...     try:
    ...         sklearn_scat.load(path)
    ...     except sklearn_scat.persistence.BundleError as error:
    ...         print(str(error).replace(folder, ""))
    /model.scat is no bundle, or it was cut off or changed after it was saved: ...
    """
    parts = read_parts(path, max_bytes=max_bytes)
    read_manifest(parts[MANIFEST], path)
    try:
        data = checked_estimator(
            parts[ESTIMATOR], path, trusted=trusted, max_bytes=max_bytes
        )
        estimator = plain_estimator(data)
        if estimator is None:
            estimator = _made_by_skops(data, path, trusted)
        if not isinstance(estimator, BaseEstimator):
            raise TypeError(f"it holds a {type(estimator).__name__}")
        check_contents(estimator)
    except BundleError:
        raise
    except Exception as error:  # a crafted file can make skops raise anything
        raise BundleError(
            f"{path} is damaged, or made by another version: "
            f"{type(error).__name__}: {error}."
        ) from error
    return without_storage(estimator)


def inspect(path: str | os.PathLike[str], *, max_bytes: int = _MAX_BYTES) -> BundleInfo:
    """Return what a bundle says of itself, without making anything of it.

    Parameters
    ----------
    path : path-like
        A file that `save` wrote.
    max_bytes : int, default=4294967296
        Largest file that is read.

    Returns
    -------
    info : BundleInfo
        Class, parameters, versions, weights, and types that need trust.

    Raises
    ------
    BundleError
        If the file is too large, no bundle, damaged or changed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import sklearn_scat
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "model.scat"
    ...     sklearn_scat.save(path, sklearn_scat.ScatteringTransformer(J=3))
    ...     sklearn_scat.inspect(path).text
    'ScatteringTransformer(J=3)'
    """
    io = _skops()
    parts = read_parts(path, max_bytes=max_bytes)
    manifest = read_manifest(parts[MANIFEST], path)
    try:
        weights = network_weights(parts[ESTIMATOR])
        types = _untrusted(io, parts[ESTIMATOR], ())
    except Exception as error:
        raise BundleError(f"{path} is damaged: {error}.") from error
    return BundleInfo(
        **manifest,
        weights=weights,
        types=tuple(types),
        n_bytes=sum(map(len, parts.values())),
    )


def _skops():
    """Return the module that reads and writes estimators.

    On import it looks through all of scikit-learn, parts of which import torch and
    dask: these are hidden, as they are where those are not installed.
    """
    hidden = [
        name for name in _IMPORT_LIBRARIES if sys.modules.setdefault(name, None) is None
    ]
    try:
        import skops.io
    finally:
        for name in hidden:
            del sys.modules[name]
    return skops.io


def _made_by_skops(data, path, trusted):
    """Return what skops makes of the estimator's part, where all of it is trusted."""
    io = _skops()
    if unknown := _untrusted(io, data, trusted):
        raise BundleError(
            f"{path} holds types that are not trusted: {', '.join(unknown)}. If you "
            f"know where they come from, pass trusted={unknown}."
        )
    return io.loads(data, trusted=[*TRUSTED, *trusted])


def _untrusted(io, data, trusted):
    """Return the names of types that neither skops, nor we, nor the user trust."""
    return sorted({*io.get_untrusted_types(data=data)} - {*TRUSTED, *trusted})
