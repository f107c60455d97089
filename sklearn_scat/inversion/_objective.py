"""How far an image is from given scattering coefficients, and which way is down."""

import numpy as np
import torch

from sklearn_scat.transformers._module import ScatteringFeatures

_FAINT = 1e-3  # of the largest path: fainter ones weigh no more
_ROUND = 1e-3  # of the detail: where total variation is rounded off


class Modules:
    """Scattering of one transformer, in float64 and by what is fastest.

    Parameters
    ----------
    transformer : ScatteringTransformer or RotoTranslationScattering
        Fitted.

    Attributes
    ----------
    exact, fast : ScatteringFeatures
        In float64; and in float32 by the native kernel, or the same where it does not
        apply.
    """

    def __init__(self, transformer):
        self.exact = self.fast = ScatteringFeatures(transformer)
        single = ScatteringFeatures(transformer, dtype=torch.float32)
        if single.uses_native():
            self.fast = single


class Objective:
    """Weighted distance of an image's coefficients to given ones.

    Parameters
    ----------
    modules : Modules
        The transform.
    maps : ndarray of float64 of shape (C, P, h, w)
        The coefficients to reach.
    paths : structured ndarray of shape (P,)
        What they are of.
    chosen : ndarray of bool of shape (P,)
        The paths that count.
    tv : float
        The weight of the total variation.
    """

    def __init__(self, modules, maps, *, paths, chosen, tv):
        self.modules, self.tv = modules, tv
        self.shape = modules.exact.shape
        self.paths, self.chosen = paths, chosen
        self.maps = torch.from_numpy(maps)
        rms = self.maps.square().mean((0, 2, 3)).sqrt()
        largest = rms[chosen].max().clamp(min=torch.finfo(rms.dtype).tiny)
        weights = largest / rms.clamp(min=_FAINT * largest)
        self.weights = self._masked(weights, chosen)
        self.deviation = self._deviation()
        # a power of 2, so that no digit changes
        size = float(self.maps[:, chosen].abs().max())
        self.unit = float(2.0 ** np.frexp(size or 1.0)[1])

    def __call__(self, x, among=None):
        """Return the loss of a flat image and its gradient.

        Of the paths `among`, an ndarray of bool of shape (P,), or of all that count.
        """
        weights = self.weights if among is None else self._masked(self.weights, among)
        x = torch.from_numpy(x).reshape(1, *self.shape).requires_grad_()
        with torch.enable_grad():
            change = self._coefficients(self.modules.fast, x) - self.maps
            loss = (weights * change.square()).sum() / 2
            if self.tv:
                loss = loss + self.tv * self._variation(x)
            (gradient,) = torch.autograd.grad(loss, x)
        return loss.item(), gradient.flatten().numpy()

    def start(self, rng, amount):
        """Return the mean that the coefficients tell, and some noise of their energy.

        Parameters
        ----------
        rng : RandomState
            Draws the noise.
        amount : float
            The size of the noise, over that of the details.
        """
        noise = rng.standard_normal(self.shape)
        return (self._mean() + amount * self.deviation * noise).ravel()

    def scales(self):
        """Return the paths that count from coarse to fine: lists of bool (P,).

        Averages first, then those of wavelets of scale J − 1 and more, and so on, to
        those of all scales but the finest.
        """
        order, first = self.paths["order"], self.paths["j1"]
        coarser = [order == 0]
        coarser += [(order == 0) | (first >= j) for j in range(first.max(), 0, -1)]
        chosen = [self.chosen & among for among in coarser]
        return [among for among in chosen if among.any()]

    def measures(self, x):
        """Return the loss in float64 and the relative distance of the coefficients."""
        with torch.no_grad():
            x = torch.from_numpy(x).reshape(1, *self.shape)
            change = self._coefficients(self.modules.exact, x) - self.maps
        loss = float((self.weights * change.square()).sum() / 2)
        size = float(self.maps[:, self.chosen].norm())
        return loss, float(change[:, self.chosen].norm()) / (size or 1.0)

    def size(self):
        """Return the loss of an image without coefficients."""
        return float((self.weights * self.maps.square()).sum() / 2)

    @staticmethod
    def _masked(weights, among):
        """Return weights (P, 1, 1) that are 0 for other paths."""
        return (weights.reshape(-1) * torch.from_numpy(among))[:, None, None]

    @staticmethod
    def _coefficients(module, x):
        """Return the coefficients of one image, in float64: (C, P, h, w)."""
        return module.maps(x.to(module.dtype))[0].double()

    def _deviation(self):
        """Return the size of the details, channel by channel: (C, 1, 1)."""
        details = self.maps[:, self.chosen & (self.paths["order"] > 0)]
        return details.square().sum(1).mean((1, 2)).sqrt().numpy()[:, None, None]

    def _mean(self):
        """Return the mean of the image, channel by channel, 0 without order 0."""
        lowest = self.chosen & (self.paths["order"] == 0)
        averages = self.maps[:, lowest].numpy()
        if not averages.size:
            return 0.0
        with torch.no_grad():  # what the low-pass makes of the constant 1
            ones = torch.ones(1, *self.shape, dtype=torch.float64)
            gain = self._coefficients(self.modules.exact, ones)[:, lowest].numpy()
        return (averages / gain).mean((1, 2, 3))[:, None, None]

    def _variation(self, x):
        """Return Σ |∇x| by forward differences, rounded off near 0."""
        down = torch.nn.functional.pad(x.diff(dim=-2), (0, 0, 0, 1))
        right = torch.nn.functional.pad(x.diff(dim=-1), (0, 1))
        rounding = (_ROUND * float(self.deviation.max())) ** 2 + 1e-24
        return (down.square() + right.square() + rounding).sqrt().sum()
