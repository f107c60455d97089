from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sklearn_scat.filters import _cache, cached_bank, cached_morlet_bank, morlet_bank
from sklearn_scat.filters._cache import count_beside
from sklearn_scat.filters._families import family_bank


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch):
    """Leave the process's own cache alone."""
    monkeypatch.setattr(_cache, "_banks", OrderedDict())


@pytest.fixture
def builds(monkeypatch):
    """The arguments of the banks that were built."""
    calls = []

    def counting(J, shape, L, **choices):
        calls.append((J, shape, L, choices))
        return family_bank(J, shape, L, **choices)

    monkeypatch.setattr(_cache, "family_bank", counting)
    return calls


def held_bytes():
    return sum(bank.nbytes for bank in _cache._banks.values())


def test_cached_morlet_bank_equals_morlet_bank():
    cached = cached_morlet_bank(2, (20, 24), L=3, frame="tight")
    fresh = morlet_bank(2, (20, 24), L=3, frame="tight")

    np.testing.assert_array_equal(cached.psi_hat, fresh.psi_hat)
    np.testing.assert_array_equal(cached.phi_hat, fresh.phi_hat)


def test_cached_morlet_bank_builds_once(builds):
    first = cached_morlet_bank(1, (8, 8))
    again = cached_morlet_bank(np.int64(1), [8, np.int32(8)], L=8, frame="morlet")

    assert again is first
    assert len(builds) == 1


@pytest.mark.parametrize(
    ("J", "shape", "L", "frame"),
    [
        (2, (8, 8), 8, "none"),
        (1, (8, 10), 8, "none"),
        (1, (8, 8), 6, "none"),
        (1, (8, 8), 8, "contractive"),
    ],
)
def test_cached_morlet_bank_tells_arguments_apart(J, shape, L, frame):
    reference = cached_morlet_bank(1, (8, 8))

    bank = cached_morlet_bank(J, shape, L=L, frame=frame)

    assert bank is not reference
    assert (bank.J, bank.shape, bank.L, bank.frame) == (J, shape, L, frame)


def test_cached_morlet_bank_is_read_only():
    bank = cached_morlet_bank(1, (8, 8))

    for array in (bank.psi_hat, bank.phi_hat_rows, bank.phi_hat_columns):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_cached_morlet_bank_stays_within_its_bytes(monkeypatch):
    one = morlet_bank(1, (16, 16)).nbytes
    monkeypatch.setattr(_cache, "MAX_BYTES", 3 * one)

    for side in (16, 15, 14, 13, 12, 11, 10):
        cached_morlet_bank(1, (side, side))
        assert held_bytes() <= 3 * one

    assert len(_cache._banks) >= 3


def test_cached_morlet_bank_forgets_the_one_used_longest_ago(monkeypatch, builds):
    one = morlet_bank(1, (16, 16)).nbytes
    monkeypatch.setattr(_cache, "MAX_BYTES", 2 * one)
    kept = cached_morlet_bank(1, (16, 16))
    cached_morlet_bank(1, (16, 16), L=7)
    cached_morlet_bank(1, (16, 16))  # used again
    cached_morlet_bank(1, (16, 16), L=6)  # displaces L = 7

    assert cached_morlet_bank(1, (16, 16)) is kept
    assert len(builds) == 3
    cached_morlet_bank(1, (16, 16), L=7)
    assert len(builds) == 4


def test_cached_morlet_bank_keeps_no_failure():
    for _ in range(2):
        with pytest.raises(ValueError, match="tight"):
            cached_morlet_bank(1, (8, 8), L=1, frame="tight")

    assert not _cache._banks


def test_cached_morlet_bank_serves_threads(monkeypatch):
    sides = [8, 9, 10, 11, 12]
    expected = {n: morlet_bank(1, (n, n), L=2).psi_hat for n in sides}
    bound = 3 * morlet_bank(1, (12, 12), L=2).nbytes
    monkeypatch.setattr(_cache, "MAX_BYTES", bound)  # so that banks come and go

    def ask(i):
        n = sides[i * 7 % len(sides)]
        bank = cached_morlet_bank(1, (n, n), L=2)
        assert not bank.psi_hat.flags.writeable
        return np.array_equal(bank.psi_hat, expected[n])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(400)))
    assert held_bytes() <= bound


def test_cached_bank_says_its_bound_and_has_eight_orientations():
    assert f"{_cache.MAX_BYTES >> 20} MiB" in " ".join(cached_bank.__doc__.split())
    assert cached_bank(1, (8, 8)).L == 8


def test_cached_bank_keeps_one_that_fills_the_bound_and_none_that_passes_it(
    monkeypatch, builds
):
    monkeypatch.setattr(_cache, "MAX_BYTES", morlet_bank(1, (16, 16)).nbytes)
    largest = cached_bank(1, (16, 16))

    cached_bank(1, (16, 18))  # passes it, and displaces nothing

    assert cached_bank(1, (16, 16)) is largest
    assert len(builds) == 2


def test_count_beside_counts_what_is_kept_for_a_shared_bank_alone():
    bank = cached_bank(1, (8, 8))

    count_beside(bank, 1000)
    count_beside(bank, 24)
    count_beside(morlet_bank(1, (8, 8)), 10**9)

    assert held_bytes() == bank.nbytes + 1024


def test_count_beside_displaces_the_banks_used_longest_ago(monkeypatch):
    one = morlet_bank(1, (16, 16)).nbytes
    monkeypatch.setattr(_cache, "MAX_BYTES", 3 * one)
    for L in (5, 6, 8):
        bank = cached_bank(1, (16, 16), L=L)

    count_beside(bank, 3 * one)

    assert [kept.bank for kept in _cache._banks.values()] == [bank]
