"""The command `analyse`: what the steps of a classifier do with images."""

import sys

from sklearn_scat._whole_files import whole_file
from sklearn_scat.commands._arguments import whole_number

_DESCRIPTION = """\
Fit a classifier on images of a data set and measure what its steps do with others: do
they contract, separate, how complex is the boundary, how many dimensions, how stable,
how far may an image move? Writes one HTML page.
"""


def add_analyse(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "analyse", help="measure what a classifier's steps do", description=_DESCRIPTION
    )
    parser.add_argument("case", metavar="CASE", help="digits, or your own module:CASE")
    parser.add_argument(
        "--recipe",
        "--method",
        default="scattering",
        metavar="NAME",
        help="a recipe, or your own as module:function (default: scattering)",
    )
    for name, number in (("train", 300), ("test", 200)):
        parser.add_argument(
            f"--{name}",
            type=whole_number,
            default=number,
            metavar="N",
            help=f"images (default: {number})",
        )
    parser.add_argument("--data", metavar="DIR", help="where the data set's files are")
    parser.add_argument("--out", metavar="FILE", help="default: analysis-CASE.html")
    parser.set_defaults(run=analyse)
    return parser


def analyse(arguments):
    """Run it, and return the exit code."""
    from sklearn_scat.experiments import analyse_case, analysis_html, find_case

    case = find_case(arguments.case)
    found = analyse_case(
        case,
        recipe=arguments.recipe,
        n_train=arguments.train,
        n_test=arguments.test,
        data_home=arguments.data,
    )
    out = arguments.out or f"analysis-{case.name}.html"
    with whole_file(out) as partial:
        partial.write_text(analysis_html(found), encoding="utf-8")
    print(f"accuracy {found.accuracy:.3f}; layers: {', '.join(found.layers)}")
    print(f"written: {out}")
    for note in found.notes:
        print(f"sklearn-scat: {note}", file=sys.stderr)
    return 0
