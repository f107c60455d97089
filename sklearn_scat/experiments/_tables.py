"""Tables as HTML."""

from html import escape


def table_html(header, rows, *, kind="numbers"):
    """Return an HTML table; cells are escaped, the first of a row is its heading.

    Parameters
    ----------
    header : list of str
        Headings of the columns.
    rows : list of list of str or (str, str)
        Cells; a pair is a text and its CSS class.
    kind : {"numbers", "text"}, default="numbers"
        How cells are aligned.

    Returns
    -------
    html : str

    Examples
    --------
    >>> from sklearn_scat.experiments import table_html
    >>> "<th scope='row'>a&lt;b</th><td>1</td>" in table_html(["", "n"], [["a<b", "1"]])
    True
    """
    head = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in header)
    body = "\n".join(
        f"<tr><th scope='row'>{escape(first)}</th>{''.join(map(_cell, rest))}</tr>"
        for first, *rest in rows
    )
    return (
        f"<div class='wide'><table class='{kind}'><thead><tr>{head}</tr></thead>"
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _cell(cell):
    text, css = cell if isinstance(cell, tuple) else (cell, "")
    attribute = f" class='{css}'" if css else ""
    return f"<td{attribute}>{escape(text)}</td>"
