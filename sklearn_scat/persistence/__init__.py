"""Fitted estimators in files that run no code when they are read."""

from sklearn_scat._public import settle
from sklearn_scat.persistence._bundle import (
    BundleError,
    BundleInfo,
    inspect,
    load,
    save,
)

__all__ = ["BundleError", "BundleInfo", "inspect", "load", "save"]

settle(__name__)
