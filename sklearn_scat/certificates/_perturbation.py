"""The smallest perturbations that attacks find."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike
from sklearn.utils import gen_batches
from torch import nn

from sklearn_scat._batches import as_tensor, evaluating
from sklearn_scat.certificates import _attacks
from sklearn_scat.certificates._module import as_module
from sklearn_scat.certificates._pipeline import check_image_array, class_index

_BATCH = 64
_STEPS = {"deepfool": 50, "pgd": 20}


@dataclass(frozen=True, eq=False)
class Perturbation:
    """Changes of images that make decisions wrong, as small as were found.

    Attributes
    ----------
    norm : ndarray of shape (n,)
        Euclidean norm of the change; 0 where the decision was wrong before, infinite
        where no change was found.
    relative : ndarray of shape (n,)
        The same over the norm of the image.
    success : ndarray of bool of shape (n,)
        Whether the decision on `images` is wrong.
    images : ndarray, of the shape of X
        The changed images; those of no success are unchanged.
    """

    norm: np.ndarray
    relative: np.ndarray
    success: np.ndarray
    images: np.ndarray


def minimal_perturbation(
    model: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    method: Literal["deepfool", "pgd"] = "deepfool",
    max_iter: int | None = None,
    random_state: int = 0,
) -> Perturbation:
    r"""Smallest changes of images that were found to make decisions wrong.

    "deepfool" steps onto the nearest boundary of the linearised scores, again and
    again [1]_. "pgd" descends the margin inside balls by projected gradients [2]_, and
    bisects their radius; it is slower. Both then search the segment from the image to
    what they found. The result is an upper bound of the distance to the boundary,
    which :func:`certified_radius` bounds from below. Values may leave the range of
    pixels.

    Parameters
    ----------
    model : nn.Module, Pipeline or fitted search
        From images to scores (n, K), the largest of which decides; or a pipeline for
        :func:`as_module`.
    X : array-like of shape (n, …)
        Images in a shape that the model takes.
    y : array-like of shape (n,)
        The true classes: of a module, the indices of the scores.
    method : {"deepfool", "pgd"}, default="deepfool"
        How to search.
    max_iter : int, default=None
        Steps; for "pgd" in each ball. None takes 50 and 20.
    random_state : int, default=0
        Where "pgd" begins in a ball.

    Returns
    -------
    perturbation : Perturbation
        ``norm``, ``relative``, ``success``, ``images``.

    Raises
    ------
    TypeError
        If the model is neither a module nor a pipeline that can become one.
    ValueError
        If y holds unknown classes, or `method` or `max_iter` is out of range.

    References
    ----------
    .. [1] S.-M. Moosavi-Dezfooli, A. Fawzi and P. Frossard, "DeepFool: a simple and
       accurate method to fool deep neural networks", CVPR 2016, algorithm 2.
    .. [2] A. Madry, A. Makelov, L. Schmidt, D. Tsipras and A. Vladu, "Towards deep
       learning models resistant to adversarial attacks", ICLR 2018.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.certificates import minimal_perturbation
    >>> line = torch.nn.Linear(2, 2, bias=False)
    >>> _ = line.weight.data.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    >>> minimal_perturbation(line, [[3.0, 1.0]], [0]).norm.round(2)
    array([1.41])
    """
    if method not in _STEPS:
        raise ValueError(f"method must be one of {sorted(_STEPS)}; got {method!r}.")
    max_iter = _STEPS[method] if max_iter is None else max_iter
    if max_iter != int(max_iter) or max_iter < 1:
        raise ValueError(f"max_iter must be 1 or more; got {max_iter!r}.")
    module = model if isinstance(model, nn.Module) else as_module(model)
    X = check_image_array(X)
    generator = torch.Generator().manual_seed(random_state)
    attack = {
        "deepfool": partial(_attacks.deepfool, max_iter=max_iter),
        "pgd": partial(
            _attacks.projected_gradient, max_iter=max_iter, generator=generator
        ),
    }[method]
    changed, success = X.copy(), np.zeros(len(X), bool)
    with evaluating(module):
        with torch.no_grad():
            n_scores = module(_tensor(X[:1], module)).shape[1]
        classes = getattr(module, "classes", np.arange(n_scores))
        index = torch.from_numpy(class_index(y, classes, len(X)))
        for part in gen_batches(len(X), _BATCH):
            images, success[part] = _attacks.nearest(
                attack, module, _tensor(X[part], module), y=index[part]
            )
            changed[part] = images.numpy()
    norm = _norms(changed - X)
    norm = np.where(success, norm, np.inf)
    relative = np.divide(norm, _norms(X), out=norm.copy(), where=_norms(X) > 0)
    return Perturbation(norm, relative, success, changed)


def _tensor(X, module):
    """Return images in the precision of a module's numbers, float64 if it has none."""
    numbers = [*module.parameters(), *module.buffers()]
    floats = [a.dtype for a in numbers if a.is_floating_point()]
    return as_tensor(X).to(floats[0] if floats else torch.float64)


def _norms(X):
    """Return the Euclidean norm of each image: (n,)."""
    return np.linalg.norm(X.reshape(len(X), -1), axis=1)
