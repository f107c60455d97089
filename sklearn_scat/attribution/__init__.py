"""Why a model decides as it does: exact shares of paths and places in decisions."""

from sklearn_scat._public import settle
from sklearn_scat.attribution._attribution import Attribution, PathShares
from sklearn_scat.attribution._explain import explain

__all__ = ["Attribution", "PathShares", "explain"]

settle(__name__)
