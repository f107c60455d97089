"""The command `predict`: files of images to a table of predictions."""

import csv
import io
import sys
import warnings
from pathlib import Path

import numpy as np

from sklearn_scat._whole_files import write_text
from sklearn_scat.commands._one_class import HEADER, judged

_DESCRIPTION = """\
Predict the class of images by a model of `sklearn-scat train`: a line for each file,
with its label, the label's probability, and a warning where the image is unlike those
that were learned from, or cannot be read. A model of good images alone gives good or
bad, and a score that is negative for bad ones.
"""
_HEADER = ("file", "label", "probability", "warning")
_CHUNK = 64  # images that are held at once
_TIMES = 1.5  # larger or smaller than any training image
# A rule of thumb, set on digits: a distance to the nearest training image that is this
# many times what 99 % of these have among themselves.
_FAR = 1.25


def add_predict(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "predict", help="predict by a trained model", description=_DESCRIPTION
    )
    parser.add_argument("model", metavar="MODEL", help="a file of sklearn-scat train")
    parser.add_argument("files", nargs="+", metavar="FILE", help="images, or folders")
    parser.add_argument(
        "--out", metavar="CSV", help="the file to write (default: standard output)"
    )
    parser.set_defaults(run=predict)
    return parser


def predict(arguments):
    """Run it, and return the exit code."""
    import sklearn_scat

    model = sklearn_scat.load(arguments.model)
    check_model(model, arguments.model)
    files = listed(arguments.files)
    rows = []
    for start in range(0, len(files), _CHUNK):
        rows += predictions(model, files[start : start + _CHUNK])
    n_read = sum(row[1] != "" for row in rows)
    if not n_read:
        raise ValueError(f"none of {len(files)} files could be read: {rows[0][3]}")
    text = table(rows, _HEADER if "classifier" in model.named_steps else HEADER)
    if arguments.out is None:
        print(text, end="")
    else:
        write_text(arguments.out, text)
        n_warned = sum(bool(row[3]) for row in rows)
        print(f"{arguments.out}: {len(rows)} files, {n_warned} with a warning")
    if n_read < len(rows):
        print(
            f"sklearn-scat: note: {len(rows) - n_read} of {len(rows)} files could not "
            "be read; the column warning says why",
            file=sys.stderr,
        )
    return 0


def check_model(model, path):
    """Refuse a bundle that is no model of `train`."""
    steps = getattr(model, "named_steps", {})
    if "reader" not in steps or not {"classifier", "detector"} & set(steps):
        raise ValueError(
            f"{path} holds a {type(model).__name__}, which does not say how files are "
            "read; make a model by sklearn-scat train."
        )


def listed(paths):
    """Return files, and the images of folders, nested ones too, sorted.

    Raises
    ------
    FileNotFoundError, ValueError
        If a path is not there, or a folder has no image.
    """
    from sklearn_scat.datasets import IMAGE_SUFFIXES

    files = []
    for path in map(Path, paths):
        if not path.exists():
            raise FileNotFoundError(f"{path}: there is no such file or folder.")
        if not path.is_dir():
            files.append(path)
            continue
        inside = sorted(
            f for f in path.rglob("*") if f.suffix.lower() in IMAGE_SUFFIXES
        )
        if not inside:
            raise ValueError(f"{path}: there is no image in this folder.")
        files += inside
    return files


def predictions(model, files):
    """Return a line for each file: file, label, probability and warning."""
    reader, classifier = model["reader"], model[-1]
    read, lines = [], {}
    for file in files:
        image, told = read_one(reader, classifier, file)
        if image is None:
            lines[file] = (file, "", "", told)
        else:
            read.append((file, image, told))
    if read:
        own, images, told = zip(*read, strict=True)
        with warnings.catch_warnings():
            # of each image by itself, in its own line
            warnings.simplefilter("ignore", UserWarning)
            labels, numbers, far = judged_once(classifier, alike(images))
        told = ["; ".join(filter(None, pair)) for pair in zip(told, far, strict=True)]
        for line in zip(own, labels, numbers, told, strict=True):
            lines[line[0]] = line
    return [lines[file] for file in files]


def judged_once(classifier, images):
    """Return labels, probabilities and what is far; each image is transformed once."""
    from sklearn_scat.predictors._comparison import feature_folder, keep_features

    with feature_folder(None) as folder:
        keep_features(classifier, folder)
        try:
            return *decided(classifier, images), told_distances(classifier, images)
        finally:
            keep_features(classifier, None)


def told_distances(classifier, images):
    """Return what is odd about the distance of each image to the training images."""
    if not hasattr(classifier, "landmarks_"):  # what learned from good images alone
        return [""] * len(images)
    return [
        f"{distance:.1f} times as far from the training images as these are from one "
        "another"
        if distance > _FAR
        else ""
        for distance in classifier.training_distances(images)
    ]


def decided(classifier, images):
    """Return the label of every image, and its probability, or a detector's score."""
    if not hasattr(classifier, "predict_proba"):
        return judged(classifier, images)
    p = classifier.predict_proba(images)
    return classifier.classes_[p.argmax(axis=1)], [f"{q:.4f}" for q in p.max(axis=1)]


def read_one(reader, classifier, file):
    """Return the image of a file and what is odd about it; None if it is not read."""
    from sklearn_scat.datasets import image_size

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            (image,) = reader.transform([file])
            stored = image_size(file)
        except (ValueError, OSError, ImportError) as error:
            return None, " ".join(str(error).split())
    told = [" ".join(str(w.message).split()) for w in caught]
    told += unlike(classifier, image, stored)
    return image, "; ".join(told)


def unlike(classifier, image, stored):
    """Return in what an image differs from those that were learned from.

    Parameters
    ----------
    classifier : ScatteringClassifier
        Fitted.
    image : ndarray of shape (H, W) or (C, H, W)
        As it was read.
    stored : tuple (H, W)
        Its size in the file.

    Returns
    -------
    told : list of str
    """
    told = []
    sides = classifier.image_shape_[-2:]
    smallest, largest = getattr(classifier, "size_range_", (sides, sides))
    lower, upper = np.array(smallest) / _TIMES, np.array(largest) * _TIMES
    if np.any(np.array(stored) < lower) or np.any(np.array(stored) > upper):
        told.append(
            f"size {_by(stored)}, where training images have "
            + (
                _by(smallest)
                if smallest == largest
                else f"{_by(smallest)} to {_by(largest)}"
            )
        )
    lowest, highest = classifier.pixel_range_
    spread = highest - lowest
    low, high = float(image.min()), float(image.max())
    if (
        low < lowest - spread / 2
        or high > highest + spread / 2
        or high - low < spread / 12
    ):
        told.append(
            f"values from {low:.3g} to {high:.3g}, where training images have "
            f"{lowest:.3g} to {highest:.3g}"
        )
    return told


def _by(size):
    return f"{size[0]}×{size[1]}"


def alike(images):
    """Return images of one size as an array, others as a list."""
    shapes = {image.shape for image in images}
    return np.stack(images) if len(shapes) == 1 else list(images)


def table(rows, header):
    """Return lines as CSV, after the names of the columns."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()
