"""The command `organise`: a table in an order in which it is smooth."""

import json
from pathlib import Path

import numpy as np

from sklearn_scat._whole_files import whole_file, write_text
from sklearn_scat.commands._csv_matrix import read_table

_DESCRIPTION = """\
Put the rows and columns of a table in an order in which it is smooth. Writes
FILE.organised.csv, the same table reordered; FILE.trees.json, the trees on its rows and
columns; and FILE.organised.png, the table before and after. Labels in the first line
and column are kept; empty cells, NA and ? are missing answers.
"""


def add_organise(parts):
    """Add the command to the parser.

    Parameters
    ----------
    parts : argparse action
        The parts of a parser.

    Returns
    -------
    parser : argparse.ArgumentParser
        The command's own.
    """
    parser = parts.add_parser(
        "organise", help="reorder a table of answers", description=_DESCRIPTION
    )
    add = parser.add_argument
    add("input", metavar="FILE.csv", help="numbers, separated by commas, ; or tabs")
    add("--out", metavar="NAME", help="begin the files' names so (default: FILE)")
    add("--header", default="auto", choices=["auto", "yes", "no"], help="first line")
    add("--labels", default="auto", choices=["auto", "yes", "no"], help="first column")
    add("--tree", default="flexible", choices=["flexible", "binary", "average"])
    add("--init", default="cosine", choices=["cosine", "gaussian"])
    affinities = ["tree", "correlation", "absolute_correlation"]
    add("--row-affinity", default="tree", choices=affinities, help="compare rows by")
    add("--column-affinity", default="tree", choices=affinities, help="and columns")
    add("--standardize", choices=["rows", "columns"], help="to variance 1 first")
    add("--quiet", action="store_true", help="no progress")
    parser.set_defaults(run=organise)
    return parser


def organise(arguments):
    """Run it, and return the exit code."""
    files, questionnaire = organise_file(
        arguments.input,
        out=arguments.out,
        header=arguments.header,
        labels=arguments.labels,
        tree=arguments.tree,
        init=arguments.init,
        row_affinity=arguments.row_affinity,
        column_affinity=arguments.column_affinity,
        standardize=arguments.standardize,
        verbose=not arguments.quiet,
    )
    n_rows, n_columns = questionnaire.coef_.shape
    print(f"{n_rows}×{n_columns}, ℓ1 entropy {questionnaire.entropy_:.1f}")
    print(f"written: {', '.join(map(str, files))}")
    return 0


def organise_file(path, *, out=None, header="auto", labels="auto", **parameters):
    r"""Organise a table of answers, and write the result beside it.

    Parameters
    ----------
    path : path-like
        The table (:func:`read_table`).
    out : path-like, default=None
        What the names of the files begin with; None takes `path` without its suffix.
    header, labels : {"auto", "yes", "no"}, default="auto"
        Whether the first line, and the first column, hold labels.
    **parameters : dict
        Of :class:`sklearn_scat.Questionnaire`.

    Returns
    -------
    files : list of pathlib.Path
        The table, the trees and the picture.
    questionnaire : Questionnaire
        Fitted.

    Raises
    ------
    OSError
        If a file cannot be read or written.
    ValueError
        If the table is none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_scat.commands._organise import organise_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "answers.csv"
    ...     _ = file.write_text("1,0,1\n0,1,0\n1,0,1\n")
    ...     files, _ = organise_file(file)
    >>> [file.name for file in files]
    ['answers.organised.csv', 'answers.trees.json', 'answers.organised.png']
    """
    from sklearn_scat.questionnaire import Questionnaire

    path = Path(path)
    begin = str(path.with_suffix("") if out is None else out)
    files = [
        Path(begin + end) for end in (".organised.csv", ".trees.json", ".organised.png")
    ]
    table = read_table(path, header=header, labels=labels)
    questionnaire = Questionnaire(missing="ignore", **parameters).fit(table.values)
    with whole_file(files[0]) as partial:
        table.write(partial, questionnaire.row_order_, questionnaire.column_order_)
    write_text(files[1], _trees_json(table, questionnaire))
    with whole_file(files[2]) as partial:
        _draw(table, questionnaire, partial)
    return files, questionnaire


def _trees_json(table, questionnaire):
    """Return both trees as text.

    Each has the labels in order, and for each level the folder of every row, or column,
    in that order, counted from 0.
    """
    trees = {
        "rows": (questionnaire.row_tree_, table.row_labels),
        "columns": (questionnaire.column_tree_, table.column_labels),
    }
    content = {
        name: {
            "order": tree.order.tolist(),
            "labels": None if labels is None else [labels[i] for i in tree.order],
            "levels": tree.partitions[:, tree.order].tolist(),
        }
        for name, (tree, labels) in trees.items()
    }
    content["entropy"] = questionnaire.entropy_
    return json.dumps(content, ensure_ascii=False) + "\n"


def _draw(table, questionnaire, path):
    from matplotlib import pyplot

    from sklearn_scat.displays import MatrixDisplay

    display = MatrixDisplay(
        np.ma.masked_invalid(table.values),
        questionnaire.row_tree_,
        questionnaire.column_tree_,
        row_names=table.row_labels,
        column_names=table.column_labels,
    ).plot()
    display.figure_.savefig(path, format="png", dpi=150)
    pyplot.close(display.figure_)
