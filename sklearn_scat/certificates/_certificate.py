"""Certified radii: how far no image needs to be tried."""

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sklearn_scat.certificates._pipeline import (
    check_image_array,
    class_index,
    pipeline_parts,
)


@dataclass(frozen=True, eq=False)
class Certificate:
    """How far each image may move without a change of its decision.

    Attributes
    ----------
    radius : ndarray of shape (n,)
        No change of the image of smaller Euclidean norm makes the decision wrong; 0
        where it is wrong already.
    margin : ndarray of shape (n,)
        Score of the true class minus that of the class that limits the radius; the
        other way round for distances to affine spaces, the score of a pair for votes.
    lipschitz : ndarray of shape (n,)
        Bound of how fast that margin changes with the image.
    correct : ndarray of bool of shape (n,)
        Whether the decision is the true class.
    """

    radius: np.ndarray
    margin: np.ndarray
    lipschitz: np.ndarray
    correct: np.ndarray


def certified_radius(pipeline: Any, X: ArrayLike, y: ArrayLike) -> Certificate:
    r"""Radius around each image within which its decision is certain to stay right.

    Where all after the scattering is linear, the scores are :math:`f = W S x + c`, and
    with :math:`\|S x - S x'\| \le B \|x - x'\|` no change smaller than

    .. math:: r(x) = \min_{k \ne y} \frac{f_y(x) - f_k(x)}{B\, \|w_y - w_k\|}

    makes another score pass that of y [1]_. Scalers and PCA are folded into W, B is
    the transformer's ``lipschitz_bound_`` (1 for a pipeline on pixels). Of other
    classifiers, behind steps that stretch by N at most,

    - ``SVC(kernel="linear")`` votes in pairs, and the radius is that of the last of the
      pairs that must turn before another class has more votes;
    - :class:`~sklearn_scat.PCAAffineClassifier` compares the distances
      :math:`\sqrt{e_k}` to affine spaces, none of which changes faster than its input:
      :math:`r = \min_k (\sqrt{e_k} - \sqrt{e_y}) / 2BN`;
    - :class:`~sklearn_scat.MeanNormRidge` is linear in features that move by less than
      :math:`\sqrt 2` however far the input does:
      :math:`r = \min_k \sqrt{-\ln(1 - m_k^2/2) / \gamma} / BN`, with :math:`m_k` its
      margin over the norm of the weights' difference, and without end from
      :math:`m_k = \sqrt 2` on.

    Parameters
    ----------
    pipeline : Pipeline or fitted search
        A scattering transformer or none, then scalers, PCA and the like, and a linear
        classifier, binary or multi-class or one-against-rest, or one of those above;
        fitted.
    X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
        Images.
    y : array-like of shape (n,)
        Their classes.

    Returns
    -------
    certificate : Certificate
        ``radius``, ``margin``, ``lipschitz``, ``correct``.

    Raises
    ------
    TypeError
        If a step is not affine, as square roots, logarithms and renormalisation of
        coefficients are not: they have no Lipschitz constant near 0. If the scattering
        has no ``lipschitz_bound_``.
    ValueError
        If y holds classes that the classifier does not know.

    See Also
    --------
    minimal_perturbation : A change that succeeds: an upper bound of the true radius.

    Notes
    -----
    The certificate is as tight as its worst case: an image that moves every coefficient
    as far as B allows, along :math:`w_y - w_k`, for no real image does so. Computed in
    float64.

    References
    ----------
    .. [1] Y. Tsuzuku, I. Sato and M. Sugiyama, "Lipschitz-margin training: scalable
       certification of perturbation invariance for deep neural networks", NeurIPS 2018,
       proposition 1.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.certificates import certified_radius
    >>> X, y = load_digits(return_X_y=True)
    >>> scattering = ScatteringTransformer(J=1, frame="contractive")
    >>> model = make_pipeline(scattering, LogisticRegression(C=1e-3, max_iter=500))
    >>> certificate = certified_radius(model.fit(X, y), X[:100], y[:100])
    >>> bool(certificate.correct.mean() > 0.9), bool(certificate.radius.max() > 1)
    (True, True)
    """
    scattering, affine, decision = pipeline_parts(pipeline)
    X = check_image_array(X)
    index = class_index(y, decision.classes, len(X))
    bound = _lipschitz_bound(scattering) * affine.norm()
    z = affine(_features(scattering, X))
    limits = decision.limits(z, index)
    return Certificate(
        radius=np.maximum(limits.distance, 0) / bound,
        margin=limits.margin,
        lipschitz=limits.slope * bound,
        correct=decision.decide(z) == index,
    )


def _features(scattering, X):
    """Return the features of images in float64, or their pixels."""
    if scattering is None:
        return X.reshape(len(X), -1)
    # kernels compute in float32
    exact = copy(scattering).set_params(engine="auto", output="features")
    return np.asarray(exact.transform(X), dtype=np.float64)


def _lipschitz_bound(scattering):
    """Return the constant of the scattering, 1 for none."""
    if scattering is None:
        return 1.0
    if not hasattr(scattering, "lipschitz_bound_"):
        raise TypeError(
            f"{type(scattering).__name__} has no lipschitz_bound_; certificates are "
            "for ScatteringTransformer and RotoTranslationScattering."
        )
    return scattering.lipschitz_bound_
