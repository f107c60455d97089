"""What a representation separates, contracts and keeps: arrays in, results out."""

from sklearn_scat.analysis._layers import standardize

__all__ = ["standardize"]
