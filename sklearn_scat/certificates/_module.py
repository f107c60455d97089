"""A linear pipeline as a torch module."""

import torch
from torch import nn

from sklearn_scat.certificates._pipeline import folded_scores
from sklearn_scat.transformers._module import ScatteringFeatures


def as_module(pipeline):
    """Torch module that computes the scores of a fitted linear pipeline.

    Parameters
    ----------
    pipeline : Pipeline or fitted search
        A scattering transformer (or `NormalizedScattering` with method="standard") or
        none; then `StandardScaler`, `MinMaxScaler`, `MaxAbsScaler`, `PCA`,
        `TruncatedSVD`, `SpanCoordinates` or selections of features; then a linear
        classifier. Fitted, on images of one size.

    Returns
    -------
    module : nn.Module
        From images (n, …) to scores (n, K) in float64, differentiable; the columns are
        the classes in its attribute ``classes``. Binary classifiers have the scores 0
        and that of `decision_function`.

    Raises
    ------
    TypeError
        If a step is not among these.

    Examples
    --------
    >>> import torch
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import RidgeClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.certificates import as_module
    >>> X, y = load_digits(return_X_y=True)
    >>> model = make_pipeline(ScatteringTransformer(J=1), RidgeClassifier()).fit(X, y)
    >>> as_module(model)(torch.tensor(X[:3])).shape
    torch.Size([3, 10])
    """
    scattering, W, c, classes = folded_scores(pipeline)
    first = nn.Flatten() if scattering is None else ScatteringFeatures(scattering)
    linear = nn.Linear(W.shape[1], len(W), dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(W))
        linear.bias.copy_(torch.from_numpy(c))
    module = nn.Sequential(first, linear).eval()
    module.classes = classes
    return module
