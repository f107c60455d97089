"""The parser of the command line, with a part for each command."""

import argparse

import sklearn_scat
from sklearn_scat.commands._analyse import add_analyse
from sklearn_scat.commands._bench import add_bench
from sklearn_scat.commands._completion import add_completion
from sklearn_scat.commands._explain import add_explain
from sklearn_scat.commands._info import add_info
from sklearn_scat.commands._organise import add_organise
from sklearn_scat.commands._predict import add_predict
from sklearn_scat.commands._train import add_train
from sklearn_scat.commands._transform import add_transform

_ADDERS = (
    add_train,
    add_predict,
    add_explain,
    add_bench,
    add_analyse,
    add_transform,
    add_organise,
    add_info,
    add_completion,
)
_EXAMPLES = {
    "train": "sklearn-scat train photos --out photos.scat",
    "predict": "sklearn-scat predict photos.scat new-photos",
    "explain": "sklearn-scat explain photos.scat new-photos/1.png",
    "bench": "sklearn-scat bench digits --sizes 20,50,100 --seeds 3",
    "analyse": "sklearn-scat analyse digits --recipe scattering --train 300",
    "transform": "sklearn-scat transform digits.npy features.npy --J 3",
    "organise": "sklearn-scat organise answers.csv --tree binary",
    "info": "sklearn-scat info --shape 3,96,96 --J 3",
    "completion": "sklearn-scat completion bash > ~/.sklearn-scat.bash",
}


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints take one line."""

    def error(self, message):
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Returns
    -------
    parser : argparse.ArgumentParser
        ``arguments.run(arguments)`` does what its arguments ask for. Its complaints
        take one line, and end the process with code 2.

    Examples
    --------
    >>> from sklearn_scat.commands import command_parser
    >>> command_parser().parse_args(["bench", "digits", "--sizes", "20,50"]).sizes
    (20, 50)
    """
    parser = _Parser(
        prog="sklearn-scat",
        description="Wavelet scattering networks as scikit-learn estimators.",
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {sklearn_scat.__version__}"
    )
    parts = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in _ADDERS:
        add(parts).add_argument(
            "--debug", action="store_true", help="show the traceback of an error"
        )
    parser.set_defaults(parser=parser)  # for completion, which needs all of it
    for name, part in parts.choices.items():
        part.epilog = f"Example: {_EXAMPLES[name]}"
    return parser
