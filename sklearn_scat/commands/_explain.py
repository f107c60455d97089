"""The command `explain`: why a model decides as it does about files."""

import json
import os
import warnings
from pathlib import Path

from sklearn_scat._whole_files import write_text
from sklearn_scat.commands._predict import alike, check_model, listed, read_one

_DESCRIPTION = """\
Write a page that says of each image which paths and places decided about it: the exact
shares of each in the decision between its class and the next one.
"""
_MOST_FILES = 100  # on one page


def add_explain(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "explain", help="say what decided about images", description=_DESCRIPTION
    )
    parser.add_argument("model", metavar="MODEL", help="a file of sklearn-scat train")
    parser.add_argument("files", nargs="+", metavar="FILE", help="images, or folders")
    parser.add_argument(
        "--out",
        default="explanation.html",
        metavar="HTML",
        help="the page to write (default: explanation.html)",
    )
    parser.add_argument(
        "--json", action="store_true", help="write the shares beside it, too"
    )
    parser.set_defaults(run=explain_files)
    return parser


def explain_files(arguments):
    """Run it, and return the exit code."""
    import sklearn_scat
    from sklearn_scat.experiments import explanation_html, explanation_json

    model = sklearn_scat.load(arguments.model)
    check_model(model, arguments.model)
    if not hasattr(model[-1], "classes_"):
        raise ValueError(
            f"{arguments.model} has learned from good images alone: there are no "
            "classes between which it decides."
        )
    files = listed(arguments.files)
    if len(files) > _MOST_FILES:
        raise ValueError(
            f"{len(files)} files are too many for one page; pass {_MOST_FILES} at most."
        )
    explanation = explanation_of(model, files, title=f"Decisions of {arguments.model}")
    page = Path(arguments.out)
    write_text(page, explanation_html(explanation))
    written = str(page)
    if arguments.json:
        text = json.dumps(explanation_json(explanation), ensure_ascii=False, indent=1)
        write_text(page.with_suffix(".json"), text + "\n")
        written += f", {page.with_suffix('.json')}"
    print(f"written: {written}")
    return 0


def explanation_of(model, files, *, title):
    """Return decisions about the files that can be read, and what made them."""
    from sklearn_scat.attribution import explain
    from sklearn_scat.experiments import Explanation

    reader, classifier = model["reader"], model[-1]
    names, images, unread = [], [], []
    for file in files:
        image, told = read_one(reader, classifier, file)
        if image is None:
            unread.append(told)
            continue
        names.append(file)
        images.append(image)
    if not images:
        raise ValueError(f"none of {len(files)} files could be read: {unread[0]}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # `predict` tells of each image
        X = alike(images)
        attribution = explain(classifier, X)
        p = classifier.predict_proba(X)
    return Explanation(
        title=title,
        names=without_common_folder(names),
        images=images,
        attribution=attribution,
        probabilities=p.max(axis=1),
        value_range=classifier.pixel_range_,
        unread=unread,
    )


def without_common_folder(files):
    """Return paths as text, without the folder that all are in.

    Examples
    --------
    >>> from sklearn_scat.commands._explain import without_common_folder
    >>> without_common_folder(["a/b/1.png", "a/c/2.png"])
    ['b/1.png', 'c/2.png']
    """
    parents = [os.path.dirname(file) for file in files]
    common = os.path.commonpath(parents) if all(parents) else ""
    return [os.path.relpath(file, common) if common else str(file) for file in files]
