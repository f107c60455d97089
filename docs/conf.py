"""Configuration of Sphinx: ``sphinx-build -W -b html docs docs/_build/html``."""

import inspect
import os
import re
import sys
from pathlib import Path

import sklearn_scat

os.environ.setdefault("MPLBACKEND", "Agg")

project = "sklearn_scat"
author = "The sklearn_scat developers"
copyright = "the sklearn_scat developers"
version = release = sklearn_scat.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.linkcode",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx-mathjax-offline",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = [
    "_build",
    "gallery/**/GALLERY_HEADER.rst",
    "gallery/GALLERY_HEADER.rst",
]
default_role = "literal"

# Other projects' inventories are fetched while the docs are built, so that a machine
# without a network builds them too, with plain names in the place of links.
intersphinx_mapping = (
    {
        "numpy": ("https://numpy.org/doc/stable", None),
        "scipy": ("https://docs.scipy.org/doc/scipy", None),
        "sklearn": ("https://scikit-learn.org/stable", None),
        "skorch": ("https://skorch.readthedocs.io/en/stable", None),
        "torch": ("https://docs.pytorch.org/docs/stable", None),
    }
    if os.environ.get("SKLEARN_SCAT_DOCS_LINKS") == "on"
    else {}
)
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("sklearn_scat",),
    "reference_url": {"sklearn_scat": None},
    "subsection_order": [
        f"../examples/{section}"
        for section in ("first_steps", "images", "networks", "measurements", "orders")
    ],
    "within_subsection_order": "ExampleTitleSortKey",
    "download_all_examples": False,
    "show_signature": False,
    "show_memory": False,
    "write_computation_times": False,
    "plot_gallery": True,
    "abort_on_example_error": True,
    "capture_repr": (),
    "image_scrapers": ("matplotlib",),
    "reset_modules": ("matplotlib",),
}

html_theme = "pydata_sphinx_theme"
html_title = f"sklearn_scat {release}"
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["_static"]
html_favicon = "_static/logo.svg"
html_logo = "_static/logo.svg"
html_css_files = ["style.css"]
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
    "logo": {"text": "sklearn_scat"},
    "icon_links": [
        {
            "name": "Source",
            "url": "https://github.com/sklearn-scat/sklearn_scat",
            "icon": "fa-brands fa-github",
        },
    ],
}

_REFERENCE = re.compile(
    r"""(?P<keep> ``[^`]+`` | `[^`]*`                   # quoted, or a formula
               | ^(\ *)\.\. .*\n (?:(?:\2\ .*)?\n)*   # a directive with its content
               | ^\ *>>> .*\n (?:.*\S.*\n)* )           # a snippet
      | \b(?P<attribute>\w+_)(?!\w)
      | \|(?P<modulus>\w+)\|""",
    re.VERBOSE | re.MULTILINE,
)
_SOURCE = "https://github.com/sklearn-scat/sklearn_scat/blob/main"
_FOREIGN = re.compile(r"set_\w+_request|get_metadata_routing")


def skip_foreign_members(app, what, name, obj, skip, options):
    """Leave out what estimators and modules inherit from other packages."""
    module = getattr(obj, "__module__", None) or ""
    inherited = callable(obj) and not module.startswith("sklearn_scat")
    return skip or inherited or bool(_FOREIGN.fullmatch(name))


def escape_names(app, what, name, obj, options, lines):
    """Escape ``mean_`` and ``|V|``, which reStructuredText takes for references."""
    lines[:] = _REFERENCE.sub(_escape, "\n".join([*lines, ""])).split("\n")


def _escape(match):
    if match["keep"]:
        return match["keep"]
    if match["attribute"]:
        return match["attribute"][:-1] + r"\_"
    return rf"\|{match['modulus']}\|"


def linkcode_resolve(domain, info):
    """Return the address of an object's source, or None where it has none."""
    value = sys.modules.get(info["module"])
    for name in info["fullname"].split("."):
        value = getattr(value, name, None)
    code = _code(value)
    if domain != "py" or code is None:
        return None
    package = Path(sklearn_scat.__file__).parent
    file = Path(code.co_filename)
    if not file.is_relative_to(package):
        return None
    line = code.co_firstlineno if inspect.isfunction(value) else _line(value, file)
    return f"{_SOURCE}/{file.relative_to(package.parent).as_posix()}#L{line}"


def _code(value):
    """Return the code of a function, or that of a method written in a class."""
    value = inspect.unwrap(value) if callable(value) else value
    if inspect.isclass(value):
        codes = [getattr(inspect.unwrap(v), "__code__", None) for v in _methods(value)]
        return next((c for c in codes if c and c.co_filename[0] != "<"), None)
    return getattr(value, "__code__", None)


def _methods(value):
    """Return the functions of a class, which tell its file: its module is an index."""
    parts = [getattr(part, "fget", part) for part in vars(value).values()]
    return [getattr(part, "__func__", part) for part in parts if part is not None]


def _line(value, file):
    """Return the line on which a class begins."""
    lines = file.read_text(encoding="utf-8").splitlines()
    name = re.compile(rf"class {value.__name__}\b")
    return next((i for i, text in enumerate(lines, 1) if name.match(text)), 1)


def setup(app):
    """Connect the hooks; names are escaped after numpydoc has read them."""
    app.connect("autodoc-skip-member", skip_foreign_members)
    app.connect("autodoc-process-docstring", escape_names, priority=900)
