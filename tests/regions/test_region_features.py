"""Features of objects: what changes a row, what does not, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_scat import (
    NormalizedScattering,
    RegionFeatures,
    RotoTranslationScattering,
    ScatteringTransformer,
    region_features,
)
from sklearn_scat.regions._crops import round_side
from sklearn_scat.regions._features import BOX_COLUMNS

KINDS = [
    ScatteringTransformer(J=2, L=4),
    ScatteringTransformer(J=2, L=4, orientation_pooling=True, padding="zero"),
    ScatteringTransformer(J=2, L=4, padding="periodic", oversampling=1),
    RotoTranslationScattering(J=2, L=4),
]
TRANSFORMER = KINDS[0]


@pytest.fixture
def image():
    return np.random.default_rng(0).normal(size=(64, 96)) + 3


def disc(shape, center, radius):
    rows, columns = np.indices(shape)
    return (rows - center[0]) ** 2 + (columns - center[1]) ** 2 <= radius**2


def values(table):
    return table.drop(columns=["image", "label", "area", *BOX_COLUMNS]).to_numpy()


def of_mask(image, mask, transformer=TRANSFORMER):
    return values(region_features(image, mask, transformer))[0]


@pytest.mark.parametrize("transformer", KINDS, ids=str)
@pytest.mark.parametrize("shape", [(64, 96), (3, 32, 40)])
def test_a_mask_of_the_whole_image_gives_the_mean_pooling(transformer, shape):
    image = np.random.default_rng(1).normal(size=shape)
    mean = type(transformer)(**transformer.get_params()).set_params(pooling="mean")
    expected = mean.fit(image[None]).transform(image[None])[0]
    whole = np.ones(shape[-2:], bool)
    np.testing.assert_allclose(of_mask(image, whole, transformer), expected, atol=1e-9)
    table = region_features(image, whole, transformer)
    assert table.columns[7:].tolist() == mean.get_feature_names_out().tolist()


def test_whole_images_whose_sides_are_off_the_grid_do_so_too():
    image = np.random.default_rng(1).normal(size=(37, 51))
    mean = ScatteringTransformer(J=3, pooling="mean").fit(image[None])
    found = of_mask(image, np.ones(image.shape, bool), mean)
    np.testing.assert_allclose(found, mean.transform(image[None])[0], atol=1e-9)


@pytest.mark.parametrize("transformer", KINDS, ids=str)
def test_nothing_but_its_own_pixels_changes_a_row(image, transformer):
    mask = disc(image.shape, (30, 40), 9)
    alone = of_mask(image, mask, transformer)
    labels = np.where(mask, 5, np.indices(image.shape)[1] // 10 + 10)
    for rest in (-1e6, np.nan, np.inf):
        other = np.where(mask, image, rest)
        assert np.abs(of_mask(other, mask, transformer) - alone).max() < 1e-6
    crowded = region_features(image, labels, transformer)
    found = values(crowded[crowded["label"] == 5])[0]
    assert np.abs(found - alone).max() < 1e-6
    own = np.where(disc(image.shape, (30, 40), 1), image + 1, image)
    assert np.abs(of_mask(own, mask, transformer) - alone).max() > 1e-3


@pytest.mark.parametrize("shift", [(4, 8), (1, 3), (23, 45)])
def test_translation_moves_nothing_but_the_box(image, shift):
    mask = disc(image.shape, (20, 25), 11)
    moved = [np.roll(a, shift, axis=(0, 1)) for a in (image, mask)]
    before = region_features(image, mask, TRANSFORMER)
    after = region_features(*moved, TRANSFORMER)
    np.testing.assert_allclose(values(after), values(before), rtol=0, atol=1e-12)
    boxes = [table[list(BOX_COLUMNS)].to_numpy() for table in (before, after)]
    assert (boxes[1] - boxes[0]).tolist() == [[*shift, *shift]]
    assert boxes[0].tolist() == [[9, 14, 32, 37]]


def test_background_of_another_texture_hides_in_no_average():
    """The object's mean lies near its texture's, wherever the background's is."""
    rng = np.random.default_rng(0)
    texture, background = rng.normal(size=(64, 64)), 50 + 20 * rng.normal(size=(64, 64))
    mask = disc(texture.shape, (32, 32), 24)
    found = of_mask(np.where(mask, texture, background), mask)
    expected = of_mask(texture, np.ones_like(mask))
    assert np.linalg.norm(found - expected) < 0.2 * np.linalg.norm(expected)


def test_an_object_of_one_pixel_has_its_value_and_no_texture(image):
    mask = np.zeros(image.shape, bool)
    mask[7, 9] = True
    found = of_mask(image, mask)
    np.testing.assert_allclose(found[0], image[7, 9])
    np.testing.assert_allclose(found[1:], 0, atol=1e-12)


def test_rows_say_which_object_they_are(image):
    labels = np.zeros(image.shape, np.uint16)
    labels[3:10, 4:6], labels[20:31, 50:90] = 700, 2
    small = labels[:40, :70].copy()
    table = region_features([image, image[:40, :70]], [labels, small], TRANSFORMER)
    assert table[["image", "label", "area", *BOX_COLUMNS]].to_numpy().tolist() == [
        [0, 2, 440, 20, 50, 31, 90],
        [0, 700, 14, 3, 4, 10, 6],
        [1, 2, 220, 20, 50, 31, 70],
        [1, 700, 14, 3, 4, 10, 6],
    ]
    np.testing.assert_array_equal(values(table)[1], values(table)[3])


def test_numbers_of_any_size_name_objects(image):
    labels = np.zeros(image.shape, np.uint64)
    labels[:9], labels[20:40, :30] = 2**63 + 5, 3
    for background in (0, 1):
        table = region_features(image, labels + background, TRANSFORMER)
        names = {int(n) + background for n in np.unique(labels)} - {0}
        assert sorted(table["label"]) == sorted(names)


def test_batches_and_threads_change_nothing(image):
    labels = (
        1 + np.indices(image.shape)[0] // 11 + 10 * (np.indices(image.shape)[1] // 13)
    )
    one = values(region_features(image, labels, TRANSFORMER))
    several = values(region_features(image, labels, TRANSFORMER, n_jobs=2))
    np.testing.assert_array_equal(one, several)
    names = np.unique(labels)
    alone = [of_mask(image, labels == names[place]) for place in (0, 17, 40)]
    np.testing.assert_allclose(one[[0, 17, 40]], alone, rtol=0, atol=1e-9)


def test_values_keep_their_precision(image):
    mask = disc(image.shape, (30, 40), 9)
    assert of_mask(image, mask).dtype == np.float64
    assert of_mask(image.astype(np.float32), mask).dtype == np.float32
    bytes_ = (image * 20).clip(0, 255).astype(np.uint8)
    assert of_mask(bytes_, mask).dtype == np.float32


def test_crops_have_few_sizes_on_the_grid():
    sides = {round_side(n, 8) for n in range(1, 1025)}
    assert all(side % 8 == 0 for side in sides)
    assert all(n <= round_side(n, 8) <= 1.34 * n + 8 for n in range(1, 1025))
    assert len(sides) < 30


def test_without_pandas_the_columns_are_fields(image, monkeypatch):
    labels = disc(image.shape, (30, 40), 9) + 2 * disc(image.shape, (30, 70), 5)
    table = region_features(image, labels, TRANSFORMER)
    monkeypatch.setattr("sklearn_scat.regions._features.find_spec", lambda name: None)
    found = region_features(image, labels, TRANSFORMER)
    assert isinstance(found, np.ndarray)
    pd.testing.assert_frame_equal(pd.DataFrame(found), table)


def fault(**change):
    good = {"images": np.ones((2, 16, 16)), "labels": np.ones((2, 16, 16), int)}
    return good | change


FAULTS = {
    "as their image is.*object 1 lies out of the image": fault(
        labels=np.ones((2, 16, 18), int)
    ),
    r"image 0 has shape \(16, 16\), and its labels \(16, 9\)\.": fault(
        labels=np.ones((2, 16, 9), int)
    ),
    "must be integers.*image 0 are float64": fault(labels=np.ones((2, 16, 16))),
    "image 0 go down to -3": fault(labels=np.full((2, 16, 16), -3)),
    "image 0 hold no object": fault(labels=np.zeros((2, 16, 16), int)),
    "got 2 images and labels of 3": fault(labels=np.ones((3, 16, 16), int)),
    "as many channels.*image 1": fault(
        images=[np.ones((16, 16)), np.ones((3, 16, 16))]
    ),
    r"image 0 has shape \(\)": fault(images=[1, 2]),
    "Object 1 of image 0 has pixels that are NaN": fault(
        images=np.where(
            np.arange(256).reshape(16, 16) == 77, np.nan, np.ones((2, 16, 16))
        )
    ),
    "pooling must be None or 'mean'; got 'moments'": fault(
        transformer=ScatteringTransformer(pooling="moments")
    ),
    "got NormalizedScattering": fault(transformer=NormalizedScattering()),
    "The largest J for this size is 4": fault(transformer=ScatteringTransformer(J=5)),
}


@pytest.mark.parametrize("words", FAULTS)
def test_what_is_wrong_is_said_in_a_sentence(words):
    with pytest.raises(ValueError, match=words):
        region_features(**FAULTS[words])


def pairs_of_two_kinds(n=24):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    images = rng.normal(size=(n, 32, 32))
    images[y == 1] += np.roll(images[y == 1], 1, axis=2)  # smoother along rows
    masks = [disc((32, 32), rng.integers(10, 22, 2), 9) for _ in y]
    background = 10 * rng.normal(size=images.shape)
    return list(zip(np.where(masks, images, background), masks, strict=True)), y


def test_the_estimator_stands_in_pipelines_and_searches():
    pairs, y = pairs_of_two_kinds()
    logistic = LogisticRegression(max_iter=1000)
    pipeline = make_pipeline(RegionFeatures(ScatteringTransformer(L=4)), logistic)
    grid = {"regionfeatures__transformer__J": [1, 2]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(pairs, y)
    assert search.best_score_ > 0.9


def test_the_estimator_gives_the_rows_of_the_table():
    pairs, _ = pairs_of_two_kinds(4)
    table = region_features(*zip(*pairs, strict=True), TRANSFORMER)
    model = RegionFeatures(TRANSFORMER).set_output(transform="pandas").fit(pairs[:1])
    frame = model.transform(pairs)
    assert isinstance(frame, pd.DataFrame)
    pd.testing.assert_frame_equal(frame, table[frame.columns])


@pytest.mark.parametrize("X", [[], np.ones((2, 8, 8)), [(np.ones((8, 8)),)]])
def test_the_estimator_asks_for_pairs(X):
    with pytest.raises(ValueError, match="sequence of pairs"):
        RegionFeatures().fit(X)


def test_the_estimator_refuses_other_channels():
    mask = np.ones((16, 16), bool)
    model = RegionFeatures().fit([(np.ones((16, 16)), mask)])
    with pytest.raises(ValueError, match="of 3 channels, and fit saw 1"):
        model.transform([(np.ones((3, 16, 16)), mask)])
