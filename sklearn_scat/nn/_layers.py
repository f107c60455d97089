"""Convolutions and batch normalisations: their start, and where they are lazy."""

import torch
from torch import nn
from torch.nn import functional as F


class Conv2d(nn.Conv2d):
    """A convolution that starts from N(0, 2 / (k²·out)), its bias from 0."""

    def reset_parameters(self):
        """Draw the weights."""
        nn.init.kaiming_normal_(self.weight, mode="fan_out", nonlinearity="relu")
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class LazyConv2d(nn.LazyConv2d):
    """The same; the number of input channels comes from the first batch."""

    cls_to_become = Conv2d  # type: ignore[assignment]

    def reset_parameters(self):
        """Draw the weights, once they have a shape."""
        if not self.has_uninitialized_params() and self.in_channels:
            Conv2d.reset_parameters(self)


def convolution(in_channels, out_channels, kernel_size=3, **options):
    """Return a convolution that keeps the size at stride 1, without bias.

    `in_channels` is None where the first batch says it.
    """
    options = {"padding": kernel_size // 2, "bias": False} | options
    if in_channels is None:
        return LazyConv2d(out_channels, kernel_size, **options)
    return Conv2d(in_channels, out_channels, kernel_size, **options)


class _TakesOneSample:
    """Where a batch holds one value a channel, take the running statistics.

    One value has no variance, and torch's layers refuse it: the last batch of an epoch
    could stop a training.
    """

    def forward(self, x):
        if self.training and x.numel() == x.shape[1]:
            return F.batch_norm(
                x,
                self.running_mean,
                self.running_var,
                self.weight,
                self.bias,
                eps=self.eps,
            )
        return super().forward(x)


class BatchNorm1d(_TakesOneSample, nn.BatchNorm1d):
    """Batch normalisation of rows, a single row included."""


class BatchNorm2d(_TakesOneSample, nn.BatchNorm2d):
    """Batch normalisation of maps, a single pixel included."""


class LazyBatchNorm2d(_TakesOneSample, nn.LazyBatchNorm2d):
    """The same; the number of channels comes from the first batch."""

    cls_to_become = BatchNorm2d  # type: ignore[assignment]


def plain_batch_norm(channels):
    """Return a batch normalisation without weights; `channels` may be None."""
    if channels is None:
        return LazyBatchNorm2d(affine=False)
    return BatchNorm2d(channels, affine=False)


def linear(in_features, out_features):
    """Return a linear layer; `in_features` is None where the first batch says it."""
    if in_features is None:
        return nn.LazyLinear(out_features)
    return nn.Linear(in_features, out_features)


def global_average(x):
    """Average maps over their pixels: (B, C, h, w) to (B, C)."""
    return torch.mean(x, (-2, -1))
