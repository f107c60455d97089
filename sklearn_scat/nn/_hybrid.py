"""Scattering under a learned network."""

from torch import Tensor, nn

from sklearn_scat.nn._layers import plain_batch_norm
from sklearn_scat.nn._scattering import Scattering2d
from sklearn_scat.nn._small_cnn import SmallCNN


class Hybrid(nn.Module):
    """Classify images by scattering, batch normalisation and a learned head.

    Scattering has no weights, or few: the head starts from coefficients that are
    already stable to shifts and deformations.

    Parameters
    ----------
    scattering : Module, default=None
        Takes (B, C, H, W) to maps, such as :class:`Scattering2d` or
        :class:`ScatteringParametric2d`. None is ``Scattering2d(2, (32, 32))``.
    head : Module, default=None
        Takes the maps to scores. None is ``SmallCNN()``.
    normalize : bool, default=True
        Whether the maps pass a batch normalisation without weights, which brings the
        orders of scattering to one scale.
    frozen : bool, default=False
        Whether the scattering's own parameters, where it has any, are kept as they are.
    in_channels : int, default=None
        Channels of the images; None takes them from the first batch.

    Notes
    -----
    Shape: input (B, C, H, W), output (B, n_classes), scores before a softmax.

    References
    ----------
    .. [1] E. Oyallon et al., "Scattering networks for hybrid representation learning",
       IEEE TPAMI 41(9), 2018, section 4.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import Hybrid, Scattering2d, SmallCNN
    >>> net = Hybrid(Scattering2d(2, (28, 28)), SmallCNN(n_classes=5))
    >>> net(torch.zeros(4, 1, 28, 28)).shape
    torch.Size([4, 5])
    """

    def __init__(
        self,
        scattering: nn.Module | None = None,
        head: nn.Module | None = None,
        *,
        normalize: bool = True,
        frozen: bool = False,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        self.scattering = (
            Scattering2d(2, (32, 32)) if scattering is None else scattering
        )
        self.bn0 = nn.Identity()
        if normalize:
            paths = getattr(self.scattering, "paths", None)
            channels = None
            if in_channels is not None and paths is not None:
                channels = in_channels * len(paths)
            self.bn0 = plain_batch_norm(channels)
        self.head = SmallCNN() if head is None else head
        if frozen:
            self.scattering.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of the classes: (B, C, H, W) to (B, n_classes)."""
        return self.head(self.bn0(self.scattering(x)))
