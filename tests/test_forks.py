"""What was computed with threads is computed in a forked process too."""

import os
import subprocess
import sys

import pytest

# One process, as each loads torch: what earlier cases left behind is forked too.
SCRIPT = """
import os, signal, sys, warnings
import numpy as np
import torch
from sklearn_scat import ImageClassifier, ScatteringTransformer

warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
torch.set_num_threads(2)
X = np.random.default_rng(0).random((8, 64, 64))


def computed(what, X):
    if what == "network":
        network = ImageClassifier(max_epochs=1, batch_size=4)
        return network.fit(X, np.arange(len(X)) % 2).predict_proba
    return ScatteringTransformer(J=2, L=4, engine=what).fit(X).transform


for case in sys.argv[1:]:
    what, dtype = case.split("-")
    images = (X[:4, ::4, ::4] if what == "network" else X).astype(dtype)
    compute = computed(what, images)
    expected = compute(images)
    child = os.fork()
    if not child:
        signal.alarm(60)  # the child ends, whatever it waits for
        os._exit(0 if np.allclose(compute(images), expected, atol=1e-5) else 1)
    print(case, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
CASES = ["torch-f4", "auto-f8", "auto-f4", "network-f4"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_forked_process_computes_as_its_parent():
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-c", SCRIPT, *CASES]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=400
    )
    assert done.stdout.splitlines() == [f"{case} 0" for case in CASES], done.stderr
