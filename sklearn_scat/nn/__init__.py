"""Scattering as a layer of torch networks."""

from sklearn_scat.nn._scattering import Scattering2d

__all__ = ["Scattering2d"]
