"""Published image sets as cases: training images, test images, folds."""

import numpy as np

from sklearn_scat.experiments._image_set import ImageSet

_KTH_TIPS = ("kth-tips", "KTH_TIPS")  # folders; the second is its authors' archive
_MARGIN = 2  # of 0 around 28×28, so that sides are powers of two
_TURNED = 1200  # digits of each class that are turned: 12,000 in all
_TURNED_SEED = 2007  # the year of the protocol; the angles of the test set: one more


def load_digits_case(data_home=None):
    """Return the 1,797 digits that come with scikit-learn, at 32×32."""
    from sklearn_scat.datasets import load_digits_images

    digits = load_digits_images()
    return ImageSet(digits.images, digits.target)


def load_mnist_case(data_home=None):
    """Return MNIST at 32×32: 60,000 digits to draw from and 10,000 to test on."""
    from sklearn_scat.datasets import load_mnist

    return _padded(load_mnist, data_home)


def load_fashion_mnist_case(data_home=None):
    """Return Fashion-MNIST at 32×32: 60,000 images to draw from, 10,000 to test on."""
    from sklearn_scat.datasets import load_fashion_mnist

    return _padded(load_fashion_mnist, data_home)


def load_rotated_mnist_case(data_home=None):
    """Return 12,000 turned digits, as many of every class, and 10,000 to test on.

    Made from MNIST with fixed seeds: the training digits from its training images, the
    test digits from its test images. The published files have other angles, and test
    digits from both.
    """
    from sklearn_scat.datasets import load_mnist

    return _turned(load_mnist, data_home, n_per_class=_TURNED)


def load_cifar10_case(data_home=None):
    """Return CIFAR-10: 50,000 images to draw from and 10,000 to test on."""
    from sklearn_scat.datasets import load_cifar10

    return _whole(load_cifar10, data_home)


def load_cifar100_case(data_home=None):
    """Return CIFAR-100: 50,000 images to draw from and 10,000 to test on."""
    from sklearn_scat.datasets import load_cifar100

    return _whole(load_cifar100, data_home)


def load_stl10_case(data_home=None):
    """Return STL-10: 5,000 images with ten folds, and 8,000 to test on."""
    from sklearn_scat.datasets import load_stl10

    return _whole(load_stl10, data_home)


def load_folder_case(data_home=None):
    """Return the images of a folder that has one sub-folder for each class.

    Images of one grey channel, or of three that are equal, become (n, H, W). Where
    sizes differ, the middle of the smallest height and width is cut out of all.
    """
    from sklearn_scat.datasets import load_image_folder

    if data_home is None:
        raise ValueError("the case 'folder' needs --data DIR: one sub-folder a class.")
    bunch = load_image_folder(data_home, mode="RGB", ragged=True)
    height, width = np.min([image.shape[1:] for image in bunch.images], axis=0)
    images = np.stack([_middle(image, height, width) for image in bunch.images])
    if (images == images[:, :1]).all():
        images = np.ascontiguousarray(images[:, 0])
    return ImageSet(images, bunch.target)


def load_textures_case(data_home=None):
    """Return the grey images of a folder as they are, of any sizes."""
    from sklearn_scat.datasets import load_image_folder

    if data_home is None:
        raise ValueError("this case needs --data DIR: one sub-folder a class.")
    bunch = load_image_folder(data_home, ragged=True)
    images = np.empty(len(bunch.images), object)
    images[:] = bunch.images
    return ImageSet(images, bunch.target)


def load_kth_tips_case(data_home=None):
    """Return the grey images of KTH-TIPS, in a folder of its name or in that given."""
    from sklearn_scat.datasets._home import find_folder

    return load_textures_case(find_folder(_KTH_TIPS, data_home))


def _whole(load, data_home):
    """Return training and test images as they are, and folds where there are some."""
    train, test = (load(part, data_home=data_home) for part in ("train", "test"))
    folds = train.get("folds")
    return ImageSet(train.images, train.target, test.images, test.target, folds)


def _padded(load, data_home):
    """Return training and test images with a margin of 0."""
    train, test = (load(part, data_home=data_home) for part in ("train", "test"))
    images, test_images = _with_margin(train.images), _with_margin(test.images)
    return ImageSet(images, train.target, test_images, test.target)


def _turned(load, data_home, *, n_per_class):
    """Return turned images: `n_per_class` drawn ones to learn from, all to test on."""
    from sklearn_scat.datasets import make_rotated
    from sklearn_scat.model_selection import BalancedSubsetSplit

    train, test = (load(part, data_home=data_home) for part in ("train", "test"))
    n_total = n_per_class * len(train.target_names)
    split = BalancedSubsetSplit(n_total, n_repeats=1, random_state=_TURNED_SEED)
    drawn, _ = next(split.split(train.data, train.target))
    images, _ = make_rotated(train.images[drawn], random_state=_TURNED_SEED)
    test_images, _ = make_rotated(test.images, random_state=_TURNED_SEED + 1)
    return ImageSet(
        _with_margin(images),
        train.target[drawn],
        _with_margin(test_images),
        test.target,
    )


def _with_margin(images):
    return np.pad(images, ((0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN)))


def _middle(image, height, width):
    """Return the middle of an image (C, H, W)."""
    top, left = (image.shape[1] - height) // 2, (image.shape[2] - width) // 2
    return image[:, top : top + height, left : left + width]
