"""The command `analyse`: what the steps of a classifier do with images."""

import sys
from pathlib import Path

import numpy as np

from sklearn_scat._progress import Progress
from sklearn_scat._whole_files import whole_file
from sklearn_scat.commands._arguments import count, size, whole_number

_DESCRIPTION = """\
Fit a classifier on images of a data set and measure what its steps do with others: do
they contract, separate, how complex is the boundary, how many dimensions, how stable,
how far may an image move? Writes one HTML page. With --model it measures a classifier
that was saved, on a folder with one sub-folder of images a class.
"""
_STAGES = 6


def add_analyse(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "analyse", help="measure what a classifier's steps do", description=_DESCRIPTION
    )
    add = parser.add_argument
    add("case", metavar="CASE", help="digits, module:CASE; with --model, a folder")
    add("--model", metavar="FILE", help="a classifier saved by sklearn_scat.save")
    add(
        "--mode",
        choices=["L", "RGB"],
        default="L",
        help="of a folder (default: L, or as the model reads)",
    )
    add("--size", type=size, metavar="H,W", help="resize the images of a folder")
    add(
        "--recipe",
        "--method",
        default="scattering",
        metavar="NAME",
        help="a recipe, or your own as module:function (default: scattering)",
    )
    for name, what, number in (
        ("train", "images to fit", 300),
        ("test", "images to measure on", 200),
        ("random-labels", "fits to permuted labels, 0 for none", 3),
    ):
        add(
            f"--{name}",
            type=count if name == "random-labels" else whole_number,
            default=number,
            metavar="N",
            help=f"{what} (default: {number})",
        )
    add("--data", metavar="DIR", help="where the data set's files are")
    add("--out", metavar="FILE", help="default: analysis-CASE.html")
    add("--quiet", action="store_true", help="no progress")
    parser.set_defaults(run=analyse)
    return parser


def analyse(arguments):
    """Run it, and return the exit code."""
    from sklearn_scat.experiments import analysis_html

    progress = None
    if not arguments.quiet:
        progress = Progress("analyse", _STAGES, unit="stages")
    if arguments.model:
        found, name = _analyse_saved(arguments, progress)
    else:
        found, name = _analyse_case(arguments, progress)
    out = arguments.out or f"analysis-{name}.html"
    with whole_file(out) as partial:
        partial.write_text(analysis_html(found), encoding="utf-8")
    print(f"accuracy {found.accuracy:.3f}; layers: {', '.join(found.layers)}")
    print(f"written: {out}")
    for note in found.notes:
        print(f"sklearn-scat: {note}", file=sys.stderr)
    return 0


def _analyse_case(arguments, progress):
    """Return the analysis of a recipe that is fitted here, and the case's name."""
    from sklearn_scat.experiments import analyse_case, find_case

    case = find_case(arguments.case)
    found = analyse_case(
        case,
        recipe=arguments.recipe,
        n_train=arguments.train,
        n_test=arguments.test,
        data_home=arguments.data,
        n_repeats=arguments.random_labels,
        progress=progress,
    )
    return found, case.name


def _analyse_saved(arguments, progress):
    """Return the analysis of a saved classifier, and the folder's name."""
    from sklearn_scat.experiments import analyse

    model = _load_classifier(arguments.model)
    if "reader" in getattr(model, "named_steps", {}):
        model, folder, labels = _read_as_trained(model, arguments)
    else:
        model, folder, labels = _read_as_asked(model, arguments)
    chosen = np.random.RandomState(0).permutation(len(labels))[: arguments.test]
    name = Path(arguments.case).resolve().name
    found = analyse(
        model,
        folder.data[chosen],
        labels[chosen],
        image_shape=folder.image_shape,
        title=f"Images of {name}",
        progress=progress,
    )
    return found, name


def _read_as_trained(model, arguments):
    """Return the chosen recipe of a model of `train`, and images read as it says."""
    from sklearn_scat.datasets import load_image_folder

    reader, classifier = model["reader"], model["classifier"]
    folder = load_image_folder(
        arguments.case,
        mode=reader.mode,
        size=reader.size,
        depth=reader.depth,
        recursive=True,
    )
    classes = np.asarray(classifier.classes_)
    if unknown := set(folder.target_names) - set(classes.tolist()):
        raise ValueError(
            f"{arguments.case} has classes that {arguments.model} was not trained on: "
            f"{', '.join(sorted(unknown))}."
        )
    return classifier.estimator_, folder, np.searchsorted(classes, folder.target)


def _read_as_asked(model, arguments):
    """Return a classifier, and images read as the arguments say."""
    from sklearn_scat.datasets import load_image_folder

    folder = load_image_folder(arguments.case, mode=arguments.mode, size=arguments.size)
    labels = np.asarray(folder.target)
    if np.asarray(model.classes_).dtype.kind not in "USO":  # the classes' numbers
        labels = np.searchsorted(folder.target_names, labels)
    return model, folder, labels


def _load_classifier(file):
    """Return the classifier in a file; an error where something else is in it."""
    from sklearn_scat.persistence import load

    model = load(file)
    if not hasattr(model, "classes_"):
        raise ValueError(
            f"{file} holds a {type(model).__name__}, not a fitted classifier, which is "
            "what analyse measures."
        )
    return model
