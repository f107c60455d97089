"""What a trained classifier is like, as one page with the images themselves."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from markupsafe import Markup

from sklearn_scat.experiments._disc_svg import discs_html
from sklearn_scat.experiments._judgement import Judgement, wilson_interval
from sklearn_scat.experiments._judgement_html import (
    confusion_svg,
    reliability_svg,
)
from sklearn_scat.experiments._neighbors import MOST_MISTAKES
from sklearn_scat.experiments._pages import Section, joined, page_html, table_html
from sklearn_scat.experiments._paths_text import path_name
from sklearn_scat.experiments._thumbnails import thumbnail

_MOST_CLASSES = 40  # whose typical and doubtful images are shown
_FOOTER = Markup("Written by <code>sklearn-scat train</code>; it loads nothing.")


@dataclass(frozen=True)
class Training:
    """A classifier, and what it was trained on.

    Parameters
    ----------
    title : str
        Of the page.
    judgement : Judgement
        Of the training images, by folds that had not seen them.
    images : sequence of ndarray
        The images.
    names : list of str
        Their files.
    neighbors : mapping of int to list of int
        For each mistake that is shown, the nearest other images.
    value_range : (float, float)
        Values of black and white.
    chosen : str
        Which recipe, and why.
    candidates : list of list of str
        What was compared: recipe, accuracy, loss.
    paths : list of (str, structured ndarray, ndarray)
        Scatterings, their paths, and the mean size of the paths' shares in decisions.
    notes : list of str
        What was left aside while reading, and other warnings.
    facts : list of (str, str)
        Figures for the top of the page, and what they are.
    """

    title: str
    judgement: Judgement
    images: object
    names: list
    neighbors: dict
    value_range: tuple
    chosen: str = ""
    candidates: list = field(default_factory=list)
    paths: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    facts: list = field(default_factory=list)

    def accuracy_text(self) -> Any:
        """Return the accuracy in the folds with its interval."""
        n = len(self.judgement.truth)
        share = self.judgement.accuracy
        low, high = wilson_interval(share, n)
        return f"{share:.1%}", f"right in folds; 95 % interval {low:.1%} to {high:.1%}"

    def shown_mistakes(self) -> Any:
        """Return the mistakes that the page shows."""
        return self.judgement.mistakes()[:MOST_MISTAKES]


def training_html(training: Training) -> str:
    """Return the report of a training as one self-contained HTML page.

    Parameters
    ----------
    training : Training
        What it is about.

    Returns
    -------
    html : str
        Accuracy, confusions as a picture, the worst mistakes with their nearest
        neighbours, the most typical and most doubtful image of each class, reliability
        of probabilities, deciding paths, what was left aside.
    """
    judgement = training.judgement
    return page_html(
        training.title,
        [
            Section(_figures(training)),
            Section(_notes(training)),
            Section(_confusion(judgement), "Taken for what"),
            Section(_mistakes(training), "Worst mistakes"),
            Section(_classes(training), "Typical and doubtful images"),
            Section(_reliability(judgement), "Reliability of probabilities"),
            Section(_paths(training), "Deciding paths"),
            Section(_candidates(training), "What was compared"),
        ],
        footer=_FOOTER,
    )


def training_json(training: Any) -> Any:
    """Return what the page says, as what JSON can hold."""
    judgement = training.judgement
    low, high = wilson_interval(judgement.accuracy, len(judgement.truth))
    names, classes = training.names, judgement.classes
    return {
        "title": training.title,
        "n_images": len(names),
        "classes": classes,
        "chosen": training.chosen,
        "accuracy": judgement.accuracy,
        "interval": [low, high],
        "confusion": judgement.confusion().tolist(),
        "reliability": judgement.reliability(),
        "calibration_error": judgement.calibration_error(),
        "mistakes": [
            {
                "file": names[i],
                "label": classes[judgement.truth[i]],
                "predicted": classes[judgement.predicted[i]],
                "probability": round(float(judgement.p[i].max()), 4),
                "neighbors": [names[k] for k in training.neighbors.get(int(i), [])],
            }
            for i in judgement.mistakes()
        ],
        "typical": _files(training, judgement.most_typical),
        "doubtful": _files(training, judgement.most_doubtful),
        "paths": [
            {
                "scattering": name,
                "path": path_name(path),
                "share": float(share),
            }
            for name, paths, shares in training.paths
            for path, share in zip(paths, shares, strict=True)
        ],
        "notes": training.notes,
    }


def _files(training, choose):
    """Return the file of the image that is chosen for each class."""
    chosen = map(choose, range(len(training.judgement.classes)))
    return [None if i is None else training.names[i] for i in chosen]


def _figures(training):
    facts = [training.accuracy_text(), *training.facts]
    items = joined(
        Markup("<div><b>{}</b><span>{}</span></div>").format(*fact) for fact in facts
    )
    chosen = Markup("<p>Chosen: {}</p>").format(training.chosen)
    return joined([Markup("<div class='figures'>{}</div>").format(items), chosen])


def _notes(training):
    items = joined(Markup("<li>{}</li>").format(note) for note in training.notes)
    return items and Markup("<ul class='note'>{}</ul>").format(items)


def _confusion(judgement):
    picture = confusion_svg(judgement.classes, judgement.confusion())
    about = Markup(
        "<p>Numbers of images: rows are the labels, columns what folds that had not "
        "seen the image took it for.</p>"
    )
    return joined([about, Markup("<div class='wide'>{}</div>").format(picture)])


def _mistakes(training):
    judgement = training.judgement
    rows = [_mistake(training, int(i)) for i in training.shown_mistakes()]
    if not rows:
        return Markup("<p>None: every image was right in the folds.</p>")
    n, n_wrong = len(rows), len(judgement.mistakes())
    about = Markup(
        "<p>{} of {}, those that were thought least likely first; beside each the "
        "images nearest to it in the space of features.</p>"
    ).format(n, n_wrong)
    return joined([about, *rows])


def _mistake(training, i):
    judgement = training.judgement
    own, taken = judgement.truth[i], judgement.predicted[i]
    caption = Markup("<b>{}</b>, taken for <b>{}</b> ({:.0%})<br>{}").format(
        judgement.classes[own],
        judgement.classes[taken],
        float(judgement.p[i, taken]),
        training.names[i],
    )
    shots = [_shot(training, i, caption)]
    for k in training.neighbors.get(i, []):
        near = Markup("near: <b>{}</b><br>{}").format(
            judgement.classes[judgement.truth[k]], training.names[k]
        )
        shots.append(_shot(training, k, near))
    return Markup("<div class='row-of-shots'>{}</div>").format(joined(shots))


def _shot(training, i, caption):
    picture = thumbnail(
        training.images[i], training.value_range, text=training.names[i]
    )
    return Markup("<figure class='shot'>{}<figcaption>{}</figcaption></figure>").format(
        picture, caption
    )


def _classes(training):
    judgement = training.judgement
    rows = []
    for k, name in list(enumerate(judgement.classes))[:_MOST_CLASSES]:
        shots = [
            _shot(
                training,
                i,
                Markup("<b>{}</b>, {}: {:.0%}<br>{}").format(
                    name, kind, float(judgement.own[i]), training.names[i]
                ),
            )
            for kind, i in (
                ("typical", judgement.most_typical(k)),
                ("doubtful", judgement.most_doubtful(k)),
            )
            if i is not None
        ]
        rows.append(joined(shots))
    about = Markup(
        "<p>Of each class the image whose label was most probable, and that whose two "
        "most probable classes were closest.</p>"
    )
    return about + Markup("<div class='shots'>{}</div>").format(joined(rows))


def _reliability(judgement):
    about = Markup(
        "<p>Of images whose class was said with some probability, the share that was "
        "right: on the dashed line probabilities can be taken at their word. Mean "
        "distance from it: {:.1%}.</p>"
    ).format(judgement.calibration_error())
    return joined([about, reliability_svg(judgement)])


def _paths(training):
    parts = []
    for name, paths, shares in training.paths:
        discs = discs_html(paths, shares, label=f"Shares of {name} in decisions")
        if discs:
            discs = Markup("<div class='shots large'>{}</div>").format(discs)
        parts.append(Markup("<h3>{}</h3>{}").format(name, discs or ""))
        order = np.argsort(-shares)[:8]
        total = shares.sum() or 1.0
        rows = [[path_name(paths[i]), f"{shares[i] / total:.1%}"] for i in order]
        parts.append(table_html(["path", "share"], rows))
    if not parts:
        return ""
    about = Markup(
        "<p>Mean size, over images, of each path's share in the decision between the "
        "predicted class and the runner-up. On the discs the radius is the frequency, "
        "which halves from ring to ring, and the angle the direction of the wave.</p>"
    )
    return joined([about, *parts])


def _candidates(training):
    if not training.candidates:
        return ""
    header = ["recipe", "right in folds", "log loss", "seconds"]
    return table_html(header, training.candidates)
