"""A conversion that was interrupted goes on where it stopped."""

import numpy as np

from sklearn_scat.__main__ import main
from sklearn_scat.commands import _conversion as conversion
from sklearn_scat.feature_cache import info


def test_what_was_computed_before_a_fault_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(conversion, "_CHUNK_BYTES", 2 * 4 * 9 * 6 * 5)  # two images
    images = np.random.default_rng(0).normal(size=(6, 12, 10))
    images[4, 0, 0] = np.nan
    np.save(tmp_path / "x.npy", images)
    cache = tmp_path / "cache"
    arguments = ["transform", str(tmp_path / "x.npy"), str(tmp_path / "s.npy")]
    options = ["--J", "1", "--quiet", "--jobs", "1"]
    kept = [*options, "--cache", str(cache)]
    assert main([*arguments, *kept]) == 2
    assert info(cache).computed == 4
    images[4, 0, 0] = 0
    np.save(tmp_path / "x.npy", images)
    assert main([*arguments, *kept]) == 0
    assert (info(cache).computed, info(cache).read) == (6, 4)
    went_on = np.load(tmp_path / "s.npy")
    assert main([*arguments, *options]) == 0
    np.testing.assert_array_equal(went_on, np.load(tmp_path / "s.npy"))
