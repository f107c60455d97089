"""The command `bench`: classifiers compared on few images of each class."""

import json
import os
import sys

from sklearn_scat.commands._arguments import names, whole_number, whole_numbers

_DESCRIPTION = """\
Fit classifiers on small balanced draws of a data set, for several training sizes and
seeds, each with its own search of parameters inside the draw, and measure them on the
images that were not drawn. Prints a table and writes results.jsonl (a line a run),
results.csv and report.html. A run that is there already is not done again: interrupt
it at any time, and go on with the same command.
"""


def add_bench(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "bench", help="compare classifiers on few images", description=_DESCRIPTION
    )
    parser.add_argument(
        "case", nargs="?", metavar="CASE", help="digits, or your own as module:CASE"
    )
    parser.add_argument("--list", action="store_true", help="print cases and recipes")
    parser.add_argument("--out", metavar="DIR", help="default: bench-CASE")
    parser.add_argument(
        "--sizes",
        type=whole_numbers,
        metavar="N,N,...",
        help="training images in total, a multiple of the number of classes or all",
    )
    parser.add_argument(
        "--seeds", type=whole_number, metavar="N", help="draws of each size"
    )
    parser.add_argument(
        "--jobs",
        type=whole_number,
        metavar="N",
        help="processes; default: the number of cores, up to 8",
    )
    parser.add_argument(
        "--recipes",
        "--methods",
        type=names,
        metavar="NAME,...",
        help="recipes by name, or your own as module:function",
    )
    _add_data(parser)
    parser.add_argument(
        "--json", action="store_true", help="print JSON instead of tables"
    )
    parser.set_defaults(run=bench)
    return parser


def _add_data(parser):
    """Add what says where images come from."""
    parser.add_argument("--data", metavar="DIR", help="where the data set's files are")
    parser.add_argument(
        "--download",
        action="store_true",
        help="MNIST, Fashion-MNIST or CIFAR-10 from the network, if not there",
    )


def bench(arguments):
    """Run it, and return the exit code."""
    from sklearn_scat.experiments import (
        CASES,
        Experiment,
        find_case,
        run_experiment,
    )
    from sklearn_scat.recipes import RECIPES

    if arguments.list:
        cases = {name: case.title for name, case in CASES.items()}
        recipes = {name: first_line(recipe) for name, recipe in RECIPES.items()}
        _print_list({"cases": cases, "recipes": recipes}, as_json=arguments.json)
        return 0
    if arguments.case is None:
        raise ValueError(f"bench needs a case: {', '.join(CASES)}")
    case = find_case(arguments.case)
    data = arguments.data if not arguments.download else case.download(arguments.data)
    experiment = Experiment(
        case,
        sizes=arguments.sizes,
        n_seeds=arguments.seeds,
        recipes=arguments.recipes,
        data_home=data,
    )
    out = arguments.out or f"bench-{case.name}"
    summary = run_experiment(experiment, out, n_jobs=arguments.jobs)
    if arguments.json:
        print(json.dumps(_accuracies(summary, out), ensure_ascii=False, indent=2))
    else:
        _print_table(summary, out)
    for note in summary.notes:
        print(f"sklearn-scat: {note}", file=sys.stderr)
    return int(len(summary.records) < summary.n_runs)


def _print_table(summary, out):
    """Print the accuracies, and where the rest is."""
    from sklearn_scat.experiments import accuracy_table

    seeds = f"{len(summary.seeds)} seeds"
    print(f"accuracy on held-out images, %, mean ± std over {seeds}")
    print(accuracy_table(summary))
    page = os.path.join(out, "report.html")
    print(f"written: {page}, results.csv, results.jsonl")


def _print_list(lists, *, as_json):
    if as_json:
        print(json.dumps(lists, ensure_ascii=False, indent=2))
        return
    for title, lines in lists.items():
        print(f"{title}:")
        for name, line in lines.items():
            print(f"  {name:17} {line}")


def _accuracies(summary, out):
    """Return the accuracies of all runs, by recipe and training size, in [0, 1]."""
    accuracies: dict = {recipe: {} for recipe in summary.recipes}
    for record in sorted(summary.records, key=lambda run: (run.n_train, run.seed)):
        of_recipe = accuracies[record.recipe]
        of_recipe.setdefault(str(record.n_train), []).append(record.accuracy)
    return {"case": summary.case, "out": out, "accuracy": accuracies}


def first_line(recipe):
    """Return what a recipe says of itself in one line."""
    return recipe.__doc__.strip().partition("\n")[0]
