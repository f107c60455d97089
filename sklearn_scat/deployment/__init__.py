"""Fitted models in other forms, for places without Python."""

from sklearn_scat._public import settle
from sklearn_scat.deployment._export import export_onnx

__all__ = ["export_onnx"]

settle(__name__)
