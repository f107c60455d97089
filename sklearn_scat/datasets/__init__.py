"""Images to learn from: loaders of published formats, and makers."""

from sklearn_scat._public import settle
from sklearn_scat.datasets._cifar import load_cifar10, load_cifar100
from sklearn_scat.datasets._digits import load_digits_images
from sklearn_scat.datasets._factors import make_factor_digits, make_factor_rectangles
from sklearn_scat.datasets._fetchers import (
    fetch_cifar10,
    fetch_fashion_mnist,
    fetch_mnist,
)
from sklearn_scat.datasets._files import image_size, read_image
from sklearn_scat.datasets._folder import load_image_folder, load_images
from sklearn_scat.datasets._idx import read_idx
from sklearn_scat.datasets._mnist import load_fashion_mnist, load_mnist
from sklearn_scat.datasets._questionnaires import (
    load_personality_questionnaire,
    load_pixel_questionnaire,
    make_questionnaire,
)
from sklearn_scat.datasets._reader import ImageReader
from sklearn_scat.datasets._rotated import make_rotated
from sklearn_scat.datasets._sources import IMAGE_SUFFIXES
from sklearn_scat.datasets._stl10 import load_stl10
from sklearn_scat.datasets._textures import make_textures

__all__ = [
    "IMAGE_SUFFIXES",
    "ImageReader",
    "fetch_cifar10",
    "fetch_fashion_mnist",
    "fetch_mnist",
    "image_size",
    "load_cifar10",
    "load_cifar100",
    "load_digits_images",
    "load_fashion_mnist",
    "load_image_folder",
    "load_images",
    "load_mnist",
    "load_personality_questionnaire",
    "load_pixel_questionnaire",
    "load_stl10",
    "make_factor_digits",
    "make_factor_rectangles",
    "make_questionnaire",
    "make_rotated",
    "make_textures",
    "read_idx",
    "read_image",
]

settle(__name__)
