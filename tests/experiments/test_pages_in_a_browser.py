"""Reports in a browser: nothing is loaded or complained of, nothing sticks out."""

import json
import shutil

import numpy as np
import pytest
from markupsafe import Markup

from sklearn_scat import ScatteringClassifier, ScatteringTransformer
from sklearn_scat.attribution import explain
from sklearn_scat.datasets import load_digits_images
from sklearn_scat.experiments import (
    Explanation,
    explanation_html,
    path_map_svg,
    trained,
    training_html,
    training_json,
)
from sklearn_scat.experiments._pages import Section, page_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


# the words of pictures that reach past them
CUT = """[...document.querySelectorAll("svg text")].filter(text => {
    const own = text.getBoundingClientRect();
    const picture = text.ownerSVGElement.getBoundingClientRect();
    return own.width && (own.right > picture.right + 1 || own.left < picture.left - 1);
}).map(text => text.textContent)"""


@pytest.fixture(scope="module")
def training():
    X, y = load_digits_images(return_X_y=True)
    images, labels = X[:40].reshape(-1, 32, 32), np.array([f"<{c}>" for c in y[:40]])
    classifier = ScatteringClassifier("scat_linear", n_folds=2).fit(images, labels)
    names = [f"a & b/{i}.png" for i in range(40)]
    return classifier, trained(
        classifier,
        images,
        labels,
        names=names,
        title="digits <script>alert(1)</script>",
        notes=["left aside: 1 (b.txt)"],
    )


@pytest.fixture(scope="module")
def pages(training):
    classifier, found = training
    images = found.images[:3]
    explanation = Explanation(
        title="why",
        names=found.names[:3],
        images=images,
        attribution=explain(classifier, images),
        probabilities=classifier.predict_proba(images).max(axis=1),
        value_range=classifier.pixel_range_,
        unread=[],
    )
    return {
        "training": training_html(found),
        "explanation": explanation_html(explanation),
        "weights": weights_html(),
    }


def weights_html():
    """Return a page with the weights of few scales and orientations alone."""
    paths = ScatteringTransformer(J=2, L=2).fit(np.zeros((1, 16, 16))).paths_
    rows = [[p[name] for name in ("j1", "theta1", "j2", "theta2")] for p in paths]
    svg = path_map_svg(rows, np.ones(len(rows)), label="Weights")
    return page_html("weights", [Section(svg)], footer=Markup(""))


def test_pages_refer_to_nothing_outside(pages):
    for page in pages.values():
        assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
        assert "<script" not in page


def test_the_page_shows_what_the_folds_said(training):
    classifier, found = training
    said = json.loads(json.dumps(training_json(found)))
    predicted = classifier.classes_[classifier.held_out_proba_.argmax(axis=1)]
    truth = found.judgement.truth
    wrong = predicted != classifier.classes_[truth]
    assert len(said["mistakes"]) == wrong.sum() > 0
    assert sum(map(sum, said["confusion"])) == 40
    assert said["accuracy"] == pytest.approx(1 - wrong.mean())
    for mistake in said["mistakes"][:12]:
        assert len(mistake["neighbors"]) == 3
        assert mistake["file"] not in mistake["neighbors"]
    assert len(said["typical"]) == len(said["doubtful"]) == 10
    assert sum(n for _, _, n in said["reliability"]) == 40


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield started
        started.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["training", "explanation", "weights"])
def test_nothing_is_requested_or_complained_of(name, scheme, pages, browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(pages[name], encoding="utf-8")
    requests, complaints = [], []
    page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    width = page.evaluate("document.documentElement.scrollWidth")
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color,"
        " getComputedStyle(document.body).backgroundColor]"
    )
    cut = page.evaluate(CUT)
    page.close()
    assert cut == []
    outside = [url for url in requests if not url.startswith(("file:", "data:"))]
    assert outside == complaints == []
    assert len([url for url in requests if url.startswith("file:")]) == 1
    assert width <= 390  # a phone need not be scrolled sideways
    assert (_lightness(ink) < _lightness(paper)) == (scheme == "light")


def _lightness(color):
    return sum(map(float, color[color.index("(") + 1 : -1].split(",")[:3]))
