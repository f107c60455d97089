"""Certify linear classifiers of MNIST, and attack them: a table of radii.

    python benchmarks/certificates.py --data DIR        # files of MNIST in DIR
    python benchmarks/certificates.py --data DIR --method pgd

Pixels lie in [0, 1]; radii are Euclidean norms of images. Medians are over the test
digits that are classified correctly. The last column counts attacks that succeeded
below the certificate: there must be none.
"""

import argparse
import time

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import ScatteringTransformer
from sklearn_scat.certificates import certified_radius, minimal_perturbation
from sklearn_scat.datasets import load_mnist


def models():
    """Yield names and unfitted pipelines."""
    two = ScatteringTransformer(J=2, frame="contractive")
    three = ScatteringTransformer(J=3, frame="contractive")
    yield "pixels, ridge", [RidgeClassifier(alpha=100.0)]
    yield "J=2, ridge", [two, RidgeClassifier(alpha=1.0)]
    yield "J=2, scaler, ridge", [two, StandardScaler(), RidgeClassifier(alpha=1000.0)]
    yield "J=3, ridge", [three, RidgeClassifier(alpha=0.1)]
    yield "J=3, logistic", [three, LogisticRegression(C=10, max_iter=500)]
    yield "J=3, PCA, logistic", [three, PCA(100), LogisticRegression(C=1, max_iter=500)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, metavar="DIR")
    parser.add_argument("--method", default="deepfool", choices=["deepfool", "pgd"])
    parser.add_argument("--train", type=int, default=5000, metavar="N")
    parser.add_argument("--test", type=int, default=200, metavar="N")
    arguments = parser.parse_args()
    sets = {}
    for subset in ("train", "test"):
        n = getattr(arguments, subset)
        X, y = load_mnist(subset=subset, data_home=arguments.data, return_X_y=True)
        sets[subset] = (X[:n].astype(np.float32) / 255, y[:n])
    X, y = sets["test"]
    head = ("model", "accuracy", "certified", "found", "ratio", "below", "seconds")
    print("{:20s} {:>8s} {:>10s} {:>8s} {:>6s} {:>6s} {:>8s}".format(*head))
    for name, steps in models():
        model = make_pipeline(*steps).fit(*sets["train"])
        start = time.perf_counter()
        certificate = certified_radius(model, X, y)
        attack = minimal_perturbation(model, X, y, method=arguments.method)
        seconds = time.perf_counter() - start
        right = certificate.correct
        radius, norm = certificate.radius[right], attack.norm[right]
        # where a classifier is linear in the pixels both are the same number
        below = np.sum(norm < radius * (1 - 1e-6))
        print(
            f"{name:20s} {right.mean():8.3f} {np.median(radius):10.4f} "
            f"{np.median(norm):8.3f} {np.median(norm / radius):6.2f} {below:6d} "
            f"{seconds:8.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
