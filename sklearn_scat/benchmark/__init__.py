"""What the command line runs: small-data experiments, and files of coefficients."""

from sklearn_scat.benchmark._analysis import Analysis, analyse
from sklearn_scat.benchmark._analysis_report import analysis_html
from sklearn_scat.benchmark._arguments import command_parser
from sklearn_scat.benchmark._cases import CASES, Case, default_sizes, find_case
from sklearn_scat.benchmark._conversion import ImageFile, open_images, write_features
from sklearn_scat.benchmark._csv_matrix import LabelledTable, read_table
from sklearn_scat.benchmark._curves import draw_learning_curves, learning_curves_svg
from sklearn_scat.benchmark._details import paired_differences
from sklearn_scat.benchmark._environment import environment, versions
from sklearn_scat.benchmark._experiment import (
    Experiment,
    Interrupted,
    run_experiment,
)
from sklearn_scat.benchmark._files import whole_file
from sklearn_scat.benchmark._image_set import ImageSet
from sklearn_scat.benchmark._information import (
    bytes_text,
    describe_machine,
    describe_transformer,
)
from sklearn_scat.benchmark._lookup import look_up
from sklearn_scat.benchmark._organised import add_organise, organise_file
from sklearn_scat.benchmark._path_map import path_map_svg
from sklearn_scat.benchmark._plan import Run, describe, plan_runs
from sklearn_scat.benchmark._progress import Progress, clock
from sklearn_scat.benchmark._recipes import RECIPES, find_recipe
from sklearn_scat.benchmark._records import Record, RecordFolder
from sklearn_scat.benchmark._report import report_html
from sklearn_scat.benchmark._summary import (
    Spread,
    Summary,
    accuracy_table,
    records_csv,
)
from sklearn_scat.benchmark._tables import table_html

__all__ = [
    "CASES",
    "RECIPES",
    "Analysis",
    "Case",
    "Experiment",
    "ImageFile",
    "ImageSet",
    "Interrupted",
    "LabelledTable",
    "Progress",
    "Record",
    "RecordFolder",
    "Run",
    "Spread",
    "Summary",
    "accuracy_table",
    "add_organise",
    "analyse",
    "analysis_html",
    "bytes_text",
    "clock",
    "command_parser",
    "default_sizes",
    "describe",
    "describe_machine",
    "describe_transformer",
    "draw_learning_curves",
    "environment",
    "find_case",
    "find_recipe",
    "learning_curves_svg",
    "look_up",
    "open_images",
    "organise_file",
    "paired_differences",
    "path_map_svg",
    "plan_runs",
    "read_table",
    "records_csv",
    "report_html",
    "run_experiment",
    "table_html",
    "versions",
    "whole_file",
    "write_features",
]
