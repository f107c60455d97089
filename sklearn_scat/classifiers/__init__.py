"""What decides on the coefficients: classifiers, and steps before them."""

from sklearn_scat._public import settle
from sklearn_scat.classifiers._affine import PCAAffineClassifier
from sklearn_scat.classifiers._decision_sum import DecisionSum
from sklearn_scat.classifiers._kernel_ridge import MeanNormRidge
from sklearn_scat.classifiers._linear import linear_head
from sklearn_scat.classifiers._local_kernel_ridge import LocalKernelRidge
from sklearn_scat.classifiers._sample_span import GramMatrix, SpanCoordinates
from sklearn_scat.classifiers._selection import (
    OrthogonalLeastSquares,
    OrthogonalSelection,
    orthogonal_least_squares,
)
from sklearn_scat.classifiers._svm import MeanNormSVC

__all__ = [
    "DecisionSum",
    "GramMatrix",
    "LocalKernelRidge",
    "MeanNormRidge",
    "MeanNormSVC",
    "OrthogonalLeastSquares",
    "OrthogonalSelection",
    "PCAAffineClassifier",
    "SpanCoordinates",
    "linear_head",
    "orthogonal_least_squares",
]

settle(__name__)
