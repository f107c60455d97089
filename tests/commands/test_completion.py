"""Help, completion and JSON of the command line."""

import json
import shlex
import subprocess

import pytest

from sklearn_scat.__main__ import main
from sklearn_scat.commands import command_parser


def commands():
    """The parsers of all commands by name."""
    (parts,) = (a for a in command_parser()._actions if a.choices)
    return parts.choices


@pytest.mark.parametrize("name", commands())
def test_help_ends_with_an_example_that_the_parser_takes(name):
    parser = commands()[name]
    assert parser.format_help().rstrip().endswith(parser.epilog)
    words = shlex.split(parser.epilog.partition(" > ")[0].removeprefix("Example: "))
    assert words[:2] == ["sklearn-scat", name]
    assert callable(command_parser().parse_args(words[1:]).run)


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_names_every_command(shell, capsys):
    pytest.importorskip("shtab")
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(name in script for name in commands())


def test_completion_for_bash_is_a_script_that_bash_reads(capsys):
    pytest.importorskip("shtab")
    main(["completion", "bash"])
    done = subprocess.run(["bash", "-n"], input=capsys.readouterr().out, text=True)
    assert done.returncode == 0


def test_json_of_info_and_list_holds_what_the_text_says(capsys):
    for words, part in ((["info"], "transform"), (["bench", "--list"], "recipes")):
        assert main(words) == 0
        text = capsys.readouterr().out
        assert "\33" not in text  # colours are for terminals
        assert main([*words, "--json"]) == 0
        content = json.loads(capsys.readouterr().out)[part]
        assert content
        assert all(name in text and value in text for name, value in content.items())


def test_json_of_bench_holds_an_accuracy_for_every_run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = "bench digits --recipes pixels --sizes 20,50 --seeds 2 --jobs 1 --json"
    assert main(words.split()) == 0
    accuracy = json.loads(capsys.readouterr().out)["accuracy"]["pixels"]
    assert list(accuracy) == ["20", "50"]
    assert all(len(runs) == 2 for runs in accuracy.values())
    assert all(0 <= value <= 1 for runs in accuracy.values() for value in runs)
