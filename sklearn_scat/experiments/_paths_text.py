"""Paths in words."""


def path_name(path):
    """Return a path in words.

    Parameters
    ----------
    path : numpy.void
        A row of a table of paths.

    Returns
    -------
    name : str
        As "j1=0, theta1=3"; "mean" of order 0.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.experiments._paths_text import path_name
    >>> fields = [("order", int), ("j1", int), ("theta1", int)]
    >>> [path_name(path) for path in np.array([(0, -1, -1), (1, 0, 3)], fields)]
    ['mean', 'j1=0, theta1=3']
    """
    parts = [
        f"{name}={int(path[name])}"
        for name in path.dtype.names
        if name != "order" and path[name] >= 0
    ]
    return ", ".join(parts) or "mean"
