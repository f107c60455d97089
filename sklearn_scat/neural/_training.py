"""What a network is trained with: split images, changed batches, rates, records."""

import copy
import math

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from torch import nn

from sklearn_scat.augmentation._batches import composed

_OPTIMIZERS = {
    "adamw": (torch.optim.AdamW, {"fused": True}),
    "sgd": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
}
_SMALLEST, _LARGEST, _SHARE = 8, 64, 10  # a batch is a tenth of the images
_BFLOAT16 = 8  # compute capability of CUDA devices from which they have it


class TrainedNetwork(nn.Module):
    """A network whose images are changed in training, maybe in half precision.

    Parameters
    ----------
    network : Module
        Takes images to scores.
    augment : str, callable, sequence of these or None
        Changes of the images.
    half : torch.dtype or None
        Of autocast.
    """

    def __init__(self, network, augment, half):
        super().__init__()
        self.network = network
        self.augment = None if augment is None else composed(augment)
        self.half = half

    def forward(self, x, sample_weight=None):
        """Return scores in float32; weights have their part in the loss alone."""
        if self.training and self.augment is not None:
            x = self.augment(x)
        if self.half is None:
            return self.network(x)
        with torch.autocast(x.device.type, dtype=self.half):
            return self.network(x).float()


def half_precision(mixed_precision, device):
    """Return the dtype of autocast on a device, or None."""
    if mixed_precision == "auto":
        on_cuda = torch.device(device).type == "cuda"
        mixed_precision = (
            on_cuda and torch.cuda.get_device_capability(device)[0] >= _BFLOAT16
        )
    return torch.bfloat16 if mixed_precision else None


def resolve_batch_size(batch_size, n):
    """Return the number of images of a batch.

    Examples
    --------
    >>> from sklearn_scat.neural._training import resolve_batch_size
    >>> [resolve_batch_size("auto", n) for n in (20, 300, 60_000)]
    [8, 30, 64]
    """
    if batch_size == "auto":
        return min(max(n // _SHARE, _SMALLEST), _LARGEST)
    return int(batch_size)


def optimizer_settings(optimizer, *, weight_decay, params):
    """Return the class of an optimizer and its parameters, by skorch's names."""
    made, defaults = _OPTIMIZERS.get(optimizer, (optimizer, {}))
    settings = {**defaults, "weight_decay": weight_decay, **params}
    return {"optimizer": made} | {f"optimizer__{k}": v for k, v in settings.items()}


def check_monitored(callbacks, *, validated):
    """Refuse callbacks that watch what is not measured.

    Raises
    ------
    ValueError
        If one watches validation images, and there are none.
    """
    for callback in callbacks:
        monitor = getattr(callback, "monitor", None)
        if not validated and isinstance(monitor, str) and monitor.startswith("valid"):
            raise ValueError(
                f"{type(callback).__name__} watches {monitor!r}, and no image is kept "
                "to validate on. Pass validation_fraction=0.2, or let it watch "
                "'train_loss'."
            )


def split_images(images, *, fraction, seed):
    """Return the images to learn from and those to validate on, or None.

    Raises
    ------
    ValueError
        If a class has too few images for both.
    """
    if fraction is None:
        return images, None
    train, valid = train_test_split(
        np.arange(len(images)),
        test_size=fraction,
        stratify=images.codes[images.chosen],
        random_state=seed,
    )
    return images.part(np.sort(train)), images.part(np.sort(valid))


def copied(callbacks):
    """Return copies of callbacks, which training may change; classes as they are."""
    return [copy.deepcopy(callback) for callback in callbacks]


def plain_history(history):
    """Return skorch's history as dictionaries of plain numbers, without batches."""
    return [
        {
            k: getattr(v, "item", lambda v=v: v)()
            for k, v in row.items()
            if k != "batches"
        }
        for row in history
        if "train_loss" in row  # else the epoch was interrupted
    ]


def first_not_finite(weights):
    """Return the name of an array that holds NaN or infinity, or None."""
    bad = (k for k, v in weights.items() if not math.isfinite(float(v.sum())))
    return next(bad, None)
