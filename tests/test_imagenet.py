"""The script for ImageNet trains on a few folders of small images."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

FILE = Path(__file__).parents[1] / "benchmarks" / "imagenet.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("imagenet_script", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for part, n in (("train", 6), ("val", 3)):
        for k, name in enumerate(["dark", "light"]):
            (tmp_path / part / name).mkdir(parents=True)
            for i in range(n):
                shape = (40 + 3 * i, 50 - 2 * i, 3)
                pixels = rng.integers(20, 60, shape) + 170 * k
                image = Image.fromarray(pixels.astype(np.uint8))
                image.save(tmp_path / part / name / f"{i}.JPEG")
    return tmp_path


@pytest.mark.parametrize("workers", [0, 1])
def test_network_is_trained_and_goes_on_from_its_checkpoint(
    script, folder, workers, capsys
):
    def command(epochs):
        words = (
            f"--network scat_cnn --size 16 --batch-size 4 --epochs {epochs} --lr 0.01"
        )
        places = ["--data", str(folder), "--out", str(folder / "out")]
        return script.parser().parse_args(
            [*words.split(), *places, "--workers", str(workers)]
        )

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        script.run(command(1))
        script.run(command(4))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4]
    assert lines[-1]["top5"] == 1
    assert min(line["loss"] for line in lines[1:]) < lines[0]["loss"]
    state = torch.load(folder / "out" / "checkpoint.pt", weights_only=True)
    assert state["epoch"] == 4


@pytest.mark.parametrize("size", [(30, 90), (90, 30), (5, 5), (200, 1)])
def test_cuts_are_squares_of_any_image(script, size):
    image = Image.new("RGB", size, (10, 20, 30))
    for cut in (script.random_cut, script.middle_cut):
        result = cut(image, 16)
        assert result.size == (16, 16)
        assert result.getpixel((8, 8)) == (10, 20, 30)


def test_folder_without_images_is_named(script, tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(ValueError, match="holds no images in 1 classes"):
        script.ImageFolder(tmp_path, ["a"], size=8, training=True)


@pytest.mark.parametrize("name", ["scat_resnet10", "resnet18", "scat_sle"])
def test_networks_are_made_for_the_classes(script, name):
    network = script.make_network(name, n_classes=3, size=32)
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 3)
