"""Recipes: unfitted classifiers of images, with the search of their parameters."""

from sklearn_scat._public import settle
from sklearn_scat.recipes._image_shape import SmallestSides
from sklearn_scat.recipes._lookup import look_up
from sklearn_scat.recipes._registry import RECIPES, find_recipe

__all__ = ["RECIPES", "SmallestSides", "find_recipe", "look_up"]

settle(__name__)
