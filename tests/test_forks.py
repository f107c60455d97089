"""What was computed with threads is computed in a forked process too."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import os, signal, sys, warnings
import numpy as np
import torch
from sklearn_scat import ImageClassifier, ScatteringTransformer

warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
torch.set_num_threads(2)
X = np.random.default_rng(0).random((32, 64, 64)).astype(sys.argv[2])
if sys.argv[1] == "network":
    network = ImageClassifier(max_epochs=1, batch_size=8)
    compute = network.fit(X, np.arange(32) % 2).predict_proba
else:
    compute = ScatteringTransformer(J=3, engine=sys.argv[1]).fit(X).transform
expected = compute(X)
child = os.fork()
if not child:
    signal.alarm(60)  # the child ends, whatever it waits for
    os._exit(0 if np.allclose(compute(X), expected, atol=1e-5) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
@pytest.mark.parametrize(
    ("what", "dtype"),
    [("torch", "f4"), ("auto", "f8"), ("auto", "f4"), ("network", "f4")],
)
def test_forked_process_computes_as_its_parent(what, dtype):
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-c", SCRIPT, what, dtype]
    assert subprocess.run(command, env=environment, timeout=180).returncode == 0
