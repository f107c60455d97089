"""How far an image may move before a decision changes: certified, and attacked."""

from typing import TYPE_CHECKING

from sklearn_scat._public import settle
from sklearn_scat.certificates._certificate import Certificate, certified_radius

if TYPE_CHECKING:
    from sklearn_scat.certificates._module import as_module
    from sklearn_scat.certificates._perturbation import (
        Perturbation,
        minimal_perturbation,
    )

__all__ = [
    "Certificate",
    "Perturbation",
    "as_module",
    "certified_radius",
    "minimal_perturbation",
]

settle(
    __name__,
    with_torch={
        "as_module": "_module",
        "Perturbation": "_perturbation",
        "minimal_perturbation": "_perturbation",
    },
)
