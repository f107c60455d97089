"""The record file survives whatever happens to it."""

import json
import os
from dataclasses import replace

import pytest

from sklearn_scat._whole_files import write_text
from sklearn_scat.experiments import (
    Record,
    RecordFolder,
    Summary,
    accuracy_table,
    records_csv,
    report_html,
)

RECORD = Record(
    case="toy",
    recipe="pixels",
    n_train=20,
    seed=0,
    accuracy=0.75,
    n_test=100,
    params={"svm__C": 0.1, "scattering__J": 3, "name": "é\n", "none": None},
    fit_time=1.25,
    score_time=0.5,
    settings="00ff",
    environment="a1",
    warnings=("did not converge",),
)


def make_records(n):
    return [replace(RECORD, seed=seed, accuracy=seed / 10) for seed in range(n)]


def write_records(folder, records):
    with RecordFolder(folder) as held:
        for record in records:
            held.append(record)


def read_records(folder):
    with RecordFolder(folder) as held:
        return list(held.records.values()), held.damaged


def test_record_line_is_one_line_that_gives_the_record_back():
    near = {**SAID, "neighbors": [[0, [3, 4]]]}
    for record in (
        RECORD,
        replace(RECORD, predictions=SAID),
        replace(RECORD, predictions=near),
    ):
        line = record.to_line()
        assert "\n" not in line
        assert Record.from_line(line) == record


def test_record_line_passes_over_fields_of_later_versions():
    line = json.dumps({**json.loads(RECORD.to_line()), "colour": [[1]]})
    assert Record.from_line(line) == RECORD


@pytest.mark.parametrize("name", [*json.loads(RECORD.to_line()).keys()])
@pytest.mark.parametrize("value", [[{}], True, "missing"])
def test_record_line_refuses_wrong_fields(name, value):
    content = json.loads(RECORD.to_line())
    if value == "missing":
        del content[name]
    else:
        content[name] = value
    later = (
        "times",
        "confusion",
        "weights",
        "predictions",
    )  # which earlier records lack
    if name in (*later, "warnings") and value == "missing":
        assert Record.from_line(json.dumps(content)).n_test == 100
        return
    with pytest.raises(ValueError, match=name):
        Record.from_line(json.dumps(content))


WHOLE = replace(
    RECORD,
    times={"transform": 0.5, "fit": 0.75, "predict": 0.5},
    confusion={"classes": ["a", "b"], "counts": [[30, 20], [5, 45]]},
    weights={"paths": [[-1, -1, -1, -1], [0, 1, 1, 0]], "sizes": [0.6, 1.3]},
)
SAID = {"predicted": [0, 1], "truth": [1, 1], "probability": [], "index": []}
ODD = [
    *(None, True, -1, 0, 2, 1.5, 10**400, 1e300, -1e300, float("nan"), float("inf")),
    *("", "x" * 99, "\ud800", "<b>", [], {}, [[]], [1], [["a"]], {"a": 1}, [{}]),
]


def places(value, path=()):
    """Yield the ways to all values inside a JSON value."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in items:
            yield (*path, key)
            yield from places(part, (*path, key))


def with_value(content, path, odd):
    """Return a JSON value with another at one place; without one, if it is `places`."""
    content = json.loads(json.dumps(content))
    holder = content
    for key in path[:-1]:
        holder = holder[key]
    if odd is places:
        del holder[path[-1]]
    else:
        holder[path[-1]] = odd
    return content


def summary_of(*records):
    return Summary(
        case="toy",
        title="Toys",
        recipes=("pixels",),
        sizes=(20,),
        seeds=tuple(range(max(2, len(records)))),
        records=records,
    )


@pytest.mark.parametrize("path", list(places(json.loads(WHOLE.to_line()))), ids=str)
def test_line_of_any_values_is_refused_or_goes_into_the_report(path, tmp_path):
    """What is valid JSON and wrong inside does not end the report."""
    content = json.loads(WHOLE.to_line())
    read = []
    for odd in [*ODD, places]:
        try:
            record = Record.from_line(json.dumps(with_value(content, path, odd)))
        except ValueError:
            continue
        record = replace(record, recipe="pixels", n_train=20, seed=1 + len(read))
        assert Record.from_line(record.to_line()) == record
        read.append(record)
    summary = summary_of(WHOLE, *read)
    write_text(tmp_path / "report.html", report_html(summary))
    write_text(tmp_path / "results.csv", records_csv(summary.records))
    assert accuracy_table(summary)
    assert len(read) < len(ODD)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("params", {"C": [1, 2]}),
        ("params", {"C": float("inf")}),
        ("times", {"fit": "1.5"}),
        ("fit_time", 10**400),
        ("n_test", 10**400),
        ("confusion", {"classes": ["a", "b"], "counts": [[1, 2], [3]]}),
        ("confusion", {"classes": ["a", "b"], "counts": [[1, 2], [3, -4]]}),
        ("confusion", {"classes": ["a"]}),
        ("weights", {"paths": [[0, 0, 0, 10**9]], "sizes": [1.0]}),
        ("weights", {"paths": [[0, 0, -1, -1]], "sizes": [1.0, 2.0]}),
        ("warnings", [1]),
        ("predictions", {**SAID, "neighbors": [[0, [-1]]]}),
        ("predictions", {**SAID, "neighbors": [[0]]}),
        ("predictions", {**SAID, "neighbors": [0, [3]]}),
    ],
)
def test_folder_sets_aside_what_no_report_can_be_made_of(name, value, tmp_path):
    write_records(tmp_path, make_records(2))
    wrong = {**json.loads(WHOLE.to_line()), name: value}
    path = tmp_path / "results.jsonl"
    path.write_text(path.read_text() + json.dumps(wrong) + "\n")
    found, damaged = read_records(tmp_path)
    assert found == make_records(2)
    assert len(damaged) == 1
    assert f"line 3: {name}=" in damaged[0]
    assert read_records(tmp_path) == (make_records(2), [])


@pytest.mark.parametrize("accuracy", ["NaN", "1.5", "-0.1", "Infinity"])
def test_record_line_refuses_impossible_accuracy(accuracy):
    line = RECORD.to_line().replace("0.75", accuracy)
    with pytest.raises(ValueError, match="accuracy"):
        Record.from_line(line)


def test_folder_reads_what_was_appended_in_several_sessions(tmp_path):
    records = make_records(4)
    write_records(tmp_path / "a" / "b", records[:2])
    write_records(tmp_path / "a" / "b", records[2:])
    assert read_records(tmp_path / "a" / "b") == (records, [])


def test_folder_takes_the_later_of_two_records_with_one_key(tmp_path):
    write_records(tmp_path, [RECORD, replace(RECORD, accuracy=0.5)])
    (record,), _ = read_records(tmp_path)
    assert record.accuracy == 0.5


@pytest.mark.parametrize(
    "damage",
    [
        b"not json\n",
        b"[1, 2]\n",
        b'{"case": "toy"}\n',
        b"\xff\xfe\x00\n",
        b'{"case": "to',
        b"[" * 100_000,
    ],
)
def test_folder_sets_damaged_lines_aside(tmp_path, damage):
    records = make_records(3)
    write_records(tmp_path, records)
    path = tmp_path / "results.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + damage.rstrip(b"\n") + b"\n" + b"".join(lines[1:]))

    found, damaged = read_records(tmp_path)
    assert found == records
    assert len(damaged) == 1
    assert "line 2" in damaged[0]
    assert path.read_bytes() == b"".join(lines)
    assert (tmp_path / "results.damaged.jsonl").stat().st_size > 0
    assert read_records(tmp_path) == (records, [])


def test_folder_survives_a_cut_at_every_byte_of_the_last_line(tmp_path):
    records = make_records(2)
    write_records(tmp_path, records)
    path = tmp_path / "results.jsonl"
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole) - 1, 7):  # before the end of its text
        path.write_bytes(whole[:cut])
        write_records(tmp_path, [replace(RECORD, seed=9)])
        found, damaged = read_records(tmp_path)
        assert [record.seed for record in found] == [0, 9], cut
        assert damaged == []


def test_folder_keeps_a_record_whose_line_lacks_only_its_end(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text(RECORD.to_line())
    write_records(tmp_path, [replace(RECORD, seed=1)])
    found, damaged = read_records(tmp_path)
    assert ([record.seed for record in found], damaged) == ([0, 1], [])


def test_folder_is_held_by_one_at_a_time(tmp_path):
    with RecordFolder(tmp_path):
        with pytest.raises(ValueError, match="in use by another run"):
            RecordFolder(tmp_path).__enter__()
    write_records(tmp_path, [RECORD])
    assert read_records(tmp_path)[0] == [RECORD]


def test_folder_refuses_a_file_in_its_place(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="is a file, not a folder"):
        RecordFolder(tmp_path / "file").__enter__()


def test_lines_of_a_former_version_are_read(tmp_path):
    record = Record("digits", "pca", 50, 0, 0.8, 1747, {}, 1.5, 0.1, "5f", "a0")
    line = json.loads(record.to_line())
    line["method"] = line.pop("recipe")
    (tmp_path / "results.jsonl").write_text(json.dumps(line) + "\n")
    with RecordFolder(tmp_path) as folder:
        assert list(folder.records.values()) == [record]
        assert not folder.damaged


def test_record_is_on_the_disk_before_it_counts(tmp_path, monkeypatch):
    """A record that was told of survives a loss of power: it is synchronised first."""
    record = Record("digits", "pca", 50, 0, 0.8, 1747, {}, 1.5, 0.1, "5f", "a0")
    written = []

    def sync(descriptor):
        written.append((tmp_path / "results.jsonl").read_text())

    with RecordFolder(tmp_path) as folder:
        monkeypatch.setattr(os, "fsync", sync)
        folder.append(record)
        assert written == [record.to_line() + "\n"]
