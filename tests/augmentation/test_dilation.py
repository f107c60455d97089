import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import DilationAverage, NormalizedScattering, ScatteringTransformer
from sklearn_scat.augmentation._resampling import resized


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    shapes = [(24, 24), (24, 30), (21, 24)]
    return [rng.normal(size=shapes[i % 3]).astype(np.float32) for i in range(6)]


def logarithms():
    return NormalizedScattering(ScatteringTransformer(pooling="mean"), "log")


@pytest.mark.parametrize("n_copies", [0, 1, 2])
def test_features_are_means_over_sizes(n_copies, images):
    average = DilationAverage(logarithms(), n_copies).fit(images)
    blocks = [[resized(x, 2 ** (k / 2)) for x in images] for k in range(n_copies + 1)]
    expected = np.mean([average.transformer_.transform(b) for b in blocks], axis=0)
    np.testing.assert_allclose(average.transform(images), expected, rtol=1e-4)


def test_fit_transform_equals_fit_and_transform(images):
    for X in (images, np.stack(images[::3]), np.stack(images[::3]).reshape(2, -1)):
        average = DilationAverage(logarithms(), 1)
        np.testing.assert_allclose(
            average.fit_transform(X), average.fit(X).transform(X), rtol=1e-4, atol=1e-5
        )


def test_average_changes_less_with_the_size():
    x = np.random.default_rng(0).normal(size=(1, 128, 128))
    x = resized(np.cumsum(x, axis=1), 1.0)
    pair = [x[0], resized(x, 2**0.5)[0]]

    def change(n_copies):
        a, b = DilationAverage(logarithms(), n_copies).fit_transform(pair)
        return np.linalg.norm(a - b)

    assert change(3) < 0.9 * change(0)


def test_average_stands_in_a_pipeline_and_names_its_columns(images):
    model = make_pipeline(DilationAverage(logarithms(), 1), StandardScaler())
    model.set_output(transform="pandas") if _has_pandas() else None
    features = model.fit_transform(images)
    assert features.shape == (6, 81)
    names = model[0].get_feature_names_out()
    assert names[0] == "s0"
    assert len(names) == 81


def _has_pandas():
    try:
        import pandas  # noqa: F401
    except ImportError:
        return False
    return True


def test_copies_that_are_too_small_are_errors(images):
    average = DilationAverage(logarithms(), 9)
    with pytest.raises(ValueError, match="shorter side of image"):
        average.fit(images)
