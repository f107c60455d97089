"""A table in a file: read with its labels, organised, written again."""

import csv
import json

import numpy as np
import pytest

from sklearn_scat.__main__ import main
from sklearn_scat.commands._csv_matrix import read_table
from sklearn_scat.commands._organise import organise_file
from sklearn_scat.datasets import make_questionnaire


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "rows", "columns", "values"),
    [
        ("1,2\n3,4\n", None, None, [[1, 2], [3, 4]]),
        ("a,b\n3,4\n", None, ["a", "b"], [[3, 4]]),
        ("x,1,2\ny,3,4\n", ["x", "y"], None, [[1, 2], [3, 4]]),
        ("who,a,b\nx,1,2\n", ["x"], ["a", "b"], [[1, 2]]),
        ("a;b\n1;\n\n?;2\n", None, ["a", "b"], [[1, np.nan], [np.nan, 2]]),
        ('who\t"a b"\n"x\ty"\t1e3\n', ["x\ty"], ["a b"], [[1000]]),
        ("\ufeffa,b\n-1,NA\n", None, ["a", "b"], [[-1, np.nan]]),
    ],
)
def test_read_table_finds_labels_and_gaps(tmp_path, text, rows, columns, values):
    table = read_table(write(tmp_path / "t.csv", text))
    assert table.row_labels == rows
    assert table.column_labels == columns
    np.testing.assert_array_equal(table.values, values)


def test_read_table_does_as_it_is_told(tmp_path):
    path = write(tmp_path / "t.csv", "0,2001,2002\n7,1,2\n8,3,4\n")
    table = read_table(path, header="yes", labels="yes")
    assert table.column_labels == ["2001", "2002"]
    assert table.row_labels == ["7", "8"]
    assert read_table(path).values.shape == (3, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("1,2\n3\n", "line 2: 1 cells, but line 1 has 2"),
        ("1,2\n3,four\n5,6\n", "answer 2: 'four' is no finite number"),
        ("a,b\n1,inf\n", "line 2, answer 2: 'inf'"),
        ("a,b\n", "no cells are left"),
        ("1,\0\n", "no text"),
    ],
)
def test_read_table_says_what_is_wrong(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read_table(write(tmp_path / "t.csv", text))


def test_read_table_refuses_other_encodings(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xff\xfe1,2")
    with pytest.raises(ValueError, match="UTF-8"):
        read_table(tmp_path / "t.csv")


@pytest.fixture
def answers(tmp_path):
    """A file of a shuffled questionnaire with labels and gaps."""
    made = make_questionnaire(20, 12, missing=0.1, random_state=0)
    lines = [["who", *(f"q{j}" for j in range(12))]]
    for i, row in enumerate(made.data):
        cells = ["" if np.isnan(x) else f"{x:.4f}" for x in row]
        lines.append([f"Zoë {i}", *cells])
    text = "\n".join(",".join(line) for line in lines)
    return made, write(tmp_path / "answers.csv", text)


def test_organised_file_holds_the_same_cells_in_another_order(answers, tmp_path):
    _, path = answers
    files, questionnaire = organise_file(path)
    with open(path, encoding="utf-8", newline="") as stream:
        before = list(csv.reader(stream))
    with open(files[0], encoding="utf-8", newline="") as stream:
        after = list(csv.reader(stream))
    assert after[0][0] == "who"
    assert after[0][1:] == [f"q{j}" for j in questionnaire.column_order_]
    cells = {
        (r[0], q): c for r in before[1:] for q, c in zip(before[0], r, strict=True)
    }
    for row in after[1:]:
        for question, cell in zip(after[0], row, strict=True):
            assert cells[row[0], question] == cell


def test_organised_trees_are_nested_along_the_order(answers):
    _, path = answers
    files, questionnaire = organise_file(path)
    trees = json.loads(files[1].read_text(encoding="utf-8"))
    assert trees["rows"]["order"] == questionnaire.row_order_.tolist()
    assert trees["rows"]["labels"][0] == f"Zoë {questionnaire.row_order_[0]}"
    levels = np.array(trees["columns"]["levels"])
    assert levels.shape == (questionnaire.column_tree_.n_levels, 12)
    assert np.all(np.diff(levels, axis=1) >= 0)
    assert levels[-1].tolist() == list(range(12))


def test_organise_command_writes_three_files(answers, tmp_path, capsys):
    _, path = answers
    assert main(["organise", str(path), "--out", str(tmp_path / "new")]) == 0
    output = capsys.readouterr().out
    assert "20×12" in output
    assert "round 1 of 3" in output
    assert (tmp_path / "new.organised.csv").exists()
    assert (tmp_path / "new.trees.json").exists()
    assert (tmp_path / "new.organised.png").read_bytes().startswith(b"\x89PNG")


def test_organise_command_recovers_the_order(answers):
    made, path = answers
    assert main(["organise", str(path), "--quiet", "--tree", "binary"]) == 0
    trees = json.loads(path.with_suffix(".trees.json").read_text(encoding="utf-8"))
    steps = np.abs(np.diff(made.row_positions[trees["rows"]["order"]]))
    assert steps.mean() < 0.5 * np.abs(np.diff(made.row_positions)).mean()


@pytest.mark.parametrize("name", ["missing.csv", "wrong.csv"])
def test_organise_command_complains_in_one_line(tmp_path, capsys, name):
    write(tmp_path / "wrong.csv", "a,b\n1,2\nx,3,4\n")
    assert main(["organise", str(tmp_path / name)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("sklearn-scat: error: ")
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("*.json"))
