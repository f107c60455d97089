"""What networks are trained with in recipes, for few labels and for many."""

_CLASSES = 10  # that a number of epochs is reckoned with
_SEEN = 200_000  # images in all, counted as often as they are learned from
_SEEN_BRIEFLY = 100_000  # by what is to train on a CPU
_EPOCHS = (30, 400)  # fewest and most
_FEW = 500  # images of a class below which the settings for few labels are taken
# Weight decay and batch that L. Brigato et al., "Tune it or don't use it: benchmarking
# data-efficient image classification", ICCV workshops 2021, found for a WRN-16-8.
_FEW_LABELS = {
    "optimizer": "sgd",
    "lr": 4.5e-3,
    "weight_decay": 5.3e-3,
    "batch_size": 10,
    "schedule": "cosine",
}
# S. Zagoruyko and N. Komodakis, "Wide residual networks", BMVC 2016, section 3.
_MANY_LABELS = {
    "optimizer": "sgd",
    "lr": 0.1,
    "weight_decay": 5e-4,
    "batch_size": 128,
    "schedule": "steps",
}


def network(name, image_shape, random_state, **settings):
    """Return the classifier around a network of the package."""
    from sklearn_scat import ImageClassifier, nn

    changes = "rotate" if len(image_shape) == 2 else ("flip", "crop")
    return ImageClassifier(
        getattr(nn, name),
        image_shape=image_shape,
        random_state=random_state,
        **{"augment": changes, **settings},
    )


def of_labels(n_per_class, *, briefly=False, **few):
    """Return the settings for few labels, some of them others, or for many."""
    settings = _FEW_LABELS | few if n_per_class < _FEW else _MANY_LABELS
    return settings | {"max_epochs": epochs(n_per_class, briefly=briefly)}


def epochs(n_per_class, *, briefly=False):
    """Return how often each image is learned from: 400 times to 30 times."""
    fewest, most = _EPOCHS
    seen = _SEEN_BRIEFLY if briefly else _SEEN
    return min(most, max(fewest, seen // (_CLASSES * n_per_class)))


def scale(image_shape):
    """Return J: 2 as published for 32×32 and 96×96, less for tiny images."""
    return min(2, min(image_shape[-2:]).bit_length() - 1)
