"""Models of good images alone, for the commands `train` and `predict`."""

import warnings
from collections import Counter

import numpy as np

HEADER = ("file", "label", "score", "warning")
_NAMES = {1: "good", -1: "bad"}


def read_good(arguments, read):
    """Return images of one size: where they differ, that which most of them have.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command; its `size` is set where sizes differ.
    read : callable
        ``read(arguments)`` returns images, and their different ``sizes``.

    Returns
    -------
    found : Labelled
        What `read` returned.
    """
    found = read(arguments)
    if len(found.sizes) == 1:
        return found
    counts = Counter(image.shape[-2:] for image in found.images)
    arguments.size, n = counts.most_common(1)[0]
    height, width = arguments.size
    warnings.warn(
        f"the images have {len(counts)} sizes, and positions are compared: all are "
        f"brought to {height}×{width}, which {n} of {len(found.images)} have. Give "
        "another by --size.",
        stacklevel=2,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same again
        return read(arguments)


def fit_detector(images):
    """Return a detector that has learned from good images."""
    from sklearn_scat import PatchGaussian

    return PatchGaussian().fit(images)


def report_of(images, detector):
    """Return lines that say what was learned from, and where the threshold is."""
    height, width = images.sizes[0]
    n = len(images.images)
    J = detector.scattering_.scattering_.J
    rate = max(1, n // 100) if n >= 100 else 1
    return [
        f"good images: {n}, {height}×{width} pixels, windows of {2**J} pixels",
        f"threshold: {-detector.offset_:.3g} standard deviations, beyond which were "
        f"about {rate} of {n} good images that folds held out",
    ]


def judged(detector, images):
    """Return the label of every image and its score, negative for bad ones."""
    decisions = detector.decision_function(images)
    labels = np.where(decisions >= 0, _NAMES[1], _NAMES[-1])
    return labels, [f"{decision:.4f}" for decision in decisions]
