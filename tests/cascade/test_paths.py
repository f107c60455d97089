import numpy as np
import pytest

from sklearn_scat.cascade import path_name, path_table

NETWORKS = [(0, 8, 2), (1, 8, 2), (2, 8, 2), (3, 5, 1), (3, 2, 3), (4, 2, 4), (2, 3, 5)]


@pytest.mark.parametrize(("J", "count"), [(2, 81), (3, 217), (4, 417), (5, 681)])
def test_path_table_counts_of_eight_orientations(J, count):
    assert len(path_table(J, 8)) == count


@pytest.mark.parametrize("L", [1, 3, 8])
@pytest.mark.parametrize("J", range(6))
def test_path_table_counts(J, L):
    assert len(path_table(J, L, 0)) == 1
    assert len(path_table(J, L, 1)) == 1 + L * J
    assert len(path_table(J, L, 2)) == 1 + L * J + L**2 * J * (J - 1) // 2


@pytest.mark.parametrize("max_order", [1, 2, 3])
def test_path_table_of_one_scale_ends_at_order_one(max_order):
    paths = path_table(1, 8, max_order)

    assert paths["order"].tolist() == [0] + [1] * 8


@pytest.mark.parametrize(("J", "L", "max_order"), NETWORKS)
def test_path_table_lists_rising_paths_in_order(oracle, J, L, max_order):
    table = path_table(J, L, max_order)

    expected = oracle.paths(J, L, max_order)
    steps = [
        tuple(
            (int(row[f"j{m}"]), int(row[f"theta{m}"]))
            for m in range(1, row["order"] + 1)
        )
        for row in table
    ]
    assert steps == expected


@pytest.mark.parametrize(("J", "L", "max_order"), NETWORKS)
def test_path_table_marks_absent_steps(J, L, max_order):
    table = path_table(J, L, max_order)

    names = [f"{kind}{m}" for m in range(1, max_order + 1) for kind in ("j", "theta")]
    assert table.dtype.names == ("order", *names)
    for m in range(1, max_order + 1):
        absent = table["order"] < m
        for kind in ("j", "theta"):
            assert np.all(table[f"{kind}{m}"][absent] == -1)
            assert np.all(table[f"{kind}{m}"][~absent] >= 0)


@pytest.mark.parametrize(("J", "L", "max_order"), NETWORKS)
def test_path_name_tells_paths_apart(J, L, max_order):
    names = [path_name(path) for path in path_table(J, L, max_order)]

    assert len(set(names)) == len(names)
    assert names[0] == "s0"


def test_path_name_reads_like_the_path():
    paths = path_table(3, 12)
    row = paths[(paths["j1"] == 0) & (paths["theta1"] == 10) & (paths["j2"] == 2)]

    assert path_name(row[11]) == "s2_j0_t10_j2_t11"


@pytest.mark.parametrize(("J", "L", "max_order"), NETWORKS)
def test_path_table_has_a_row_for_each_coefficient(transform, J, L, max_order):
    S = transform(np.zeros((16, 16)), J, L=L, max_order=max_order)

    assert S.shape[1] == len(path_table(J, L, max_order))
