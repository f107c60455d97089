"""Find synthetic defects after good images alone: `PatchGaussian` and its variants.

    python benchmarks/defects.py --out FILE                       # tiles of textures
    python benchmarks/defects.py --out FILE --fashion DIR --kth-tips DIR

Prints the area under the ROC curve (AUROC) of good test images against the same number
with a defect, mean and standard deviation over the draws. Defects are a scratch one or
two pixels wide, a blob, each of twice the images' contrast, and a spot where the grain
is smoothed away. Tiles of 96×96 pixels of scikit-image's `brick`, `grass` and `gravel`:
40 good ones from the left half, 50 good and 50 bad ones from the right. KTH-TIPS: tiles
of six photographs of a material at one distance, tested on the other three.
Fashion-MNIST: 100 good articles, 100 others, 100 with a defect; and `one-class`, 200
good ones against 200 of the other classes. Every run is a line of FILE, and is not done
again. No constant was chosen on other labels than those of the draws printed here.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from sklearn_scat import PatchGaussian, ScatteringTransformer
from sklearn_scat.datasets import load_fashion_mnist, load_image_folder

SIDE = 96  # of tiles
MATERIALS = ("cracker", "linen", "sandpaper", "styrofoam")
ARTICLES = {"trousers": 1, "boots": 9}


class Pooled(PatchGaussian):
    """Squares of distances are averaged over 3×3 neighbours."""

    def _scores(self, distances):
        return super()._scores(np.sqrt(uniform_filter(distances**2, (0, 3, 3))))


class Nearest(PatchGaussian):
    """Whitened patches are compared with the third nearest of 3,000 good ones."""

    def fit(self, X, y=None):
        """Learn as the Gaussian does, and keep whitened patches."""
        super().fit(X)
        patches = self._whitened(X)
        rng = np.random.default_rng(0)
        kept = rng.permutation(len(patches))[:3000]
        self.neighbors_ = NearestNeighbors(n_neighbors=3, algorithm="brute")
        self.neighbors_.fit(patches[kept])
        return self

    def _whitened(self, X):
        S = self.scattering_.transform(X)
        C, P, h, w = self.scattering_.output_shape_
        patches = np.moveaxis(S.reshape(len(S), C * P, h * w), 1, -1)
        return (patches.reshape(-1, C * P) - self.mean_[0, 0]) @ self.whitening_

    def score_samples(self, X):
        """Return the largest distance to good patches, negated."""
        distances, _ = self.neighbors_.kneighbors(self._whitened(X))
        return -distances[:, -1].reshape(len(X), -1).max(axis=1)


class Together(PatchGaussian):
    """Two detectors, one for what is added and one for grain that is missing."""

    def fit(self, X, y=None):
        """Fit both, each with its own threshold."""
        fine = PatchGaussian(ScatteringTransformer(J=2), shrinkage=1.0)
        self.parts_ = [PatchGaussian().fit(X), fine.fit(X)]
        self.offset_ = -1.0
        return self

    def score_samples(self, X):
        """Return the lower of both scores, in units of the thresholds."""
        return np.min([p.score_samples(X) / -p.offset_ for p in self.parts_], axis=0)


def variants(side):
    """Return what is compared, by name."""
    fine = ScatteringTransformer(J=2)
    return {
        "PatchGaussian()": PatchGaussian(),
        "J one less": PatchGaussian(ScatteringTransformer(J=3 if side > 64 else 1)),
        "mean over positions": PatchGaussian(reduction="mean"),
        "positions forgotten": PatchGaussian(aligned=False),
        "neighbours pooled": Pooled(),
        "nearest good patches": Nearest(aligned=False),
        "shrinkage=1": PatchGaussian(shrinkage=1.0),
        "J=2": PatchGaussian(fine),
        "J=2, shrinkage=1": PatchGaussian(fine, shrinkage=1.0),
        "first and last": Together(),
    }


def scratch(shape, rng):
    """Return a line at any angle, 0.2 to 0.4 of the side long."""
    y, x = np.indices(shape)
    angle, length = rng.uniform(0, np.pi), rng.uniform(0.2, 0.4) * min(shape)
    row, column = rng.uniform(0.25, 0.75, 2) * shape
    along = (y - row) * np.sin(angle) + (x - column) * np.cos(angle)
    across = (x - column) * np.sin(angle) - (y - row) * np.cos(angle)
    line = np.clip(1.3 - np.abs(across), 0, 1) * (np.abs(along) < length / 2)
    return line * rng.choice([-1, 1])


def blob(shape, rng):
    """Return a round spot of a standard deviation of 3 to 6 % of the side."""
    y, x = np.indices(shape)
    row, column = rng.uniform(0.2, 0.8, 2) * shape
    sigma = rng.uniform(0.03, 0.06) * min(shape)
    spot = np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * sigma**2))
    return spot * rng.choice([-1, 1])


def smoothed(image, rng):
    """Return an image without its grain in a disc of a tenth of the side."""
    y, x = np.indices(image.shape)
    row, column = rng.uniform(0.2, 0.8, 2) * image.shape
    radius = 0.1 * min(image.shape)
    inside = np.clip(radius + 0.5 - np.hypot(y - row, x - column), 0, 1)
    smooth = gaussian_filter(image, 0.04 * min(image.shape))
    return image * (1 - inside) + smooth * inside


def damaged(images, contrast, rng):
    """Return images with a defect each, by the kind of the defect."""
    shape = images.shape[1:]
    return {
        "scratch": np.stack([x + 2 * contrast * scratch(shape, rng) for x in images]),
        "blob": np.stack([x + 2 * contrast * blob(shape, rng) for x in images]),
        "no grain": np.stack([smoothed(x, rng) for x in images]),
    }


def with_defects(train, good, rest, rng):
    """Return training images, good ones, and bad ones by kind, as float32."""
    contrast = train.std(axis=(1, 2)).mean()
    bad = damaged(rest, contrast, rng)
    return train, good, {kind: x.astype(np.float32) for kind, x in bad.items()}


def tiles(image, n, rng, columns):
    """Return squares at random places of some columns of a photograph."""
    rows = rng.integers(0, image.shape[0] - SIDE + 1, n)
    firsts = rng.integers(columns[0], columns[1] - SIDE + 1, n)
    return np.stack(
        [image[i : i + SIDE, j : j + SIDE] for i, j in zip(rows, firsts, strict=True)]
    )


def of_texture(name, rng):
    """Draw from a photograph of scikit-image."""
    import skimage.data

    image = getattr(skimage.data, name)().astype(np.float32) / 255
    half, end = image.shape[1] // 2, image.shape[1]
    train = tiles(image, 40, rng, (0, half))
    good, rest = (tiles(image, 50, rng, (half, end)) for _ in range(2))
    return with_defects(train, good, rest, rng)


def of_material(name, rng, photographs):
    """Draw from photographs of one material at one distance."""
    order = rng.permutation(len(photographs))

    def drawn(places, n):
        parts = [photographs[places[i % len(places)]] for i in range(n)]
        return np.stack([tiles(x, 1, rng, (0, x.shape[1]))[0] for x in parts])

    train = drawn(order[:6], 48)
    good, rest = drawn(order[6:], 50), drawn(order[6:], 50)
    return with_defects(train, good, rest, rng)


def of_article(label, rng, train, test):
    """Draw from one class of Fashion-MNIST."""
    own = rng.permutation(np.flatnonzero(train.target == label))[:100]
    other = rng.permutation(np.flatnonzero(test.target == label))[:200]
    good, rest = squares(test, other[:100]), squares(test, other[100:])
    return with_defects(squares(train, own), good, rest, rng)


def one_class(label, rng, train, test):
    """Draw one class of Fashion-MNIST, and others to find."""
    own = rng.permutation(np.flatnonzero(train.target == label))[:200]
    good = rng.permutation(np.flatnonzero(test.target == label))[:200]
    others = rng.permutation(np.flatnonzero(test.target != label))[:200]
    bad = {"other class": squares(test, others)}
    return squares(train, own), squares(test, good), bad


def squares(data, indices):
    """Return some images of a set in [0, 1]."""
    return data.images[indices].astype(np.float32) / 255


def sources(arguments):
    """Return functions that draw, by the name of what they draw from."""
    found = {
        name: lambda rng, name=name: of_texture(name, rng)
        for name in ("brick", "grass", "gravel")
    }
    if arguments.kth_tips:
        data = load_image_folder(arguments.kth_tips, ragged=True)
        names = np.array([Path(path).name for path in data.filenames])
        middle = np.array(["scale_5" in name for name in names])
        for name in MATERIALS:
            own = np.flatnonzero(middle & (np.asarray(data.target) == name))
            parts = [data.images[i].astype(np.float32) / 255 for i in own]
            found[name] = lambda rng, x=parts, name=name: of_material(name, rng, x)
    if arguments.fashion:
        train, test = (
            load_fashion_mnist(subset, data_home=arguments.fashion)
            for subset in ("train", "test")
        )
        for name, k in ARTICLES.items():
            found[name] = lambda rng, k=k: of_article(k, rng, train, test)
        for k in range(10):
            found[f"one-class {k}"] = lambda rng, k=k: one_class(k, rng, train, test)
    return found


def runs(draw, done, *, source, seed):
    """Yield a record of each variant and kind of defect that is not done, of a draw."""
    train, good, bad = draw(np.random.default_rng(seed))
    for variant, detector in variants(train.shape[1]).items():
        if (source, seed, variant) in done:
            continue
        start = time.process_time()
        detector.fit(train)
        usual = detector.score_samples(good)
        for kind, images in bad.items():
            odd = detector.score_samples(images)
            truth = np.repeat([0, 1], [len(usual), len(odd)])
            auroc = roc_auc_score(truth, -np.concatenate([usual, odd]))
            record = {"source": source, "seed": seed, "variant": variant, "kind": kind}
            yield record | {"auroc": auroc, "alarms": float(alarms(detector, usual))}
        print(source, seed, variant, f"{time.process_time() - start:.1f} s", flush=True)


def alarms(detector, scores):
    """Return the share of good images that is called bad."""
    return np.mean(scores < detector.offset_)


def print_table(records):
    """Print the AUROC of each variant, kind by kind."""
    kinds = dict.fromkeys((r["source"], r["kind"]) for r in records)
    for source, kind in kinds:
        own = [r for r in records if (r["source"], r["kind"]) == (source, kind)]
        print(f"{source}, {kind}")
        for variant in dict.fromkeys(r["variant"] for r in own):
            values = [r["auroc"] for r in own if r["variant"] == variant]
            print(f"  {variant:22} {np.mean(values):.3f} ± {np.std(values):.3f}")
    default = [r["alarms"] for r in records if r["variant"] == "PatchGaussian()"]
    print(f"good images called bad by default: {np.mean(default):.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--out", type=Path, required=True, help="file of the records")
    add("--draws", type=int, default=5)
    add("--kth-tips", help="folder of KTH-TIPS")
    add("--fashion", help="folder of Fashion-MNIST")
    add("--only-print", action="store_true", help="the table of what is there")
    arguments = parser.parse_args()
    text = arguments.out.read_text("utf-8") if arguments.out.exists() else ""
    records = [json.loads(line) for line in text.splitlines()]
    done = {(r["source"], r["seed"], r["variant"]) for r in records}
    found = {} if arguments.only_print else sources(arguments)
    for seed in range(arguments.draws):
        for name, draw in found.items():
            for record in runs(draw, done, source=name, seed=seed):
                records.append(record)
                with open(arguments.out, "a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")
    print_table(records)


if __name__ == "__main__":
    main()
