"""How the learning rate goes: torch's schedules, with the constants of their papers."""

import math

from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, MultiStepLR

_WARM_UP = 0.2  # of the steps
_FIRST, _LAST = 1 / 25, 1e-3  # of the largest rate
_DROPS = (0.3, 0.6, 0.8)  # 60, 120 and 160 of 200 epochs
_DROP = 0.2


def one_cycle(optimizer, *, n_steps, last_epoch=-1):
    """Rise from 1/25 to 1 in a fifth of the steps, then fall, along cosines.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        Its groups' rates are the largest.
    n_steps : int
        Steps of the training.
    last_epoch : int, default=-1
        The last step that was taken, as torch counts.

    Returns
    -------
    scheduler : torch.optim.lr_scheduler.LRScheduler

    References
    ----------
    L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks
    using large learning rates", 2018.
    """
    # torch's OneCycleLR divides by zero for some small numbers of steps

    def factor(step):
        t = min(1.0, step / max(1, n_steps))
        if t < _WARM_UP:
            return _between(_FIRST, 1, t / _WARM_UP)
        return _between(1, _LAST, (t - _WARM_UP) / (1 - _WARM_UP))

    return LambdaLR(optimizer, factor, last_epoch=last_epoch)


def _between(start, end, t):
    """Go from one number to another along a cosine, t in [0, 1]."""
    return end + (start - end) * (1 + math.cos(math.pi * t)) / 2


def cosine(optimizer, *, n_steps, last_epoch=-1):
    """Fall from 1 to 0 along a cosine."""
    return CosineAnnealingLR(optimizer, n_steps, last_epoch=last_epoch)


def steps(optimizer, *, n_steps, last_epoch=-1):
    """Fall to a fifth at 30, 60 and 80 % of the steps.

    References
    ----------
    S. Zagoruyko and N. Komodakis, "Wide residual networks", BMVC 2016, section 3.
    """
    milestones = [round(drop * n_steps) for drop in _DROPS]
    return MultiStepLR(optimizer, milestones, gamma=_DROP, last_epoch=last_epoch)


SCHEDULES = {"one_cycle": one_cycle, "cosine": cosine, "steps": steps}
