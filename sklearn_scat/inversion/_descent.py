"""Descend to an image with given scattering coefficients, from coarse to fine."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import minimize

from sklearn_scat._progress import Progress

_MEMORY = 20  # steps that L-BFGS remembers
_EXACT = 1e-26  # of Σ S²: a loss below is rounding
_COARSE = 6  # one part in so many of the iterations for each coarser scale
# noise over detail: enough to leave a constant, for moduli have no gradient at 0
_SPARK = 1e-2
_STIR = 0.3  # the same for every further descent


@dataclass(frozen=True, eq=False)
class Descent:
    """Hold an image, its losses over all paths, and the error of its coefficients."""

    x: np.ndarray
    loss: np.ndarray
    error: float


def best_descent(objective, start, rng, *, max_iter, n_restarts, name=None):
    """Return the descent of the least loss, of several.

    Parameters
    ----------
    objective : Objective
        What falls.
    start : {"average", "noise"} or ndarray
        Where the first begins. "average": a constant with a little noise, then from
        coarse scales to fine. "noise", or an image: all paths at once. The others
        begin with more noise each, on the constant or the image.
    rng : RandomState
        Draws the noise.
    max_iter : int
        Iterations of each.
    n_restarts : int
        Number of descents.
    name : str, default=None
        Under which to report progress on standard error; None reports nothing.

    Returns
    -------
    descent : Descent
    """
    found = []
    for i in range(n_restarts):
        title = f"{name}, descent {i + 1}" if name and n_restarts > 1 else name
        begin = _beginning(objective, start, rng, again=i > 0)
        by_scales = isinstance(start, str) and start == "average"
        found.append(
            descend(objective, begin, max_iter=max_iter, scales=by_scales, name=title)
        )
    return min(found, key=lambda descent: descent.loss[-1])


def _beginning(objective, start, rng, *, again):
    """Return the flat image that a descent begins with."""
    if isinstance(start, str):
        amount = {"average": _STIR if again else _SPARK, "noise": 1.0}[start]
        return objective.start(rng, amount)
    noise = _STIR * objective.deviation * rng.standard_normal(objective.shape)
    return start.ravel() + again * noise.ravel()


def descend(objective, x, *, max_iter, scales, name=None):
    """Return the local minimum that L-BFGS finds.

    Parameters
    ----------
    objective : Objective
        What falls.
    x : ndarray
        The flat image to begin with.
    max_iter : int
        Iterations.
    scales : bool
        Whether coarse scales come before fine ones.
    name : str, default=None
        Under which to report progress on standard error; None reports nothing.

    Returns
    -------
    descent : Descent
        Its losses are those of the last part, over all paths.
    """
    loss, error = objective.measures(x)
    enough = _EXACT * objective.size()
    if loss <= enough and not objective.tv:
        return Descent(x, np.array([loss]), error)
    report = Progress(f"reconstruct: {name}", max_iter, unit="steps") if name else None
    coarser, done = objective.scales() if scales else [], 0
    share = max_iter // max(_COARSE, len(coarser) + 1)
    for among in coarser if share else []:
        part = partial(objective, among=among)
        x, losses = _minimum(part, x, unit=objective.unit, max_iter=share)
        done += len(losses) - 1
        if report:
            report(done, f"loss {losses[-1]:.3g}")
    x, losses = _minimum(
        objective,
        x,
        unit=objective.unit,
        max_iter=max_iter - done,
        enough=enough,
        report=report,
        done=done,
    )
    return Descent(x, losses, objective.measures(x)[1])


def _minimum(objective, x, *, unit, max_iter, enough=0.0, report=None, done=0):
    """Return the image that L-BFGS comes to, and the loss of each iteration."""

    def in_units(z):  # L-BFGS begins with a step of length 1
        value, gradient = objective(unit * z)
        return value / unit**2, gradient / unit

    loss = [objective(x)[0]]

    def note(intermediate_result):
        loss.append(intermediate_result.fun * unit**2)
        if report:
            report(done + len(loss) - 1, f"loss {loss[-1]:.3g}")
        if loss[-1] <= enough:
            raise StopIteration

    options = {"maxiter": max_iter, "maxfun": 4 * max_iter, "maxcor": _MEMORY}
    # no tolerance: they are absolute, and pixels have any unit
    options |= {"ftol": 0.0, "gtol": 0.0}
    found = minimize(
        in_units,
        x / unit,
        jac=True,
        method="L-BFGS-B",
        callback=note,
        options=options,
    )
    return unit * found.x, np.array(loss)
