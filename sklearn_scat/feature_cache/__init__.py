"""Coefficients of images on disk: how much they take, and how to clear them."""

from sklearn_scat._public import settle
from sklearn_scat.feature_cache._cached_map import cached_map
from sklearn_scat.feature_cache._directory import CacheInfo, clear, info, set_limit

__all__ = ["CacheInfo", "cached_map", "clear", "info", "set_limit"]

settle(__name__)
