"""What a bundle says of itself, as JSON."""

import json
import platform
from importlib.metadata import PackageNotFoundError, version

from sklearn_scat.persistence._files import BundleError

_FORMAT = "sklearn_scat bundle"
_VERSION = 1
_PACKAGES = "sklearn-scat scikit-learn numpy scipy torch skops".split()


def write_manifest(estimator):
    """Return the description of an estimator."""
    versions = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue  # from a source tree that is not installed
    manifest = {
        "format": _FORMAT,
        "format_version": _VERSION,
        "estimator": type_name(estimator),
        "text": repr(estimator),
        "versions": versions,
    }
    return json.dumps(manifest, indent=1).encode()


def read_manifest(data, path):
    """Return ``estimator``, ``text`` and ``versions`` of a description.

    Raises
    ------
    BundleError
        If it is none, or of a later version of the format.
    """
    try:
        manifest = json.loads(data)
        if manifest["format"] != _FORMAT:
            raise BundleError(f"{path} is no bundle: its format is another one.")
        number = manifest["format_version"]
        if type(number) is not int or not 1 <= number <= _VERSION:
            raise BundleError(
                f"{path} has version {number!r} of the format; this package reads up "
                f"to {_VERSION}."
            )
        texts = {name: str(manifest[name]) for name in ("estimator", "text")}
        versions = {str(k): str(v) for k, v in manifest["versions"].items()}
    except BundleError:
        raise
    except Exception as error:  # of any form, nested without end
        raise BundleError(
            f"{path} is no bundle: its description is damaged."
        ) from error
    return {**texts, "versions": versions}


def type_name(value):
    """Return the module and the name of a value's class."""
    return f"{type(value).__module__}.{type(value).__qualname__}"
