"""What is shipped: the source distribution, its metadata, and the workflows."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

import sklearn_scat

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BUILT = shutil.ignore_patterns(
    ".git",
    "__pycache__",
    "*.so",
    "*.pyd",
    "*.egg-info",
    "build",
    "dist",
    "_build",
    "generated",
    "gallery",
    ".*_cache",
    ".hypothesis",
    ".venv",
    "bench-*",
)
BUILD = "from setuptools import build_meta; build_meta.build_sdist('.')"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The folder of an unpacked source distribution of this checkout."""
    folder = tmp_path_factory.mktemp("distribution")
    checkout = folder / "checkout"
    shutil.copytree(ROOT, checkout, ignore=BUILT)
    build = [sys.executable, "-W", "ignore", "-c", BUILD]
    subprocess.run(build, cwd=checkout, check=True, capture_output=True)
    (archive,) = checkout.glob("sklearn_scat-*.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def test_the_source_distribution_holds_what_a_packager_needs(unpacked):
    names = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*")}
    folders = ("sklearn_scat", "tests", "examples", "benchmarks")
    wanted = {
        str(path.relative_to(ROOT))
        for folder in folders
        for suffix in ("py", "cpp", "h", "html", "sh")
        for path in (ROOT / folder).rglob(f"*.{suffix}")
    }
    assert "tests/conftest.py" in wanted
    wanted |= {"conftest.py", "CHANGELOG.md", "constraints.txt", "LICENSE", "README.md"}
    wanted |= {"SECURITY.md", "CITATION.cff", "docs/conf.py", ".ci/run", "setup.cfg"}
    assert wanted - names == set()
    assert not [name for name in names if name.endswith((".so", ".pyc"))]


def test_the_suite_runs_from_the_source_distribution(unpacked):
    environment = os.environ | {"PYTHONPATH": str(unpacked), "OMP_NUM_THREADS": "1"}
    # one has a part of the root's settings, one reads the package's files
    named = "tests/test_budgets.py::test_modules_are_named_for_what_they_hold"
    parts = ["tests/filters/test_atoms.py", named]
    pytest_run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*pytest_run, *parts],
        cwd=unpacked,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ passed", done.stdout)


def test_the_version_stands_in_one_place(unpacked):
    metadata = (unpacked / "PKG-INFO").read_text(encoding="utf-8")
    assert f"\nVersion: {sklearn_scat.__version__}\n" in metadata
    assert PROJECT["project"]["dynamic"] == ["version"]
    for name in ("pyproject.toml", "setup.py", "setup.cfg", "CITATION.cff"):
        assert sklearn_scat.__version__ not in (ROOT / name).read_text(encoding="utf-8")


def test_pages_of_the_project_are_named_alike_everywhere():
    urls = PROJECT["project"]["urls"]
    bases = (urls["Source"], urls["Documentation"])
    mentioned = r"https://[\w.]*github[\w.]*/[\w/.-]*|https://sklearn-scat[\w/.-]+"
    for path in [*ROOT.glob("*.md"), *(ROOT / ".github").rglob("*.yml")]:
        for url in re.findall(mentioned, path.read_text(encoding="utf-8")):
            assert url.startswith(bases), f"{path.name} names {url}"


def test_actions_are_pinned_by_hash_and_may_do_little():
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert workflows
    for path in workflows:
        text = path.read_text(encoding="utf-8")
        uses = re.findall(r"uses: (\S+)", text)
        assert uses
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in uses)
        assert "\npermissions:\n  contents: read\n" in text
        assert "\nconcurrency:\n" in text


def test_the_conda_recipe_has_the_requirements_of_the_package():
    recipe = (ROOT / "packaging" / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    run = recipe.partition("\n  run:\n")[2].partition("\n  run_constraints:")[0]
    found = dict(re.findall(r"- ([\w-]+) (>=[\d.]+)", run))
    found["matplotlib"] = found.pop("matplotlib-base")
    found.pop("python")
    wanted = dict(
        re.fullmatch(r"([\w-]+)(>=[\d.]+)", text).groups()
        for text in PROJECT["project"]["dependencies"]
    )
    assert found == wanted
