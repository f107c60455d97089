"""The local kernel against two loops over patches, and what its ridge promises."""

from functools import cache

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.model_selection import LeaveOneOut, StratifiedKFold

from sklearn_scat import (
    AugmentedClassifier,
    LocalKernelRidge,
    ScatteringTransformer,
    load,
    save,
)
from sklearn_scat.classifiers._left_out import left_out_outputs
from sklearn_scat.local_kernels import LocalKernel, LocalKernelFeatures
from sklearn_scat.local_kernels._kernel import (
    local_kernel,
    position_weights,
    window_weights,
)
from sklearn_scat.local_kernels._patches import (
    cut_patches,
    grid_shape,
    principal_axes,
    smallest_norm,
    spread_patches,
    unit_norm,
    whitened_patches,
)


@pytest.fixture
def images(rng):
    """Colour images of two classes, (24, 3, 6, 5), and their labels."""
    y = np.arange(24) % 3
    return rng.uniform(size=(24, 3, 6, 5)) + y[:, None, None, None] / 4, y


def slow_patches(maps, size, boundary):
    """Return {(i, j): patches (n, C·size²)} by slices of shifted maps."""
    h, w = maps.shape[2:]
    last = (h, w) if boundary == "periodic" else (h - size + 1, w - size + 1)
    return {
        (i, j): np.roll(maps, (-i, -j), (2, 3))[..., :size, :size].reshape(
            len(maps), -1
        )
        for i in range(last[0])
        for j in range(last[1])
    }


@cache
def slow_window(spread, distance):
    """Return the binomial window as the correlation of one with itself."""
    taps = np.array([1.0])
    for _ in range(spread):
        taps = np.convolve(taps, [1, 1])
    window = np.correlate(taps, taps, "full")
    return window[spread + distance] / window[spread] if distance <= spread else 0.0


def slow_kernel(model, maps, others):
    """Return the kernel of a fitted model of one patch size by its definition."""
    fitted, boundary, spread = model.kernels_[0][0], model.boundary, model.spread
    size, (h, w) = fitted.patch_size, maps.shape[2:]

    def whitened(patch):
        z = (patch / np.linalg.norm(patch)) @ fitted.axes_
        return z / np.linalg.norm(z)

    def places_of(x):
        patches = slow_patches(x[None], size, boundary)
        return {place: whitened(patch[0]) for place, patch in patches.items()}

    def along(a, b, n):
        turns = (-n, 0, n) if boundary == "periodic" else (0,)
        return sum(slow_window(spread, abs(a - b + t)) for t in turns)

    def compare(x, z):
        total = 0.0
        for (i, j), p in x.items():
            for (k, m), q in z.items():
                distance = np.sum((p - q) ** 2)
                near = along(i, k, h) * along(j, m, w)
                total += near * np.exp(-fitted.exponent_ * distance / 2)
        return total

    rows, columns = (list(map(places_of, images)) for images in (maps, others))
    return np.array([[compare(x, z) for z in columns] for x in rows])


@pytest.mark.parametrize("boundary", ["cut", "periodic"])
@pytest.mark.parametrize("spread", [0, 1, 2])
def test_kernel_equals_two_loops_over_patches(boundary, spread, images):
    X, y = images[0][:3], images[1][:3]
    model = LocalKernelRidge(
        boundary=boundary, spread=spread, n_components=7, gamma=0.3
    ).fit(X, y)
    kernel = slow_kernel(model, X, X)
    scale = np.diag(kernel).mean()
    assert model.kernels_[0][0].scale_ == pytest.approx(scale, rel=1e-12)
    np.testing.assert_allclose(
        model._kernel(images[0][6:7]),
        slow_kernel(model, images[0][6:7], X) / scale,
        rtol=0,
        atol=1e-10,
    )
    # and the ridge solves with that kernel
    targets = 2.0 * (y[:, None] == np.arange(3)) - 1 - model.intercept_
    expected = np.linalg.solve(kernel / scale + model.alpha_ * np.eye(3), targets)
    np.testing.assert_allclose(model.dual_coef_, expected, atol=1e-8)


def test_width_is_the_mean_squared_distance_from_the_mean_patch(images):
    kernel = LocalKernel(gamma=3.0, n_components=7)
    patches = kernel.fit_patches(images[0]).reshape(-1, 7)
    width = patches.var(axis=0).sum()
    assert kernel.exponent_ == pytest.approx(3.0 / width, rel=1e-12)


def test_equal_patches_have_a_width_of_one():
    kernel = LocalKernel(gamma=3.0)
    kernel.fit_patches(np.ones((4, 1, 3, 3)))
    assert kernel.exponent_ == 3.0


def test_kernel_of_several_sizes_is_the_mean_of_each(images):
    X, y = images
    both = LocalKernelRidge(patch_size=(1, 3)).fit(X, y)
    alone = [LocalKernelRidge(patch_size=size).fit(X, y) for size in (1, 3)]
    mean = np.mean([model._kernel(X[:4]) for model in alone], axis=0)
    np.testing.assert_allclose(both._kernel(X[:4]), mean, atol=1e-12)


def test_kernel_of_several_transformers_is_the_mean_of_each(images):
    X, y = images
    steps = [
        ScatteringTransformer(J=1, output="maps"),
        LocalKernelFeatures(n_landmarks=9, output="maps", random_state=0),
    ]
    both = LocalKernelRidge(steps).fit(X, y)
    alone = [LocalKernelRidge(step).fit(X, y) for step in steps]
    mean = np.mean([model._kernel(X[:4]) for model in alone], axis=0)
    np.testing.assert_allclose(both._kernel(X[:4]), mean, atol=1e-12)


def test_mirrored_kernel_is_the_mean_over_pairs_of_mirror_images(images):
    X, y = images
    model = LocalKernelRidge(mirrored=True).fit(X, y)
    fitted = model.kernels_[0][0]
    plain = LocalKernel().fit_kernel  # learns of all four
    mirrored = X[..., ::-1]
    both = plain([np.concatenate([X, mirrored])]).reshape(2, 24, 2, 24)
    mean = both.mean(axis=(0, 2))
    np.testing.assert_allclose(
        model._kernel(X), mean / mean.diagonal().mean(), atol=1e-12
    )
    # so that an image and its mirror image are the same to it
    np.testing.assert_allclose(
        model.decision_function(mirrored), model.decision_function(X), atol=1e-10
    )
    assert len(fitted.training_) == 2
    assert np.linalg.eigvalsh(mean).min() > -1e-12


@pytest.mark.parametrize("boundary", ["cut", "periodic"])
@pytest.mark.parametrize("spread", [0, 1, 2, 5, None])
def test_kernel_is_positive_semidefinite(boundary, spread, rng):
    X = rng.normal(size=(30, 2, 4, 3))
    X[0] = 0  # an image without contrast
    size = 2
    smallest = smallest_norm(X, size, boundary)
    axes = principal_axes(
        X, size, boundary, smallest=smallest, n_components=8, floor=0.1
    )
    patches = whitened_patches(X, size, boundary, axes=axes, smallest=smallest)
    weights = position_weights(grid_shape((4, 3), size, boundary), spread, boundary)
    assert np.linalg.eigvalsh(weights).min() > -1e-12 * weights.sum()
    kernel = local_kernel(patches, patches, weights, exponent=2.0)
    np.testing.assert_allclose(
        kernel, local_kernel(patches, patches.copy(), weights, exponent=2.0), rtol=1e-12
    )
    assert np.linalg.eigvalsh(kernel).min() > -1e-12 * kernel.max() * len(X)


@pytest.mark.parametrize("shift", [(1, 0), (0, 2), (3, 4)])
def test_periodic_kernel_is_invariant_under_shifts_of_both_images(shift, images):
    X, y = images
    model = LocalKernelRidge(boundary="periodic").fit(X, y)
    moved = np.roll(X, shift, (2, 3))
    again = LocalKernelRidge(boundary="periodic").fit(moved, y)
    np.testing.assert_allclose(again._kernel(moved), model._kernel(X), atol=1e-10)
    assert np.abs(model._kernel(moved) - model._kernel(X)).max() > 1e-3


def test_periodic_kernel_without_positions_is_invariant_under_shifts_of_one(images):
    X, y = images
    model = LocalKernelRidge(boundary="periodic", spread=None).fit(X, y)
    moved = np.roll(X, (2, 1), (2, 3))
    np.testing.assert_allclose(model._kernel(moved), model._kernel(X), atol=1e-10)


def test_window_falls_off_like_a_gaussian_of_the_stated_width():
    weights = window_weights(41, 8, "cut")[20]
    gaussian = np.exp(-((np.arange(41) - 20) ** 2) / (2 * 8 / 2))
    np.testing.assert_allclose(weights, gaussian, atol=0.02)


def test_periodic_window_counts_every_way_around():
    # of (1 + z)^4 on three positions: 6 at 0, 4 + 1 at a distance of 1 either way
    np.testing.assert_allclose(window_weights(3, 2, "periodic")[0], [1, 5 / 6, 5 / 6])


def test_whitened_moment_is_damped_by_the_floor(rng):
    maps = rng.normal(size=(50, 3, 5, 5))
    axes = principal_axes(maps, 2, "cut", smallest=1e-9, n_components=12, floor=0.0)
    rows = unit_norm(cut_patches(maps, 2, "cut"), 1e-9).reshape(-1, 12)
    np.testing.assert_allclose(
        (rows @ axes).T @ (rows @ axes) / len(rows), np.eye(12), atol=1e-10
    )
    floored = principal_axes(maps, 2, "cut", smallest=1e-9, n_components=5, floor=0.5)
    values = np.linalg.eigvalsh(rows.T @ rows / len(rows))[-5:]
    expected = values / (values + 0.5 * values.mean())
    variances = np.mean((rows @ floored) ** 2, axis=0)
    np.testing.assert_allclose(variances, expected, atol=1e-10)


def test_empty_patches_stay_empty():
    maps = np.ones((2, 1, 4, 4))
    maps[0] = 1e-9
    smallest = smallest_norm(maps, 2, "cut")
    norms = np.linalg.norm(unit_norm(cut_patches(maps, 2, "cut"), smallest), axis=-1)
    assert norms[0].max() < 1e-5
    np.testing.assert_allclose(norms[1], 1)


@pytest.mark.parametrize("alpha", [1e-3, 0.1])
def test_left_out_outputs_equal_leaving_out(alpha, rng):
    factor, targets = rng.normal(size=(20, 30)), rng.normal(size=(20, 3))
    kernel, rows = factor @ factor.T / 30, np.arange(20)
    single = [(np.array([i]), np.array([i])) for i in rows]
    fives = [(rows[i::4], rows[i::4][:2]) for i in range(4)]
    for folds in (single, fives):
        (outputs,) = left_out_outputs(kernel, targets, alphas=[alpha], folds=folds)
        expected = []
        for out, seen in folds:
            kept = np.setdiff1d(rows, out)
            inner = kernel[np.ix_(kept, kept)] + alpha * np.eye(len(kept))
            dual = np.linalg.solve(inner, targets[kept])
            expected.append(kernel[np.ix_(seen, kept)] @ dual)
        np.testing.assert_allclose(outputs, np.concatenate(expected), atol=1e-8)


@pytest.mark.parametrize("cv", [None, StratifiedKFold(4)])
def test_penalty_has_the_least_error_of_samples_left_out(cv, images):
    X, y = images
    model = LocalKernelRidge(cv=cv, alphas=(1e-6, 0.03, 1e3)).fit(X, y)
    best = model.left_out_errors_.argmin()
    assert model.alpha_ == (1e-6, 0.03, 1e3)[best]
    kernel = model._kernel(X)
    targets = 2.0 * (y[:, None] == np.arange(3)) - 1 - model.intercept_
    splits = list((cv or LeaveOneOut()).split(X, y))
    for alpha, error in zip(model.alphas, model.left_out_errors_, strict=True):
        squares = []
        for train, test in splits:
            inner = kernel[np.ix_(train, train)] + alpha * np.eye(len(train))
            dual = np.linalg.solve(inner, targets[train])
            squares.append((kernel[np.ix_(test, train)] @ dual - targets[test]) ** 2)
        assert error == pytest.approx(np.concatenate(squares).mean(), rel=1e-6)


def test_probabilities_are_the_likeliest_of_one_temperature(images):
    X, y = images
    model = LocalKernelRidge().fit(X, y)
    outputs = model.decision_function(X)
    np.testing.assert_allclose(
        model.predict_proba(X), softmax(outputs / model.temperature_, axis=1)
    )
    kernel = model._kernel(X)
    targets = 2.0 * (y[:, None] == np.arange(3)) - 1 - model.intercept_
    folds = [(np.array([i]), np.array([i])) for i in range(len(X))]
    (left_out,) = left_out_outputs(kernel, targets, alphas=[model.alpha_], folds=folds)

    def likelihood(factor):
        p = softmax((left_out + model.intercept_) * factor, axis=1)
        return np.log(p[np.arange(len(y)), y]).mean()

    best = likelihood(1 / model.temperature_)
    assert best > max(likelihood(f / model.temperature_) for f in (0.8, 1.25))


@pytest.mark.parametrize("output", ["features", "maps"])
def test_scattering_inside_equals_scattering_before(output, images):
    X, y = images
    scattering = ScatteringTransformer(J=1, output=output)
    maps = ScatteringTransformer(J=1, output="maps").fit_transform(X)
    inside = LocalKernelRidge(scattering).fit(X, y)
    before = LocalKernelRidge().fit(maps, y)
    np.testing.assert_allclose(
        inside.decision_function(X), before.decision_function(maps), atol=1e-5
    )


def test_kernel_does_not_depend_on_the_parts_of_memory(images, monkeypatch):
    X, y = images
    expected = LocalKernelRidge().fit(X, y).decision_function(X)
    package = "sklearn_scat.local_kernels."
    monkeypatch.setattr(f"{package}_kernel._SIDE", 7)
    monkeypatch.setattr(f"{package}_patches._BLOCK_BYTES", 2**12)
    monkeypatch.setattr(f"{package}_maps._IMAGES", 7)
    monkeypatch.setattr("sklearn_scat.classifiers._local_kernel_ridge._IMAGES", 5)
    parts = LocalKernelRidge().fit(X, y).decision_function(X)
    np.testing.assert_allclose(parts, expected, atol=1e-9)


def test_copies_of_a_left_out_image_are_left_out_too(images):
    X, y = images
    # copies equal to their image: with them learned from, errors would vanish
    model = AugmentedClassifier(
        LocalKernelRidge(alphas=(1e-3,), cv=LeaveOneOut()), lambda x, rng: [x]
    ).fit(X, y)
    # two equal copies count as one image under half the penalty
    alone = LocalKernelRidge(alphas=(5e-4,)).fit(X, y)
    np.testing.assert_allclose(
        model.estimator_.left_out_errors_, alone.left_out_errors_, rtol=1e-4
    )


def test_saved_classifier_decides_alike(images, tmp_path):
    X, y = images
    model = LocalKernelRidge(ScatteringTransformer(J=1), patch_size=(1, 2)).fit(X, y)
    save(tmp_path / "model.skops", model)
    again = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"patch_size": ()}, r"patch_size=\(\); pass positive numbers"),
        ({"patch_size": (0,)}, r"patch_size=\(0,\); pass positive numbers"),
        ({"alphas": (0.0, 1.0)}, r"alphas=\(0.0, 1.0\); pass positive numbers"),
    ],
)
def test_parameters_out_of_range_are_named(parameters, message, images):
    with pytest.raises(ValueError, match=message):
        LocalKernelRidge(**parameters).fit(*images)


def test_rows_without_maps_are_refused(images):
    from sklearn.preprocessing import FunctionTransformer

    flat = FunctionTransformer(lambda x: x.reshape(len(x), -1))
    with pytest.raises(ValueError, match=r"shape \(24, 90\).*output='maps'"):
        LocalKernelRidge(flat).fit(*images)


def test_one_class_and_too_many_images_are_refused(images):
    with pytest.raises(ValueError, match="y holds 1 class, 7"):
        LocalKernelRidge().fit(images[0], np.full(24, 7))
    with pytest.raises(ValueError, match="10000 at most; X holds 10001"):
        LocalKernelRidge().fit(np.zeros((10_001, 1, 1)), np.arange(10_001) % 2)


def test_equal_images_leave_the_larger_class():
    model = LocalKernelRidge().fit(np.ones((4, 3, 3)), [0, 1, 2, 2])
    assert model.predict(np.ones((1, 3, 3))) == [2]


def test_search_reaches_the_scattering(images):
    model = clone(LocalKernelRidge(ScatteringTransformer(J=1)))
    assert model.set_params(scattering__J=2).fit(*images).scatterings_[0].J == 2


@pytest.mark.parametrize("boundary", ["cut", "periodic"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_spreading_patches_is_the_adjoint_of_cutting_them(size, boundary, rng):
    maps = rng.normal(size=(4, 2, 5, 3))
    values = rng.normal(size=(len(cut_patches(maps, size, boundary)[0]), 4, 2))
    cut = [cut_patches(maps[:, [c]], size, boundary).mean(axis=2) for c in (0, 1)]
    spread = spread_patches(values, size, boundary, map_shape=(5, 3))
    inner = sum(np.sum(cut[c].T * values[..., c]) for c in (0, 1))
    np.testing.assert_allclose(np.sum(spread * maps), inner, atol=1e-12)
    np.testing.assert_allclose(spread.sum(axis=(2, 3)), values.sum(axis=0), atol=1e-12)
