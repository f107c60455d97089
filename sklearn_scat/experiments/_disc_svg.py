"""Discs of paths as pictures of a page: scale along the radius, orientation around."""

import numpy as np
from markupsafe import Markup

from sklearn_scat.displays import disc_rings, is_disc

_RADIUS = 90  # user units
_ARC_POINTS = 4  # of a sector's arc, on each side


def discs_html(paths, values, *, label):
    """Return the discs of all orders of a table of paths, side by side.

    Parameters
    ----------
    paths : structured ndarray of shape (P,)
        Of translation scattering; of others nothing is drawn.
    values : ndarray of shape (P,)
        Orange above 0, violet below; the strongest of each order is full.
    label : str
        What is shown, for those who cannot see it.

    Returns
    -------
    html : Markup
        Figures; "" where paths have no orientations.
    """
    if not is_disc(paths):
        return Markup("")
    orders = [order for order in (1, 2) if (paths["order"] == order).any()]
    return Markup("").join(
        _figure(paths, values, order=order, label=label) for order in orders
    )


def _figure(paths, values, *, order, label):
    rings = disc_rings(values, paths, order)
    L = int(paths["theta1"].max()) + 1
    top = max((np.abs(ring.values).max() for ring in rings), default=0) or 1.0
    begin = np.pi / L * (int(L - L / 2 - 1) + 0.5) - np.pi / 2
    sectors = []
    for inner, outer, own in rings:
        both = np.tile(own, 2)  # a real image has the same opposite
        step = 2 * np.pi / len(both)
        for i, value in enumerate(both):
            angles = begin - step * (i + np.array([0.0, 1.0]))
            sectors.append(_sector((inner, outer), angles, value=value, top=top))
    text = f"{label}, order {order}"
    side = 2 * _RADIUS + 4
    svg = Markup(
        "<svg class='disc' viewBox='{} {} {} {}' width='{}' role='img' "
        "aria-label='{}'>{}<circle r='{}' class='edge'/></svg>"
    ).format(
        -side / 2, -side / 2, side, side, side, text, Markup("".join(sectors)), _RADIUS
    )
    return Markup("<figure class='shot'>{}<figcaption>{}</figcaption></figure>").format(
        svg, f"order {order}"
    )


def _sector(radii, angles, *, value, top):
    """Return the shape between two radii and two angles."""
    around = np.linspace(*angles, _ARC_POINTS)
    outline = [
        (_RADIUS * r * np.cos(a), -_RADIUS * r * np.sin(a))
        for r, side in zip(radii, (around, around[::-1]), strict=True)
        for a in side
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in outline)
    kind = "for" if value > 0 else "against"
    return (
        f"<polygon points='{points}' class='{kind}' "
        f"fill-opacity='{abs(value) / top:.3f}'><title>{value:.3g}</title></polygon>"
    )
