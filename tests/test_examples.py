"""The examples run and draw; the guide's snippets give what they say."""

import doctest
import runpy
from pathlib import Path

import matplotlib
import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").rglob("plot_*.py"))
# These take most of the time: building the documentation runs them, as it runs all,
# and fails where one fails or draws no label.
LONG = {
    "plot_classifiers",
    "plot_hybrid_digits",
    "plot_layers",
    "plot_learned_filters",
    "plot_personality",
    "plot_questionnaire",
    "plot_reconstruction",
    "plot_segmentation",
    "plot_stability",
}
SHORT = [path for path in EXAMPLES if path.stem not in LONG]
PAGES = sorted(
    page
    for folder in ("docs", "docs/user_guide")
    for page in (ROOT / folder).glob("*.rst")
    if ">>> " in page.read_text(encoding="utf-8")
)


@pytest.fixture
def pyplot(monkeypatch, tmp_path):
    """Matplotlib without a screen, torch on one thread, in an empty folder."""
    import torch

    monkeypatch.chdir(tmp_path)
    backend, threads = matplotlib.get_backend(), torch.get_num_threads()
    matplotlib.use("Agg")
    torch.set_num_threads(1)
    from matplotlib import pyplot

    monkeypatch.setattr(pyplot, "show", lambda: None)
    with torch.random.fork_rng(devices=[]):
        yield pyplot
    pyplot.close("all")
    matplotlib.use(backend)
    torch.set_num_threads(threads)


def test_examples_of_every_section_run_here():
    assert {path.stem for path in EXAMPLES} > LONG
    assert {path.parent for path in SHORT} == {path.parent for path in EXAMPLES}
    assert PAGES


@pytest.mark.parametrize("path", SHORT, ids=lambda path: path.stem)
def test_example_draws_labelled_axes(path, pyplot):
    runpy.run_path(str(path), run_name="__main__")
    figures = [pyplot.figure(number) for number in pyplot.get_fignums()]
    assert figures
    for figure in figures:
        figure.draw_without_rendering()
        labels = [ax.get_xlabel() + ax.get_ylabel() for ax in figure.axes]
        assert any(labels), f"no axis of a figure of {path.name} has a label"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_snippets(path, pyplot):
    failures, tried = doctest.testfile(
        str(path),
        module_relative=False,
        encoding="utf-8",
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
    )
    assert tried
    assert not failures
