"""The command that measures, and its page."""
# Needs torch: attacks are measured.

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from sklearn_scat import ScatteringTransformer, save
from sklearn_scat.__main__ import main
from sklearn_scat.experiments import (
    Case,
    ImageSet,
    analyse,
    analyse_case,
    analysis_html,
)
from sklearn_scat.experiments._measurements import control, measure


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
    measured = {"contraction", "separation", "support", "dimension", "stability"}
    assert set(found.controls) | {"stability"} >= measured
    for name in measured:
        assert found.results[name].layers == found.layers
    assert found.results["stability"].R[0, 0] == pytest.approx(1)
    assert found.accuracy > 0.9
    assert not found.notes
    assert found.pixel_range > 1
    assert len(found.results["random_labels"].test_accuracy) == 3


def test_controls_find_nothing(found):
    results, controls = found.results, found.controls
    assert np.all(results["contraction"].ratio < controls["contraction"].ratio)
    assert np.all(abs(controls["contraction"].ratio - 1) < 0.1)
    assert np.all(results["support"].area < controls["support"].area)
    assert np.all(results["variability"].share > controls["variability"].share)
    assert np.all(results["accuracy"].svm > controls["accuracy"].svm)


def test_control_of_the_dimension_has_unrelated_features():
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(8, 2)))[0].T
    F = {"plane": rng.normal(size=(200, 2)) @ turn}
    y = np.arange(200) % 2
    assert measure(F, y)["dimension"].dimension < 2.5
    assert control(F, y)["dimension"].dimension > 4


def test_isometries_leave_every_measurement_unchanged():
    """A step that turns the pixels, into more dimensions and another unit."""
    rng = np.random.default_rng(0)
    data = load(None)
    X, y = data.images.reshape(80, -1), data.target
    turn = np.linalg.qr(rng.normal(size=(70, 64)))[0].T

    def turned(X):
        return 30 * X @ turn + 5

    model = make_pipeline(FunctionTransformer(turned), RidgeClassifier()).fit(X, y)
    found = analyse(model, X, y, image_shape=(8, 8))
    compared = 0
    for group in (found.results, found.controls):
        for name, result in group.items():
            if name in ("attack", "certificate") or (
                name == "dimension" and group is found.controls
            ):  # single features are not those of the turned layer
                continue
            for quantity in (*result.headline, *MORE.get(name, ())):
                pixels, after = np.asarray(getattr(result, quantity))
                np.testing.assert_allclose(after, pixels, rtol=1e-6, err_msg=name)
                compared += 1
    assert compared > 15


MORE = {
    "contraction": ("within", "between", "effective_dimension"),
    "support": ("size",),
    "stability": ("D",),
}


def test_rotations_to_principal_axes_change_next_to_nothing():
    data = load(None)
    X, y = data.images.reshape(80, -1), data.target
    model = make_pipeline(PCA(), RidgeClassifier()).fit(X[:70], y[:70])
    ratio = analyse(model, X, y, image_shape=(8, 8)).results["contraction"].ratio
    assert ratio[1] == pytest.approx(ratio[0], rel=1e-6)


def test_own_images_come_in_the_shape_that_the_model_takes():
    data = load(None)
    model = linear(None, 0, 0).fit(data.images[:60], data.target[:60])
    told = []
    found = analyse(
        model, data.images[20:], data.target[20:], progress=lambda *at: told.append(at)
    )
    assert found.layers[0] == "pixels" and "stability" in found.results
    assert "random_labels" not in found.results and found.n_train == 0
    assert [done for done, _ in told] == list(range(7))
    assert "What a classifier does" in analysis_html(found)


def test_rows_of_unknown_shape_are_not_deformed():
    data = load(None)
    X, y = data.images.reshape(80, -1), data.target
    found = analyse(curved(None, 0, 0).fit(X, y), X, y)
    assert "stability" not in found.results
    assert any("pass image_shape" in note for note in found.notes)


def test_too_few_images_to_measure_are_refused():
    with pytest.raises(ValueError, match="5 images are too few"):
        analyse(None, np.zeros((5, 4)), np.zeros(5))


def test_solvers_that_do_not_converge_are_a_note_not_a_warning(monkeypatch, recwarn):
    import sys

    def hasty(image_shape, n_per_class, random_state):
        return make_pipeline(StandardScaler(), LogisticRegression(C=1e6, max_iter=1))

    module = _module()
    module.hasty = hasty
    monkeypatch.setitem(sys.modules, __name__, module)
    found = analyse_case(CASE, recipe=f"{__name__}:hasty", n_train=40, n_test=40)
    assert any("did not converge" in note for note in found.notes)
    assert not [w for w in recwarn if issubclass(w.category, ConvergenceWarning)]


def test_analysis_attacks_nothing_below_its_certificate(found):
    norm = found.results["attack"].norm
    assert np.all(norm >= found.results["certificate"].radius[: len(norm)])


def test_page_is_whole_and_refers_to_nothing_outside(found):
    page = analysis_html(found)
    assert page.count("<svg") == 9
    assert "control" in page and "Random labels" in page and "/ range" in page
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
    arguments += ["--random-labels", "1"]
    assert main([*arguments, "--train", "60", "--test", "50"]) == 0
    assert "layers: pixels, scaler, rotation" in capsys.readouterr().out
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_command_measures_a_saved_classifier_on_a_folder(tmp_path, capsys):
    data = load(None)
    pixels = np.clip(64 * data.images + 100, 0, 255).astype(np.uint8)
    for label in "ab":
        (tmp_path / "images" / label).mkdir(parents=True)
    for i, (image, label) in enumerate(zip(pixels, data.target, strict=True)):
        Image.fromarray(image).save(tmp_path / "images" / label / f"{i}.png")
    model = linear(None, 0, 0).fit(pixels.reshape(80, -1), data.target)
    save(tmp_path / "model.scat", model)
    out = tmp_path / "page.html"
    arguments = ["analyse", str(tmp_path / "images"), "--out", str(out)]
    assert main([*arguments, "--model", str(tmp_path / "model.scat")]) == 0
    told = capsys.readouterr()
    assert "accuracy 1.000; layers: pixels, scatteringtransformer" in told.out
    assert "[analyse] 6/6 stages" in told.err
    assert "Images of images" in out.read_text(encoding="utf-8")
