"""What a network contracts, layer by layer, and what its width and non-linearity do.

Trains the network of regular boundaries (thirteen convolutions of one width) and
prints for every layer, of it and of an untrained one, the contraction, the local
support vectors, the accuracies of simple classifiers and the intrinsic dimension. With
--sweep, prints accuracy on training and test images, the share of local support
vectors and the ratio of distances at the last layer, and how many directions its
features have, for several widths K and degrees of non-linearity alpha.

    python benchmarks/boundary.py                     # the digits of scikit-learn
    python benchmarks/boundary.py --sweep             # widths and alphas
    python benchmarks/boundary.py --data DIR          # 10,000 digits of MNIST, 28×28
    python benchmarks/boundary.py --untrained --seeds 5  # before any training
    python benchmarks/boundary.py --data DIR --fashion --train 5000 --halve --sweep

DIR holds the four IDX files of MNIST, or with --fashion those of Fashion-MNIST; --halve
averages 2×2 pixels, which makes the sweep four times as fast.

Training is short: the point is the comparison of layers, not the accuracy. Batch
normalisation's statistics are measured anew on the training images before anything else
is: those of a short training lag behind.
"""

import argparse
import time

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.optim.swa_utils import update_bn

from sklearn_scat import ImageClassifier
from sklearn_scat.analysis import (
    contraction,
    intrinsic_dimension,
    layer_accuracy,
    layer_features,
    local_support_vectors,
    separation,
    standardize,
)
from sklearn_scat.datasets import load_fashion_mnist, load_mnist
from sklearn_scat.nn import RegularBoundaryNet

LAYERS = [f"layers.{i}" for i in range(13)]
WIDTHS = (4, 8, 16, 32)
ALPHAS = (0.0, 0.05, 0.2, 0.5, 1.0)


def load(data, n_train, n_test, *, fashion=False, halve=False):
    """Return training images (n, 1, H, W) and labels, then test images and labels."""
    if data is None:
        X, y = load_digits(return_X_y=True)
        split = train_test_split(X, y, test_size=700, random_state=0, stratify=y)
        X, X_test, y, y_test = split
    else:
        read = load_fashion_mnist if fashion else load_mnist
        X, y = read(subset="train", data_home=data, return_X_y=True)
        X_test, y_test = read(subset="test", data_home=data, return_X_y=True)
        X, y, X_test, y_test = (
            X[:n_train],
            y[:n_train],
            X_test[:n_test],
            y_test[:n_test],
        )
    mean, std = X.mean(), X.std()
    side = round(X.shape[1] ** 0.5)
    images = [((A - mean) / std).astype(np.float32) for A in (X, X_test)]
    X, X_test = (A.reshape(-1, 1, side, side) for A in images)
    if halve:
        X, X_test = (halved(A) for A in (X, X_test))
    return X, y, X_test, y_test


def halved(X):
    """Return images (n, 1, H, W) averaged over squares of 2×2 pixels."""
    n, _, H, W = X.shape
    return X.reshape(n, 1, H // 2, 2, W // 2, 2).mean((3, 5))


def train(X, y, *, width, alpha, epochs, seed=0):
    """Return a trained network and an untrained one, its control."""
    classifier = ImageClassifier(
        RegularBoundaryNet,
        module__width=width,
        module__alpha=alpha,
        module__dropout=0.0,
        module__momentum=0.1,
        lr=1e-2,
        max_epochs=epochs,
        random_state=seed,
    )
    trained = classifier.fit(X, y).to_torch()
    torch.manual_seed(seed)
    control = RegularBoundaryNet(
        len(classifier.classes_), width, alpha=alpha, dropout=0.0, in_channels=1
    )
    for net in (trained, control):
        update_bn(torch.from_numpy(X).split(256), net)
        net.eval()
    return trained, control


def accuracy(net, X, y):
    """Return the share of images that a network classifies correctly."""
    with torch.no_grad():
        scores = torch.cat([net(batch) for batch in torch.from_numpy(X).split(256)])
    return float(np.mean(scores.argmax(1).numpy() == y))


def report(name, net, data, n_measured):
    """Print the measurements of every layer, and the seconds they took."""
    X, y, X_test, y_test = data
    X, y = X[:n_measured], y[:n_measured]
    start = time.perf_counter()
    layers = layer_features(net, X, layers=LAYERS)
    tests = layer_features(net, X_test, layers=LAYERS)
    extracted = time.perf_counter() - start
    F = standardize(layers)
    ratio = contraction(F, y)
    apart = separation(F, y)
    vectors = local_support_vectors(F, y)
    score = layer_accuracy(layers, y, F_test=tests, y_test=y_test)
    dimension = intrinsic_dimension(F)
    share = accuracy(net, X_test, y_test)
    print(f"\n{name}: {len(X)} images measured, accuracy {share:.3f}")
    columns = {
        "layer": (np.arange(1, 14), "5d"),
        "ratio": (ratio.ratio, "6.3f"),
        "eff.dim": (ratio.effective_dimension.mean(axis=1), "8.1f"),
        "epsilon": (apart.epsilon, "8.2f"),
        "|Γ1|/n": (vectors.first, "8.3f"),
        "|Γ30|/n": (vectors.last, "8.3f"),
        "area": (vectors.area, "6.3f"),
        "1-NN": (score.nearest_neighbor, "6.3f"),
        "SVM": (score.svm, "6.3f"),
        "dim": (dimension.dimension, "6.1f"),
    }
    print(*(f"{key:>{int(form[0])}s}" for key, (_, form) in columns.items()))
    for i in range(len(LAYERS)):
        print(*(f"{values[i]:{form}}" for values, form in columns.values()))
    seconds = time.perf_counter() - start
    print(f"{seconds:.1f} s, {extracted:.1f} s of them for the features")


def sweep(data, *, widths, alphas, seeds, epochs, n_measured):
    """Print one line for every width and degree of non-linearity: means over seeds."""
    print("    K  alpha  training      test      spread  |Γ1|/n   area  ratio  eff.dim")
    for width in widths:
        for alpha in alphas:
            rows = [
                last_layer(
                    train(*data[:2], width=width, alpha=alpha, epochs=epochs, seed=s)[
                        0
                    ],
                    data,
                    n_measured,
                )
                for s in range(seeds)
            ]
            fitted, found, first, area, ratio, directions = np.mean(rows, axis=0)
            print(
                f"{width:5d} {alpha:6.2f} {fitted:9.3f} {found:9.3f}"
                f" ± {np.std(rows, axis=0)[1]:9.3f} {first:7.3f} {area:6.3f}"
                f" {ratio:6.3f} {directions:8.1f}",
                flush=True,
            )
    print(f"{time.process_time():.0f} s of CPU")


def untrained(data, *, widths, alphas, seeds):
    """Print what the last layer of networks that nobody has trained still tells."""
    X, y, X_test, y_test = data
    print("    K  alpha  nearest neighbour, untrained")
    for width in widths:
        for alpha in alphas:
            found = []
            for seed in range(seeds):
                net = drawn(X, np.unique(y).size, width=width, alpha=alpha, seed=seed)
                parts = (
                    layer_features(net, Z, layers=LAYERS[-1:]) for Z in (X, X_test)
                )
                score = layer_accuracy(
                    next(parts), y, F_test=next(parts), y_test=y_test
                )
                found.append(score.nearest_neighbor[0])
            print(
                f"{width:5d} {alpha:6.2f} {np.mean(found):9.3f} ± {np.std(found):.3f}"
            )
    print(f"{time.process_time():.0f} s of CPU")


def drawn(X, n_classes, *, width, alpha, seed):
    """Return an untrained network whose normalisation has seen images."""
    torch.manual_seed(seed)
    net = RegularBoundaryNet(
        n_classes, width, alpha=alpha, dropout=0.0, in_channels=1, momentum=0.1
    )
    update_bn(torch.from_numpy(X).split(256), net)
    return net.eval()


def last_layer(net, data, n_measured):
    """Return two accuracies and four measurements of the last layer, on test images."""
    X, y, X_test, y_test = data
    features = layer_features(net, X_test[:n_measured], layers=LAYERS[-1:])
    F, labels = standardize(features), y_test[:n_measured]
    vectors, (raw,) = local_support_vectors(F, labels), features.values()
    return (
        accuracy(net, X, y),
        accuracy(net, X_test, y_test),
        vectors.first[0],
        vectors.area[0],
        contraction(F, labels).ratio[0],
        effective_dimension(raw),
    )


def effective_dimension(F):
    """Return (Σ λ)² / Σ λ² for the eigenvalues λ of the covariance of rows."""
    energies = np.linalg.svd(F - F.mean(axis=0), compute_uv=False) ** 2
    return float(energies.sum() ** 2 / (energies**2).sum()) if energies.any() else 0.0


def main():
    """Read the arguments, train and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", help="folder of MNIST; else scikit-learn's digits")
    parser.add_argument("--train", type=int, default=10000, help="images of MNIST")
    parser.add_argument("--test", type=int, default=2000, help="test images of MNIST")
    parser.add_argument("--measured", type=int, default=10000)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--alpha", type=float, default=1.0)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--fashion", action="store_true", help="not digits: clothes")
    parser.add_argument("--halve", action="store_true", help="average 2×2 pixels")
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--untrained", action="store_true")
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS)
    parser.add_argument("--alphas", type=float, nargs="+", default=ALPHAS)
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    data = load(
        arguments.data,
        arguments.train,
        arguments.test,
        fashion=arguments.fashion,
        halve=arguments.halve,
    )
    epochs, n_measured = arguments.epochs, arguments.measured
    grid = {k: getattr(arguments, k) for k in ("widths", "alphas", "seeds")}
    if arguments.untrained:
        return untrained(data, **grid)
    if arguments.sweep:
        return sweep(data, **grid, epochs=epochs, n_measured=n_measured)
    start = time.perf_counter()
    width, alpha = arguments.width, arguments.alpha
    trained, control = train(*data[:2], width=width, alpha=alpha, epochs=epochs)
    print(f"trained in {time.perf_counter() - start:.0f} s")
    report("trained", trained, data, n_measured)
    report("untrained", control, data, n_measured)


if __name__ == "__main__":
    main()
