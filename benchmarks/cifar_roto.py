"""Classify CIFAR by roto-translation scattering, nothing learned but the classifier.

    python benchmarks/cifar_roto.py --data DIR --out RUN --size 10000
    python benchmarks/cifar_roto.py --data DIR --out RUN --size 50000 --dataset cifar100

Square roots of separable roto-translation scattering with J = 2 and 3 and of
translation scattering with J = 4, each of red, green and blue; of these 79,356 numbers
orthogonal least squares selects some for every class in two rounds; what is selected
is standardised, and ridge regression under a Gaussian kernel, averaged over mirror
images, learns from all of them with a part of them as landmarks.
(E. Oyallon and S. Mallat, "Deep roto-translation scattering for object classification",
CVPR 2015, section 4, with other colours, scales and kernel machine. Those, the mirror
images and the constants below were chosen on 2,000 of 10,000 training images.)

At most 10,000 images select, whose coefficients lie in a memory map of float32,
`RUN/pool.npy` (3.2 GB); of all others only what is selected is kept.

Interrupt at any time and go on with the same command: coefficients are kept by blocks
of images, selections by rounds. Another setting needs another folder. The last line
printed, also in `RUN/result.json`, gives the accuracy on the test images.
"""

import argparse
import json
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.preprocessing import Normalizer, StandardScaler

from sklearn_scat import MeanNormRidge, RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.classifiers import orthogonal_least_squares
from sklearn_scat.datasets import load_cifar10, load_cifar100
from sklearn_scat.experiments import clock
from sklearn_scat.model_selection import BalancedSubsetSplit

BLOCK = 250  # images
ALPHA, SIGMA = 0.05, 1.0
LOADERS = {"cifar10": load_cifar10, "cifar100": load_cifar100}
SELECTED = {"cifar10": 200, "cifar100": 20}  # published, for a class and round


def main():
    arguments = parse()
    folder = Path(arguments.out)
    folder.mkdir(parents=True, exist_ok=True)
    settings = {k: v for k, v in vars(arguments).items() if k not in ("out", "data")}
    remember(folder / "settings.json", settings)
    images, y, test_images, y_test = load(arguments)
    transforms = [
        RotoTranslationScattering(2, form="separable").fit(images[:1]),
        RotoTranslationScattering(3, form="separable").fit(images[:1]),
        ScatteringTransformer(4).fit(images[:1]),
    ]
    n_pool = min(arguments.selecting, len(images))
    with timed("selection"):
        compute = partial(coefficients, transforms)
        pool = filled(folder / "pool.npy", images[:n_pool], compute)
        columns = select(folder, pool, y[:n_pool], arguments=arguments)
    with timed(f"coefficients, {len(columns):,} of an image"):
        compute = partial(chosen_twice, transforms, columns)
        X = filled(folder / "train.npy", images, compute)
        X_test = filled(folder / "test.npy", test_images, compute)
    with timed("classifier"):
        accuracy = classify((X, y), (X_test, y_test), n_landmarks=arguments.landmarks)
    result = {**settings, "features": len(columns), "accuracy": round(accuracy, 2)}
    (folder / "result.json").write_text(json.dumps(result) + "\n")
    print(json.dumps(result))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--data", required=True, help="folder of the binary files")
    add("--out", required=True, help="folder of this run")
    add("--dataset", choices=sorted(LOADERS), default="cifar10")
    add("--size", type=int, default=10_000, help="training images (default: 10,000)")
    add("--test", type=int, default=10_000, help="test images (default: 10,000)")
    add("--seed", type=int, default=0, help="of the drawn training images")
    add("--selecting", type=int, default=10_000, help="images that select features")
    add("--selected", type=int, help="features of a class and round")
    add("--rounds", type=int, default=2)
    add("--landmarks", type=int, default=20_000, help="centres of kernels, at most")
    arguments = parser.parse_args()
    if arguments.selected is None:
        arguments.selected = SELECTED[arguments.dataset]
    return arguments


def remember(path, settings):
    """Write the settings of a run, or compare them with those of its beginning."""
    if path.exists():
        before = json.loads(path.read_text())
        if before != settings:
            raise SystemExit(f"{path} says {before}: take another --out.")
    path.write_text(json.dumps(settings))


def load(arguments):
    """Return training images (n, 3, 32, 32), their classes, and those to test on."""
    read = LOADERS[arguments.dataset]
    train, test = (read(part, data_home=arguments.data) for part in ("train", "test"))
    drawn = np.arange(len(train.target))
    if arguments.size < len(drawn):
        split = BalancedSubsetSplit(arguments.size, 1, arguments.seed)
        drawn, _ = next(split.split(drawn[:, None], train.target))
    drawn = np.random.default_rng(0).permutation(drawn)  # any block holds all classes
    n = arguments.test
    return train.images[drawn], train.target[drawn], test.images[:n], test.target[:n]


@contextmanager
def timed(what):
    """Print what was done, and how long it took."""
    start = time.perf_counter()
    yield
    print(f"{what}: {clock(time.perf_counter() - start)}", flush=True)


def filled(path, images, compute):
    """Return a memory map of what is computed of images; compute what is missing."""
    done_path = path.with_suffix(".done")
    if done_path.exists():
        done, X = int(done_path.read_text()), np.load(path, mmap_mode="r+")
    else:
        shape = (len(images), *compute(images[:1]).shape[1:])
        done, X = 0, np.lib.format.open_memmap(path, "w+", np.float32, shape)
    for first in range(done, len(images), BLOCK):
        last = min(first + BLOCK, len(images))
        X[first:last] = compute(images[first:last])
        X.flush()
        done_path.write_text(str(last))
        print(f"\r{path.stem}: {last:,}/{len(images):,}", end="", flush=True)
    print()
    return X


def coefficients(transforms, images):
    """Return square roots of coefficients of images, (n, 79356)."""
    pixels = images.astype(np.float32) / 255
    S = np.concatenate([t.transform(pixels) for t in transforms], axis=1)
    return np.sqrt(np.abs(S, out=S), out=S)


def chosen_twice(transforms, columns, images):
    """Return some coefficients of images and mirror images, (n, 2, n_columns)."""
    pair = (images, images[..., ::-1])
    return np.stack([coefficients(transforms, x)[:, columns] for x in pair], axis=1)


def select(folder, X, y, *, arguments):
    """Return the columns that any class selected in any round, increasing."""
    targets = (y[:, None] == np.unique(y)).astype(float)
    taken = np.zeros(X.shape[1], bool)
    for r in range(arguments.rounds):
        path = folder / f"round{r}.npy"
        if not path.exists():
            count = min(arguments.selected, len(X) // targets.shape[1])
            selection = orthogonal_least_squares(
                X, targets, count, candidates=~taken, fit_intercept=True
            )
            np.save(path, np.unique(np.concatenate(selection.support)))
        taken[np.load(path)] = True
    return np.flatnonzero(taken)


def classify(train, test, *, n_landmarks):
    """Return the accuracy, in %, of a kernel machine on images with mirror images."""
    (X, y), (X_test, y_test) = train, test
    scaler, norm = StandardScaler(), Normalizer(copy=False)
    scaler.fit(X.reshape(-1, X.shape[2]))

    def prepared(X):
        rows = norm.transform(scaler.transform(X.reshape(-1, X.shape[2])))
        return rows.reshape(len(X), -1)

    model = MeanNormRidge(
        ALPHA, sigma=SIGMA, n_landmarks=n_landmarks, random_state=0, n_copies=2
    ).fit(prepared(X), y)
    return 100 * model.score(prepared(X_test), y_test)


if __name__ == "__main__":
    main()
