"""How near images come back from their coefficients, against J, iterations and time.

Prints peak signal-to-noise ratios of sklearn_scat.inversion.reconstruct for a range of
1 (mean and standard deviation over images, median), the median error of the
coefficients, and seconds of CPU an image.

    python benchmarks/inversion.py                          # crops of two photographs
    python benchmarks/inversion.py --fashion DIR --n 20     # test images, 28×28
    python benchmarks/inversion.py --J 2 3 --iterations 100 300 1000 --restarts 1 4
    python benchmarks/inversion.py --init noise             # all scales at once

DIR holds the IDX files of Fashion-MNIST. Crops are 64×64, grey, at places drawn at
random in scikit-learn's two sample photographs, and sorted by their texture: the mean
of |∇x| over the standard deviation of the whole picture. The upper half is reported as
textured, the lower as smooth.
"""

import argparse
import time

import numpy as np
from sklearn.datasets import load_sample_images

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_fashion_mnist
from sklearn_scat.inversion import reconstruct


def crops(n, side=64, seed=0):
    """Return {"textured": (n/2, side, side), "smooth": the same} of grey crops."""
    rng = np.random.default_rng(seed)
    pictures = [image.mean(-1) / 255 for image in load_sample_images().images]
    found = []
    for i in range(n):
        picture = pictures[i % 2]
        top, left = (rng.integers(s - side) for s in picture.shape)
        crop = picture[top : top + side, left : left + side]
        found.append((texture(crop) / picture.std(), crop))
    found.sort(key=lambda pair: pair[0])
    images = np.stack([crop for _, crop in found])
    return {"textured": images[n // 2 :], "smooth": images[: n // 2]}


def texture(x):
    """Return the mean length of the gradient of an image."""
    down, right = np.gradient(x)
    return np.hypot(down, right).mean()


def fashion(directory, n):
    """Return {"Fashion-MNIST": the last n test images (n, 28, 28)}, in [0, 1].

    The order of scales was chosen on the first ones.
    """
    X, _ = load_fashion_mnist(subset="test", data_home=directory, return_X_y=True)
    return {"Fashion-MNIST": X[-n:].reshape(-1, 28, 28) / 255}


def main():
    """Read the arguments, reconstruct and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fashion", help="folder of Fashion-MNIST; else photographs")
    parser.add_argument("--n", type=int, default=10, help="images")
    parser.add_argument("--J", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--order", type=int, default=2)
    parser.add_argument("--iterations", type=int, nargs="+", default=[300])
    parser.add_argument("--restarts", type=int, nargs="+", default=[1])
    parser.add_argument("--init", default="average", choices=("average", "noise"))
    arguments = parser.parse_args()
    n = arguments.n
    sets = fashion(arguments.fashion, n) if arguments.fashion else crops(n)
    print(f"{'images':14s} J  order steps starts      PSNR         error  s/image")
    for J in arguments.J:
        for steps in arguments.iterations:
            for restarts in arguments.restarts:
                parameters = {"max_iter": steps, "n_restarts": restarts}
                for name, X in sets.items():
                    measure(
                        name,
                        X,
                        ScatteringTransformer(J=J, max_order=arguments.order).fit(X),
                        {"init": arguments.init} | parameters,
                    )


def measure(name, X, scattering, parameters):
    """Print one line: the reconstruction of images from their coefficients."""
    S = scattering.transform(X)
    start = time.process_time()
    result = reconstruct(scattering, S, reference=X, data_range=1.0, **parameters)
    seconds = (time.process_time() - start) / len(X)
    print(
        f"{name:14s} {scattering.J}  {scattering.max_order:5d}"
        f" {parameters['max_iter']:5d} {parameters['n_restarts']:6d}"
        f" {result.psnr.mean():6.1f} ± {result.psnr.std():4.1f}"
        f" (median {np.median(result.psnr):.1f}) {np.median(result.error):8.1e}"
        f" {seconds:6.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
