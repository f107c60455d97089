"""Batches hold every image once; learning rates follow the formulas of their papers."""

import math

import numpy as np
import pytest
import torch

from sklearn_scat.neural._image_batches import ImageBatches, LabelledImages
from sklearn_scat.neural._learning_rates import SCHEDULES


@pytest.mark.parametrize(("n", "batch_size"), [(9, 4), (10, 4), (8, 4), (1, 4), (5, 1)])
def test_batches_hold_every_image_once_and_none_alone(n, batch_size):
    rows = np.arange(2 * n, dtype=np.uint8).reshape(n, 2)
    batches = ImageBatches(
        LabelledImages(rows, np.arange(n), (1, 1, 2)), batch_size, seed=0
    )
    first, second = ([codes.tolist() for _, codes in batches] for _ in range(2))
    assert len(first) == len(batches)
    for order in (first, second):
        assert sorted(np.concatenate(order).tolist()) == list(range(n))
    if batch_size > 1 and n > 1:
        assert min(map(len, first)) > 1
    for x, codes in batches:
        assert x.dtype == torch.float32
        assert torch.equal(x[:, 0, 0, 0], 2.0 * codes)


def between(start, end, t):
    return end + (start - end) * (1 + math.cos(math.pi * t)) / 2


def one_cycle(t):
    return between(0.04, 1, t / 0.2) if t < 0.2 else between(1, 1e-3, (t - 0.2) / 0.8)


FORMULAS = {
    "one_cycle": one_cycle,
    "cosine": lambda t: between(1, 0, t),
    "steps": lambda t: 0.2 ** sum(t >= drop for drop in (0.3, 0.6, 0.8)),
}


def rates(name, n_steps, largest):
    """Return the rates of two groups of weights at every step, and after the last."""
    groups = [{"params": [torch.zeros(1)], "lr": lr} for lr in largest]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    scheduler = SCHEDULES[name](optimizer, n_steps=n_steps)
    seen = [[g["lr"] for g in optimizer.param_groups]]
    for _ in range(n_steps):
        optimizer.step()
        scheduler.step()
        seen.append([g["lr"] for g in optimizer.param_groups])
    return np.array(seen)


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_of_every_group_follow_the_formula(name):
    n_steps, largest = 500, (0.06, 0.002)

    seen = rates(name, n_steps, largest)

    expected = [FORMULAS[name](step / n_steps) for step in range(n_steps + 1)]
    for group, lr in enumerate(largest):
        np.testing.assert_allclose(seen[:, group] / lr, expected, atol=1e-9)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("n_steps", [1, 2, 5])
def test_few_steps_have_rates_too(name, n_steps):
    seen = rates(name, n_steps, (1.0,))
    assert len(seen) == n_steps + 1
    assert np.isfinite(seen).all()
    assert seen.min() >= 0
