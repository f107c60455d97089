"""Matrices organised by themselves: trees on rows and columns, and Haar-like bases."""

from sklearn_scat._public import settle
from sklearn_scat.questionnaire._affinity import (
    cosine_affinity,
    gaussian_affinity,
    tree_affinity,
    tree_distances,
)
from sklearn_scat.questionnaire._average import average_tree
from sklearn_scat.questionnaire._binary import binary_tree, random_tree_pairs
from sklearn_scat.questionnaire._channels import LayerOrganiser, LayerOrganizer
from sklearn_scat.questionnaire._correlation import (
    aligned_signs,
    correlation_affinity,
    correlation_distances,
    correlations,
)
from sklearn_scat.questionnaire._denoise import denoise, fill_missing
from sklearn_scat.questionnaire._diffusion import DiffusionMap, diffusion_map
from sklearn_scat.questionnaire._estimator import Questionnaire
from sklearn_scat.questionnaire._flexible import flexible_tree
from sklearn_scat.questionnaire._haar import (
    HaarSupports,
    haar,
    haar_supports,
    inverse_haar,
    inverse_tensor_haar,
    tensor_haar,
)
from sklearn_scat.questionnaire._leaves import order_leaves
from sklearn_scat.questionnaire._means import folder_means
from sklearn_scat.questionnaire._organise import Organisation, Organization, organise
from sklearn_scat.questionnaire._scores import (
    SupportDecay,
    compression_curve,
    haar_entropy,
    mixed_holder,
)
from sklearn_scat.questionnaire._tree import PartitionTree, dyadic_tree, random_tree
from sklearn_scat.questionnaire._variation import RelativeVariation, relative_variation

__all__ = [
    "DiffusionMap",
    "HaarSupports",
    "LayerOrganiser",
    "LayerOrganizer",
    "Organisation",
    "Organization",
    "PartitionTree",
    "Questionnaire",
    "RelativeVariation",
    "SupportDecay",
    "aligned_signs",
    "average_tree",
    "binary_tree",
    "compression_curve",
    "correlation_affinity",
    "correlation_distances",
    "correlations",
    "cosine_affinity",
    "denoise",
    "diffusion_map",
    "dyadic_tree",
    "fill_missing",
    "flexible_tree",
    "folder_means",
    "gaussian_affinity",
    "haar",
    "haar_entropy",
    "haar_supports",
    "inverse_haar",
    "inverse_tensor_haar",
    "mixed_holder",
    "order_leaves",
    "organise",
    "random_tree",
    "random_tree_pairs",
    "relative_variation",
    "tensor_haar",
    "tree_affinity",
    "tree_distances",
]

settle(__name__)
