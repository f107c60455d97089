"""Certify classifiers of MNIST, and attack them: a table of radii.

    python benchmarks/certificates.py --data DIR        # files of MNIST in DIR
    python benchmarks/certificates.py --data DIR --method pgd
    python benchmarks/certificates.py --bounds          # Lipschitz constants, no data

Pixels lie in [0, 1]; radii are Euclidean norms of images. Medians are over the test
digits that are classified correctly. "below" counts attacks that succeeded below the
certificate: there must be none. With --bounds it climbs from noise to images that the
scattering stretches most, and compares what it finds with the bound.
"""

import argparse
import time

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import (
    MeanNormRidge,
    PCAAffineClassifier,
    RotoTranslationScattering,
    ScatteringTransformer,
)
from sklearn_scat.certificates import certified_radius, minimal_perturbation
from sklearn_scat.datasets import load_mnist
from sklearn_scat.transformers._module import ScatteringFeatures


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
    yield "J=3, affine spaces", [three, PCAAffineClassifier(n_components=40)]
    yield "J=3, kernel ridge", [three, MeanNormRidge()]


def settings():
    """Yield transformers and the sides of images that bounds are compared on."""
    for side, J in ((28, 2), (30, 2), (32, 2), (28, 3), (32, 3)):
        for padding in ("periodic", "zero", "reflect"):
            if padding == "periodic" and side % 2**J:
                continue
            common = {"J": J, "padding": padding, "frame": "contractive"}
            yield side, ScatteringTransformer(**common)
            if side == 32:
                for form in ("rigid", "separable"):
                    yield side, RotoTranslationScattering(form=form, **common)


def largest_gain(transformer, side, steps=40):
    """Return the largest ‖Sx‖ / ‖x‖ that ascending from noise finds."""
    features = ScatteringFeatures(transformer)
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, side, side, generator=generator, dtype=torch.float64)
    for _ in range(steps):
        x = (x / x.norm()).requires_grad_()
        norm = features(x).norm()
        (x,) = torch.autograd.grad(norm, x)
    return norm.item()


def compare_bounds():
    """Print what ascent finds beside the bound, times 2^J."""
    head = ("side", "J", "padding", "scattering", "found", "bound", "ratio", "CPU s")
    print("{:>4s} {:>2s} {:9s} {:12s} {:>6s} {:>6s} {:>6s} {:>6s}".format(*head))
    for side, transformer in settings():
        transformer.fit(np.ones((1, side, side)))
        start = time.process_time()
        bound = 2**transformer.J * transformer.lipschitz_bound_
        seconds = time.process_time() - start
        found = 2**transformer.J * largest_gain(transformer, side)
        name = getattr(transformer, "form", "translation")
        print(
            f"{side:4d} {transformer.J:2d} {transformer.padding:9s} {name:12s} "
            f"{found:6.3f} {bound:6.3f} {found / bound:6.3f} {seconds:6.2f}",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", metavar="DIR")
    source.add_argument("--bounds", action="store_true")
    parser.add_argument("--method", default="deepfool", choices=["deepfool", "pgd"])
    parser.add_argument("--train", type=int, default=5000, metavar="N")
    parser.add_argument("--test", type=int, default=200, metavar="N")
    arguments = parser.parse_args()
    if arguments.bounds:
        compare_bounds()
        return
    sets = {}
    for subset in ("train", "test"):
        n = getattr(arguments, subset)
        X, y = load_mnist(subset=subset, data_home=arguments.data, return_X_y=True)
        sets[subset] = (X[:n].astype(np.float32) / 255, y[:n])
    X, y = sets["test"]
    head = ("model", "accuracy", "certified", "found", "ratio", "below", "CPU s")
    print("{:20s} {:>8s} {:>10s} {:>8s} {:>6s} {:>6s} {:>8s}".format(*head))
    for name, steps in models():
        model = make_pipeline(*steps).fit(*sets["train"])
        start = time.process_time()
        certificate = certified_radius(model, X, y)
        attack = minimal_perturbation(model, X, y, method=arguments.method)
        seconds = time.process_time() - start
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
