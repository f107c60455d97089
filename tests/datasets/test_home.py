import pytest

from sklearn_scat.datasets._home import ENVIRONMENT_VARIABLE, find_files

FILES = [("images.gz", "images"), ("labels.gz", "labels")]


def find(data_home=None):
    return find_files(
        "TOY", FILES, folders=("toy",), data_home=data_home, source="toys.example"
    )


def fill(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_find_files_prefers_the_subfolder_of_the_data_set(tmp_path):
    fill(tmp_path, "images", "labels")
    assert find(tmp_path) == [tmp_path / "images", tmp_path / "labels"]
    toy = fill(tmp_path / "toy", "images", "labels")
    assert find(tmp_path) == [toy / "images", toy / "labels"]


def test_find_files_takes_any_known_name_in_order(tmp_path):
    fill(tmp_path, "images", "images.gz", "labels")
    assert find(tmp_path) == [tmp_path / "images.gz", tmp_path / "labels"]


def test_find_files_never_mixes_folders(tmp_path):
    fill(tmp_path, "labels")
    fill(tmp_path / "toy", "images")
    with pytest.raises(FileNotFoundError) as caught:
        find(tmp_path)
    message = str(caught.value)
    assert f"{tmp_path / 'toy'}: lacks labels.gz" in message
    assert f"{tmp_path}: lacks images.gz" in message


def test_find_files_error_says_what_where_and_whence(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        find(tmp_path)
    message = str(caught.value)
    assert "images.gz or images" in message
    assert f"{tmp_path / 'toy'}: no such folder" in message
    assert "toys.example" in message
    assert "data_home=" in message and ENVIRONMENT_VARIABLE in message


def test_find_files_reads_the_environment_only_without_data_home(tmp_path, monkeypatch):
    here = fill(tmp_path / "here", "images", "labels")
    there = fill(tmp_path / "there", "images", "labels")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(here))
    assert find()[0].parent == here
    assert find(there)[0].parent == there
    with pytest.raises(FileNotFoundError):
        find(tmp_path)


@pytest.mark.parametrize("value", [None, ""])
def test_find_files_without_any_place_says_so(monkeypatch, value):
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(ENVIRONMENT_VARIABLE, value)
    with pytest.raises(FileNotFoundError, match="no folder is named, and"):
        find()


def test_find_files_expands_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    fill(tmp_path / "sets" / "toy", "images", "labels")
    assert find("~/sets")[0] == tmp_path / "sets" / "toy" / "images"


def test_find_files_does_not_take_a_folder_for_a_file(tmp_path):
    fill(tmp_path, "labels")
    (tmp_path / "images").mkdir()
    with pytest.raises(FileNotFoundError, match=r"lacks images\.gz"):
        find(tmp_path)
