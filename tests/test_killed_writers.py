"""Processes that are killed while they write lose nothing that was there before."""

import importlib
from pathlib import Path

import pytest

pytest.importorskip("fcntl", reason="processes are forked")


@pytest.mark.parametrize("store", ["save", "cache", "bench", "zarr"])
def test_killed_writer_leaves_what_is_whole(store, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    script = importlib.import_module("kill_writers")
    monkeypatch.setattr(script, "_N_RUNS", 30)
    monkeypatch.setattr(script, "_N_IMAGES", 300)
    counts = script.kill_writers(store, 4, seed=1)
    assert sum(counts.values()) == (5 if store in ("bench", "zarr") else 4)
    assert not any(map(script.is_wrong, counts)), counts
