"""Downloads from a server of this machine: mirrors, checksums, archives."""

import io
import tarfile
import threading
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from sklearn_scat.datasets import fetch_cifar10, fetch_fashion_mnist, fetch_mnist
from sklearn_scat.datasets._download import (
    CIFAR10_FILES,
    FASHION_MNIST_FILES,
    MNIST_FILES,
    Remote,
    download,
    download_home,
)
from sklearn_scat.datasets._fetchers import _fetched

BODY = b"what was published"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    """Return a folder, and the address from which its files are served."""
    folder = tmp_path / "served"
    folder.mkdir()
    serve = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=serve.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{serve.server_port}/"
    serve.shutdown()
    thread.join()
    serve.server_close()


def remote(*mirrors, body=BODY, **other):
    files = {"file": sha256(body).hexdigest()}
    return Remote("TOY", "toy", mirrors, files, **other)


def test_file_comes_from_the_first_mirror_that_has_it(server, tmp_path):
    folder, address = server
    (folder / "second").mkdir()
    (folder / "second/file").write_bytes(BODY)
    download(remote(f"{address}first/", f"{address}second/"), tmp_path)
    assert (tmp_path / "toy/file").read_bytes() == BODY


def test_file_that_is_another_is_refused(server, tmp_path):
    folder, address = server
    (folder / "file").write_bytes(b"what was not")
    with pytest.raises(OSError, match=r"file of TOY could not be downloaded .*toy"):
        download(remote(address), tmp_path)
    assert not (tmp_path / "toy/file").exists()


def test_no_network_is_said_in_one_sentence(tmp_path):
    with pytest.raises(OSError, match=r"^file of TOY .* by hand\.$") as caught:
        download(remote("http://127.0.0.1:1/"), tmp_path)
    assert "\n" not in str(caught.value)


def archive(contents):
    """Return a gzipped archive of {path: bytes}."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as files:
        for name, body in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            files.addfile(info, io.BytesIO(body))
    return stream.getvalue()


def test_archive_gives_the_named_files_and_goes(server, tmp_path):
    folder, address = server
    body = archive({"a/x.bin": b"xx", "../out": b"no", "a/y.bin": b"y"})
    (folder / "file").write_bytes(body)
    toy = remote(address, body=body, members={"x.bin": 2, "y.bin": 1})
    download(toy, tmp_path)
    assert sorted(p.name for p in (tmp_path / "toy").iterdir()) == ["x.bin", "y.bin"]
    assert (tmp_path / "toy/x.bin").read_bytes() == b"xx"
    assert not (tmp_path / "out").exists()
    with pytest.raises(OSError, match=r"lacks y\.bin\.$"):
        download(remote(address, body=body, members={"x.bin": 2, "y.bin": 9}), tmp_path)


def test_second_call_reads_what_the_first_downloaded(server, tmp_path):
    folder, address = server
    (folder / "file").write_bytes(BODY)

    def load(subset, *, data_home, return_X_y):
        return subset, (data_home / "toy/file").read_bytes(), return_X_y

    assert _fetched(
        load, remote(address), "test", data_home=tmp_path, return_X_y=True
    ) == (
        "test",
        BODY,
        True,
    )
    nowhere = remote("http://127.0.0.1:1/")
    assert (
        _fetched(load, nowhere, "all", data_home=tmp_path, return_X_y=False)[1] == BODY
    )


def test_home_is_named_by_argument_then_environment_then_scikit_learn(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "sklearn"))
    monkeypatch.delenv("SKLEARN_SCAT_DATA", raising=False)
    assert download_home(None) == tmp_path / "sklearn/sklearn_scat"
    monkeypatch.setenv("SKLEARN_SCAT_DATA", str(tmp_path / "ours"))
    assert download_home(None) == tmp_path / "ours"
    assert download_home(tmp_path / "given") == tmp_path / "given"


@pytest.mark.parametrize("files", [MNIST_FILES, FASHION_MNIST_FILES, CIFAR10_FILES])
def test_every_published_file_has_a_whole_checksum(files):
    digests = list(files.files.values())
    assert all(len(bytes.fromhex(digest)) == 32 for digest in digests)
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize("fetch", [fetch_mnist, fetch_fashion_mnist, fetch_cifar10])
def test_fetchers_read_what_is_on_disk_without_a_network(fetch, tmp_path, monkeypatch):
    import sklearn_scat.datasets._fetchers as fetchers

    asked = []
    monkeypatch.setattr(fetchers, "download", lambda *a: asked.append(a))
    with pytest.raises(FileNotFoundError):  # nothing came
        fetch("test", data_home=tmp_path)
    ((files, home),) = asked
    assert home == tmp_path
    assert np.all([m.startswith("http") for m in files.mirrors])


def test_files_of_the_archive_have_their_published_lengths():
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    assert dict.fromkeys(names, 30_730_000) == CIFAR10_FILES.members
