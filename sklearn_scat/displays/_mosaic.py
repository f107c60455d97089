"""Rows and columns of small images on one pair of axes."""

import numpy as np


def draw_mosaic(ax, images, *, rows, columns, **look):
    """Draw images side by side, with names for rows and columns.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    images : ndarray of shape (n_rows, n_columns, h, w) or (…, h, w, 3)
        The images.
    rows, columns : sequence of str
        Their names, which the ticks bear.
    **look : dict
        For ``ax.imshow``.

    Returns
    -------
    picture : matplotlib AxesImage
    """
    n_rows, n_columns, h, w = images.shape[:4]
    gap = max(1, round(0.06 * max(h, w)))
    canvas = np.full(
        (n_rows * (h + gap) - gap, n_columns * (w + gap) - gap, *images.shape[4:]),
        np.nan,
    )
    for i, j in np.ndindex(n_rows, n_columns):
        top, left = i * (h + gap), j * (w + gap)
        canvas[top : top + h, left : left + w] = images[i, j]
    picture = ax.imshow(np.ma.masked_invalid(canvas), interpolation="nearest", **look)
    ax.set_xticks((w + gap) * np.arange(n_columns) + (w - 1) / 2, columns)
    ax.set_yticks((h + gap) * np.arange(n_rows) + (h - 1) / 2, rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return picture
