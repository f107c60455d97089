"""Weights of a linear classifier, drawn on the paths (j, θ) that they belong to."""

from typing import Any

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import ArrayLike

_CELL = 18  # sides of a cell in user units: order 1, and order 2
_FINE_CELL = 9
_LEFT, _TOP = 74, 34  # room for the names of rows and columns
_CAPTION = 190  # width of the longest name of columns
_DARK = np.array([0, 68, 136])  # of the largest weight; white is none


def path_map_svg(paths: Any, sizes: ArrayLike, *, label: str) -> Markup:
    """Draw weights of order 1 by (j, θ), and of order 2 by (j₁, θ₁) and (j₂, θ₂).

    Parameters
    ----------
    paths : list of (j1, theta1, j2, theta2)
        With −1 where absent.
    sizes : array-like of shape (n_paths,)
        Weight of each path, 0 or more.
    label : str
        What is shown, for those who cannot see it.

    Returns
    -------
    svg : Markup
        An ``<svg>`` element. Each cell tells its path and weight when pointed at.

    Examples
    --------
    >>> from sklearn_scat.experiments import path_map_svg
    >>> svg = path_map_svg([[-1, -1, -1, -1], [0, 0, -1, -1]], [1.0, 0.5], label="a")
    >>> svg.count("<rect")
    1
    """
    sizes = np.asarray(sizes, float)
    L = 1 + max(max(path[1], path[3]) for path in paths)
    J = 1 + max(max(path[0], path[2]) for path in paths)
    top = sizes.max() if len(sizes) and sizes.max() > 0 else 1.0
    first, second = [], []
    for path, size in zip(paths, sizes, strict=True):
        j1, theta1, j2, theta2 = path
        text = f"{_name(path)}: {size:.2f}"
        if j2 >= 0:
            place = ((j2 - 1) * L + theta2, j1 * L + theta1)
            second.append(_cell(place, _FINE_CELL, share=size / top, text=text))
        elif j1 >= 0:
            first.append(_cell((theta1, j1), _CELL, share=size / top, text=text))
    below = _TOP + J * _CELL + 24
    parts = [_panel(first, _CELL, rows=[f"j={j}" for j in range(J)], title="order 1")]
    height, width = below, _LEFT + L * _CELL
    if second:
        rows = [f"j₁={j}" for j in range(J - 1)]
        panel = _panel(second, _FINE_CELL * L, rows=rows, title="order 2")
        parts.append(f"<g transform='translate(0 {below})'>{panel}</g>")
        height += _TOP + (J - 1) * L * _FINE_CELL + 8
        width = max(width, _LEFT + (J - 1) * L * _FINE_CELL, _LEFT + _CAPTION)
    return Markup(
        f"<svg xmlns='http://www.w3.org/2000/svg' role='img' "
        f"aria-label='{escape(label)}' width='{width + 8}' "
        f"height='{height}' font-size='12' font-family='sans-serif'>{''.join(parts)}"
        f"</svg>"
    )


def _panel(cells, step, *, rows, title):
    """Return cells with the names of rows, and of columns as far as they have some."""
    columns = "θ = 0 … π" if title == "order 1" else "j₂ = 1 …, in each θ₂ = 0 … π"
    names = "".join(
        f"<text x='{_LEFT - 6}' y='{_TOP + (i + 0.5) * step + 4}' "
        f"text-anchor='end'>{name}</text>"
        for i, name in enumerate(rows)
    )
    return (
        f"<text x='0' y='12'>{title}</text>"
        f"<text x='{_LEFT}' y='{_TOP - 6}'>{columns}</text>{names}{''.join(cells)}"
    )


def _cell(place, side, *, share, text):
    column, row = place
    red, green, blue = (255 + share * (_DARK - 255)).round().astype(int)
    return (
        f"<rect x='{_LEFT + column * side}' y='{_TOP + row * side}' width='{side}' "
        f"height='{side}' fill='rgb({red},{green},{blue})'>"
        f"<title>{text}</title></rect>"
    )


def _name(path):
    j1, theta1, j2, theta2 = path
    if j2 < 0:
        return f"j={j1}, θ index {theta1}"
    return f"j₁={j1}, θ₁ index {theta1}, j₂={j2}, θ₂ index {theta2}"
