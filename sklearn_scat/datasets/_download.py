"""Published data sets from the network, each file held against its checksum."""

import math
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from sklearn_scat.datasets._cifar import CIFAR10, IMAGE_SHAPE
from sklearn_scat.datasets._home import ENVIRONMENT_VARIABLE
from sklearn_scat.datasets._mnist import FASHION_MNIST, MNIST


@dataclass(frozen=True)
class Remote:
    """Where the files of a data set are, and what they must be.

    Parameters
    ----------
    name : str
        Of the data set.
    folder : str
        Where they go, below the home of data.
    mirrors : tuple of str
        Addresses before the files' names, tried in turn.
    files : dict
        Name of each file, and its SHA-256.
    members : dict, default=None
        Of an archive: the name of each file that is taken out of it, whatever its
        folder there, and its length in bytes. None keeps the files as they are.
    """

    name: str
    folder: str
    mirrors: tuple
    files: dict
    members: dict | None = None


_IDX = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
MNIST_FILES = Remote(
    name=MNIST.name,
    folder=MNIST.folders[0],
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    files=dict(
        zip(
            _IDX,
            (
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
            strict=True,
        )
    ),
)
FASHION_MNIST_FILES = Remote(
    name=FASHION_MNIST.name,
    folder=FASHION_MNIST.folders[0],
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/"
        "fashion/",
    ),
    files=dict(
        zip(
            _IDX,
            (
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
            strict=True,
        )
    ),
)
CIFAR10_FILES = Remote(
    name=CIFAR10.name,
    folder=CIFAR10.folders[0],
    mirrors=("https://www.cs.toronto.edu/~kriz/",),
    files={
        "cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d6"
        "8f9f25eb1ed8d9ddda3db29a59bca1dd"
    },
    members={
        name: n_records * (len(CIFAR10.n_classes) + math.prod(IMAGE_SHAPE))
        for files in CIFAR10.files.values()
        for name, n_records in files.items()
    },
)


def download_home(data_home):
    """Return where files are downloaded to.

    Parameters
    ----------
    data_home : path-like or None
        None takes the environment variable ``SKLEARN_SCAT_DATA``, or else the folder
        ``sklearn_scat`` in scikit-learn's home of data.
    """
    from sklearn.datasets import get_data_home

    home = data_home or os.environ.get(ENVIRONMENT_VARIABLE)
    return Path(home or Path(get_data_home()) / "sklearn_scat").expanduser()


def download(remote, home):
    """Bring the files of a data set into its folder.

    Parameters
    ----------
    remote : Remote
        The data set.
    home : pathlib.Path
        Where its folder is, or will be.

    Raises
    ------
    OSError
        If a file cannot be had from any mirror, or is not what was published.
    """
    folder = home / remote.folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in remote.files:
        file = _fetch(remote, name, folder)
        if remote.members is not None:
            _unpack(file, remote.members, folder)
            file.unlink()


def _fetch(remote, name, folder):
    """Return the path of a file, from the first mirror that has it."""
    from sklearn.datasets import fetch_file

    digest, failures = remote.files[name], []
    for mirror in remote.mirrors:
        try:
            return fetch_file(mirror + name, folder=folder, sha256=digest, n_retries=0)
        except OSError as error:
            failures.append(f"{mirror}: {error}")
    raise OSError(
        f"{name} of {remote.name} could not be downloaded ({'; '.join(failures)}). "
        f"Where there is no network, put the file into {folder} by hand."
    )


def _unpack(archive, members, folder):
    """Take files out of an archive, each whole or not at all."""
    wanted = dict(members)
    with tarfile.open(archive) as files:
        for member in files:
            name = Path(member.name).name
            if not member.isfile() or wanted.get(name) != member.size:
                continue
            part = folder / f"{name}.part"
            with files.extractfile(member) as source, part.open("wb") as target:
                shutil.copyfileobj(source, target)
            part.replace(folder / name)
            del wanted[name]
    if wanted:
        raise OSError(f"{archive} lacks {', '.join(wanted)}.")
