"""Where numbers were made: versions, machine, devices."""

import hashlib
import importlib.metadata
import json
import platform

from sklearn_scat._whole_files import write_text

_PACKAGES = (
    "sklearn-scat",
    "numpy",
    "scipy",
    "scikit-learn",
    "torch",
    "joblib",
    "skorch",
    "matplotlib",
)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages, without importing them.

    Returns
    -------
    versions : dict of str to str
        "not installed" for a package that is missing.

    Examples
    --------
    >>> from sklearn_scat.experiments import versions
    >>> list(versions())[:3]
    ['python', 'sklearn-scat', 'numpy']
    """
    return {
        "python": platform.python_version(),
        **{package: _version(package) for package in _PACKAGES},
    }


def environment() -> dict[str, str]:
    """Return versions and machine, as kept in ``environments.json``.

    Returns
    -------
    environment : dict of str to str

    Examples
    --------
    >>> from sklearn_scat.experiments import environment
    >>> set(environment()) >= {"python", "torch", "processor", "cores", "system"}
    True
    """
    return {
        **versions(),
        "processor": processor(),
        "cores": str(n_cores()),
        "system": f"{platform.system()} {platform.machine()}",
    }


def processor():
    """Return the processor's name, or its architecture where the name is hidden."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as stream:
            names = [line for line in stream if line.startswith("model name")]
        return names[0].split(":", 1)[1].strip()
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def n_cores():
    """Return how many processors this process may use."""
    from joblib import cpu_count

    return cpu_count()


def remember_environment(folder):
    """Add this environment to the folder's ``environments.json``.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the records.

    Returns
    -------
    key : str
        What records name it by.
    known : dict of str to dict
        All environments of the folder by their keys.
    """
    path = folder / "environments.json"
    known = _read_known(path)
    here = environment()
    text = json.dumps(here, sort_keys=True)
    key = hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
    if known.get(key) != here:
        known[key] = here
        write_text(path, json.dumps(known, indent=1) + "\n")
    return key, known


def _read_known(path):
    """Return the environments of a file; none if it is missing or damaged."""
    try:
        known = json.loads(path.read_bytes())
        json.dumps(known, ensure_ascii=False).encode()  # raises where no file holds it
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {key: value for key, value in known.items() if _is_environment(value)}


def _is_environment(value):
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
