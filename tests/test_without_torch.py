"""What needs no torch works without it, and does not import it where it is."""

import json
import subprocess
import sys

import numpy as np
import pytest

WORK = {
    "estimators": """
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
import sklearn_scat as s
X, y = load_digits(return_X_y=True)
X, y = X[:60], y[:60]
for dtype in ("f4", "f8"):
    for engine in ("auto", "definition"):
        for kind in (s.ScatteringTransformer, s.RotoTranslationScattering):
            kind(J=1, engine=engine).fit_transform(X.astype(dtype))
kinds = (s.PCAAffineClassifier, s.MeanNormRidge, s.MeanNormSVC)
for kind in kinds:
    step = s.NormalizedScattering(s.ScatteringTransformer(J=1))
    make_pipeline(step, kind()).fit(X, y).predict(X)
""",
    "recipes": """
from sklearn.datasets import load_digits
from sklearn_scat.recipes import RECIPES
X, y = load_digits(return_X_y=True)
for name in ("scat_affine", "scat_rbf", "scat_linear", "pixels"):
    RECIPES[name]((8, 8), 5, 0).fit(X[:100], y[:100]).predict(X[:5])
""",
    "bundles": """
import numpy as np
from sklearn_scat import ScatteringTransformer, load, save
save("model.scat", ScatteringTransformer(J=1).fit(np.zeros((2, 8, 8))))
load("model.scat").transform(np.zeros((2, 8, 8)))
""",
    "info": "from sklearn_scat.__main__ import main; main(['info'])",
    "bench": """
from sklearn_scat.__main__ import main
main("bench digits --sizes 20 --seeds 1 --recipes scat_linear --out out".split())
""",
    "transform": """
import numpy as np
from sklearn_scat.__main__ import main
np.save("images.npy", np.zeros((3, 8, 8), "f4"))
main("transform images.npy maps.npy --J 1".split())
""",
    "packages": """
import importlib
for name in (
    "analysis", "certificates", "classifiers", "datasets", "displays", "feature_cache",
    "filters", "questionnaire",
):
    importlib.import_module("sklearn_scat." + name)
""",
}
ABSENT = """
from importlib.machinery import PathFinder
find = PathFinder.find_spec
def find_others(name, path=None, target=None):
    return None if name in ("torch", "skorch") else find(name, path, target)
PathFinder.find_spec = find_others
"""


# Each says the kind of its failure, so that one process, slow to start, does for all.
ATTEMPTS = """
import json, sys, traceback
results = {}
for name, code in json.loads(sys.argv[1]).items():
    try:
        exec(code, {})
        loaded = {"torch", "skorch"} & set(sys.modules)
        results[name] = f"loaded {sorted(loaded)}" if loaded else ""
    except BaseException:
        results[name] = traceback.format_exc()
with open("results.json", "w") as file:
    json.dump(results, file)
"""
IMAGES = "import numpy as np\nimport sklearn_scat as s\nX = np.zeros((4, 8, 8))\n"
NEEDS = {
    "sklearn_scat.nn": "import sklearn_scat.nn",
    "sklearn_scat.inversion": "import sklearn_scat.inversion",
    "operator_norms": "from sklearn_scat.analysis import operator_norms",
    "as_module": "from sklearn_scat.certificates import as_module",
    "ImageClassifier": "s.ImageClassifier().fit(X, [0, 1, 0, 1])",
    "engine": "s.ScatteringTransformer(J=1, engine='torch').fit(X).transform(X)",
    "device": "s.ScatteringTransformer(J=1, device='cuda').fit(X).transform(X)",
}
# With torch it attacks, and loads it.
ANALYSE = """
from sklearn_scat.__main__ import main
words = "analyse digits --train 40 --test 20 --random-labels 0 --out a.html --quiet"
assert main(words.split()) == 0
page = open("a.html", encoding="utf-8").read()
assert "certified radius" in page and "0 images were attacked" in page
assert "No attack: " in page and "needs torch" in page
"""


def attempt(codes, folder, before=""):
    """Run codes one after the other in a process; return what each ended with."""
    command = [sys.executable, "-W", "error", "-c", before + ATTEMPTS]
    done = subprocess.run(
        [*command, json.dumps(codes)], cwd=folder, capture_output=True, text=True
    )
    assert not done.returncode, done.stderr
    return json.loads((folder / "results.json").read_text())


@pytest.fixture(scope="module")
def without_torch(tmp_path_factory):
    """What everything ended with where torch cannot be found."""
    needs = {what: IMAGES + code for what, code in NEEDS.items()}
    codes = WORK | needs | {"analyse": ANALYSE}
    return attempt(codes, tmp_path_factory.mktemp("absent"), before=ABSENT)


def test_analyses_need_no_torch_but_for_attacks(without_torch):
    assert not without_torch["analyse"]


@pytest.fixture(scope="module")
def beside_torch(tmp_path_factory):
    """What all work ended with where torch may be found."""
    return attempt(WORK, tmp_path_factory.mktemp("present"))


@pytest.mark.parametrize("work", WORK)
def test_work_needs_no_torch(work, without_torch):
    assert without_torch[work] == ""


@pytest.mark.parametrize("work", WORK)
def test_work_imports_no_torch(work, beside_torch):
    assert beside_torch[work] == ""


@pytest.mark.parametrize("what", NEEDS)
def test_what_needs_torch_says_so_in_one_sentence(what, without_torch):
    message = without_torch[what].strip().splitlines()[-1]
    assert "ImportError" in message
    assert what in message
    assert "needs torch, which is not installed here: python -m pip install" in message


def test_definition_in_numpy_and_in_torch_agree(rng):
    from sklearn_scat import ScatteringTransformer

    X = rng.random((3, 2, 20, 20))
    maps = [
        ScatteringTransformer(J=2, engine=engine).fit(X).transform(X)
        for engine in ("definition", "torch")
    ]
    np.testing.assert_allclose(*maps, rtol=1e-12, atol=1e-14)
