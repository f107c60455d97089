"""Configuration of Sphinx: ``sphinx-build -W -b html docs docs/_build/html``."""

import os
import re

import sklearn_scat

os.environ.setdefault("MPLBACKEND", "Agg")

project = "sklearn_scat"
author = "The sklearn_scat developers"
copyright = "the sklearn_scat developers"
version = release = sklearn_scat.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "gallery/GALLERY_HEADER.rst"]
default_role = "literal"

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
html_css_files = ["style.css"]
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
}

_REFERENCE = re.compile(
    r"""(?P<keep> ``[^`]+`` | `[^`]*`                   # quoted, or a formula
               | ^(\ *)\.\. .*\n (?:(?:\2\ .*)?\n)*   # a directive with its content
               | ^\ *>>> .*\n (?:.*\S.*\n)* )           # a snippet
      | \b(?P<attribute>\w+_)(?!\w)
      | \|(?P<modulus>\w+)\|""",
    re.VERBOSE | re.MULTILINE,
)
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


def setup(app):
    """Connect the hooks; names are escaped after numpydoc has read them."""
    app.connect("autodoc-skip-member", skip_foreign_members)
    app.connect("autodoc-process-docstring", escape_names, priority=900)
