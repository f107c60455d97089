"""Every function that takes arrays gives the same for every form of one array."""

import numpy as np
import pytest
import torch
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from sklearn_scat import (
    ScatteringTransformer,
    analysis,
    inversion,
    questionnaire,
)
from sklearn_scat.certificates import certified_radius, minimal_perturbation


def reversed_view(X):
    return X[::-1, ..., ::-1].copy()[::-1, ..., ::-1]


def wider_view(X):
    return np.repeat(X, 2, axis=-1)[..., ::2]


def read_only(X):
    X = X.copy()
    X.flags.writeable = False
    return X


class Wrapped:
    """What only says how it becomes an array."""

    def __init__(self, X):
        self.X = X

    def __array__(self, dtype=None, copy=None):
        return np.array(self.X, dtype=dtype)


FORMS = {
    "reversed": reversed_view,
    "wider": wider_view,
    "Fortran": np.asfortranarray,
    "big-endian": lambda X: X.astype(X.dtype.newbyteorder(">")),
    "read-only": read_only,
    "float16": lambda X: X.astype(np.float16),
    "lists": lambda X: X.tolist(),
    "tensor": torch.from_numpy,
    "tensor with gradient": lambda X: torch.tensor(X, requires_grad=True),
    "wrapped": Wrapped,
}


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    # sixteenths, which every precision holds, and float32 as the estimators compute
    return (rng.integers(0, 17, (6, 8, 8)) / 16).astype(np.float32)


LABELS = np.array([0, 1, 2, 0, 1, 2])


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 3)).eval()


def transformer(X):
    return ScatteringTransformer(J=1).fit(X)


def flat(X):
    return X.reshape(len(X), -1).astype(np.float64)


def identity(X):
    return np.asarray(X)


# Each takes an array in some form, and the same images as a plain array.
FUNCTIONS = {
    "layer_features of a network": lambda X, plain: analysis.layer_features(
        network(), X
    )["1"],
    "layer_features of steps": lambda X, plain: analysis.layer_features(
        [transformer(plain)], X
    )["0"],
    "minimal_perturbation": lambda X, plain: (
        minimal_perturbation(network(), X, LABELS).norm
    ),
    "certified_radius": lambda X, plain: (
        certified_radius(
            make_pipeline(transformer(plain), LinearSVC(random_state=0)).fit(
                plain, LABELS
            ),
            X,
            LABELS,
        ).radius
    ),
    "random_diffeomorphism": lambda X, plain: analysis.random_diffeomorphism(
        X, 0.5, random_state=0
    ),
    "relative_stability": lambda X, plain: (
        analysis.relative_stability(identity, X, displacement=0.5).D
    ),
    "lipschitz_quantiles": lambda X, plain: (
        analysis.lipschitz_quantiles(flat(plain), X, random_state=0).quantiles
    ),
    "reconstruct": lambda X, plain: (
        inversion.reconstruct(
            transformer(plain),
            transformer(plain).transform(plain),
            reference=X,
            max_iter=2,
        ).psnr
    ),
    "interpolate": lambda X, plain: (
        inversion.interpolate(
            *(transformer(plain), plain[0], plain[1]), images=X, n_steps=2, max_iter=2
        ).distance
    ),
}
TABLES = {
    "contraction": lambda F: analysis.contraction(F, LABELS).ratio,
    "intrinsic_dimension": lambda F: (
        analysis.intrinsic_dimension(F, n_neighbors=3).dimension
    ),
    "layer_accuracy": lambda F: (
        analysis.layer_accuracy(F, LABELS, F_test=F, y_test=LABELS).svm
    ),
    "local_support_vectors": lambda F: (
        analysis.local_support_vectors(F, LABELS, k_max=3).size
    ),
    "mode_shares": lambda F: analysis.mode_shares(F, axis=1).share,
    "separation": lambda F: analysis.separation(F, LABELS).epsilon,
    "smoothness": lambda F: analysis.smoothness(F, axis=1).total,
    "standardize": analysis.standardize,
    "transport": lambda F: analysis.transport(F, axis=1).distance,
    "cosine_affinity": questionnaire.cosine_affinity,
    "gaussian_affinity": questionnaire.gaussian_affinity,
    "haar": lambda F: questionnaire.haar(F, questionnaire.dyadic_tree(np.arange(6))),
    "relative_variation": lambda F: questionnaire.relative_variation(F).total,
    "denoise": lambda F: questionnaire.denoise(
        F, [tuple(questionnaire.dyadic_tree(np.arange(n)) for n in (6, 64))]
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_of_images_takes_them_in_every_form(function, form, images):
    expected = FUNCTIONS[function](images, images)
    got = FUNCTIONS[function](FORMS[form](images), images)
    np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("form", [f for f in FORMS if f != "tensor with gradient"])
@pytest.mark.parametrize("function", TABLES)
def test_function_of_a_table_takes_it_in_every_form(function, form, images):
    table = flat(images)
    expected = TABLES[function](table)
    np.testing.assert_allclose(
        TABLES[function](FORMS[form](table)), expected, rtol=1e-5
    )
