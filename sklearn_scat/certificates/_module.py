"""A pipeline as a torch module."""

from typing import Any

import torch
from torch import nn

from sklearn_scat.certificates._affine_steps import AffineMap
from sklearn_scat.certificates._decisions import (
    KernelScores,
    LinearScores,
    NearestSpace,
)
from sklearn_scat.certificates._pipeline import pipeline_parts
from sklearn_scat.transformers._module import ScatteringFeatures


def as_module(pipeline: Any) -> nn.Module:
    """Torch module that computes the scores of a fitted pipeline.

    Parameters
    ----------
    pipeline : Pipeline or fitted search
        A scattering transformer (or `NormalizedScattering` with method="standard") or
        none; then `StandardScaler`, `RobustScaler`, `MinMaxScaler`, `MaxAbsScaler`,
        `PCA`, `TruncatedSVD`, `SpanCoordinates` or selections of features; then a
        linear classifier, a `PCAAffineClassifier` or a `MeanNormRidge`. Fitted, on
        images of one size.

    Returns
    -------
    module : nn.Module
        From images (n, …) to scores (n, K) in float64, differentiable; the columns are
        the classes in its attribute ``classes``. Binary linear classifiers have the
        scores 0 and that of `decision_function`; distances are squared and negated.

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
    scattering, affine, decision = pipeline_parts(pipeline)
    score = _SCORES.get(type(decision))
    if score is None:
        raise TypeError(
            "SVC with more than two classes is no linear classifier: it counts votes "
            "of pairs, which have no gradient. Take LinearSVC."
        )
    first = nn.Flatten() if scattering is None else ScatteringFeatures(scattering)
    module = nn.Sequential(first, Affine(affine), score(decision)).eval()
    module.classes = decision.classes
    return module


class Affine(nn.Module):
    """Apply an `AffineMap` to rows.

    Notes
    -----
    Shape: input (B, p), output (B, q).
    """

    def __init__(self, affine):
        super().__init__()
        for name in ("weight", "offset"):  # PCA of float32 has weights of float32
            numbers = torch.tensor(getattr(affine, name), dtype=torch.float64)
            self.register_buffer(name, numbers)

    def forward(self, x):
        """Return weight · x + offset."""
        return AffineMap(self.weight, self.offset)(x)


class SpaceScores(nn.Module):
    """Compute squared distances to affine spaces, negated.

    Notes
    -----
    Shape: input (B, p), output (B, K).
    """

    def __init__(self, decision):
        super().__init__()
        self.register_buffer("means", torch.tensor(decision.spaces.means))
        self.register_buffer("components", torch.tensor(decision.spaces.components))

    def forward(self, z):
        """Return −e_k(z)."""
        residuals = z[:, None] - self.means  # (B, K, p)
        coordinates = torch.einsum("bkp,kdp->bkd", residuals, self.components)
        inside = torch.einsum("bkd,kdp->bkp", coordinates, self.components)
        return -(residuals - inside).square().sum(2)


class KernelOutputs(nn.Module):
    """Compute the outputs of a `MeanNormRidge`.

    Notes
    -----
    Shape: input (B, c·p), output (B, K).
    """

    def __init__(self, decision):
        super().__init__()
        machine = decision.machine
        self.gamma, self.n_copies = machine.gamma_, machine.n_copies
        for name in ("mean_", "samples_", "dual_coef_", "intercept_"):
            self.register_buffer(name, torch.tensor(getattr(machine, name)))

    def forward(self, z):
        """Return the kernels, the mean over all pairs of copies, times coefficients."""
        copies = z.unflatten(1, (self.n_copies, -1)) - self.mean_
        rows, centres = copies.flatten(0, 1), self.samples_.flatten(0, 1)
        squares = rows.square().sum(1)[:, None] + centres.square().sum(1)
        squares = (squares - 2 * rows @ centres.T).clamp(min=0)
        kernels = torch.exp(-self.gamma * squares)
        kernels = kernels.unflatten(0, (len(z), -1)).unflatten(2, (-1, self.n_copies))
        return kernels.mean((1, 3)) @ self.dual_coef_ + self.intercept_


_SCORES = {
    LinearScores: lambda decision: Affine(decision.scores),
    NearestSpace: SpaceScores,
    KernelScores: KernelOutputs,
}
