"""Less than an image: features of objects under masks."""

from sklearn_scat._public import settle
from sklearn_scat.regions._estimator import RegionFeatures
from sklearn_scat.regions._features import region_features

__all__ = ["RegionFeatures", "region_features"]

settle(__name__)
