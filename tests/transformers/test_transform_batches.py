"""Batches of generators and loaders are transformed when they are asked for."""

import numpy as np
import torch
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import ScatteringTransformer, transform_batches

N = 23
IMAGES = np.random.default_rng(0).normal(size=(N, 1, 8, 8)).astype(np.float32)


def test_batches_come_when_they_are_asked_for():
    model = make_pipeline(ScatteringTransformer(J=1), StandardScaler()).fit(IMAGES)
    asked = []

    def batches():
        for start in range(0, N, 10):
            asked.append(start)
            yield IMAGES[start : start + 10]

    came = transform_batches(model, batches())
    first = next(came)
    assert asked == [0]
    assert_array_equal(np.concatenate([first, *came]), model.transform(IMAGES))


def test_what_a_loader_gives_with_images_is_passed_on():
    model = ScatteringTransformer(J=1).fit(IMAGES)
    images, labels = torch.tensor(IMAGES), torch.arange(N)
    for first in (images, images[:, 0]):
        dataset = torch.utils.data.TensorDataset(first, labels, images)
        loader = torch.utils.data.DataLoader(dataset, batch_size=10)
        rows, order, same = zip(*transform_batches(model, loader), strict=True)
        assert_array_equal(np.concatenate(rows), model.transform(IMAGES))
        assert_array_equal(torch.cat(order), labels)
        assert_array_equal(torch.cat(same), images)


def test_a_batch_may_be_a_list_of_images_or_rows():
    images = [np.full(shape, 2.0) for shape in [(8, 8), (9, 12)]]
    model = ScatteringTransformer(J=1, pooling="mean").fit(images)
    rows = list(transform_batches(model, [images, tuple(images)]))
    assert_array_equal(rows, [model.transform(images)] * 2)
    of_rows = ScatteringTransformer(J=1).fit(IMAGES)
    listed = IMAGES[:2].reshape(2, -1).tolist()
    assert next(transform_batches(of_rows, [listed])).shape == (2, 144)
