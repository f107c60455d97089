"""Whether an order on the channels of a trained layer says more than of an untrained.

Orders of the channels of a small CNN are found from what they answer to some images,
and held against others, which neither the network nor the order has seen: the total
variation of standardised channels along the order, over its mean along random orders (1
says nothing). Printed for LayerOrganiser, for a one-dimensional spectral embedding and
for the leaves of average linkage in SciPy's optimal order, all from correlations; for
the network trained, and as it was drawn; means and standard deviations over seeds of
the network.

    python benchmarks/channel_orders.py                      # 8×8 digits
    python benchmarks/channel_orders.py --fashion DIR        # Fashion-MNIST at 14×14

It also prints how often two orders, found from two halves of the images, agree on who
is a neighbour (by chance 2/C), and how much the filters of the first layer vary along
the order, as the answers do.
"""

import argparse
import time

import numpy as np
import torch
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from sklearn.datasets import load_digits
from sklearn.manifold import spectral_embedding

from sklearn_scat import ImageClassifier, LayerOrganiser
from sklearn_scat.analysis import layer_features
from sklearn_scat.datasets import load_fashion_mnist
from sklearn_scat.nn import SmallCNN
from sklearn_scat.questionnaire import correlation_distances, correlations

LAYERS = ("bn1", "bn2")
N_ORDERS = 200


def organiser(geometry):
    """Return a function from answers (n, C, positions) to LayerOrganiser's order."""
    return lambda A: LayerOrganiser(geometry, n_permutations=1).fit(A).order_


def spectral(A):
    """Return the order of the first coordinate of a spectral embedding."""
    d = correlation_distances(correlations(rows(A)))
    affinity = np.exp(-((d / np.median(d[d > 0])) ** 2))
    return (
        spectral_embedding(affinity, n_components=1, random_state=0).ravel().argsort()
    )


def leaves(A):
    """Return SciPy's order of average linkage."""
    d = correlation_distances(correlations(rows(A)))
    joins = linkage(squareform(d, checks=False), "average", optimal_ordering=True)
    return leaves_list(joins)


ORDERS = {
    "LayerOrganiser('path')": organiser("path"),
    "LayerOrganiser('tree')": organiser("tree"),
    "LayerOrganiser('line')": organiser("line"),
    "spectral embedding": spectral,
    "average linkage, leaves": leaves,
}


def rows(A):
    """Return answers (n, C, positions) as one row a channel: (C, n·positions)."""
    return A.swapaxes(0, 1).reshape(A.shape[1], -1)


def standardised(A, like):
    """Return answers with the means and deviations of channels of other answers."""
    mean, deviation = like.mean((0, 2)), like.std((0, 2))
    return (A - mean[:, None]) / np.where(deviation > 0, deviation, 1)[:, None]


def relative_variation(C, order, rng):
    """Return the variation of rows (C, …) along an order, over that of random ones."""
    steps = np.abs(C[:, None] - C[None]).mean(-1)  # (C, C)
    chance = [along(steps, rng.permutation(len(C))) for _ in range(N_ORDERS)]
    return along(steps, order) / np.mean(chance)


def along(steps, order):
    """Return the sum of the steps of an order."""
    return steps[order[1:], order[:-1]].sum()


def agreement(one, two):
    """Return the share of neighbours in one order that are neighbours in another."""
    pairs = [
        {frozenset(p) for p in zip(o[1:], o[:-1], strict=True)} for o in (one, two)
    ]
    return len(pairs[0] & pairs[1]) / len(pairs[0])


def images(directory):
    """Return images (n, 1, H, W) and labels."""
    if directory is None:
        X, y = load_digits(return_X_y=True)
        return X.reshape(-1, 1, 8, 8).astype(np.float32) / 16, y
    X, y = load_fashion_mnist(subset="train", data_home=directory, return_X_y=True)
    X = X[:3000].reshape(-1, 1, 14, 2, 14, 2).mean((3, 5)) / 255
    return X.astype(np.float32), y[:3000]


def main():
    """Read the arguments, train, order and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fashion", help="folder of Fashion-MNIST; else 8×8 digits")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    X, y = images(arguments.fashion)
    found = {}
    for seed in range(arguments.seeds):
        measure(X, y, seed, arguments, found)
    print(
        "network    layer  order                      variation      agreement  filters"
    )
    for (network, layer, name), values in found.items():
        mean, deviation = np.mean(values, axis=0), np.std(values, axis=0)
        print(
            f"{network:10s} {layer:6s} {name:26s} {mean[0]:.3f} ± {deviation[0]:.3f}"
            f"  {mean[1]:9.2f} {mean[2]:8.2f}"
        )
    print(
        "variation of average linkage's leaves less that of 'path', network by network:"
    )
    for network in ("trained", "untrained"):
        for layer in LAYERS:
            ours, theirs = (
                np.array(found[network, layer, name])[:, 0]
                for name in ("LayerOrganiser('path')", "average linkage, leaves")
            )
            gain = theirs - ours
            print(f"{network:10s} {layer:6s} {gain.mean():.3f} ± {gain.std():.3f}")
    print(f"{time.process_time():.0f} s of CPU")


def measure(X, y, seed, arguments, found):
    """Train a network, and append what its orders reach on images of their own."""
    third = len(X) // 3
    learned, ordered, held_out = X[:third], X[third : 2 * third], X[2 * third :]
    classifier = ImageClassifier(
        SmallCNN,
        max_epochs=arguments.epochs,
        module__width=arguments.width,
        random_state=seed,
    ).fit(learned, y[:third])
    print(f"seed {seed}: accuracy {classifier.score(held_out, y[2 * third :]):.3f}")
    torch.manual_seed(seed)
    control = SmallCNN(10, width=arguments.width, in_channels=1)
    with torch.no_grad():  # in training mode: sets the running statistics
        control(torch.from_numpy(learned))
    networks = {"trained": classifier.to_torch(), "untrained": control.eval()}
    rng = np.random.default_rng(seed)
    for network, net in networks.items():
        parts = [answers(net, part) for part in (ordered, held_out)]
        for layer in LAYERS:
            A, T = (part[layer] for part in parts)
            A, T = standardised(A, A), standardised(T, A)
            filters = net.conv1.weight.detach().numpy() if layer == "bn1" else None
            for name, order in ORDERS.items():
                values = values_of(order, A, T, filters, rng)
                found.setdefault((network, layer, name), []).append(values)


def answers(net, X):
    """Return what the channels of the layers answer: {layer: (n, C, positions)}."""
    maps = layer_features(net, X, layers=list(LAYERS), pool=None)
    widths = {name: getattr(net, name).num_features for name in LAYERS}
    return {k: a.reshape(len(X), widths[k], -1) for k, a in maps.items()}


def values_of(find, A, T, filters, rng):
    """Return the variation on T, the agreement of halves of A, and that of filters."""
    order, half = find(A), len(A) // 2
    of_filters = np.nan
    if filters is not None:
        of_filters = relative_variation(filters.reshape(len(filters), -1), order, rng)
    halves = agreement(find(A[:half]), find(A[half:]))
    return relative_variation(rows(T), order, rng), halves, of_filters


if __name__ == "__main__":
    main()
