"""Settings that must precede the first import of SciPy in a test run."""

import os

# SciPy reads this once, when it is imported. Without it scikit-learn leaves out its
# check of array API input.
os.environ.setdefault("SCIPY_ARRAY_API", "1")
