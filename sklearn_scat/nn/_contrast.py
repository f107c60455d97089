"""Local contrast normalisation, as before the networks of STL-10."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LocalContrastNormalization(nn.Module):
    r"""Subtract from every pixel its neighbourhood's mean, divide by the deviation.

    .. math:: v = x - g * \bar x, \qquad
              y = v \big/ \max\left(\sqrt{g * \overline{v^2}}, \epsilon\right)

    where the bar is the mean over channels and g a Gaussian window of sum 1, with a
    standard deviation of a quarter of its side; at the borders it is divided by the
    share of it that is inside.

    Parameters
    ----------
    size : int, default=7
        Side of the window in pixels, odd.
    epsilon : float, default=1e-4
        Smallest deviation, in the units of the pixels: 1e-4 is for pixels in [0, 1].

    Notes
    -----
    Shape: (B, C, H, W) to (B, C, H, W).

    References
    ----------
    .. [1] K. Jarrett, K. Kavukcuoglu, M. Ranzato and Y. LeCun, "What is the best
       multi-stage architecture for object recognition?", ICCV 2009, section 2.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import LocalContrastNormalization
    >>> x = torch.rand(2, 3, 16, 16)
    >>> LCN = LocalContrastNormalization()
    >>> torch.allclose(LCN(x), LCN(0.5 * x + 0.1), atol=1e-4)
    True
    """

    window: Tensor

    def __init__(self, size: int = 7, *, epsilon: float = 1e-4) -> None:
        super().__init__()
        if size < 1 or size % 2 == 0:
            raise ValueError(
                f"size must be an odd number of pixels; got {size}. Take {size + 1}."
            )
        self.epsilon = epsilon
        u = torch.arange(size) - size // 2
        bump = torch.exp(-0.5 * (u / (size / 4)) ** 2)
        self.register_buffer("window", bump / bump.sum(), persistent=False)

    def local_mean(self, x: Tensor) -> Tensor:
        """Average over channels and the window: (B, C, H, W) to (B, 1, H, W)."""
        inside = self._blur(torch.ones_like(x[:1, :1]))
        return self._blur(x.mean(1, keepdim=True)) / inside

    def _blur(self, x):
        """Convolve one channel with the window, zeros outside."""
        half = len(self.window) // 2
        x = F.conv2d(x, self.window[None, None, :, None], padding=(half, 0))
        return F.conv2d(x, self.window[None, None, None], padding=(0, half))

    def forward(self, x: Tensor) -> Tensor:
        """Return normalised images: (B, C, H, W) to (B, C, H, W)."""
        v = x - self.local_mean(x)
        deviation = self.local_mean(v.square()).clamp(min=self.epsilon**2).sqrt()
        return v / deviation

    def extra_repr(self) -> str:
        """Return the parameters, for printing."""
        return f"size={len(self.window)}, epsilon={self.epsilon}"
