"""What there is to say of a trained classifier: gathered for its report."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.attribution import explain
from sklearn_scat.experiments._judgement import Judgement
from sklearn_scat.experiments._neighbors import (
    MOST_MISTAKES,
    nearest_rows,
    spread_positions,
)
from sklearn_scat.experiments._training_report import Training

_MOST_EXPLAINED = 60  # of all classes together


def trained(
    classifier: Any,
    images: NDArray[Any],
    target: ArrayLike,
    *,
    names: list[str],
    title: str,
    notes: Sequence[str] = (),
) -> Any:
    """Return what a report says of a classifier and its training images.

    Parameters
    ----------
    classifier : ScatteringClassifier
        Fitted to these images.
    images : ndarray of shape (n, ...), or list of ndarray
        Training images.
    target : array-like of shape (n,)
        Their labels.
    names : list of str
        Their files.
    title : str
        Of the page.
    notes : list of str
        What was left aside.

    Returns
    -------
    training : Training, or None
        None where there were no folds, so that nothing is known.
    """
    seen = np.flatnonzero(np.isfinite(classifier.held_out_proba_).all(axis=1))
    if not len(seen):
        return None
    judgement = Judgement(
        [str(name) for name in classifier.classes_],
        np.searchsorted(classifier.classes_, np.asarray(target)[seen]),
        classifier.held_out_proba_[seen].astype(np.float64),
    )
    images = _some(images, seen)
    table = classifier.cv_results_
    return Training(
        title=title,
        judgement=judgement,
        images=images,
        names=[names[i] for i in seen],
        neighbors=_neighbors(classifier, images, judgement.mistakes()[:MOST_MISTAKES]),
        value_range=classifier.pixel_range_,
        chosen=classifier.reason_,
        candidates=_candidates(table),
        paths=_paths(classifier, images),
        notes=list(notes),
        facts=_facts(judgement, images),
    )


def _some(images, indices):
    """Return some of the images, in the form of all."""
    if isinstance(images, np.ndarray):
        return images[indices]
    return [images[i] for i in indices]


def _facts(judgement, images):
    """Return figures for the top of the page, and what they are."""
    n = len(judgement.truth)
    sizes = sorted({image.shape[-2:] for image in images})
    ends = [f"{h}×{w}" for h, w in (sizes[0], sizes[-1])]
    size = ends[0] if len(sizes) == 1 else f"{ends[0]} to {ends[1]}"
    return [
        (f"{n:,}", f"images of {len(judgement.classes)} classes"),
        (size, "pixels"),
    ]


def _candidates(table):
    """Return the best of each recipe that was compared, as lines of text."""
    rows = zip(
        *(table[key] for key in ("recipe", "mean_test_score", "loss")), strict=True
    )
    best: dict = {}
    seconds: dict = {}
    for (recipe, score, loss), time in zip(rows, table["time"], strict=True):
        seconds[recipe] = seconds.get(recipe, 0) + time
        if recipe not in best or score > best[recipe][0]:
            best[recipe] = score, loss
    return [
        [recipe, f"{score:.1%}", f"{loss:.3f}", f"{seconds[recipe]:.1f}"]
        for recipe, (score, loss) in best.items()
    ]


def _neighbors(classifier, images, wanted):
    """Return the nearest other images of some, in the space of features."""
    if not len(wanted):
        return {}
    searched = spread_positions(len(images))
    rows = classifier._features(_some(images, searched))
    own = classifier._features(_some(images, wanted))
    is_self = wanted[:, None] == searched
    order = nearest_rows(own, rows, left_out=is_self)[:, : len(images) - 1]
    return {
        int(i): searched[row].tolist() for i, row in zip(wanted, order, strict=True)
    }


def _paths(classifier, images):
    """Return each scattering's paths, and the mean size of their shares."""
    n = len(images)
    some = np.unique(np.linspace(0, n - 1, min(n, _MOST_EXPLAINED)).astype(int))
    try:
        why = explain(classifier, _some(images, some))
    except ValueError:  # what cannot be explained has no such section
        return []
    return [
        (part.name, part.paths, np.abs(part.by_path()).mean(axis=0))
        for part in why.parts
        if part.paths is not None
    ]
