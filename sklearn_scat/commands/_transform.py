"""The command `transform`: images to a file of their coefficients."""

import os
import sys

from threadpoolctl import threadpool_limits

from sklearn_scat._progress import Progress
from sklearn_scat.commands._arguments import (
    batch_size,
    depth,
    shape,
    size,
    whole_number,
)
from sklearn_scat.commands._conversion import open_images, write_features
from sklearn_scat.commands._parameters import add_parameters, transformer

_DESCRIPTION = """\
Write the scattering coefficients of images to OUT.npy (float32, a row an image), as
they are computed, with the names of the features in OUT.names.txt and, for a folder,
those of the images in OUT.files.txt.
"""


def add_transform(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "transform", help="write coefficients of images", description=_DESCRIPTION
    )
    parser.add_argument(
        "input", metavar="INPUT", help="a folder of images, .npy, or IDX (also .gz)"
    )
    parser.add_argument("out", metavar="OUT.npy")
    add_parameters(parser)
    parser.add_argument(
        "--pooling",
        choices=["mean", "moments"],
        help="one value a path, or four (default: maps)",
    )
    parser.add_argument(
        "--batch-size",
        type=batch_size,
        default="auto",
        metavar="N",
        help="images computed at once (default: auto)",
    )
    parser.add_argument(
        "--shape",
        type=shape,
        metavar="[C,]H,W",
        help="of one image, where rows of pixels come",
    )
    _add_reading(parser)
    parser.add_argument(
        "--names", metavar="FILE", help="default: OUT.names.txt, beside OUT.npy"
    )
    parser.add_argument(
        "--cache",
        metavar="DIR",
        help="keep coefficients there, to go on where a run was interrupted",
    )
    parser.add_argument(
        "--jobs",
        type=whole_number,
        metavar="N",
        help="threads that read and compute (default: those of the process)",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.set_defaults(run=transform)
    return parser


def _add_reading(parser):
    """Add how the images of a folder are read."""
    parser.add_argument(
        "--mode",
        choices=["L", "RGB", "all"],
        default="L",
        help="of a folder: grey levels, colours, all bands (default: L)",
    )
    parser.add_argument(
        "--depth",
        type=depth,
        default=8,
        metavar="8|16|float",
        help="of a folder: white at 255, 65535 or 1 (default: 8)",
    )
    parser.add_argument(
        "--size",
        type=size,
        metavar="H,W",
        help="resize the images of a folder",
    )


def transform(arguments):
    """Run it, and return the exit code."""
    if not arguments.out.endswith(".npy"):
        raise ValueError(f"OUT must end in .npy; got {arguments.out}.")
    if os.path.realpath(arguments.out) == os.path.realpath(arguments.input):
        raise ValueError(f"OUT {arguments.out} is the input; give another name.")
    images = open_images(
        arguments.input,
        mode=arguments.mode,
        depth=arguments.depth,
        size=arguments.size,
        n_jobs=arguments.jobs,
    )
    with threadpool_limits(arguments.jobs):
        n_images, n_features = write_features(
            images,
            transformer(arguments, image_shape=arguments.shape),
            arguments.out,
            names=arguments.names,
            progress=(
                None if arguments.quiet else Progress("transform", images.n_images)
            ),
        )
    print(f"{arguments.out}: float32 {n_images}×{n_features}")
    if images.n_passed_over:
        print(
            f"sklearn-scat: passed over {images.n_passed_over} files of "
            f"{arguments.input} with other suffixes than those of images",
            file=sys.stderr,
        )
    return 0
