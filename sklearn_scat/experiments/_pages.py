"""Pages and tables of reports, from templates that escape whatever is put in."""

from functools import cache
from typing import Any, Literal, NamedTuple

from markupsafe import Markup


class Section(NamedTuple):
    """A part of a page.

    Attributes
    ----------
    content : Markup
        Empty, and there is no section.
    heading : str
        Above it, or "".
    """

    content: Markup
    heading: str = ""

    def __bool__(self):
        """Tell whether there is something in it."""
        return bool(self.content)


def page_html(title, sections, *, footer):
    """Return a page that needs nothing beside it.

    Parameters
    ----------
    title : str
        Escaped, as all text is that is no Markup.
    sections : list of Section
        Empty ones are left out.
    footer : Markup
        Below them.

    Returns
    -------
    html : str
    """
    page = _templates().get_template("page.html")
    return page.render(title=title, sections=sections, footer=footer) + "\n"


def table_html(
    header: list[str], rows: Any, *, kind: Literal["numbers", "text"] = "numbers"
) -> Markup:
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
    html : Markup

    Examples
    --------
    >>> from sklearn_scat.experiments import table_html
    >>> "<th scope='row'>a&lt;b</th><td>1</td>" in table_html(["", "n"], [["a<b", "1"]])
    True
    """
    cells = [(first, [_with_class(cell) for cell in rest]) for first, *rest in rows]
    table = _templates().get_template("table.html")
    return Markup(table.render(header=header, rows=cells, kind=kind))


def joined(parts):
    """Return what there is of several pieces of a page, one below the other."""
    return Markup("\n").join(part for part in parts if part)


def _with_class(cell):
    return cell if isinstance(cell, tuple) else (cell, "")


@cache
def _templates():
    """Return the templates of this package, which escape what is no Markup."""
    from jinja2 import Environment, PackageLoader

    loader = PackageLoader("sklearn_scat.experiments")
    return Environment(loader=loader, autoescape=True, trim_blocks=True)
