"""Images of a benchmark that its runs got wrong, were surest of, or doubted."""

import numpy as np
from markupsafe import Markup

from sklearn_scat.experiments._judgement import Judgement
from sklearn_scat.experiments._judgement_html import reliability_svg
from sklearn_scat.experiments._neighbors import MOST_MISTAKES
from sklearn_scat.experiments._pages import joined
from sklearn_scat.experiments._thumbnails import thumbnail

_MOST_CLASSES = 20
_FIGURE = Markup("<figure class='shot'>{}<figcaption>{}</figcaption></figure>")


def judgement_of(record):
    """Return what a run said of its test images, or None if its record keeps nothing.

    Parameters
    ----------
    record : Record
        Of the run.

    Returns
    -------
    judgement : Judgement or None
    """
    kept = record.predictions
    if not kept or not kept["predicted"]:
        return None
    return Judgement.from_predictions(record.confusion["classes"], kept)


def examples_html(summary, data):
    """Return, for each recipe, images of a run at the largest size, as pictures.

    Parameters
    ----------
    summary : Summary
        Of the experiment.
    data : ImageSet or None
        Its images; None shows none.

    Returns
    -------
    html : Markup
        The surest mistakes; where there are probabilities also the most typical and the
        most doubtful image of each class, and the reliability curve.
    """
    if data is None:
        return ""
    return joined(_recipe(summary, recipe, data) for recipe in summary.recipes)


def _recipe(summary, recipe, data):
    for n_train in reversed(summary.sizes):
        for record in summary.of(recipe, n_train):
            judgement = judgement_of(record)
            if judgement is not None and _fits(record, data):
                part = Markup("<details><summary>{}</summary>{}</details>")
                title = f"{recipe}, {n_train:,} training images, seed {record.seed}"
                return part.format(title, _run(record, judgement, data))
    return ""


def _fits(record, data):
    """Tell whether the images of a record are among those at hand."""
    index = record.predictions["index"]
    near = [k for _, own in record.predictions.get("neighbors", []) for k in own]
    if max([*index, *near], default=0) >= len(data.images):
        return False
    if index:
        return True
    test = data.test_images
    return test is not None and len(test) == len(record.predictions["predicted"])


def _run(record, judgement, data):
    """Return the pictures of one run."""
    index = record.predictions["index"]
    images = data.images if index else data.test_images
    places = index or range(len(images))
    some = np.concatenate([np.ravel(image) for image in images[:100]])
    value_range = float(some.min()), float(some.max())
    knows = bool(record.predictions["probability"])

    def shot(i, caption):
        place = places[i]
        picture = thumbnail(images[place], value_range, text=f"image {place}")
        return _FIGURE.format(picture, Markup("{}<br>image {}").format(caption, place))

    def near(k):
        picture = thumbnail(data.images[k], value_range, text=f"image {k}, learned")
        caption = Markup("near: <b>{}</b><br>learned image {}").format(
            data.target[k], k
        )
        return _FIGURE.format(picture, caption)

    neighbors = {
        i: joined(map(near, own)) for i, own in record.predictions.get("neighbors", [])
    }
    parts = [_mistakes(judgement, shot, knows=knows, neighbors=neighbors)]
    if knows:
        parts += [_classes(judgement, shot), reliability_svg(judgement)]
    return joined(parts)


def _mistakes(judgement, shot, *, knows, neighbors):
    """Return the surest mistakes, each beside the nearest images learned from."""
    names = judgement.classes
    rows = []
    for i in map(int, judgement.mistakes()[:MOST_MISTAKES]):
        taken = judgement.predicted[i]
        sure = f" ({judgement.p[i, taken]:.0%})" if knows else ""
        text = Markup("<b>{}</b>, taken for <b>{}</b>{}")
        own = shot(i, text.format(names[judgement.truth[i]], names[taken], sure))
        rows.append(joined([own, neighbors.get(i, "")]))
    heading = Markup("<h3>{}</h3>").format("Surest mistakes" if knows else "Mistakes")
    if not neighbors:
        return joined([heading, _row(rows)])
    about = Markup(
        "<p>Beside each the images nearest to it in the space of features, of those "
        "that were learned from.</p>"
    )
    row = Markup("<div class='row-of-shots'>{}</div>")
    return joined([heading, about, *map(row.format, rows)])


def _classes(judgement, shot):
    shots = []
    for k, name in list(enumerate(judgement.classes))[:_MOST_CLASSES]:
        for kind, i in (
            ("typical", judgement.most_typical(k)),
            ("doubtful", judgement.most_doubtful(k)),
        ):
            if i is not None:
                shots.append(shot(i, Markup("<b>{}</b>, {}").format(name, kind)))
    heading = Markup("<h3>Typical and doubtful images of each class</h3>")
    return joined([heading, _row(shots)])


def _row(shots):
    return Markup("<div class='shots'>{}</div>").format(joined(shots))
