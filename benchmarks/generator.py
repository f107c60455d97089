"""What lies between two images: a generator's way, and the blend of the pixels.

Trains sklearn_scat.inversion.ScatteringGenerator and prints, over pairs of test images
and half-way between them, for the generator and for the blend: the sharpness (1 is that
of the two images), the distance to the nearest training image, and that distance once
both are brought to the sharpness 1. Prints the mean absolute error of reconstructed
training and test images too, and the seconds of CPU of the training.

    python benchmarks/generator.py                      # scikit-learn's digits at 16×16
    python benchmarks/generator.py --mnist DIR          # 5,000 digits of 28×28
    python benchmarks/generator.py --faces              # scikit-image's 100 faces
    python benchmarks/generator.py --picture FILE       # draws what it makes

Of the faces each and its mirror image are trained on, apart from the last ten.
"""

import argparse
import time

import numpy as np

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_digits_images, load_mnist
from sklearn_scat.displays import ReconstructionDisplay
from sklearn_scat.inversion import ScatteringGenerator


def digits():
    """Return training and test digits (n, 16, 16), in [0, 1]."""
    X = load_digits_images().images.reshape(-1, 16, 2, 16, 2).mean((2, 4)) / 16
    return X[:1500], X[1500:]


def mnist(directory):
    """Return training and test digits (n, 28, 28), in [0, 1]."""
    read = {"data_home": directory, "return_X_y": True}
    parts = [load_mnist(subset=s, **read)[0][:5000] for s in ("train", "test")]
    X, T = (part.reshape(-1, 28, 28) / 255 for part in parts)
    return X, T[:500]


def faces():
    """Return training and test faces (n, 25, 25), in [0, 1]."""
    from skimage.data import lfw_subset

    X = np.asarray(lfw_subset()[:100], dtype=float)
    return np.concatenate([X[:90], X[:90, :, ::-1]]), X[90:]


def main():
    """Read the arguments, train, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mnist", help="folder of MNIST")
    parser.add_argument("--faces", action="store_true")
    parser.add_argument("--J", type=int, default=3)
    parser.add_argument("--components", type=int, default=64)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--picture", help="where to draw")
    arguments = parser.parse_args()
    if arguments.mnist:
        X, T = mnist(arguments.mnist)
    else:
        X, T = faces() if arguments.faces else digits()
    generator = ScatteringGenerator(
        ScatteringTransformer(J=arguments.J),
        n_components=arguments.components,
        width=arguments.width,
        max_epochs=arguments.epochs,
        batch_size=arguments.batch,
        random_state=0,
    )
    start = time.process_time()
    generator.fit(X)
    print(f"{len(X)} images, {time.process_time() - start:.0f} s of CPU")
    for name, images in (("training", X[:500]), ("test", T)):
        error = np.abs(generator.reconstruct(images) - images).mean()
        print(f"mean absolute error of {name} images {error:.4f}")
    compare(generator, X, T, arguments.pairs)
    if arguments.picture:
        draw(generator, T, arguments.picture)


def compare(generator, X, T, n_pairs):
    """Print what lies half-way between pairs of test images."""
    rng = np.random.default_rng(0)
    pairs = [rng.choice(len(T), 2, replace=False) for _ in range(n_pairs)]
    ways = [generator.interpolate(T[a], T[b], 3, images=X) for a, b in pairs]
    print("              sharpness   distance  at sharpness 1")
    for name, before in (("generator", ""), ("blend", "blend_")):
        values = [
            [getattr(way, before + what)[1] for way in ways]
            for what in ("sharpness", "distance", "sharp_distance")
        ]
        print(f"{name:12s}", *(f"{np.mean(v):6.2f} ± {np.std(v):.2f}" for v in values))
    lower = [w.sharp_distance[1] < w.blend_sharp_distance[1] for w in ways]
    print(
        f"the generator is nearer at sharpness 1 in {np.mean(lower):.0%} of the pairs"
    )


def draw(generator, T, path):
    """Draw test images, what comes back of them, samples, and two ways."""
    rows = {
        "image": T[:9],
        "reconstruction": generator.reconstruct(T[:9]),
        "noise": generator.sample(9, random_state=0),
    }
    for i in (0, 2):
        way = generator.interpolate(T[i], T[i + 1], 9)
        rows |= {f"pixels {i}": way.blend, f"scattering {i}": way.image}
    captions = [str(i) for i in range(9)]
    ReconstructionDisplay(rows, captions).plot().figure_.savefig(path)


if __name__ == "__main__":
    main()
