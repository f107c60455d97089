"""The page on a model that `train` writes, and what it keeps until then."""

import json
from contextlib import contextmanager
from pathlib import Path

from sklearn_scat._whole_files import write_text


@contextmanager
def kept_features(arguments):
    """Give a folder of coefficients, the user's, or one that goes when all is done.

    The latter stays where a block is interrupted, so that the same command goes on.
    """
    if arguments.cache is not None:
        yield arguments.cache
        return
    from sklearn_scat.feature_cache import clear

    folder = Path(f"{arguments.out}.cache")
    try:
        yield folder
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"interrupted: the same command goes on from the coefficients in {folder}"
        ) from None
    clear(folder)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def write_report(arguments, images, classifier, *, notes):
    """Write the page on a model, and return its name; None where nothing is known."""
    from sklearn_scat.experiments import trained, training_html, training_json

    training = trained(
        classifier,
        images.images,
        images.target,
        names=shortened(images.names, arguments.folder),
        title=f"{Path(arguments.out).name}: trained on {arguments.folder}",
        notes=sentences(notes),
    )
    if training is None:
        return None
    page = Path(arguments.report or Path(arguments.out).with_suffix(".html"))
    write_text(page, training_html(training))
    if arguments.json:
        text = json.dumps(training_json(training), ensure_ascii=False, indent=2)
        write_text(page.with_suffix(".json"), text + "\n")
    return page


def shortened(names, folder):
    """Return paths without the folder that they are in."""
    prefix = f"{Path(folder)}/"
    return [str(Path(name)).removeprefix(prefix) for name in names]


def sentences(caught):
    """Return what warnings say, each once and in one line."""
    return list(dict.fromkeys(" ".join(str(w.message).split()) for w in caught))
