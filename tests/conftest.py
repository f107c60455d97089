"""What the tests share: an oracle, random images and natural ones."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest


def _load(name):
    """Load a module that lies beside this file (tests are not a package)."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"sklearn_scat_tests_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def oracle():
    """The module of the slow transform of the definition."""
    return _load("oracle")


@pytest.fixture(scope="session")
def transform():
    """The transform under test, numpy to numpy: (…, M, N) to (B, P, h, w)."""
    import torch

    from sklearn_scat.cascade import Grid, scattering, wavelet_operators
    from sklearn_scat.filters import cached_morlet_bank

    def compute(
        x, J, *, L=8, max_order=2, frame="none", dtype=torch.float64, **variant
    ):
        images = torch.as_tensor(np.ascontiguousarray(x), dtype=dtype)
        images = images.reshape(-1, *images.shape[-2:])
        grid = Grid(tuple(images.shape[-2:]), J, **variant)
        bank = cached_morlet_bank(J, grid.padded, L=L, frame=frame)
        operators = wavelet_operators(
            bank, grid, max_order=max_order, like=torch.empty(0, dtype=dtype)
        )
        with torch.no_grad():
            return scattering(images, operators).numpy()

    return compute


@pytest.fixture
def rng():
    """A generator with a fixed seed."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def natural_crops():
    """Mean-free grey crops of photographs, in [−1, 1]: (6, 64, 64)."""
    from sklearn.datasets import load_sample_images

    grey = [image.mean(-1) / 255 for image in load_sample_images().images]
    corners = [(150, 200), (180, 420), (300, 100)]
    crops = np.stack([g[i : i + 64, j : j + 64] for g in grey for i, j in corners])
    return crops - crops.mean((1, 2), keepdims=True)
