"""The few private names of scikit-learn that the package relies on."""

from sklearn.base import _fit_context as fit_context
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_feature_names_in as check_feature_names_in

__all__ = ["check_feature_names_in", "fit_context", "output_container"]


def output_container(estimator):
    """Return what `transform` shall return: "default", "pandas" or "polars"."""
    return _get_output_config("transform", estimator)["dense"]
