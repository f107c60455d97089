"""The command `train`: a folder of images to a model that predicts."""

import csv
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_scat.commands._arguments import count, names, size
from sklearn_scat.commands._one_class import fit_detector, read_good, report_of
from sklearn_scat.commands._training_page import kept_features, sentences, write_report

_DESCRIPTION = """\
Learn classes from a folder with one sub-folder of images a class, or from a table with
the columns path and label, and write a model for `sklearn-scat predict`. Images of any
size and depth; recipes are compared by folds. With --one-class, learn what good images
are like from a folder of these alone.
"""


@dataclass
class Labelled:
    """Images, an array or a list, their labels and files; and how others are read."""

    images: Any
    target: Any
    names: list
    reader: Any = None  # fitted, where it is known
    sizes: tuple = ()  # the different (H, W)


def add_train(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "train", help="learn from a folder of images", description=_DESCRIPTION
    )
    parser.add_argument("folder", metavar="FOLDER", help="of the images")
    parser.add_argument(
        "--out", required=True, metavar="MODEL", help="the file to write"
    )
    _add_reading(parser)
    parser.add_argument(
        "--recipe",
        type=names,
        default=("auto",),
        metavar="NAME,…",
        help="recipes to compare (default: those that suit the images)",
    )
    parser.add_argument(
        "--cache",
        metavar="DIR",
        help="keep coefficients there (default: MODEL.cache, until the model is "
        "written; a run that was interrupted goes on from it)",
    )
    parser.add_argument(
        "--report",
        metavar="HTML",
        help="a page on the model (default: MODEL with the suffix .html)",
    )
    parser.add_argument(
        "--json", action="store_true", help="write what the page says beside it, too"
    )
    parser.add_argument("--seed", type=count, default=0, metavar="N")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.set_defaults(run=train)
    return parser


def _add_reading(parser):
    """Add what says which images are read, and how."""
    parser.add_argument(
        "--csv",
        metavar="FILE",
        help="columns path (in FOLDER) and label, instead of sub-folders",
    )
    parser.add_argument(
        "--mode",
        choices=["auto", "L", "RGB", "all"],
        default="auto",
        help="grey levels, colours or all bands (default: colours if there are any)",
    )
    parser.add_argument(
        "--size", type=size, metavar="H,W", help="resize images (default: as they are)"
    )
    parser.add_argument(
        "--one-class",
        action="store_true",
        help="all images in FOLDER are good ones: learn to find others",
    )


def train(arguments):
    """Run it, and return the exit code."""
    from sklearn.pipeline import Pipeline

    import sklearn_scat

    if Path(arguments.out).is_dir():
        raise ValueError(f"OUT {arguments.out} is a folder; give a file's name.")
    learn = learn_good if arguments.one_class else learn_classes
    with told_warnings() as notes:
        reader, step, lines = learn(arguments, notes)
    sklearn_scat.save(arguments.out, Pipeline([("reader", reader), step]))
    print("\n".join(lines))
    print(f"{arguments.out}: written; sklearn-scat predict {arguments.out} FILES…")
    return 0


def learn_good(arguments, notes):
    """Return a reader, a detector fitted to good images, and lines that say so."""
    images = read_good(arguments, read_labelled)
    detector = fit_detector(images.images)
    return images.reader, ("detector", detector), report_of(images, detector)


def learn_classes(arguments, notes):
    """Return a reader, a classifier fitted to labelled images, and lines that say so.

    Writes the page on the classifier.
    """
    from sklearn_scat import ScatteringClassifier
    from sklearn_scat.predictors._comparison import keep_features

    images = read_labelled(arguments)
    recipe = arguments.recipe if len(arguments.recipe) > 1 else arguments.recipe[0]
    with kept_features(arguments) as folder:
        classifier = ScatteringClassifier(
            recipe,
            cache=folder,
            random_state=arguments.seed,
            verbose=0 if arguments.quiet else 1,
        )
        classifier.fit(images.images, images.target)
        page = write_report(arguments, images, classifier, notes=notes)
    classifier.set_params(cache=None)
    keep_features(classifier.estimator_, None)
    lines = report(images, classifier)
    if page:
        lines.append(f"{page}: what it got right and wrong, to look at")
    return images.reader, ("classifier", classifier), lines


def read_labelled(arguments):
    """Return images, their labels, and the reader that reads others like them.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command.

    Returns
    -------
    found : Labelled
        With ``reader`` and ``sizes``.
    """
    from sklearn_scat import ImageReader

    mode = arguments.mode
    found = _read(arguments, "RGB" if mode == "auto" else mode)
    if mode == "auto" and not any(has_colours(image) for image in found.images):
        # what reading grey levels gives of channels that are equal
        found.images = [image[0].copy() for image in found.images]
    if mode == "auto":
        mode = "RGB" if found.images[0].ndim == 3 else "L"
    sizes = sorted({image.shape[-2:] for image in found.images})
    common = sizes[0] if len(sizes) == 1 else None  # that others are brought to
    reader = ImageReader(size=common, mode=mode, depth="float")
    reader.fit(list(found.images[:1]))
    images = np.stack(found.images) if common else list(found.images)
    return Labelled(images, found.target, found.names, reader, tuple(sizes))


def has_colours(image):
    """Tell whether the channels (3, H, W) of an image differ anywhere."""
    return bool(np.any(image != image[:1]))


def _read(arguments, mode):
    """Return images and labels of a folder, or of a table of paths in it."""
    from sklearn_scat.datasets import load_image_folder, load_images

    how = {
        "mode": mode,
        "depth": "float",
        "size": arguments.size,
        "ragged": True,
        "on_error": "skip",
        "verbose": 0 if arguments.quiet else 1,
    }
    if arguments.one_class:
        found = load_images(arguments.folder, recursive=True, **how)
        return Labelled(found.images, np.ones(len(found.images)), found.filenames)
    if arguments.csv is None:
        found = load_image_folder(arguments.folder, recursive=True, **how)
        return Labelled(found.images, np.asarray(found.target), found.filenames)
    paths, labels = read_table(arguments.csv)
    found = load_images([Path(arguments.folder) / path for path in paths], **how)
    target = np.array(labels)[found.places]
    return Labelled(found.images, target, found.filenames)


def read_table(file):
    """Return the columns path and label of a CSV file.

    Raises
    ------
    ValueError
        If a column is missing, or there is no row.
    """
    with open(file, newline="", encoding="utf-8-sig") as stream:
        rows = csv.DictReader(stream)
        if missing := {"path", "label"} - set(rows.fieldnames or ()):
            raise ValueError(
                f"{file} has no column {' and none '.join(sorted(missing))}; its first "
                f"line names {', '.join(rows.fieldnames or ['nothing'])}."
            )
        pairs = [(row["path"], row["label"]) for row in rows]
    if not pairs:
        raise ValueError(f"{file} has no row after the names of its columns.")
    paths, labels = zip(*pairs, strict=True)
    return paths, labels


def report(images, classifier):
    """Return lines that say what was learned from, and how well."""
    from sklearn_scat.experiments import wilson_interval

    labels, counts = np.unique(images.target, return_counts=True)
    sizes = [f"{height}×{width}" for height, width in images.sizes]
    shown = ", ".join(sizes[:3]) + (", …" if len(sizes) > 3 else "")
    numbers = ", ".join(f"{name} {n}" for name, n in zip(labels, counts, strict=True))
    lines = [f"images: {counts.sum()} ({numbers}), {shown} pixels"]
    lines.append(f"chosen: {classifier.reason_}")
    table = classifier.cv_results_
    scores = [
        score
        for name, score in zip(table["recipe"], table["mean_test_score"], strict=True)
        if name == classifier.recipe_
    ]
    if scores and np.isfinite(scores).all():
        low, high = wilson_interval(max(scores), counts.sum())
        lines.append(
            f"accuracy in folds: {max(scores):.1%} (95 % interval {low:.1%} to "
            f"{high:.1%}); of several that were compared, so a little too good"
        )
    return lines


@contextmanager
def told_warnings():
    """Tell each warning of a block once, in a line on standard error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield caught
    for text in sentences(caught):
        print(f"sklearn-scat: note: {text}", file=sys.stderr)
