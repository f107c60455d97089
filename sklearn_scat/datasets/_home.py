"""Where the files of a data set lie."""

import os
from pathlib import Path

ENVIRONMENT_VARIABLE = "SKLEARN_SCAT_DATA"


def find_files(dataset, files, *, folders, data_home, source):
    """Paths of a data set's files, all from one folder.

    Files of one set are never gathered from two folders: MNIST and its
    successors share their file names, and a mixture would go unnoticed.

    Parameters
    ----------
    dataset : str
        Name of the data set, for the error.
    files : sequence of tuple of str
        For each wanted file the names under which it is known.
    folders : sequence of str
        Sub-folders of `data_home` that are tried before `data_home` itself.
    data_home : path-like or None
        Folder to look in; None reads the environment variable
        ``SKLEARN_SCAT_DATA``.
    source : str
        Where the data set can be had, for the error.

    Returns
    -------
    list of pathlib.Path
        One path for each entry of `files`.

    Raises
    ------
    FileNotFoundError
        When no folder holds all files; names each folder and what it lacks.
    """
    report = []
    for folder in _candidates(folders, data_home):
        found = [_first_present(folder, names) for names in files]
        if all(found):
            return found
        if not folder.is_dir():
            report.append(f"  {folder}: no such folder")
            continue
        lacking = [n[0] for n, path in zip(files, found, strict=True) if path is None]
        report.append(f"  {folder}: lacks {', '.join(lacking)}")
    if not report:
        report = [
            f"  nowhere: no folder is named, and {ENVIRONMENT_VARIABLE} is not set"
        ]
    wanted = "\n".join("  " + " or ".join(names) for names in files)
    looked = "\n".join(report)
    raise FileNotFoundError(
        f"{dataset} was not found. Wanted, in one folder:\n{wanted}\n"
        f"Looked in:\n{looked}\n"
        f"It comes from {source}.\n"
        f"Name its folder by data_home= (of a command: --data) or by the variable "
        f"{ENVIRONMENT_VARIABLE}."
    )


def find_folder(folders, data_home):
    """Return the folder of a data set that has one sub-folder for each class.

    Parameters
    ----------
    folders : sequence of str
        Sub-folders of `data_home` that are tried before `data_home` itself.
    data_home : path-like or None
        Folder to look in; None reads the environment variable
        ``SKLEARN_SCAT_DATA``.

    Returns
    -------
    pathlib.Path or None
        None where neither names a folder.
    """
    candidates = _candidates(folders, data_home)
    home = candidates[-1] if candidates else None
    return next((folder for folder in candidates if folder.is_dir()), home)


def _candidates(folders, data_home):
    home = data_home
    if home is None:
        home = os.environ.get(ENVIRONMENT_VARIABLE) or None
    if home is None:
        return []
    home = Path(home).expanduser()
    return [*(home / folder for folder in folders), home]


def _first_present(folder, names):
    return next((folder / n for n in names if (folder / n).is_file()), None)
