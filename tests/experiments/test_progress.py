"""Progress for terminals and for log files."""

import io

from sklearn_scat.experiments import Progress, Run

RUNS = [Run("toy", "pca", 50, seed, settings="5f") for seed in range(4)]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_in_a_file_is_a_line_a_run():
    stream = io.StringIO()
    progress = Progress(RUNS, stream)
    progress.note("4 runs")
    for run in RUNS:
        progress(run, "80.0 %")
    progress.end()
    first, *lines = stream.getvalue().splitlines()
    assert first == "4 runs"
    assert [line.split("]")[0] for line in lines] == ["[1/4", "[2/4", "[3/4", "[4/4"]
    assert all(str(run) in line for run, line in zip(RUNS, lines, strict=True))
    assert "\x1b" not in stream.getvalue()


def test_progress_on_a_terminal_is_one_line_that_fills():
    stream = Terminal()
    progress = Progress(RUNS, stream)
    for run in RUNS:
        progress(run, "80.0 %")
    progress.end()
    assert stream.getvalue().count("\n") == 1
    states = stream.getvalue().split("\r")
    filled = [state.count("#") for state in states if "/4" in state]
    assert filled == sorted(filled)
    assert (filled[0], filled[-1]) == (0, 30)


def test_progress_notes_stand_above_the_bar():
    stream = Terminal()
    progress = Progress(RUNS, stream)
    progress.note("a record was damaged")
    above, below = stream.getvalue().split("a record was damaged\n")
    assert "0/4" in above
    assert "0/4" in below
    progress.end()


def test_progress_of_nothing_shows_no_bar():
    stream = Terminal()
    progress = Progress([], stream)
    progress.note("0 runs")
    progress.end()
    assert stream.getvalue() == "0 runs\n"
