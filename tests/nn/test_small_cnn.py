import copy
import pickle

import pytest
import torch

from sklearn_scat.nn import SmallCNN


def images(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 2), (2, 3, 1), (1, 8, 8)])
@pytest.mark.parametrize("n_samples", [1, 5])
def test_small_cnn_takes_images_of_any_size(shape, n_samples):
    net = SmallCNN(n_classes=3, width=4)

    scores = net(images(n_samples, *shape))
    scores.sum().backward()

    assert scores.shape == (n_samples, 3)
    assert torch.isfinite(scores).all()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())


def test_small_cnn_takes_its_channels_from_the_first_batch():
    net = SmallCNN(width=4)

    net(images(2, 7, 8, 8))

    assert net.conv1.weight.shape == (4, 7, 3, 3)
    assert net.classifier.weight.shape == (10, 8 * 2 * 2)
    with pytest.raises(RuntimeError):
        net(images(2, 6, 8, 8))


def test_small_cnn_does_not_see_the_scale_of_pixels():
    net = SmallCNN(width=4)
    x = images(6, 1, 8, 8)

    torch.testing.assert_close(net(x), net(255 * x), rtol=1e-3, atol=1e-3)


def test_small_cnn_first_batch_makes_the_same_layers_as_the_others():
    net = SmallCNN(width=4)
    net(images(1, 2, 8, 8))

    assert not any("Lazy" in type(m).__name__ for m in net.modules())
    for duplicate in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        x = images(3, 2, 8, 8)
        assert torch.equal(duplicate.eval()(x), net.eval()(x))


def test_small_cnn_drops_in_training_only():
    net = SmallCNN(width=4, dropout=0.5)
    x = images(4, 1, 8, 8)
    net(x)
    net.eval()

    assert torch.equal(net(x), net(x))
    net.train()
    assert not torch.equal(net(x), net(x))
