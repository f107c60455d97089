"""Descend from noise to an image with given scattering coefficients."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize

from sklearn_scat._progress import Progress

_MEMORY = 20  # steps that L-BFGS remembers
_EXACT = 1e-26  # of Σ S²: a loss below is rounding
_FAINT = 1e-3  # of the largest path: fainter ones weigh no more
_ROUND = 1e-3  # of the detail: where total variation is rounded off


@dataclass(frozen=True, eq=False)
class Descent:
    """Hold an image, the loss of each iteration and the error of its coefficients."""

    x: np.ndarray
    loss: np.ndarray
    error: float


class Objective:
    """Weighted distance of an image's coefficients to given ones.

    Parameters
    ----------
    module : ScatteringFeatures
        The transform.
    maps : ndarray of float64 of shape (C, P, h, w)
        The coefficients to reach.
    order : ndarray of int of shape (P,)
        The order of each path.
    chosen : ndarray of bool of shape (P,)
        The paths that count.
    tv : float
        The weight of the total variation.
    """

    def __init__(self, module, maps, *, order, chosen, tv):
        self.module, self.tv = module, tv
        self.chosen = torch.from_numpy(np.flatnonzero(chosen))
        self.maps = torch.from_numpy(maps)[:, self.chosen]
        self.order = order[chosen]
        rms = self.maps.square().mean((0, 2, 3)).sqrt()
        largest = rms.max().clamp(min=torch.finfo(rms.dtype).tiny)
        self.weights = (largest / rms.clamp(min=_FAINT * largest))[:, None, None]
        self.deviation = self._deviation()
        # a power of 2, so that no digit changes
        self.unit = float(2.0 ** np.frexp(float(self.maps.abs().max()) or 1.0)[1])

    def __call__(self, x):
        """Return the loss of a flat image and its gradient."""
        x = torch.from_numpy(x).reshape(1, *self.module.shape).requires_grad_()
        with torch.enable_grad():
            change = self._coefficients(x) - self.maps
            loss = (self.weights * change.square()).sum() / 2
            if self.tv:
                loss = loss + self.tv * self._variation(x)
            (gradient,) = torch.autograd.grad(loss, x)
        return loss.item(), gradient.flatten().numpy()

    def start(self, rng):
        """Return noise of the mean and the energy that the coefficients tell."""
        noise = rng.standard_normal(self.module.shape)
        return (self._mean() + self.deviation * noise).ravel()

    def error(self, x):
        """Return the distance of the coefficients, over the norm of those given."""
        with torch.no_grad():
            x = torch.from_numpy(x).reshape(1, *self.module.shape)
            change = (self._coefficients(x) - self.maps).norm()
        return float(change / self.maps.norm()) if self.maps.any() else float(change)

    def size(self):
        """Return the loss of an image without coefficients."""
        return float((self.weights * self.maps.square()).sum() / 2)

    def _coefficients(self, x):
        """Return the chosen coefficients of one image: (C, P, h, w)."""
        return self.module.maps(x)[0][:, self.chosen]

    def _deviation(self):
        """Return the size of the details, channel by channel: (C, 1, 1)."""
        details = self.maps[:, self.order > 0]
        return details.square().sum(1).mean((1, 2)).sqrt().numpy()[:, None, None]

    def _mean(self):
        """Return the mean of the image, channel by channel, 0 without order 0."""
        averages = self.maps[:, self.order == 0].numpy()
        if not averages.size:
            return 0.0
        with torch.no_grad():  # what the low-pass makes of the constant 1
            ones = torch.ones(1, *self.module.shape, dtype=torch.float64)
            gain = self._coefficients(ones)[:, self.order == 0].numpy()
        return (averages / gain).mean((1, 2, 3))[:, None, None]

    def _variation(self, x):
        """Return Σ |∇x| by forward differences, rounded off near 0."""
        down = torch.nn.functional.pad(x.diff(dim=-2), (0, 0, 0, 1))
        right = torch.nn.functional.pad(x.diff(dim=-1), (0, 1))
        rounding = (_ROUND * float(self.deviation.max())) ** 2 + 1e-24
        return (down.square() + right.square() + rounding).sqrt().sum()


def descend(objective, rng, *, max_iter, name=None):
    """Return the local minimum that L-BFGS finds from noise.

    Parameters
    ----------
    objective : Objective
        What falls.
    rng : RandomState
        Draws the noise.
    max_iter : int
        Iterations.
    name : str, default=None
        Under which to report progress on standard error; None reports nothing.

    Returns
    -------
    descent : Descent
    """
    unit = objective.unit

    def in_units(z):  # L-BFGS begins with a step of length 1
        value, gradient = objective(unit * z)
        return value / unit**2, gradient / unit

    start = objective.start(rng)
    loss, enough = [objective(start)[0]], _EXACT * objective.size()
    report = Progress(f"reconstruct: {name}", max_iter, unit="steps") if name else None

    def note(intermediate_result):
        loss.append(intermediate_result.fun * unit**2)
        if report:
            report(len(loss) - 1, f"loss {loss[-1]:.3g}")
        if loss[-1] <= enough:
            raise StopIteration

    if loss[0] <= enough and not objective.tv:
        return Descent(start, np.array(loss), objective.error(start))
    options = {"maxiter": max_iter, "maxfun": 4 * max_iter, "maxcor": _MEMORY}
    # no tolerance: they are absolute, and pixels have any unit
    options |= {"ftol": 0.0, "gtol": 0.0}
    found = minimize(
        in_units,
        start / unit,
        jac=True,
        method="L-BFGS-B",
        callback=note,
        options=options,
    )
    x = unit * found.x
    return Descent(x, np.array(loss), objective.error(x))
