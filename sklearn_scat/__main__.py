"""The command line: `sklearn-scat`, or `python -m sklearn_scat`.

Commands: `bench` compares classifiers on few training images, `analyse` measures what a
classifier's steps do with images, `transform` writes the scattering coefficients of
images to a file, `organise` reorders a table of answers, `info` says what there is on
this machine and what a transform will take.
"""

import os
import sys
import time

# What a user's files and arguments can make the library raise. All else is a defect,
# and shows its traceback.
_USER_ERRORS = (ValueError, OSError, ImportError, MemoryError)
_INTERRUPTED = 130  # what shells take for the end by Ctrl-C


def main(argv=None):
    """Run a command and return its exit code.

    Parameters
    ----------
    argv : list of str, default=None
        Arguments; None takes those of the process.

    Returns
    -------
    code : int
        0 for success; 1 if a run of a benchmark failed; 2 for wrong arguments and
        files, told in one line on standard error; 130 after Ctrl-C.

    Examples
    --------
    >>> from sklearn_scat.__main__ import main
    >>> main(["bench", "--list"])  # doctest: +ELLIPSIS
    cases: digits...
    0
    """
    from sklearn_scat.benchmark import command_parser

    commands = {
        "bench": _bench,
        "analyse": _analyse,
        "transform": _transform,
        "organise": _organise,
        "info": _info,
    }
    arguments = command_parser(commands).parse_args(argv)
    try:
        code = arguments.command(arguments)
        sys.stdout.flush()  # here, where a reader that left is no error
        return code
    except KeyboardInterrupt:
        return _complain("interrupted: nothing was written", _INTERRUPTED)
    except BrokenPipeError:  # the reader of our output left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except _USER_ERRORS as error:
        if arguments.debug:
            raise
        text = " ".join(str(error).split()) or type(error).__name__
        return _complain(f"error: {text}", 2)


def _complain(text, code):
    print(f"sklearn-scat: {text}", file=sys.stderr)
    return code


def _bench(arguments):
    from sklearn_scat import benchmark

    if arguments.list:
        print(f"cases: {', '.join(benchmark.CASES)}")
        print(f"recipes: {', '.join(benchmark.RECIPES)}")
        return 0
    if arguments.case is None:
        raise ValueError(f"bench needs a case: {', '.join(benchmark.CASES)}")
    case = benchmark.find_case(arguments.case)
    experiment = benchmark.Experiment(
        case,
        sizes=arguments.sizes,
        n_seeds=arguments.seeds,
        recipes=arguments.methods,
        data_home=arguments.data,
    )
    out = arguments.out or f"bench-{case.name}"
    try:
        summary = benchmark.run_experiment(experiment, out, n_jobs=arguments.jobs)
    except benchmark.Interrupted as interruption:
        return _complain(interruption, _INTERRUPTED)
    print(f"accuracy on held-out images, %, mean ± std over {len(summary.seeds)} seeds")
    print(benchmark.accuracy_table(summary))
    print(f"written: {os.path.join(out, 'report.html')}, results.csv, results.jsonl")
    for note in summary.notes:
        print(f"sklearn-scat: {note}", file=sys.stderr)
    return int(len(summary.records) < summary.n_runs)


def _analyse(arguments):
    from sklearn_scat import benchmark

    case = benchmark.find_case(arguments.case)
    found = benchmark.analyse(
        case,
        method=arguments.method,
        n_train=arguments.train,
        n_test=arguments.test,
        data_home=arguments.data,
    )
    out = arguments.out or f"analysis-{case.name}.html"
    with benchmark.whole_file(out) as partial:
        partial.write_text(benchmark.analysis_html(found), encoding="utf-8")
    print(f"accuracy {found.accuracy:.3f}; layers: {', '.join(found.layers)}")
    print(f"written: {out}")
    for note in found.notes:
        print(f"sklearn-scat: {note}", file=sys.stderr)
    return 0


def _transform(arguments):
    from sklearn_scat import benchmark

    if not arguments.out.endswith(".npy"):
        raise ValueError(f"OUT must end in .npy; got {arguments.out}.")
    if os.path.realpath(arguments.out) == os.path.realpath(arguments.input):
        raise ValueError(f"OUT {arguments.out} is the input; give another name.")
    images = benchmark.open_images(
        arguments.input, mode=arguments.mode, size=arguments.size
    )
    shape = benchmark.write_features(
        images,
        _transformer(arguments, image_shape=arguments.shape),
        arguments.out,
        names=arguments.names,
        progress=None if arguments.quiet else _Counter(images.n_images),
    )
    print(f"{arguments.out}: float32 {shape[0]}×{shape[1]}")
    return 0


def _organise(arguments):
    from sklearn_scat import benchmark

    files, questionnaire = benchmark.organise_file(
        arguments.input,
        out=arguments.out,
        header=arguments.header,
        labels=arguments.labels,
        tree=arguments.tree,
        init=arguments.init,
        verbose=not arguments.quiet,
    )
    n_rows, n_columns = questionnaire.coef_.shape
    print(f"{n_rows}×{n_columns}, ℓ1 entropy {questionnaire.entropy_:.1f}")
    print(f"written: {', '.join(map(str, files))}")
    return 0


def _info(arguments):
    from sklearn_scat import benchmark

    shape = arguments.shape
    facts = benchmark.describe_transformer(_transformer(arguments), shape)
    _print_facts(benchmark.describe_machine())
    print(
        f"\n{'×'.join(map(str, shape))} images, J={arguments.J}, L={arguments.L}, "
        f"max_order={arguments.max_order}"
    )
    _print_facts(facts)
    return 0


def _print_facts(facts):
    for name, value in facts.items():
        print(f"{name + ':':25}{value}")


def _transformer(arguments, image_shape=None):
    """Return the transformer that the arguments ask for."""
    from sklearn_scat import ScatteringTransformer

    return ScatteringTransformer(
        J=arguments.J,
        L=arguments.L,
        max_order=arguments.max_order,
        image_shape=image_shape,
        pooling=arguments.pooling,
        padding=arguments.padding,
        frame=arguments.frame,
        oversampling=arguments.oversampling,
        engine=arguments.engine,
        device=arguments.device,
        batch_size=arguments.batch_size,
    )


class _Counter:
    """Tell how many images are done, at most once a second and at the end."""

    def __init__(self, total):
        self.total, self.last = total, time.monotonic()

    def __call__(self, done):
        now = time.monotonic()
        if now - self.last < 1 and done < self.total:
            return
        self.last = now
        print(f"{done:,}/{self.total:,} images", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
