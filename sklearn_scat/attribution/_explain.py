"""The explanation of a model's decisions."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline

from sklearn_scat._images import checked_images
from sklearn_scat.attribution._attribution import Attribution, PathShares
from sklearn_scat.attribution._columns import Features, advance, as_columns, unknown
from sklearn_scat.attribution._gradients import Pair, decision_of
from sklearn_scat.attribution._local_kernels import local_kernel_shares
from sklearn_scat.augmentation import AugmentedClassifier
from sklearn_scat.classifiers import DecisionSum, LocalKernelRidge
from sklearn_scat.predictors import ScatteringClassifier


class _Shares(NamedTuple):
    """Shares of the coefficients of some blocks, and the decisions that they make up.

    `values` is (n, number of coefficients), `bases` and `decisions` are (n,).
    """

    blocks: tuple
    values: np.ndarray
    bases: np.ndarray
    decisions: np.ndarray

    def times(self, factor):
        """Return the shares of decisions times a number."""
        return _Shares(self.blocks, *(factor * array for array in self[1:]))


def explain(
    model: Any, X: ArrayLike, *, reference: ArrayLike | None = None
) -> Attribution:
    r"""Return what every path and place has contributed to a model's decisions.

    What is divided is :math:`D(x)`, the decision value of the class that the model
    predicts minus that of the runner-up. With the features :math:`z` of the image,
    those :math:`r` of a reference, and the line between them, the share of feature i is

    .. math:: (z_i - r_i) \int_0^1 \partial_i D(r + t(z - r))\, dt,

    and the shares sum to :math:`D(z) - D(r)`, in closed form and not by sampling. For
    a linear model it is the weight times the distance to the reference; for affine
    spaces the mean of the gradients at both ends; for Gaussian kernels an integral by
    error functions. Features are those after what changes coefficients one by one
    (roots, logarithms, scaling, the norm of a row): what mixes them, as PCA, is
    followed back.

    Parameters
    ----------
    model : classifier
        Fitted: a :class:`~sklearn_scat.ScatteringClassifier`, or a pipeline of a
        scattering, of scaling, selection, PCA, and a linear classifier,
        :class:`~sklearn_scat.PCAAffineClassifier`,
        :class:`~sklearn_scat.MeanNormRidge`, :class:`~sklearn_scat.MeanNormSVC` or
        :class:`~sklearn.svm.SVC`; or a :class:`~sklearn_scat.LocalKernelRidge`; with
        copies, several scatterings, a search or a sum of two around it.
    X : array-like of images
        In any form that the model takes.
    reference : array-like of images, default=None
        The mean of whose features is the reference. None takes what the model keeps:
        the mean of the training images for kernels, affine spaces and wherever a
        scaler or PCA centres, else 0; and patches like those of no training image for
        a local kernel.

    Returns
    -------
    attribution : Attribution
        Of shape n all the way, with the shares of every scattering in `parts`.

    Raises
    ------
    ValueError
        If a part of the model is of another kind, which is then named.

    Notes
    -----
    One support vector machine between every two classes decides by votes; what is
    divided then is the value of the machine between class and runner-up. With copies of
    images, decisions are sums over copies, and so are shares; mirror images are turned
    back, the places of slightly turned copies are taken as they are.

    A local kernel is a sum over the patches of the image, so that the share of a place
    is what its patches add, exactly and without any path of integration; of a part of a
    patch, such as one path of the scattering, there is no share: `paths` is None.

    References
    ----------
    M. Sundararajan, A. Taly and Q. Yan, "Axiomatic attribution for deep networks", ICML
    2017, section 3 and proposition 1 (completeness). For linear models: E. Štrumbelj
    and I. Kononenko, "Explaining prediction models and individual predictions with
    feature contributions", Knowledge and Information Systems 41, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import RidgeClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.attribution import explain
    >>> X, y = load_digits(return_X_y=True)
    >>> model = make_pipeline(
    ...     ScatteringTransformer(J=1), StandardScaler(), RidgeClassifier()
    ... ).fit(X[:500], y[:500])
    >>> why = explain(model, X[500:510])
    >>> why.parts[0].shares.shape
    (10, 1, 9, 4, 4)
    >>> scores = np.sort(model.decision_function(X[500:510]))
    >>> np.allclose(why.totals(), scores[:, -1] - scores[:, -2])
    True
    """
    pair = class_and_runner_up(model, X)
    n = len(pair.first)
    found = _shares(model, Features(_with_reference(X, reference)), pair)
    parts, start = [], 0
    for block in found.blocks:
        size = int(np.prod(block.shape))
        shares = found.values[:, start : start + size].reshape(n, *block.shape)
        parts.append(PathShares(block.name, block.paths, shares, block.has_places))
        start += size
    return Attribution(
        classes=model.classes_[pair.first],
        runners_up=model.classes_[pair.second],
        decisions=found.decisions,
        bases=found.bases,
        parts=tuple(parts),
    )


def class_and_runner_up(model, X):
    """Return the predicted class of every image, and that of the next decision."""
    if not hasattr(model, "decision_function"):
        raise ValueError(
            f"{type(model).__name__} has no decision_function whose values could be "
            "divided among paths and places."
        )
    scores = np.asarray(model.decision_function(X), np.float64)
    if scores.ndim == 1:
        scores = np.column_stack([-scores, scores])
    if scores.shape[1] != len(model.classes_):
        raise ValueError(
            f"{type(model).__name__} gives {scores.shape[1]} decisions for "
            f"{len(model.classes_)} classes; pass decision_function_shape='ovr'."
        )
    first = np.searchsorted(model.classes_, model.predict(X))
    scores[np.arange(len(scores)), first] = -np.inf
    return Pair(first, scores.argmax(axis=1))


def _with_reference(X, reference):
    """Return images with those of the reference after them."""
    if reference is None:
        return X
    if isinstance(X, list) or isinstance(reference, list):
        return [*X, *reference]
    return np.concatenate([np.asarray(X), np.asarray(reference)])


def _shares(model, features, pair):
    """Return the shares in the decisions of a model, or of a part of it.

    Rows of the features after those of the pair's images are of the reference.
    """
    if isinstance(model, Pipeline):
        for name, step in model.steps[:-1]:
            features = advance(features, step, name)
        return _shares(model.steps[-1][1], features, pair)
    if hasattr(model, "best_estimator_"):
        return _shares(model.best_estimator_, features, pair)
    if isinstance(model, DecisionSum):
        return _of_sum(model, features, pair)
    if isinstance(model, AugmentedClassifier):
        return _of_copies(model, features, pair)
    if isinstance(model, ScatteringClassifier):
        images = replace(features, values=model._images(features.values))
        return _shares(model.estimator_, images, pair)
    if isinstance(model, LocalKernelRidge) and not features.maps:
        return _Shares(*local_kernel_shares(model, features.values, pair))
    decision = decision_of(model)
    if decision is None:
        raise ValueError(unknown(model))
    return _of_classifier(decision, as_columns(features), pair)


def _of_classifier(decision, features, pair):
    """Return the shares of columns in the decisions of a classifier behind them."""
    n, z = len(pair.first), np.asarray(features.values, np.float64)
    if len(z) > n:
        r = z[n:].mean(axis=0)
    else:
        r = decision.origin
        for step in reversed(features.maps):
            r = step.preimage(r)
    z = z[:n]
    u, u_r = z, r[None]
    for step in features.maps:
        u, u_r = step.forward(u), step.forward(u_r)
    gradients = decision.mean_gradients(u, u_r[0], pair)
    for step in reversed(features.maps):
        gradients = step.pull(gradients)
    values = np.zeros((n, features.n_coefficients))
    values[:, features.index] = (z - r) * gradients
    bases = decision.values(np.broadcast_to(u_r, u.shape), pair)
    return _Shares(features.blocks, values, bases, decision.values(u, pair))


def _of_sum(model, features, pair):
    """Return the shares of two classifiers side by side."""
    found = [
        _shares(part, features, pair).times(1 / scale)
        for part, scale in zip(model.estimators_, model.scales_, strict=True)
    ]
    return _Shares(
        tuple(
            replace(block, name=f"{block.name} {i}")
            for i, one in enumerate(found, 1)
            for block in one.blocks
        ),
        np.hstack([one.values for one in found]),
        sum(one.bases for one in found),
        sum(one.decisions for one in found),
    )


def _of_copies(model, features, pair):
    """Return the sum over copies of an image of their shares."""
    found = checked_images(model, features.values, reset=False, several=True)
    images = found.as_given()
    blocks = model._blocks(images, model.test_copies)
    total = None
    for i, block in enumerate(blocks):
        one = _shares(model.estimator_, replace(features, values=block), pair)
        if i and model.copies == "flip":
            one = one._replace(values=_mirrored(one))
        total = one if total is None else _added(total, one)
    return total


def _added(total, one):
    """Return the sum of shares of the same coefficients."""
    sums = (a + b for a, b in zip(total[1:], one[1:], strict=True))
    return _Shares(total.blocks, *sums)


def _mirrored(shares):
    """Return shares whose places are mirrored, left to right."""
    parts, start = [], 0
    for block in shares.blocks:
        size = int(np.prod(block.shape))
        part = shares.values[:, start : start + size].reshape(-1, *block.shape)
        parts.append((part[..., ::-1] if block.has_places else part).reshape(-1, size))
        start += size
    return np.hstack(parts)
