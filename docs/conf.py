"""Configuration of Sphinx: ``sphinx-build -W -b html docs docs/_build/html``."""

import inspect
import os
import re
import sys
from functools import cache
from pathlib import Path

import sklearn_scat

sys.path.insert(0, str(Path(__file__).parent))  # gallery_parts is not installed
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
    "myst_parser",
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
    "within_subsection_order": "gallery_parts.reading_order",
    "download_all_examples": False,
    "show_signature": False,
    "show_memory": False,
    "write_computation_times": False,
    "plot_gallery": True,
    "abort_on_example_error": True,
    "capture_repr": (),
    "image_scrapers": ("gallery_parts.scraper",),
    "reset_modules": ("matplotlib",),
}

_WITHOUT_SECTIONS = (
    "index",
    "installation",
    "scikit_learn",
    "kymatio",
    "torch",
    "glossary",
    "references",
    "changes",
    "genindex",
    "search",
)
html_theme = "pydata_sphinx_theme"
html_title = f"sklearn_scat {release}"
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["_static"]
html_favicon = "_static/logo.svg"
html_logo = "_static/logo.svg"
html_context = {"default_mode": "auto"}
html_css_files = ["style.css"]
html_sidebars = {page: [] for page in _WITHOUT_SECTIONS}
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
_BINDER = "https://mybinder.org/v2/gh/sklearn-scat/sklearn_scat/main"
_NEEDS_TORCH = re.compile(r"import torch|ImageClassifier|sklearn_scat\.(nn|inversion)")
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
    place = _place_of_class(value) if inspect.isclass(value) else _place(value)
    if domain != "py" or place is None:
        return None
    file, line = place
    package = Path(sklearn_scat.__file__).parent
    if not file.is_relative_to(package):
        return None
    return f"{_SOURCE}/{file.relative_to(package.parent).as_posix()}#L{line}"


def _place(value):
    """Return the file and the line of a function, method or property."""
    value = inspect.unwrap(getattr(value, "fget", None) or value)
    code = getattr(value, "__code__", None)
    return code and (Path(code.co_filename), code.co_firstlineno)


def _place_of_class(kind):
    """Return the file and the line of a class, whose module is an index."""
    index = getattr(sys.modules.get(kind.__module__), "__file__", None)
    places = _classes().get(kind.__name__, [])
    home = Path(index or os.devnull).parent
    return next((place for place in places if place[0].is_relative_to(home)), None)


@cache
def _classes():
    """Return the files and lines of the package's classes, by name."""
    found = {}
    for file in sorted(Path(sklearn_scat.__file__).parent.rglob("*.py")):
        lines = file.read_text(encoding="utf-8").splitlines()
        for i, text in enumerate(lines, 1):
            if name := re.match(r"class (\w+)", text):
                found.setdefault(name[1], []).append((file, i))
    return found


def add_binder_link(app, docname, source):
    """Say at the end of an example that needs no torch where a browser runs it."""
    example = docname.removeprefix("gallery/")
    file = Path(app.srcdir).parent / "examples" / f"{example}.py"
    if file.is_file() and not _NEEDS_TORCH.search(file.read_text(encoding="utf-8")):
        address = f"{_BINDER}?urlpath=lab/tree/examples/{example}.ipynb"
        source[0] += f"\n`Run it in the browser, on Binder <{address}>`__\n"


def setup(app):
    """Connect the hooks; names are escaped after numpydoc has read them."""
    app.connect("autodoc-skip-member", skip_foreign_members)
    app.connect("source-read", add_binder_link)
    app.connect("autodoc-process-docstring", escape_names, priority=900)
