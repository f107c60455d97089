"""The gallery runs all examples; it stops at a figure that says nothing."""

import importlib.util
from pathlib import Path

import pytest
from matplotlib.figure import Figure

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def gallery_parts():
    pytest.importorskip("sphinx_gallery", reason="the extra docs is not installed")
    file = ROOT / "docs" / "gallery_parts.py"
    spec = importlib.util.spec_from_file_location("gallery_parts", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_has_its_place(gallery_parts):
    names = [path.name for path in (ROOT / "examples").rglob("plot_*.py")]
    assert sorted(gallery_parts.ORDER) == sorted(names)


def test_figure_without_labels_ends_the_build(gallery_parts):
    figure = Figure()
    figure.subplots(2)[1].set_xlabel("scale")
    gallery_parts.check_labelled(figure, "plot_some.py")
    with pytest.raises(ValueError, match="no axis of a figure"):
        gallery_parts.check_labelled(Figure(), "plot_some.py")
