"""Wavelets as arrays of numbers: atoms, filter banks and what they cover."""

from sklearn_scat._public import settle
from sklearn_scat.filters._atoms import gaussian_hat, morlet_hat
from sklearn_scat.filters._bank import FilterBank, morlet_bank
from sklearn_scat.filters._cache import cached_bank, cached_morlet_bank
from sklearn_scat.filters._circle import CircleBank, circle_bank
from sklearn_scat.filters._families import FAMILIES
from sklearn_scat.filters._frames import FRAMES, frame_name, littlewood_paley

__all__ = [
    "FAMILIES",
    "FRAMES",
    "CircleBank",
    "FilterBank",
    "cached_bank",
    "cached_morlet_bank",
    "circle_bank",
    "frame_name",
    "gaussian_hat",
    "littlewood_paley",
    "morlet_bank",
    "morlet_hat",
]

settle(__name__)
