"""Published networks over scattering, by name."""

from collections.abc import Sequence
from typing import Any

from sklearn_scat.nn._hybrid import Hybrid
from sklearn_scat.nn._local_encoder import SharedLocalEncoder
from sklearn_scat.nn._residual import ResNet
from sklearn_scat.nn._scattering import Scattering2d
from sklearn_scat.nn._small_cnn import SmallCNN
from sklearn_scat.nn._wide_residual import WideResNet


def scat_resnet10(
    n_classes: int = 1000,
    shape: Sequence[int] = (224, 224),
    *,
    J: int = 3,
    L: int = 8,
    in_channels: int | None = None,
) -> Hybrid:
    """Return the scattering network with ten learned layers for ImageNet.

    Scattering, batch normalisation without weights, a 3×3 convolution to 256 channels,
    two basic blocks of 256, two of 512 (the first with stride 2), the average, a linear
    layer: 12,768,744 weights for RGB images and 1,000 classes.

    Parameters
    ----------
    n_classes : int, default=1000
        Number of outputs.
    shape : tuple of int (H, W), default=(224, 224)
        The images, in pixels.
    J, L : int, default=3 and 8
        Scales and orientations of scattering, as published.
    in_channels : int, default=None
        Channels of the images; None takes them from the first batch.

    Returns
    -------
    net : Hybrid

    References
    ----------
    .. [1] E. Oyallon et al., "Scattering networks for hybrid representation learning",
       IEEE TPAMI 41(9), 2018, section 4.

    Examples
    --------
    >>> from sklearn_scat.nn import scat_resnet10
    >>> net = scat_resnet10(in_channels=3)
    >>> sum(p.numel() for p in net.parameters())
    12768744
    """
    scattering = Scattering2d(J, shape, L=L)
    head = ResNet(
        (256, 512),
        (2, 2),
        strides=(1, 2),
        stem="maps",
        stem_bias=True,
        n_classes=n_classes,
        in_channels=_maps(scattering, in_channels),
    )
    return Hybrid(scattering, head, in_channels=in_channels)


def scat_wrn(
    depth: int = 12,
    width: int = 8,
    *,
    n_classes: int = 10,
    shape: Sequence[int] = (32, 32),
    J: int = 2,
    L: int = 8,
    stem_width: int | None = None,
    strides: Sequence[int] = (1, 1),
    in_channels: int | None = None,
) -> Hybrid:
    """Return a wide residual network over scattering, for CIFAR-10 or STL-10.

    Scattering, batch normalisation without weights, a 3×3 convolution to 16k channels,
    n basic blocks of 32k, n of 64k, the average, a linear layer. The network 12-8 of
    the defaults has 10,778,762 weights for RGB images.

    Parameters
    ----------
    depth : int, default=12
        4n + 4 for n blocks a group, scattering counted as two layers.
    width : int, default=8
        The factor k.
    n_classes : int, default=10
        Number of outputs.
    shape : tuple of int (H, W), default=(32, 32)
        The images, in pixels.
    J, L : int, default=2 and 8
        Scales and orientations of scattering, as published.
    stem_width : int, default=None
        Channels of the first convolution; None is 16k.
    strides : tuple of int, default=(1, 1)
        Strides of the two groups.
    in_channels : int, default=None
        Channels of the images; None takes them from the first batch.

    Returns
    -------
    net : Hybrid

    Notes
    -----
    The network 20-8 of STL-10 (23,123,210 weights) is ``scat_wrn(20, 8, shape=(96, 96),
    stem_width=256, strides=(1, 2))``, after :class:`LocalContrastNormalization`.

    References
    ----------
    .. [1] E. Oyallon et al., "Scattering networks for hybrid representation learning",
       IEEE TPAMI 41(9), 2018, section 4.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import scat_wrn
    >>> scat_wrn(depth=8, width=1, shape=(28, 28))(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    scattering = Scattering2d(J, shape, L=L)
    head = WideResNet(
        depth,
        width,
        n_classes,
        widths=(32, 64),
        strides=strides,
        stem_width=stem_width or 16 * width,
        in_channels=_maps(scattering, in_channels),
    )
    return Hybrid(scattering, head, in_channels=in_channels)


def scat_sle(
    n_classes: int = 1000,
    shape: Sequence[int] = (224, 224),
    *,
    J: int = 4,
    L: int = 8,
    width: int = 1024,
    hidden: Any = (2048, 2048),
    pool: int = 1,
    in_channels: int | None = None,
) -> Hybrid:
    """Return the shared local encoder over scattering.

    Parameters
    ----------
    n_classes : int, default=1000
        Number of outputs.
    shape : tuple of int (H, W), default=(224, 224)
        The images, in pixels.
    J, L : int, default=4 and 8
        Scales and orientations of scattering, as published.
    width, hidden, pool
        As in :class:`SharedLocalEncoder`.
    in_channels : int, default=None
        Channels of the images; None takes them from the first batch.

    Returns
    -------
    net : Hybrid

    References
    ----------
    .. [1] E. Oyallon, E. Belilovsky and S. Zagoruyko, "Scaling the scattering
       transform: deep hybrid networks", ICCV 2017, section 3.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import scat_sle
    >>> net = scat_sle(10, (32, 32), J=2, width=32, hidden=(64, 64))
    >>> net(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    scattering = Scattering2d(J, shape, L=L)
    head = SharedLocalEncoder(
        n_classes,
        width=width,
        hidden=hidden,
        pool=pool,
        in_channels=_maps(scattering, in_channels),
    )
    return Hybrid(scattering, head, in_channels=in_channels)


def scat_resnet50(
    n_classes: int = 1000,
    shape: Sequence[int] = (224, 224),
    *,
    J: int = 3,
    L: int = 8,
    in_channels: int | None = None,
) -> Hybrid:
    """Return the residual network of bottlenecks over scattering of first order.

    Scattering to 75 maps of 28×28, a 3×3 convolution to 128 channels, 5, 8 and 3
    bottlenecks of widths 128, 256 and 512, the average, a linear layer: 27,850,856
    weights for RGB images and 1,000 classes. Maps are not normalised before it.

    Parameters
    ----------
    n_classes : int, default=1000
        Number of outputs.
    shape : tuple of int (H, W), default=(224, 224)
        The images, in pixels.
    J, L : int, default=3 and 8
        Scales and orientations of scattering, as published.
    in_channels : int, default=None
        Channels of the images; None takes them from the first batch.

    Returns
    -------
    net : Hybrid

    References
    ----------
    .. [1] E. Oyallon et al., "Compressing the input for CNNs with the first-order
       scattering transform", ECCV 2018, section 4.

    Examples
    --------
    >>> from sklearn_scat.nn import scat_resnet50
    >>> net = scat_resnet50(in_channels=3)
    >>> sum(p.numel() for p in net.parameters())
    27850856
    """
    scattering = Scattering2d(J, shape, L=L, max_order=1)
    head = ResNet(
        (128, 256, 512),
        (5, 8, 3),
        strides=(1, 2, 2),
        block="bottleneck",
        stem="maps",
        n_classes=n_classes,
        in_channels=_maps(scattering, in_channels),
    )
    return Hybrid(scattering, head, normalize=False)


def scat_cnn(
    n_classes: int = 10,
    shape: Sequence[int] = (32, 32),
    *,
    J: int = 2,
    L: int = 8,
    width: int = 64,
    dropout: float = 0.0,
    in_channels: int | None = None,
) -> Hybrid:
    """Return a small network over scattering, which trains on a CPU.

    Parameters
    ----------
    n_classes : int, default=10
        Number of outputs.
    shape : tuple of int (H, W), default=(32, 32)
        The images, in pixels.
    J, L : int, default=2 and 8
        Scales and orientations of scattering.
    width, dropout
        As in :class:`SmallCNN`.
    in_channels : int, default=None
        Channels of the images; None takes them from the first batch.

    Returns
    -------
    net : Hybrid

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import scat_cnn
    >>> scat_cnn(shape=(28, 28))(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    scattering = Scattering2d(J, shape, L=L)
    # The head normalises what comes in.
    head = SmallCNN(
        n_classes,
        width=width,
        dropout=dropout,
        in_channels=_maps(scattering, in_channels),
    )
    return Hybrid(scattering, head, normalize=False)


def _maps(scattering, in_channels):
    """Return the number of maps of images with so many channels; None for None."""
    return None if in_channels is None else in_channels * len(scattering.paths)
