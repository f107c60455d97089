"""Sections of a page on what a classifier got right and wrong."""

import numpy as np
from markupsafe import Markup

from sklearn_scat.experiments._judgement import wilson_interval

_CELL, _SMALL_CELL = 34, 14  # user units
_DARK = 0.55  # share from which a cell is dark
_MOST_NUMBERED = 24  # classes whose counts fit into cells
_SIDE = 260  # of the reliability curve
_LETTER = 7.5  # width of one, about


def confusion_svg(classes, counts):
    """Return counts of images by own class and predicted class, as a picture.

    Parameters
    ----------
    classes : list of str
        Names.
    counts : array-like of shape (K, K)
        Rows are own classes.

    Returns
    -------
    svg : Markup
        Each cell as full as its share of the row; wrong ones in another color.
    """
    counts = np.asarray(counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    numbered = len(classes) <= _MOST_NUMBERED
    cell = _CELL if numbered else _SMALL_CELL
    places = list(zip(*np.nonzero(counts), strict=True))
    drawn = [
        _cell(place, cell, count=counts[place], share=shares[place], names=classes)
        for place in places
    ]
    if numbered:
        drawn += [
            _number(place, cell, count=counts[place], share=shares[place])
            for place in places
        ]
    drawn += [_name(k, cell, name) for k, name in enumerate(classes)]
    size = cell * len(classes)
    room = 14 + _LETTER * max(len(str(name)) for name in classes)
    top = 16 + 0.87 * room  # names of columns lean by 60°
    return Markup(
        "<svg class='confusion' viewBox='{} {} {} {}' width='{}' role='img' "
        "aria-label='Confusion of classes'><rect width='{}' height='{}' class='field'/>"
        "{}</svg>"
    ).format(
        -room,
        -top,
        size + 1.5 * room,
        size + top + 4,
        round(size + 1.5 * room),
        size,
        size,
        Markup("").join(drawn),
    )


def _number(place, side, *, count, share):
    """Return a count, in a color that shows on its cell."""
    i, j = place
    kind = "on" if share > _DARK else "off"
    x, y = (j + 0.5) * side, (i + 0.5) * side + 4
    return Markup("<text x='{}' y='{}' class='{}'>{}</text>").format(x, y, kind, count)


def _name(k, side, name):
    """Return the name of a class, beside its row and above its column."""
    middle = (k + 0.5) * side + 4
    return Markup(
        "<text x='-8' y='{}' class='row'>{}</text>"
        "<text transform='translate({} -8) rotate(-60)'>{}</text>"
    ).format(middle, name, middle, name)


def _cell(place, side, *, count, share, names):
    i, j = place
    text = f"{names[i]} taken for {names[j]}: {count} ({share:.0%})"
    kind = "right" if i == j else "wrong"
    return Markup(
        "<rect x='{}' y='{}' width='{}' height='{}' class='{}' fill-opacity='{:.3f}'>"
        "<title>{}</title></rect>"
    ).format(j * side, i * side, side, side, kind, max(share, 0.06), text)


def reliability_svg(judgement):
    """Return how often predictions came true, by how probable they were.

    Bars are 95 % intervals; the areas of points grow with the numbers of images.
    """
    bins = judgement.reliability()
    most = max(n for _, _, n in bins)
    marks = []
    for p, share, n in bins:
        low, high = wilson_interval(share, n)
        x = p * _SIDE
        marks.append(
            f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{_SIDE * (1 - low):.1f}' "
            f"y2='{_SIDE * (1 - high):.1f}' class='bar'/>"
            f"<circle cx='{x:.1f}' cy='{_SIDE * (1 - share):.1f}' "
            f"r='{3 + 6 * np.sqrt(n / most):.1f}' class='point'>"
            f"<title>{n} images said {p:.0%}, right {share:.0%}</title></circle>"
        )
    ticks = "".join(
        f"<text x='{_SIDE * t}' y='{_SIDE + 16}' class='tick'>{t:.0%}</text>"
        f"<text x='-8' y='{_SIDE * (1 - t) + 4}' class='row'>{t:.0%}</text>"
        f"<line x1='{_SIDE * t}' x2='{_SIDE * t}' y2='{_SIDE}' class='grid'/>"
        f"<line y1='{_SIDE * t}' y2='{_SIDE * t}' x2='{_SIDE}' class='grid'/>"
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    return Markup(
        f"<svg class='reliability' viewBox='-52 -12 {_SIDE + 76} {_SIDE + 58}' "
        f"width='{_SIDE + 76}' role='img' aria-label='Reliability of probabilities'>"
        f"{ticks}<line y1='{_SIDE}' x2='{_SIDE}' class='diagonal'/>{''.join(marks)}"
        f"<text x='{_SIDE / 2}' y='{_SIDE + 38}' class='tick'>probability that was "
        "said</text>"
        f"<text transform='translate(-42 {_SIDE / 2}) rotate(-90)' class='tick'>share "
        "that was right</text></svg>"
    )
