"""Compare a hierarchical CNN with a plain one of as many weights, on 8×8 digits.

Both are trained on balanced draws of scikit-learn's digits by `ImageClassifier` with
the same settings, and tell their accuracy on the images that were not drawn. Then, for
each layer, the total variation along its attributes over that along shuffled ones: the
attribute that the layer convolved along (v_old), the one that it makes (v_new), and the
channels of the plain network, which have no order. Convolutions along an attribute do
not make it smooth by themselves; kernels that are smooth along it do, at the same
number of weights: --smooth blurs them along the attributes, by a Gaussian of so many
taps.

    python benchmarks/hierarchical.py                        # 3 draws of 1,000 images
    python benchmarks/hierarchical.py --smooth 1.5           # kernels that are blurred
    python benchmarks/hierarchical.py --width 16 --draws 10  # the published width

A draw of the default takes a minute or two on one core.
"""

import argparse
import time
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn.utils.parametrize import register_parametrization

from sklearn_scat import ImageClassifier
from sklearn_scat.analysis import smoothness
from sklearn_scat.datasets import load_digits_images
from sklearn_scat.model_selection import BalancedSubsetSplit
from sklearn_scat.nn import HierarchicalCNN, SmallCNN


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1000, help="training images")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--width", type=int, default=8, help="values of an attribute")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--pad", default="zero", choices=["zero", "circular"])
    parser.add_argument("--augment", choices=["shift", "affine", "strong"])
    parser.add_argument("--smooth", type=float, default=0.0, metavar="TAPS")
    arguments = parser.parse_args()
    X, y = load_digits_images(scale=1, pad=0, return_X_y=True)
    X = X.reshape(-1, 1, 8, 8) / 16
    width = arguments.width
    n_weights = count(hierarchical(arguments))
    plain = min(range(4, 200), key=lambda w: abs(count(small(w)) - n_weights))
    print(f"hierarchical: width {width}, {n_weights:,} weights")
    print(f"plain: width {plain}, {count(small(plain)):,} weights", flush=True)
    nets = {
        "hierarchical": ImageClassifier(
            partial(hierarchical, arguments), augment=arguments.augment
        ),
        "plain": ImageClassifier(
            SmallCNN, module__width=plain, augment=arguments.augment
        ),
    }
    splits = BalancedSubsetSplit(arguments.images, arguments.draws, random_state=0)
    accuracies = {name: [] for name in nets}
    for draw, (train, test) in enumerate(splits.split(X, y)):
        for name, net in nets.items():
            start = time.process_time()
            net.set_params(max_epochs=arguments.epochs, random_state=draw)
            net.fit(X[train], y[train])
            accuracies[name].append(100 * net.score(X[test], y[test]))
            seconds = time.process_time() - start
            print(
                f"draw {draw}: {name} {accuracies[name][-1]:.2f} % ({seconds:.0f} s)",
                flush=True,
            )
        if draw == 0:
            print_variations(nets, X[test][:200], arguments)
    for name, values in accuracies.items():
        print(f"{name}: {np.mean(values):.2f} ± {np.std(values):.2f} %")


class Blur(nn.Module):
    """Blur weights along some of their axes."""

    def __init__(self, weight, axes, *, taps):
        super().__init__()
        self.axes = axes
        for axis in axes:
            places = torch.arange(weight.shape[axis], dtype=weight.dtype)
            B = torch.exp(-((places - places[:, None]) ** 2) / (2 * taps**2))
            self.register_buffer(f"B{axis}", B / B.sum(1, keepdim=True))

    def forward(self, weight):
        """Return the weights, blurred."""
        for axis in self.axes:
            B = getattr(self, f"B{axis}")
            weight = torch.tensordot(weight, B, ([axis], [1])).movedim(-1, axis)
        return weight


def hierarchical(arguments, n_classes=10, in_channels=1):
    """Return the hierarchical network, its kernels smooth along the attributes."""
    net = HierarchicalCNN(n_classes, in_channels, arguments.width, pad=arguments.pad)
    if arguments.smooth:
        first, second, *others = net.layers
        convolutions = [(first.conv, (0,)), (second.conv, (0, 2))]
        convolutions += [(layer.conv_v, (0, 2, 3)) for layer in others]
        for convolution, axes in convolutions:
            blur = Blur(convolution.weight, axes, taps=arguments.smooth)
            register_parametrization(convolution, "weight", blur, unsafe=True)
    return net


def small(width):
    """Return the plain network, its lazy layers filled in."""
    net = SmallCNN(10, width=width)
    net(torch.zeros(2, 1, 8, 8))
    return net


def count(net):
    return sum(weights.numel() for weights in net.parameters())


def print_variations(nets, X, arguments):
    torch.manual_seed(0)
    untrained = hierarchical(arguments).eval()
    trained = nets["hierarchical"].to_torch().eval()
    print("total variation over that of shuffled attributes")
    print("layer  v_old  v_new   untrained v_old  v_new")
    circular = arguments.pad == "circular"
    layers = zip(outputs(trained, X), outputs(untrained, X), strict=True)
    for i, (x, x0) in enumerate(layers, start=2):
        numbers = [
            smoothness(answers, axis=axis, circular=circular).ratio
            for answers in (x, x0)
            for axis in (1, 2)
        ]
        print("{:5d}  {:5.2f}  {:5.2f}  {:16.2f}  {:5.2f}".format(i, *numbers))
    x = torch.tensor(X)
    plain = nets["plain"].to_torch().eval()
    for name in ("1", "2", "3"):
        with torch.no_grad():
            x = getattr(plain, f"bn{name}")(getattr(plain, f"conv{name}")(x)).relu()
        print(f"plain {name}: channels {smoothness(x.numpy(), axis=1).ratio:.2f}")


def outputs(net, X):
    """Yield what the layers with two attributes answer: (n, v_old, v_new, h, w)."""
    with torch.no_grad():
        x = net.layers[0](torch.tensor(X))
        for layer in net.layers[1:]:
            x = layer(x)
            yield x.numpy()


if __name__ == "__main__":
    main()
