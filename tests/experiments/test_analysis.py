"""The command that measures, and its page."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_scat import ScatteringTransformer
from sklearn_scat.__main__ import main
from sklearn_scat.experiments import Case, ImageSet, analyse_case, analysis_html


def load(data_home):
    rng = np.random.default_rng(0)
    target = np.array(list("ab")).repeat(40)
    return ImageSet(
        rng.normal(size=(80, 8, 8)) + (target == "a")[:, None, None], target
    )


def linear(image_shape, n_per_class, random_state):
    scattering = ScatteringTransformer(J=1, L=4, frame="contractive")
    return make_pipeline(scattering, StandardScaler(), RidgeClassifier())


def curved(image_shape, n_per_class, random_state):
    return make_pipeline(StandardScaler(), SVC())


CASE = Case("toy", "Two blobs", load, (4, 8), 4, ())


@pytest.fixture(scope="module")
def found():
    module = f"{__name__}:linear"
    with pytest.MonkeyPatch.context() as patch:
        import sys

        patch.setitem(sys.modules, __name__, sys.modules.get(__name__) or _module())
        return analyse_case(CASE, recipe=module, n_train=40, n_test=40)


def _module():
    """This file as a module, for recipes that are asked for by name."""
    from types import SimpleNamespace

    return SimpleNamespace(linear=linear, curved=curved)


def test_analysis_measures_every_layer(found):
    assert found.layers == ("pixels", "scatteringtransformer", "standardscaler")
    for name in ("contraction", "separation", "support", "dimension", "stability"):
        assert found.results[name].layers == found.layers
    assert found.results["stability"].R[0, 0] == pytest.approx(1)
    assert found.accuracy > 0.9
    assert not found.notes


def test_analysis_attacks_nothing_below_its_certificate(found):
    norm = found.results["attack"].norm
    assert np.all(norm >= found.results["certificate"].radius[: len(norm)])


def test_page_is_whole_and_refers_to_nothing_outside(found):
    page = analysis_html(found)
    assert page.count("<svg") == 6
    assert "0 attacks succeeded below" in page
    assert "src=" not in page
    start, end = page.index("<svg"), page.index("</svg>") + 6
    ElementTree.fromstring(page[start:end])


def test_curved_classifier_is_measured_without_a_certificate(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, __name__, _module())
    found = analyse_case(CASE, recipe=f"{__name__}:curved", n_train=40, n_test=40)
    assert "certificate" not in found.results
    assert any("no linear classifier" in note for note in found.notes)
    assert "No certificate" in analysis_html(found)


def test_too_few_images_are_an_error():
    with pytest.raises(ValueError, match="ask for fewer"):
        analyse_case(CASE, recipe="pixels", n_train=60, n_test=40)


def test_command_writes_the_page(tmp_path, capsys):
    out = tmp_path / "page.html"
    arguments = ["analyse", "digits", "--method", "pixels", "--out", str(out)]
    assert main([*arguments, "--train", "60", "--test", "50"]) == 0
    assert "layers: pixels, scaler, rotation" in capsys.readouterr().out
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
