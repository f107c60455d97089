"""The shape of images, learned where it is asked for."""


class SmallestSides(tuple):
    """(H, W) or (C, H, W) where images differ in size: the smallest sides."""

    __slots__ = ()
