"""The command line: `sklearn-scat`, or `python -m sklearn_scat`.

Commands: `train` learns from a folder of images, `predict` predicts by what was
learned, and `explain` says what decided; `bench` compares classifiers on few training
images, `analyse` measures what a classifier's steps do with images, `transform` writes
the scattering coefficients of images to a file, `organise` reorders a table of answers,
`info` says what there is on this machine and what a transform will take.
"""

import os
import sys

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
    cases:...
    0
    """
    from sklearn_scat.commands import command_parser

    arguments = command_parser().parse_args(argv)
    try:
        code = arguments.run(arguments)
        sys.stdout.flush()  # here, where a reader that left is no error
        return code
    except KeyboardInterrupt as interruption:
        text = str(interruption) or "interrupted: nothing was written"
        return _complain(text, _INTERRUPTED)
    except BrokenPipeError:  # the reader of our output left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except _USER_ERRORS as error:
        if arguments.debug:
            raise
        return _complain(f"error: {_sentence(error)}", 2)


def _sentence(error):
    """Return an error in one line; of the system's errors the file, then the fault."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror[:1].lower()}{error.strerror[1:]}."
    return " ".join(str(error).split()) or type(error).__name__


def _complain(text, code):
    print(f"sklearn-scat: {text}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
