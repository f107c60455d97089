"""Can a model memorise random labels? Pixels and scattering, linear and not.

Fits three models to permutations of the labels of a few hundred digits, and to the
true labels: a network of one hidden layer on pixels, the same on scattering
coefficients, and a linear classifier on these. Prints accuracies, the distance of the
mean test accuracy from chance in standard deviations, and the iterations of the fits.

    python benchmarks/random_labels.py
    python benchmarks/random_labels.py --train 1000 --repeats 20
"""

import argparse
import time
import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import ScatteringTransformer
from sklearn_scat.analysis import random_labels
from sklearn_scat.datasets import load_digits_images


def models():
    """Return the models by name, and whether each of them sees scattering."""
    network = MLPClassifier(
        256, alpha=0, learning_rate_init=3e-3, max_iter=500, tol=1e-5, random_state=0
    )
    linear = RidgeClassifier(alpha=1e-2)
    return {
        "pixels, network": (make_pipeline(StandardScaler(), network), False),
        "scattering, network": (make_pipeline(StandardScaler(), network), True),
        "scattering, linear": (make_pipeline(StandardScaler(), linear), True),
    }


def main():
    """Read the arguments, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--train", type=int, default=300, help="training images")
    parser.add_argument("--repeats", type=int, default=20, help="permutations")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    X, y = load_digits_images(return_X_y=True)
    X = X.astype(float)  # the linear fit interpolates: it needs the digits
    S = ScatteringTransformer(J=3).fit_transform(X)
    print(
        "model                 train   test  chance  sigmas  steps   true: test  steps"
    )
    for name, (model, scattered) in models().items():
        split = train_test_split(
            S if scattered else X,
            y,
            train_size=arguments.train,
            random_state=0,
            stratify=y,
        )
        X_train, X_test, y_train, y_test = split
        start = time.perf_counter()
        memory = random_labels(
            model,
            X_train,
            y_train,
            X_test=X_test,
            y_test=y_test,
            n_repeats=arguments.repeats,
            random_state=0,
        )
        print(
            f"{name:20s} {memory.train_accuracy.min():6.3f} "
            f"{memory.test_accuracy.mean():6.3f} {memory.chance:7.3f} "
            f"{memory.deviation:7.2f} {memory.steps.mean():6.0f} "
            f"{memory.true_test_accuracy:12.3f} {memory.true_steps:6.0f}"
            f"   ({time.perf_counter() - start:.0f} s)",
            flush=True,
        )


if __name__ == "__main__":
    main()
