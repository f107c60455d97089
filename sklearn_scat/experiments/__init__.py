"""Small-data experiments: cases, plans, runs, records, summaries and reports."""

from typing import TYPE_CHECKING

from sklearn_scat._public import settle
from sklearn_scat.experiments._cases import CASES, Case, default_sizes, find_case
from sklearn_scat.experiments._curves import draw_learning_curves, learning_curves_svg
from sklearn_scat.experiments._details import paired_differences
from sklearn_scat.experiments._environment import environment, versions
from sklearn_scat.experiments._experiment import Experiment, Interrupted, run_experiment
from sklearn_scat.experiments._explanation_report import (
    Explanation,
    explanation_html,
    explanation_json,
)
from sklearn_scat.experiments._image_set import ImageSet
from sklearn_scat.experiments._judgement import Judgement, wilson_interval
from sklearn_scat.experiments._pages import table_html
from sklearn_scat.experiments._path_map import path_map_svg
from sklearn_scat.experiments._plan import Run, describe, plan_runs
from sklearn_scat.experiments._progress import Progress, clock
from sklearn_scat.experiments._records import Record, RecordFolder
from sklearn_scat.experiments._report import report_html
from sklearn_scat.experiments._summary import (
    Spread,
    Summary,
    accuracy_table,
    records_csv,
)
from sklearn_scat.experiments._trained import trained
from sklearn_scat.experiments._training_report import (
    Training,
    training_html,
    training_json,
)

if TYPE_CHECKING:
    from sklearn_scat.experiments._analysis import Analysis, analyse, analyse_case
    from sklearn_scat.experiments._analysis_report import analysis_html

__all__ = [
    "CASES",
    "Analysis",
    "Case",
    "Experiment",
    "Explanation",
    "ImageSet",
    "Interrupted",
    "Judgement",
    "Progress",
    "Record",
    "RecordFolder",
    "Run",
    "Spread",
    "Summary",
    "Training",
    "accuracy_table",
    "analyse",
    "analyse_case",
    "analysis_html",
    "clock",
    "default_sizes",
    "describe",
    "draw_learning_curves",
    "environment",
    "explanation_html",
    "explanation_json",
    "find_case",
    "learning_curves_svg",
    "paired_differences",
    "path_map_svg",
    "plan_runs",
    "records_csv",
    "report_html",
    "run_experiment",
    "table_html",
    "trained",
    "training_html",
    "training_json",
    "versions",
    "wilson_interval",
]

settle(
    __name__,
    late={
        "Analysis": "_analysis",
        "analyse": "_analysis",
        "analyse_case": "_analysis",
        "analysis_html": "_analysis_report",
    },
)
