"""Why a model decided as it did about some images, as one page."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from sklearn_scat.experiments._disc_svg import discs_html
from sklearn_scat.experiments._pages import Section, joined, page_html, table_html
from sklearn_scat.experiments._paths_text import path_name
from sklearn_scat.experiments._thumbnails import heat_over, thumbnail

_MOST_PATHS = 5  # of those that speak for the class, and of those against it
_FOOTER = Markup("Written by <code>sklearn-scat explain</code>; it loads nothing.")
_ABOUT = Markup(
    "<p>A decision is the value of the class that the model predicts, less that of the "
    "class that came next. It is the sum of the decision at a reference, the mean of "
    "the training images where the model keeps it, and of one share for each "
    "coefficient: that of a path at a place. Orange speaks for the class, violet for "
    "the one that came next. On the discs of paths the radius is the frequency, which "
    "halves from ring to ring, and the angle the direction of the wave; cells of order "
    "2 lie in that of their first wavelet, farther out and around by their second.</p>"
)


@dataclass(frozen=True)
class Explanation:
    """Decisions about images, and what made them.

    Parameters
    ----------
    title : str
        Of the page.
    names : list of str
        Files of the images.
    images : sequence of ndarray
        The images.
    attribution : Attribution
        What :func:`sklearn_scat.attribution.explain` gives of them.
    probabilities : ndarray of shape (n,)
        Of the predicted classes.
    value_range : (float, float)
        Values of black and white.
    unread : list of str
        What is said of files that could not be read.
    """

    title: str
    names: list
    images: object
    attribution: object
    probabilities: np.ndarray
    value_range: tuple
    unread: list


def explanation_html(explanation: Explanation) -> str:
    """Return the report of decisions as one self-contained HTML page.

    Parameters
    ----------
    explanation : Explanation
        What it is about.

    Returns
    -------
    html : str
        For each image the places and the paths that decided.
    """
    notes = joined(Markup("<li>{}</li>").format(note) for note in explanation.unread)
    sections = [
        Section(_ABOUT),
        Section(notes and Markup("<ul class='note'>{}</ul>").format(notes)),
    ]
    sections += [
        Section(_image(explanation, i), _heading(explanation, i))
        for i in range(len(explanation.names))
    ]
    return page_html(explanation.title, sections, footer=_FOOTER)


def explanation_json(explanation: Any) -> Any:
    """Return what the page says, as what JSON can hold: an entry for each image."""
    why = explanation.attribution
    return [
        {
            "file": name,
            "label": str(why.classes[i]),
            "runner_up": str(why.runners_up[i]),
            "probability": float(explanation.probabilities[i]),
            "decision": float(why.decisions[i]),
            "base": float(why.bases[i]),
            "parts": [
                {
                    "scattering": part.name,
                    "paths": _path_names(part),
                    "by_path": part.by_path()[i].tolist(),
                    "by_place": part.by_place()[i].tolist()
                    if part.has_places
                    else None,
                }
                for part in why.parts
            ],
        }
        for i, name in enumerate(explanation.names)
    ]


def _heading(explanation, i):
    return f"{explanation.names[i]}: {explanation.attribution.classes[i]}"


def _image(explanation, i):
    """Return what decided about one image."""
    why, image = explanation.attribution, explanation.images[i]
    said = Markup(
        "<p><b>{}</b> ({:.0%}), next <b>{}</b>. Decision {:.3g} = {:.3g} at the "
        "reference {} {:.3g} of paths and places.</p>"
    ).format(
        why.classes[i],
        float(explanation.probabilities[i]),
        why.runners_up[i],
        why.decisions[i],
        why.bases[i],
        "+" if why.decisions[i] >= why.bases[i] else "−",
        abs(why.decisions[i] - why.bases[i]),
    )
    name, values = explanation.names[i], explanation.value_range
    shots = [(thumbnail(image, values, text=name), "image")]
    places = why.by_place(image.shape[-2:])
    if places is not None:
        heat = heat_over(image, places[i], values, text=f"What decided, in {name}")
        shots.append((heat, "where"))
    figures = [
        Markup("<figure class='shot'>{}<figcaption>{}</figcaption></figure>").format(
            *shot
        )
        for shot in shots
    ]
    figures += [
        discs_html(part.paths, part.by_path()[i], label=f"Paths of {name}")
        for part in why.parts
    ]
    shown = Markup("<div class='shots large'>{}</div>").format(joined(figures))
    return joined([said, shown, *(_strongest(part, i) for part in why.parts)])


def _strongest(part, i):
    """Return the paths that speak most for the class, and most against it."""
    if part.paths is None:
        return ""
    shares = part.by_path()[i]
    order = np.argsort(-shares)
    speaking = [k for k in order[:_MOST_PATHS] if shares[k] > 0]
    against = [k for k in order[::-1][:_MOST_PATHS] if shares[k] < 0]
    rows = [
        [path_name(part.paths[k]), f"{shares[k]:+.3g}"]
        for k in [*speaking, *against[::-1]]
    ]
    table = table_html(["path", "share of the decision"], rows)
    return Markup("<details><summary>{}, strongest paths</summary>{}</details>").format(
        part.name, table
    )


def _path_names(part):
    """Return the paths in words; None of pixels."""
    return None if part.paths is None else [path_name(path) for path in part.paths]


def _places(part, i):
    """Return the shares of positions (h, w) as lists; None of what is pooled."""
    return part.by_place()[i].tolist() if part.has_places else None
