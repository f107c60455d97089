"""Which J a recipe takes for images of a size: one rule for each kind of images."""

import math

_LARGEST_J = 5  # of Sifre and Mallat (2013), for textures of 200×200
_N_SCALES = 3  # of colour images: J, J + 1 and J + 2


def suitable_scale(image_shape):
    """Return the J whose windows are a quarter of a grey image, an eighth of a colour.

    Examples
    --------
    >>> from sklearn_scat.recipes._scales import suitable_scale
    >>> [suitable_scale(shape) for shape in [(28, 28), (3, 32, 32), (3, 96, 96)]]
    [3, 2, 4]
    """
    J = round(math.log2(min(image_shape[-2:]))) - (2 if len(image_shape) == 2 else 3)
    return min(max(J, 1), _LARGEST_J, possible_scale(image_shape))


def colour_scales(image_shape):
    """Return each J that colour images are scattered with.

    Examples
    --------
    >>> from sklearn_scat.recipes._scales import colour_scales
    >>> colour_scales((3, 32, 32)), colour_scales((3, 4, 4))
    ([2, 3, 4], [1, 2])
    """
    J, largest = suitable_scale(image_shape), possible_scale(image_shape)
    return sorted({min(J + more, largest) for more in range(_N_SCALES)})


def texture_scale(image_shape, n_copies=3):
    """Return J: 5, or what the smallest copy of the smallest image allows.

    Copies are smaller by √2 each. Of images whose sizes are not known, 5.

    Examples
    --------
    >>> from sklearn_scat.recipes._scales import texture_scale
    >>> texture_scale((200, 200)), texture_scale((64, 80)), texture_scale((64, 80), 0)
    (5, 4, 5)
    """
    if image_shape is None:
        return _LARGEST_J
    side = round(min(image_shape[-2:]) / 2 ** (n_copies / 2))
    return max(0, min(_LARGEST_J, possible_scale((side, side))))


def network_scale(image_shape):
    """Return J before a network: 2 as published for 32×32 and 96×96, or less."""
    return min(2, possible_scale(image_shape))


def possible_scale(image_shape):
    """Return the largest J: windows of 2^J pixels fit the shorter side."""
    return min(image_shape[-2:]).bit_length() - 1
