"""Settings that must precede the first import of SciPy and torch in a test run."""

import os

# SciPy reads this once, when it is imported. Without it scikit-learn leaves out its
# check of array API input.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

# The arrays of the tests are small: on a busy machine threads would wait for each
# other a hundred times longer than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Tests run Python as a command too, and it too takes the installed package.
os.environ.setdefault("PYTHONSAFEPATH", "1")
