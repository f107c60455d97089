"""What the command line takes: one parser, with a part for each command."""

import argparse

import sklearn_scat
from sklearn_scat.benchmark._organised import add_organise

_BENCH = """\
Fit classifiers on small balanced draws of a data set, for several training sizes and
seeds, each with its own search of parameters inside the draw, and measure them on the
images that were not drawn. Prints a table and writes results.jsonl (a line a run),
results.csv and report.html. A run that is there already is not done again: interrupt
it at any time, and go on with the same command.
"""
_ANALYSE = """\
Fit a classifier on images of a data set and measure what its steps do with others: do
they contract, separate, how complex is the boundary, how many dimensions, how stable,
how far may an image move? Writes one HTML page.
"""
_TRANSFORM = """\
Write the scattering coefficients of images to OUT.npy (float32, a row an image), as
they are computed, with the names of the features in OUT.names.txt and, for a folder,
those of the images in OUT.files.txt.
"""
_INFO = """\
Print versions, devices and engine; and for images of a shape the padded grid, the
output's shape and its bytes.
"""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints take one line."""

    def error(self, message):
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def command_parser(commands):
    """Return the parser of the command line.

    Parameters
    ----------
    commands : dict of str to callable
        What to call with the parsed arguments, for any of ``bench``, ``transform``,
        ``organise`` and ``info``; it becomes ``arguments.command``.

    Returns
    -------
    parser : argparse.ArgumentParser
        Its complaints take one line, and end the process with code 2.

    Examples
    --------
    >>> from sklearn_scat.benchmark import command_parser
    >>> commands = dict.fromkeys(["bench", "analyse", "transform", "info"])
    >>> parser = command_parser(commands)
    >>> parser.parse_args(["bench", "digits", "--sizes", "20,50"]).sizes
    (20, 50)
    """
    parser = _Parser(
        prog="sklearn-scat",
        description="Wavelet scattering networks as scikit-learn estimators.",
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {sklearn_scat.__version__}"
    )
    parts = parser.add_subparsers(required=True, metavar="COMMAND")
    adders = {
        "bench": _add_bench,
        "analyse": _add_analyse,
        "transform": _add_transform,
        "organise": add_organise,
        "info": _add_info,
    }
    for name, command in commands.items():
        part = adders[name](parts)
        part.set_defaults(command=command)
        part.add_argument(
            "--debug", action="store_true", help="show the traceback of an error"
        )
    return parser


def _add_bench(parts):
    bench = parts.add_parser(
        "bench", help="compare classifiers on few images", description=_BENCH
    )
    bench.add_argument(
        "case", nargs="?", metavar="CASE", help="digits, or your own as module:CASE"
    )
    bench.add_argument("--list", action="store_true", help="print cases and recipes")
    bench.add_argument("--out", metavar="DIR", help="default: bench-CASE")
    bench.add_argument(
        "--sizes",
        type=_whole_numbers,
        metavar="N,N,...",
        help="training images in total, a multiple of the number of classes or all",
    )
    bench.add_argument(
        "--seeds", type=_whole_number, metavar="N", help="draws of each size"
    )
    bench.add_argument(
        "--jobs",
        type=_whole_number,
        metavar="N",
        help="processes; default: the number of cores, up to 8",
    )
    bench.add_argument(
        "--methods",
        "--recipes",
        type=_names,
        metavar="NAME,...",
        help="recipes by name, or your own as module:function",
    )
    bench.add_argument("--data", metavar="DIR", help="where the data set's files are")
    return bench


def _add_analyse(parts):
    analyse = parts.add_parser(
        "analyse", help="measure what a classifier's steps do", description=_ANALYSE
    )
    analyse.add_argument("case", metavar="CASE", help="digits, or your own module:CASE")
    analyse.add_argument(
        "--method",
        default="scattering",
        metavar="NAME",
        help="a recipe, or your own as module:function (default: scattering)",
    )
    for name, number in (("train", 300), ("test", 200)):
        analyse.add_argument(
            f"--{name}",
            type=_whole_number,
            default=number,
            metavar="N",
            help=f"images (default: {number})",
        )
    analyse.add_argument("--data", metavar="DIR", help="where the data set's files are")
    analyse.add_argument("--out", metavar="FILE", help="default: analysis-CASE.html")
    return analyse


def _add_transform(parts):
    transform = parts.add_parser(
        "transform", help="write coefficients of images", description=_TRANSFORM
    )
    transform.add_argument(
        "input", metavar="INPUT", help="a folder of images, .npy, or IDX (also .gz)"
    )
    transform.add_argument("out", metavar="OUT.npy")
    _add_parameters(transform)
    transform.add_argument(
        "--pooling", choices=["mean"], help="one value a path (default: maps)"
    )
    transform.add_argument(
        "--batch-size",
        type=_batch_size,
        default="auto",
        metavar="N",
        help="images computed at once (default: auto)",
    )
    transform.add_argument(
        "--shape",
        type=_shape,
        metavar="[C,]H,W",
        help="of one image, where rows of pixels come",
    )
    transform.add_argument(
        "--mode", choices=["L", "RGB"], default="L", help="of a folder (default: L)"
    )
    transform.add_argument(
        "--size",
        type=_size,
        metavar="H,W",
        help="resize the images of a folder",
    )
    transform.add_argument(
        "--names", metavar="FILE", help="default: OUT.names.txt, beside OUT.npy"
    )
    transform.add_argument("--quiet", action="store_true", help="no progress")
    return transform


def _add_info(parts):
    info = parts.add_parser("info", help="versions, devices, sizes", description=_INFO)
    info.set_defaults(pooling=None, batch_size="auto")
    info.add_argument(
        "--shape",
        type=_shape,
        default=(32, 32),
        metavar="[C,]H,W",
        help="of one image (default: 32,32)",
    )
    _add_parameters(info)
    return info


def _add_parameters(parser):
    """Add the parameters of ScatteringTransformer that all commands take."""
    add = parser.add_argument
    add("--J", type=_count, default=2, help="scales (default: 2)")
    add("--L", type=_whole_number, default=8, help="orientations (default: 8)")
    add("--max-order", type=_count, default=2, metavar="M", help="(default: 2)")
    add("--padding", default="reflect", choices=["reflect", "zero", "periodic"])
    add("--frame", default="morlet", choices=["morlet", "contractive", "tight"])
    add("--oversampling", type=_count, default=0, metavar="N", help="(default: 0)")
    add("--engine", default="auto", choices=("auto", "torch", "native", "triton"))
    add("--device", default="auto", help="cpu, cuda, … (default: auto)")


def _whole_number(text):
    """Return a whole number from 1 on."""
    return _number(text, low=1)


def _batch_size(text):
    """Return a whole number from 1 on, or "auto"."""
    return text if text == "auto" else _whole_number(text)


def _count(text):
    """Return a whole number from 0 on."""
    return _number(text, low=0)


def _number(text, *, low):
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if number < low:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {low} on"
        )
    return number


def _whole_numbers(text):
    """Return whole numbers from 1 on, separated by commas."""
    return tuple(_whole_number(part) for part in text.split(","))


def _shape(text):
    """Return the shape of one image, (H, W) or (C, H, W)."""
    shape = _whole_numbers(text)
    if len(shape) not in (2, 3):
        raise argparse.ArgumentTypeError(f"{text!r} is not H,W or C,H,W")
    return shape


def _size(text):
    """Return a height and a width."""
    size = _whole_numbers(text)
    if len(size) != 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not H,W")
    return size


def _names(text):
    """Return names, separated by commas."""
    names = tuple(part.strip() for part in text.split(","))
    if not all(names):
        raise argparse.ArgumentTypeError(f"{text!r} has an empty name")
    return names
