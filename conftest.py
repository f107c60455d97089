"""Settings that must precede the first import of SciPy and torch in a test run."""

import gc
import os
import re
import signal
from importlib.util import find_spec
from pathlib import Path

# SciPy reads this once, when it is imported. Without it scikit-learn leaves out its
# check of array API input.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

# The arrays of the tests are small: on a busy machine threads would wait for each
# other a hundred times longer than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Tests run Python as a command too, and it too takes the installed package.
os.environ.setdefault("PYTHONSAFEPATH", "1")

# Shells start what runs in the background with Ctrl-C ignored, and tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# What a test file that needs torch has in its text, or says.
_NEEDS_TORCH = re.compile(
    r"^\s*(import|from) (torch|skorch|sklearn_scat\.(nn|inversion))\b|^# Needs torch"
    r"|ImageClassifier|[\"']torch[\"']|def test\w*\([^)]*\btransform\b",
    re.MULTILINE,
)
_left_out = []


def pytest_ignore_collect(collection_path):
    """Leave out the files that need torch where it is not installed."""
    if find_spec("torch") or collection_path.suffix != ".py":
        return None
    if not _NEEDS_TORCH.search(collection_path.read_text("utf-8")):
        return None
    _left_out.append(collection_path)
    return True


def pytest_collection_finish():
    """Let no garbage collection look again at what was imported to collect tests."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """Say in one line each what was not tested, and what would test it."""
    if _left_out:
        terminalreporter.write_line(
            f"{len(_left_out)} files need torch, which is not installed, and were left "
            "out: `pip install '.[test]'` brings it."
        )
    _tell_of_kernel(terminalreporter)


def _tell_of_kernel(terminalreporter):
    """Say that a checkout was tested without its kernel."""
    package = Path(find_spec("sklearn_scat").origin).parent
    is_installed = package.parent != Path(__file__).parent
    has_kernel = any((package / "engines").glob("_kernel*"))
    if is_installed or has_kernel or os.environ.get("SKLEARN_SCAT_NATIVE") == "off":
        return
    terminalreporter.write_line(
        "This was the checkout without its native kernel, whose tests were skipped: "
        "`pip install .` and run `pytest`, or build it here by `pip install -e .`."
    )
