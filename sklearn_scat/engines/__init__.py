"""The numbers of the cascade faster, where an engine applies."""

from typing import TYPE_CHECKING

from sklearn_scat._public import settle
from sklearn_scat.engines._angular import with_angular_paths
from sklearn_scat.engines._choice import choose_engine, native_engine
from sklearn_scat.engines._native import WEIGHTS, rigid_weights, separable_weights

if TYPE_CHECKING:
    from sklearn_scat.engines._native_layer import NativeLayer
    from sklearn_scat.engines._triton import triton_engine

__all__ = [
    "WEIGHTS",
    "NativeLayer",
    "choose_engine",
    "native_engine",
    "rigid_weights",
    "separable_weights",
    "triton_engine",
    "with_angular_paths",
]

settle(
    __name__, with_torch={"NativeLayer": "_native_layer", "triton_engine": "_triton"}
)
