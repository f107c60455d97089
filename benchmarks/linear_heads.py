"""Time and score linear classifiers on scattering features, searched over C.

Every row is one search over C on one thread: 5 values and 5 folds, or 15 values and
leave-one-out for ridge regression. `linear_head` looks at the features through their
Gram matrix or an exact rotation; the rows "features" search the same values without.
Their last column counts the test images that the two routes decide differently.

    python benchmarks/linear_heads.py                       # the digits of scikit-learn
    python benchmarks/linear_heads.py --data DIR            # MNIST and CIFAR-10 too
    python benchmarks/linear_heads.py --slow                # no route left out

Needs the `bench` extra. Without --slow, `LinearSVC` sees features that were not rotated
for up to 100 samples only: it takes minutes beyond.
"""

import argparse
import datetime
import platform
import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from threadpoolctl import threadpool_limits

from sklearn_scat import ScatteringTransformer
from sklearn_scat.classifiers import linear_head
from sklearn_scat.datasets import load_cifar10, load_digits_images, load_mnist
from sklearn_scat.model_selection import BalancedSubsetSplit

N_TEST = 5000
PLAIN = {
    "squared_hinge": LinearSVC(dual=True, random_state=0),
    "hinge": SVC(kernel="linear"),
    "log_loss": LogisticRegression(max_iter=1000),
}
NAMES = {
    "squared_error": ("RidgeClassifierCV", "Gram matrix"),
    "squared_hinge": ("LinearSVC", "rotated"),
    "hinge": ("SVC", "Gram matrix"),
    "log_loss": ("LogisticRegression", "rotated"),
}


def tasks(data, largest):
    """Yield a name, training images and labels, test images and labels, and J."""
    X, y = load_digits_images(return_X_y=True)
    split = train_test_split(X, y, test_size=700, random_state=0, stratify=y)
    X, X_test, y, y_test = split
    yield "digits", X, y, X_test, y_test, 3
    if data is None:
        return
    for name, load, J in (("MNIST", load_mnist, 3), ("CIFAR-10", load_cifar10, 2)):
        X, y = load(subset="train", data_home=data, return_X_y=True)
        X_test, y_test = load(subset="test", data_home=data, return_X_y=True)
        pool = np.sort(np.random.RandomState(0).permutation(len(X))[: 3 * largest])
        X, X_test = as_squares(X[pool]), as_squares(X_test[:N_TEST])
        yield name, X, y[pool], X_test, y_test[:N_TEST], J


def as_squares(rows):
    """Return images of 32×32 pixels; MNIST gets a margin of 2 pixels of 0."""
    if rows.shape[1] == 3 * 32 * 32:
        return rows.reshape(-1, 3, 32, 32)
    return np.pad(rows.reshape(-1, 28, 28), ((0, 0), (2, 2), (2, 2)))


def measure(model, X, y, X_test):
    """Return the seconds that a search takes, and its predictions."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    return time.perf_counter() - start, model.predict(X_test)


def chosen(search):
    """Return the value of C that a search took."""
    if hasattr(search, "alpha_"):
        return 1 / (2 * search.alpha_)
    return search.best_params_["C"]


def compare(X, y, X_test, y_test, *, slow):
    """Yield classifier, route, C, seconds, accuracy and how many decisions differ."""
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for loss, (name, route) in NAMES.items():
        head = linear_head(*X.shape, loss=loss)
        seconds, predicted = measure(head, X, y, X_test)
        yield name, route, chosen(head[-1]), seconds, np.mean(predicted == y_test), None
        if loss == "squared_error" or (
            loss == "squared_hinge" and len(X) > 100 and not slow
        ):
            continue
        search = GridSearchCV(PLAIN[loss], head[-1].param_grid, cv=folds)
        seconds, again = measure(search, X, y, X_test)
        differ = int(np.sum(again != predicted))
        accuracy = np.mean(again == y_test)
        yield name, "features", chosen(search), seconds, accuracy, differ


def report(name, X, y, X_test, y_test, arguments):
    """Print the rows of one task, for every size of training set."""
    for n_total in arguments.sizes:
        if n_total > 0.8 * len(X):
            continue
        ((train, _),) = BalancedSubsetSplit(n_total, 1, 0).split(X, y)
        scaler = StandardScaler().fit(X[train])
        rows = compare(
            scaler.transform(X[train]),
            y[train],
            scaler.transform(X_test),
            y_test,
            slow=arguments.slow,
        )
        for classifier, route, C, seconds, accuracy, differ in rows:
            print(
                f"| {name} | {n_total} | {X.shape[1]} | {classifier} | {route} "
                f"| {C:.0e} | {seconds:.2f} | {100 * accuracy:.2f} "
                f"| {'' if differ is None else differ} |",
                flush=True,
            )


def main():
    """Run all tasks and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", help="directory of MNIST and CIFAR-10")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000, 3000])
    parser.add_argument("--slow", action="store_true", help="leave no route out")
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {datetime.date.today()}\n")
    print("| features | n | d | classifier | route | C | s | accuracy % | differ |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, X, y, X_test, y_test, J in tasks(arguments.data, max(arguments.sizes)):
        scattering = ScatteringTransformer(J=J)
        S, S_test = scattering.fit_transform(X), scattering.transform(X_test)
        with threadpool_limits(1):
            report(f"{name} J={J}", S, y, S_test, y_test, arguments)
            flat = [np.reshape(x, (len(x), -1)) for x in (X, X_test)]
            report(f"{name} pixels", flat[0], y, flat[1], y_test, arguments)


if __name__ == "__main__":
    main()
