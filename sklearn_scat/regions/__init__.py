"""Less than an image, more than memory: objects under masks, and tiles."""

from sklearn_scat._public import settle
from sklearn_scat.regions._estimator import RegionFeatures
from sklearn_scat.regions._features import region_features
from sklearn_scat.regions._tiles import transform_tiles

__all__ = ["RegionFeatures", "region_features", "transform_tiles"]

settle(__name__)
