"""Classify CIFAR by roto-translation scattering, nothing learned but the classifier.

    python benchmarks/cifar_roto.py --data DIR --out RUN --size 10000
    python benchmarks/cifar_roto.py --data DIR --out RUN --size 50000 --dataset cifar100

Separable roto-translation scattering of luminance and two colour differences, its
logarithm, features selected for each class by orthogonal least squares in two rounds,
standardised, and ridge regression under a Gaussian kernel with landmarks (Oyallon and
Mallat, CVPR 2015, with another kernel machine). Features lie in a memory map of
float32, `RUN/train.npy`: 43,200 numbers an image at J=2, 8.6 GB for 50,000 images.
Selection reads it once a step and does not depend on scales, so that only what is
selected is standardised, in memory.

Interrupt at any time and go on with the same command: features are kept by blocks of
images, selections by rounds. Another setting needs another folder. The last line
printed, also in `RUN/result.json`, gives the accuracy on the test images.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from sklearn.preprocessing import Normalizer, StandardScaler

from sklearn_scat import RotoTranslationScattering
from sklearn_scat.benchmark._kernel_ridge import MeanNormRidge
from sklearn_scat.datasets import load_cifar10, load_cifar100
from sklearn_scat.model_selection import BalancedSubsetSplit
from sklearn_scat.selection import orthogonal_least_squares

BLOCK = 250
EPS_IMAGES = 1000  # whose mean coefficients settle what is added before the logarithm
EPS = 1e-3
LOADERS = {"cifar10": load_cifar10, "cifar100": load_cifar100}
SELECTED = {"cifar10": 200, "cifar100": 20}  # published, for a class and round
# Rec. 709, as published: luminance and two differences.
LUMA = np.array([0.2126, 0.7152, 0.0722])
U = 0.436 / (1 - LUMA[2]) * (np.array([0, 0, 1]) - LUMA)
V = 0.615 / (1 - LUMA[0]) * (np.array([1, 0, 0]) - LUMA)
COLOURS = np.stack([LUMA, U, V]).astype(np.float32)


def main():
    arguments = parse()
    folder = Path(arguments.out)
    folder.mkdir(parents=True, exist_ok=True)
    settings = {k: v for k, v in vars(arguments).items() if k not in ("out", "data")}
    remember(folder / "settings.json", settings)
    images, y, test_images, y_test = load(arguments)
    clock = time.perf_counter()
    everything = [("train", images), ("test", test_images)]
    X, X_test = (
        features(folder, name, part, arguments=arguments) for name, part in everything
    )
    print(f"features: {time.perf_counter() - clock:.0f} s, {X.shape[1]:,} an image")
    clock = time.perf_counter()
    columns = select(folder, X, y, arguments=arguments)
    print(f"selection: {time.perf_counter() - clock:.0f} s, {len(columns):,} features")
    clock = time.perf_counter()
    Z, Z_test = (take_columns(part, columns) for part in (X, X_test))
    scaler, norm = StandardScaler(copy=False), Normalizer(copy=False)
    Z = norm.transform(scaler.fit_transform(Z))
    Z_test = norm.transform(scaler.transform(Z_test))
    model = MeanNormRidge(
        arguments.alpha,
        sigma=arguments.sigma,
        n_landmarks=arguments.landmarks,
        random_state=0,
    ).fit(Z, y)
    accuracy = 100 * model.score(Z_test, y_test)
    print(f"classifier: {time.perf_counter() - clock:.0f} s")
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
    add("--J", type=int, default=2)
    add("--selected", type=int, help="features of a class and round")
    add("--rounds", type=int, default=2)
    add("--alpha", type=float, default=0.03)
    add("--sigma", type=float, default=1.0)
    add("--landmarks", type=int, default=15_000)
    add("--rgb", action="store_true", help="the channels as they are")
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


def features(folder, name, images, *, arguments):
    """Return the log coefficients of images, a memory map; compute what is missing."""
    scattering = RotoTranslationScattering(arguments.J, form="separable")
    scattering.fit(colours(images[:1], arguments))
    n_features = int(np.prod(scattering.output_shape_))
    path, done_path = folder / f"{name}.npy", folder / f"{name}.done"
    mode = "r+" if path.exists() else "w+"
    shape = None if mode == "r+" else (len(images), n_features)
    X = np.lib.format.open_memmap(path, mode, np.float32, shape)
    done = int(done_path.read_text()) if done_path.exists() else 0
    eps = added(folder, scattering, images, arguments)
    start = time.perf_counter()
    for first in range(done, len(images), BLOCK):
        last = min(first + BLOCK, len(images))
        S = scattering.transform(colours(images[first:last], arguments))
        X[first:last] = np.log(np.abs(S) + eps)
        X.flush()
        done_path.write_text(str(last))
        rate = (last - done) / (time.perf_counter() - start)
        print(f"\r{name}: {last:,}/{len(images):,} ({rate:.0f}/s)", end="", flush=True)
    print()
    return X


def added(folder, scattering, images, arguments):
    """Return what is added to coefficients, from the first training images."""
    path = folder / "eps.npy"
    if not path.exists():
        S = scattering.transform(colours(images[:EPS_IMAGES], arguments))
        maps = np.abs(S).reshape(len(S), *scattering.output_shape_)
        means = np.broadcast_to(maps.mean((0, 3, 4), keepdims=True), maps[:1].shape)
        np.save(path, EPS * means.reshape(-1))
    return np.load(path)


def colours(images, arguments):
    """Return luminance and colour differences of images (n, 3, H, W), in 0…1."""
    images = images.astype(np.float32) / 255
    return images if arguments.rgb else np.einsum("dc,nchw->ndhw", COLOURS, images)


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


def take_columns(X, columns):
    """Return columns of a memory map, read by blocks of rows."""
    Z = np.empty((len(X), len(columns)), np.float32)
    for first in range(0, len(X), BLOCK):
        Z[first : first + BLOCK] = X[first : first + BLOCK][:, columns]
    return Z


if __name__ == "__main__":
    main()
