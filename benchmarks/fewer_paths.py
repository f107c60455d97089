r"""What second-order paths are worth whose filters overlap little.

    python benchmarks/fewer_paths.py mnist --data DIR
    python benchmarks/fewer_paths.py cifar10 --data DIR
    python benchmarks/fewer_paths.py kth-tips --data DIR --sizes 50,200

A modulus |x * ψ1| of noise has the spectrum E1, the autocorrelation of |ψ̂1|². The
overlap of a path is the mean of E1, over its maximum, under |ψ̂2|². Paths below a
threshold are left out of coefficients that were all computed. Affine spaces are fitted
to the square roots of the others, of cross-validated dimension, or for textures of one
less than a class has images; for colour images it is ridge regression, as in the recipe
`scat_linear`, which takes less time. Times are those of the processor's clock: of a fit
with the test, and of an image's coefficients up to order 2 and order 1.
"""

import argparse
import time
from functools import partial

import numpy as np
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import PCAAffineClassifier, ScatteringTransformer
from sklearn_scat.cascade import path_table
from sklearn_scat.classifiers import SpanCoordinates
from sklearn_scat.experiments import find_case
from sklearn_scat.experiments._runs import draw
from sklearn_scat.filters import cached_morlet_bank

THRESHOLDS = (0.0, 0.3, 0.4, 0.5)
SCALES = {"mnist": 3, "cifar10": 2, "kth-tips": 5}
N_TEST = {"mnist": 3000, "cifar10": 2000}


def overlaps(J, L=8):
    """Return the overlap of every path: (P,); infinite below order 2."""
    bank = cached_morlet_bank(J, (2 ** (J + 3),) * 2, L=L)
    energy = bank.psi_hat**2
    spectrum = np.fft.fft2(np.abs(np.fft.ifft2(energy)) ** 2).real
    spectrum /= spectrum.max((2, 3), keepdims=True)
    paths = path_table(J, L)
    found = np.full(len(paths), np.inf)
    for i, (order, j1, t1, j2, t2) in enumerate(paths.tolist()):
        if order == 2:
            found[i] = np.average(spectrum[j1, t1], weights=energy[j2, t2])
    return found


def timed(function):
    """Return what a function returns, and the processor's time in seconds."""
    start = time.process_time()
    return function(), time.process_time() - start


def coefficients(images, J, **parameters):
    """Return roots of coefficients (n, C, P, positions) and ms an image by order."""
    models = [
        ScatteringTransformer(J, max_order=m, **parameters).fit(images) for m in (1, 2)
    ]
    (_, first), (S, both) = (timed(lambda m=m: m.transform(images)) for m in models)
    C, P, *_ = models[1].output_shape_
    ms = 1e3 * np.array([both, first]) / len(images)
    return np.sqrt(np.abs(S)).reshape(len(S), C, P, -1), ms


def rows(data, J, size, *, n_test):
    """Return coefficients, labels, draws to fit and to test, and their time."""
    if data.test_images is None:
        images = [np.asarray(image, np.float32) for image in data.images]
        S, ms = coefficients(images, J, pooling="mean")
        draws = [draw(data.target, size, seed) for seed in range(3)]
        return S[:, :, 1:], data.target, draws, ms
    chosen = [draw(data.target, size, seed)[0] for seed in range(3)]
    images = np.concatenate(
        [data.test_images[:n_test], *(data.images[c] for c in chosen)]
    )
    y = np.concatenate([data.test_target[:n_test], *(data.target[c] for c in chosen)])
    S, ms = coefficients(images, J)
    starts = n_test + size * np.arange(3)
    test = np.arange(n_test)
    return S, y, [(start + np.arange(size), test) for start in starts], ms


def classifier(name, size, seed):
    """Return an unfitted classifier of square roots of coefficients."""
    if name == "cifar10":
        ridge = RidgeClassifierCV(np.logspace(1, 6, 11))
        return make_pipeline(StandardScaler(), SpanCoordinates(), ridge)
    dim = "cv" if name == "mnist" else size // 10 - 1
    return PCAAffineClassifier(dim, random_state=seed)


def classified(build, X, y, draws):
    """Return accuracies in % and seconds of a classifier, draw by draw."""
    found = []
    for seed, (train, test) in enumerate(draws):
        start, model = time.process_time(), build(seed)
        right = 100 * model.fit(X[train], y[train]).score(X[test], y[test])
        found.append((right, time.process_time() - start))
    return np.array(found).T


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("case", choices=sorted(SCALES))
    parser.add_argument("--data", required=True, metavar="DIR")
    parser.add_argument("--sizes", default="1000", metavar="N,N,...")
    arguments = parser.parse_args()
    data, J = find_case(arguments.case).load(arguments.data), SCALES[arguments.case]
    overlap = overlaps(J)
    for size in map(int, arguments.sizes.split(",")):
        S, y, draws, ms = rows(data, J, size, n_test=N_TEST.get(arguments.case))
        overlap = overlap[-S.shape[2] :]
        print("order 2 {:.3f} ms an image, order 1 {:.3f}".format(*ms))
        for threshold in THRESHOLDS:
            kept = S[:, :, overlap >= threshold].reshape(len(S), -1)
            build = partial(classifier, arguments.case, size)
            right, seconds = classified(build, kept, y, draws)
            print(
                f"{size:5d} {threshold:.1f} {np.sum(overlap >= threshold):4d} paths  "
                f"{np.mean(right):.2f} ± {np.std(right, ddof=1):.2f} %  "
                f"{np.mean(seconds):.2f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
