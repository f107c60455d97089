"""Small-sample protocol: balanced subsets, predefined folds, paired comparisons."""

from sklearn_scat._public import settle
from sklearn_scat.model_selection._folds import PredefinedFolds
from sklearn_scat.model_selection._paired import PairedComparison, compare_paired
from sklearn_scat.model_selection._subsets import BalancedSubsetSplit

__all__ = [
    "BalancedSubsetSplit",
    "PairedComparison",
    "PredefinedFolds",
    "compare_paired",
]

settle(__name__)
