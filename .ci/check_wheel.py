"""Check an installed wheel: its kernel is there, and computes the definition."""

import sys

import numpy as np

from sklearn_scat import ScatteringTransformer
from sklearn_scat.engines import _native


def main():
    """Compare float32, by the kernel, with float64, by the definition."""
    print(_native.describe())
    if not _native.available() and sys.platform != "win32":
        raise SystemExit("this wheel has no native kernel")
    images = np.random.default_rng(0).random((4, 16, 16))
    transformer = ScatteringTransformer(J=2, device="cpu")
    found = transformer.fit_transform(images.astype(np.float32))
    wanted = transformer.fit_transform(images)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


if __name__ == "__main__":
    main()
