"""Random changes of batches of images, made on the device that they lie on.

All draw from torch's own generator, image by image, and leave shape and dtype as they
are. A change takes images (B, C, H, W).
"""

import torch
from torch.nn import functional as F

from sklearn_scat.augmentation._amounts import (
    ANGLE,
    COLOUR,
    HOLE,
    LIKELY,
    SHEAR_OF_BATCHES,
    SHIFT,
    STRONG,
    STRONG_ZOOM,
)


def flip(x):
    """Mirror half of the images, left to right."""
    return torch.where(_uniform(x, 0, 1) < 0.5, x.flip(-1), x)


def shift(x):
    """Move images by up to an eighth of their sides, reflected past the border.

    Four pixels for images of 32×32, as published for wide residual networks.
    """
    B, C, H, W = x.shape
    rows, columns = (
        _reflected(_integers(x, n // 8) + torch.arange(n, device=x.device), n)
        for n in (H, W)
    )
    return (x.gather(2, rows[:, None, :, None].expand(B, C, H, W))).gather(
        3, columns[:, None, None, :].expand(B, C, H, W)
    )


def affine(x):
    """Turn by up to 12°, slant by up to 0.1 and move by up to a pixel; bilinear."""
    return _affine(x, angle=ANGLE, shear=SHEAR_OF_BATCHES, shift=SHIFT)


def strong(x):
    """Turn, slant, zoom and move far; change contrast and colours; cut a hole.

    Each of the three meets seven images in ten. Amounts are relative to the image's own
    mean and spread, whatever the range of the pixels.
    """
    far_shift = max(SHIFT, max(x.shape[-2:]) / 8)
    far = {
        "angle": STRONG * ANGLE,
        "shear": STRONG * SHEAR_OF_BATCHES,
        "shift": far_shift,
    }
    for change in (lambda x: _affine(x, **far, zoom=STRONG_ZOOM), _colour, _hole):
        x = torch.where(_uniform(x, 0, 1) < LIKELY, change(x), x)
    return x


CHANGES = {"affine": affine, "flip": flip, "shift": shift, "strong": strong}
FORMER_NAMES = {"crop": "shift", "rotate": "affine"}


def composed(names):
    """Return one change that makes several, one after the other.

    Parameters
    ----------
    names : str, callable or sequence of these
        Of `CHANGES`, or functions of a batch.

    Raises
    ------
    ValueError
        If one is neither.
    """
    if isinstance(names, str) or callable(names):
        names = [names]
    changes = [_named(name) if isinstance(name, str) else name for name in names]
    for change in changes:
        if not callable(change):
            raise ValueError(
                f"augment has {change!r} where a function of a batch belongs, or one "
                f"of the names {', '.join(CHANGES)}."
            )

    def change(x):
        with torch.no_grad():
            for one in changes:
                x = one(x)
        return x

    return change


def _named(name):
    """Return the change of a name, or of a former one."""
    return CHANGES.get(FORMER_NAMES.get(name, name), name)


def _affine(x, *, angle, shear, shift, zoom=0.0):
    """Return images under random affine maps about their centres."""
    H, W = x.shape[-2:]
    turn, slant = _uniform(x, -angle, angle), _uniform(x, -shear, shear)
    scale = _uniform(x, -zoom, zoom).exp()
    cosine, sine = scale * turn.cos(), scale * turn.sin()
    down, right = _uniform(x, -shift, shift), _uniform(x, -shift, shift)
    # positions lie in [-1, 1] along either side, so that a turn depends on H / W
    first = [cosine, (cosine * slant - sine) * H / W, 2 * right / W]
    second = [sine * W / H, sine * slant + cosine, 2 * down / H]
    A = torch.stack([torch.cat(row, -1).flatten(1) for row in (first, second)], 1)
    grid = F.affine_grid(A, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def _colour(x):
    """Change contrast, brightness and each channel's share of both."""
    mean = x.mean((1, 2, 3), keepdim=True)
    spread = x.std((1, 2, 3), correction=0, keepdim=True)
    contrast = 1 + _uniform(x, -COLOUR, COLOUR)
    tint = COLOUR * (2 * torch.rand_like(x[:, :, :1, :1]) - 1) / 2
    brightness = _uniform(x, -COLOUR, COLOUR) + (tint if x.shape[1] > 1 else 0)
    return mean + contrast * (x - mean) + brightness * spread


def _hole(x):
    """Set a rectangle of each image to the image's mean."""
    inside = torch.ones_like(x[:, :1], dtype=torch.bool)
    for axis in (-2, -1):
        n = x.shape[axis]
        shape = (1, 1, n, 1) if axis == -2 else (1, 1, 1, n)
        place = torch.arange(n, device=x.device).reshape(shape)
        half = _uniform(x, 0, HOLE * n / 2)
        inside = inside & ((place - _uniform(x, 0, n - 1)).abs() < half)
    return torch.where(inside, x.mean((1, 2, 3), keepdim=True), x)


def _uniform(x, low, high):
    """Return a number in [low, high) for each image: (B, 1, 1, 1)."""
    return low + (high - low) * torch.rand_like(x[:, :1, :1, :1])


def _integers(x, largest):
    """Return an integer in [−largest, largest] for each image: (B, 1)."""
    size = (len(x), 1)
    return torch.randint(-largest, largest + 1, size, device=x.device)


def _reflected(index, n):
    """Return indices brought into 0 … n − 1 by reflection at the border pixels."""
    return (n - 1) - ((n - 1) - index.abs()).abs() if n > 1 else index * 0
