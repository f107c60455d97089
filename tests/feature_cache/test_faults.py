"""Whatever is wrong with the directory of a cache, the features are right."""

import errno
import os
import signal
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_scat import ScatteringTransformer
from sklearn_scat.feature_cache import cached_map, clear, info, set_limit
from sklearn_scat.feature_cache._root import cache_root

N_FEATURES = 50  # of the features below: 200 bytes
VICTIM = b"a thesis, which is nobody else's business\n" * 20


def features(rows):
    return (rows.sum(axis=1, keepdims=True) + np.arange(N_FEATURES)).astype("f4")


class Computer:
    """Compute the features above, and count the rows."""

    def __init__(self):
        self.rows = []

    def __call__(self, rows, out):
        self.rows += rows.tolist()
        out[...] = features(rows)


def run(rows, directory):
    """Check the features of rows through the cache; return the rows computed."""
    out, compute = np.empty((len(rows), N_FEATURES), np.float32), Computer()
    cached_map(compute, rows, out, key="k", directory=directory)
    assert_array_equal(out, features(rows))
    return compute.rows


def make_rows(n):
    return np.arange(n, dtype=np.float32)[:, None] * [1, 100]


def quietly(rows, directory):
    """Return the rows computed, and what was warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        computed = run(rows, directory)
    return computed, [str(warning.message) for warning in caught]


@pytest.fixture(autouse=True)
def no_endless_waiting():
    """End a test that waits for a pipe."""

    def give_up(*_):
        raise TimeoutError("waited for what never comes")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def forbid(monkeypatch, code, *, creating_alone=False):
    """Let the system refuse whatever changes a disk, or what makes files alone."""
    system_open = os.open

    def refuse(path, *_, **__):
        raise OSError(code, os.strerror(code), str(path))

    def open_to_read(path, flags, *rest, **options):
        makes = flags & os.O_CREAT and not os.path.lexists(path)
        writes = flags & (os.O_WRONLY | os.O_RDWR) and not creating_alone
        return (refuse if makes or writes else system_open)(
            path, flags, *rest, **options
        )

    monkeypatch.setattr(os, "open", open_to_read)
    monkeypatch.setattr(os, "mkdir", refuse)
    if not creating_alone:
        for name in ("unlink", "utime", "truncate", "rename"):
            monkeypatch.setattr(os, name, refuse)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_directory_that_cannot_be_written_is_read(code, tmp_path, monkeypatch):
    rows = make_rows(1500)
    run(rows[:1200], tmp_path)
    with monkeypatch.context() as patch:
        forbid(patch, code)
        assert quietly(rows[:1200], tmp_path) == ([], [])
        computed, messages = quietly(rows, tmp_path)
        assert computed == rows[1200:].tolist()
        (message,) = messages
        assert os.strerror(code) in message
        assert "cannot be written" in message
    assert info(tmp_path).entries == 1200
    assert run(rows, tmp_path) == rows[1200:].tolist()


@pytest.mark.parametrize("n_stored", [0, 100])
def test_disk_without_room_for_a_file_costs_a_warning(n_stored, tmp_path, monkeypatch):
    rows = make_rows(3000)
    run(rows[:n_stored], tmp_path)
    for path in tmp_path.rglob("claims"):
        path.unlink()
    with monkeypatch.context() as patch:
        forbid(patch, errno.ENOSPC, creating_alone=True)
        computed, messages = quietly(rows, tmp_path)
    assert computed == rows[n_stored:].tolist()
    # a segment that is there already has room: inodes are what there is none of
    assert len(messages) == (not n_stored)


def test_directory_that_cannot_be_listed_costs_a_warning(tmp_path, monkeypatch):
    rows = make_rows(3000)
    run(rows, tmp_path)

    def refuse(path="."):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    computed, messages = quietly(rows, tmp_path)
    assert computed == rows.tolist()
    (message,) = messages
    assert "cannot be read" in message


def test_what_cannot_be_deleted_counts_against_the_limit(tmp_path, monkeypatch):
    set_limit(tmp_path, 100_000)
    run(make_rows(400), tmp_path)
    with monkeypatch.context() as patch:

        def refuse(path, **_):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))

        patch.setattr(os, "unlink", refuse)
        assert len(run(-1 - make_rows(400), tmp_path)) == 400
    assert info(tmp_path).bytes <= 100_000


def link_to_victim(path, victim):
    path.symlink_to(victim)


def link_to_nothing(path, victim):
    path.symlink_to(victim.with_name("nothing"))


def link_without_end(path, victim):
    path.symlink_to("/dev/zero")


def second_name(path, victim):
    os.link(victim, path)


def pipe(path, victim):
    os.mkfifo(path)


def file(path, victim):
    path.write_bytes(b"")


def folder(path, victim):
    path.mkdir()


INTRUDERS = [
    link_to_victim,
    link_to_nothing,
    link_without_end,
    second_name,
    pipe,
    folder,
]


@pytest.mark.parametrize("intrude", INTRUDERS)
@pytest.mark.parametrize("name", ["limit", "counts", "claims", "*.keys", "*.rows"])
def test_only_files_of_its_own_are_opened(name, intrude, tmp_path):
    victim, directory = tmp_path / "thesis", tmp_path / "cache"
    victim.write_bytes(VICTIM)
    rows = make_rows(100)
    set_limit(directory, 10**7)
    run(rows, directory)
    (place,) = directory.rglob(name)
    place.unlink()
    intrude(place, victim)
    computed, messages = quietly(rows, directory)
    assert computed in ([], rows.tolist())
    assert [m for m in messages if "damaged" not in m and "cannot be" not in m] == []
    run(make_rows(150), directory)
    assert victim.read_bytes() == VICTIM
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "thesis"]
    assert info(directory).entries >= 100 or name == "*.rows"


@pytest.mark.parametrize("intrude", [*INTRUDERS[:-1], file])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_what_is_no_folder_costs_a_warning(depth, intrude, tmp_path):
    victim, directory = tmp_path / "thesis", tmp_path / "cache"
    victim.write_bytes(VICTIM)
    rows = make_rows(3000)
    run(rows[:1], directory)
    folders = [directory, cache_root(directory)]
    folders.append(next(path for path in folders[1].iterdir() if path.is_dir()))
    folders[depth].rename(tmp_path / "away")
    intrude(folders[depth], victim)
    computed, messages = quietly(rows, directory)
    assert computed == rows.tolist()
    if (depth, intrude) == (0, link_to_nothing):  # where the user's own link leads
        return
    (message,) = messages
    assert "feature cache" in message
    assert victim.read_bytes() == VICTIM


@pytest.mark.parametrize("depth", [1, 2])
def test_folders_elsewhere_are_neither_filled_nor_emptied(depth, tmp_path):
    elsewhere, directory = tmp_path / "elsewhere", tmp_path / "cache"
    rows = make_rows(100)
    run(rows, directory)
    place = cache_root(directory)
    if depth == 2:
        place = next(path for path in place.iterdir() if path.is_dir())
    place.rename(elsewhere)
    place.symlink_to(elsewhere)
    before = {p: p.read_bytes() for p in elsewhere.rglob("*") if p.is_file()}
    computed, messages = quietly(make_rows(200), directory)
    assert len(computed) == 200
    assert len(messages) == 1
    clear(directory)
    assert {p: p.read_bytes() for p in elsewhere.rglob("*") if p.is_file()} == before


def test_transformer_computes_where_its_cache_cannot_be(tmp_path):
    X = np.random.default_rng(0).uniform(size=(5, 8, 8))
    (tmp_path / "file").write_text("text")
    scattering = ScatteringTransformer(cache=tmp_path / "file").fit(X)
    with pytest.warns(UserWarning, match="cannot be read") as caught:
        S = scattering.transform(X)
    assert [warning.filename for warning in caught] == [__file__]
    assert_array_equal(S, ScatteringTransformer().fit_transform(X))
