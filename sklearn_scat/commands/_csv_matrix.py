"""Tables of answers in text files, with or without labels."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}
_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, eq=False)
class LabelledTable:
    """Numbers with the text that they came as, and labels.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        The numbers; NaN where a cell is missing.
    cells : list of list of str
        The same as text.
    row_labels, column_labels : list of str or None
        None where the file has none.
    corner : str
        The cell above the labels of rows and left of those of columns.
    separator : str
        What stands between cells.
    """

    values: np.ndarray
    cells: list
    row_labels: list | None
    column_labels: list | None
    corner: str
    separator: str

    def write(self, path, rows, columns):
        """Write the table with its rows and columns in another order.

        Parameters
        ----------
        path : path-like
            The file.
        rows, columns : sequence of int
            The orders.
        """
        lines = [[self.cells[i][j] for j in columns] for i in rows]
        if self.row_labels is not None:
            labels = [self.row_labels[i] for i in rows]
            lines = [[a, *line] for a, line in zip(labels, lines, strict=True)]
        if self.column_labels is not None:
            header = [self.column_labels[j] for j in columns]
            corner = [] if self.row_labels is None else [self.corner]
            lines.insert(0, [*corner, *header])
        with open(path, "w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=self.separator, lineterminator="\n").writerows(
                lines
            )


def read_table(path, *, header="auto", labels="auto"):
    r"""Read a table of numbers.

    Parameters
    ----------
    path : path-like
        A text file, UTF-8; cells are separated by commas, semicolons or tabs, whichever
        is the most frequent in its first line.
    header : {"auto", "yes", "no"}, default="auto"
        Whether the first line holds the labels of columns; "auto" takes it for such if
        any of its cells, from the second on, is no number.
    labels : {"auto", "yes", "no"}, default="auto"
        Whether the first column holds the labels of rows; "auto" takes it for such if
        any of its cells, from the second on, is no number.

    Returns
    -------
    table : LabelledTable
        The numbers and labels.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is no table of numbers: the line and column are told.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_scat.commands._csv_matrix import read_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "answers.csv"
    ...     _ = file.write_text("who,q1,q2\nAda,1,0\nBo,,1\n")
    ...     table = read_table(file)
    >>> table.row_labels, table.column_labels, table.values.tolist()
    (['Ada', 'Bo'], ['q1', 'q2'], [[1.0, 0.0], [nan, 1.0]])
    """
    path = Path(path)
    lines, separator = _read_lines(path)
    width = len(lines[0][1])
    for number, line in lines:
        if len(line) != width:
            raise ValueError(
                f"{path}, line {number}: {len(line)} cells, but line {lines[0][0]} has "
                f"{width}."
            )
    has_header = _decide(header, lines[0][1][1:])
    first_column = [line[0] for _, line in lines[1:]]
    has_labels = _decide(labels, first_column)
    body = lines[1:] if has_header else lines
    cells = [line[1:] if has_labels else line for _, line in body]
    if not cells or not cells[0]:
        raise ValueError(
            f"{path}: no cells are left beside the labels (header: {has_header}, "
            f"labels of rows: {has_labels})."
        )
    values = np.array(
        [
            [
                _number(cell, f"{path}, line {number}, answer {j}")
                for j, cell in enumerate(line, 1)
            ]
            for (number, _), line in zip(body, cells, strict=True)
        ]
    )
    column_labels = lines[0][1][has_labels:] if has_header else None
    return LabelledTable(
        values,
        cells,
        [line[0] for _, line in body] if has_labels else None,
        column_labels,
        lines[0][1][0] if has_header and has_labels else "",
        separator,
    )


def _read_lines(path):
    """Return the lines that are not empty, with their numbers, and the separator."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8: {error.reason}.") from None
    if "\0" in text:
        raise ValueError(f"{path} holds bytes that are no text.")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    try:
        lines = [
            (reader.line_num, [c.strip() for c in line]) for line in reader if line
        ]
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}.") from None
    lines = [(number, line) for number, line in lines if line != [""]]
    if not lines:
        raise ValueError(f"{path} is empty.")
    return lines, separator


def _decide(wish, cells):
    if wish != "auto":
        return wish == "yes"
    return any(cell.lower() not in _MISSING and not _is_number(cell) for cell in cells)


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell, place):
    """Return the number in a cell, NaN if it is missing."""
    if cell.lower() in _MISSING:
        return math.nan
    if not _is_number(cell) or math.isinf(float(cell)):
        raise ValueError(f"{place}: {cell!r} is no finite number.")
    return float(cell)
