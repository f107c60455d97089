"""The command `transform`: images to a file of their coefficients."""

import argparse
import os
import sys
from functools import partial

from threadpoolctl import threadpool_limits

from sklearn_scat._progress import Progress
from sklearn_scat.commands._arguments import (
    batch_size,
    depth,
    shape,
    size,
    whole_number,
)
from sklearn_scat.commands._conversion import write_features, write_table
from sklearn_scat.commands._image_file import open_images
from sklearn_scat.commands._parameters import add_parameters, transformer
from sklearn_scat.commands._zarr import dask_client, write_zarr

_DESCRIPTION = """\
Write the scattering coefficients of images, as they are computed. To OUT.npy (float32,
a row an image), with the names of the features in OUT.names.txt and, for a folder,
those of the images in OUT.files.txt; or to a table, OUT.csv or OUT.parquet, with these
names in its first row and column; or to an array of zarr, which is gone on with where
an earlier run was ended, by one process, several, or the workers of dask.
"""


def add_transform(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "transform", help="write coefficients of images", description=_DESCRIPTION
    )
    parser.add_argument(
        "input",
        metavar="INPUT",
        help="a folder of images, .npy, HDF5, zarr, or IDX (also .gz)",
    )
    _add_out(parser)
    add_parameters(parser)
    parser.add_argument(
        "--pooling",
        choices=["mean", "moments"],
        help="one value a path, or four (default: maps)",
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
    _add_computing(parser)
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.set_defaults(run=transform)
    return parser


class _Instead(argparse.Action):
    """Take an option in the place of a positional argument, its `const`."""

    def __call__(self, parser, namespace, values, *option):
        self.const.required = False
        setattr(namespace, self.dest, values)


def _add_out(parser):
    """Add where coefficients go."""
    out = parser.add_argument(
        "out", metavar="OUT", help="OUT.npy, OUT.csv or OUT.parquet"
    )
    for name, metavar, text in (
        ("--out", "OUT", "the same as OUT"),
        ("--zarr", "OUT.zarr", "instead of OUT: an array of zarr"),
    ):
        dest = f"{name[2:]}_instead"
        parser.add_argument(
            name, dest=dest, metavar=metavar, help=text, action=_Instead, const=out
        )


def _add_computing(parser):
    """Add how, and by whom, coefficients are computed."""
    parser.add_argument(
        "--batch-size",
        type=batch_size,
        default="auto",
        metavar="N",
        help="images computed at once (default: auto)",
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
    parser.add_argument(
        "--workers",
        type=whole_number,
        default=1,
        metavar="N",
        help="with --zarr: processes of dask on this machine (default: 1, no dask)",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="with --zarr: of dask, whose workers compute, as tcp://node1:8786",
    )
    parser.add_argument(
        "--chunk",
        type=whole_number,
        metavar="N",
        help="with --zarr: images a chunk (default: 32 MB of coefficients)",
    )


def _add_reading(parser):
    """Add how images are read."""
    parser.add_argument(
        "--dataset",
        metavar="NAME",
        help="of HDF5 and zarr: the array (default: its one)",
    )
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
    given = [arguments.out, arguments.out_instead, arguments.zarr_instead]
    if sum(name is not None for name in given) > 1:
        raise ValueError("OUT, --out and --zarr: give one of them.")
    out = next(filter(None, given), "")
    write = _writer(arguments, out)
    if os.path.realpath(out) == os.path.realpath(arguments.input):
        raise ValueError(f"OUT {out} is the input; give another name.")
    images = open_images(
        arguments.input,
        mode=arguments.mode,
        depth=arguments.depth,
        size=arguments.size,
        dataset=arguments.dataset,
        n_jobs=arguments.jobs,
    )
    model = transformer(arguments, image_shape=arguments.shape)
    progress = None if arguments.quiet else Progress("transform", images.n_images)
    with threadpool_limits(arguments.jobs):
        n_images, n_features = write(images, model, out, progress=progress)
    print(f"{out}: float32 {n_images}×{n_features}")
    if images.n_passed_over:
        print(
            f"sklearn-scat: passed over {images.n_passed_over} files of "
            f"{arguments.input} with other suffixes than those of images",
            file=sys.stderr,
        )
    return 0


def _writer(arguments, out):
    """Return the function that writes an output of this kind."""
    if arguments.zarr_instead:
        return partial(_write_zarr, arguments=arguments)
    if arguments.scheduler or arguments.workers > 1 or arguments.chunk:
        raise ValueError("--workers, --scheduler and --chunk go with --zarr OUT.zarr.")
    if out.endswith((".csv", ".parquet")):
        if arguments.names:
            raise ValueError("--names goes with OUT.npy and --zarr; a table has them.")
        return write_table
    if not out.endswith(".npy"):
        raise ValueError(f"OUT must end in .npy, .csv or .parquet; got {out}.")
    return partial(write_features, names=arguments.names)


def _write_zarr(images, transformer, out, *, arguments, progress):
    """Write an array of zarr, by whom the arguments ask for."""
    try:
        with dask_client(arguments.scheduler, n_workers=arguments.workers) as client:
            return write_zarr(
                images,
                transformer,
                out,
                client=client,
                chunk=arguments.chunk,
                names=arguments.names,
                progress=progress,
            )
    except KeyboardInterrupt:
        text = f"interrupted: the same command goes on with {out}"
        raise KeyboardInterrupt(text) from None
