"""Crops, mirrors, mean and colour noise, against what NumPy says in one line each."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet.data.augment import Augmentation
from minialexnet.data.color import color_eigen
from minialexnet.data.preprocessing import Preprocessing

# The 2012 code's for ImageNet, printed with three decimals, the largest first.
VALUES = np.array([121.78, 37.09, 19.72]) ** 2
VECTORS = np.array(
    [[-0.564, -0.713, 0.418], [-0.576, -0.024, -0.817], [-0.592, 0.701, 0.397]]
)
MEANS = ("zero", "pixel", "image", "larger image")


def noise(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def places(count=1, H=16, W=16):
    """Return pictures whose every pixel has a value of its own, so says where it is."""
    picture = np.arange(H * W, dtype=np.uint8).reshape(H, W)
    assert picture[-1, -1] == H * W - 1  # more would not fit into a byte
    return np.tile(picture, (count, 3, 1, 1))


def plain(size):
    """Return a preprocessing that leaves the pixels as they are."""
    return Preprocessing(size, np.zeros(3, np.float32))


def found(crop, picture):
    """Return every (row, column, mirrored) at which a crop lies in its picture."""
    s, (H, W) = crop.shape[-1], picture.shape[-2:]
    return [
        (row, column, mirrored)
        for row in range(H - s + 1)
        for column in range(W - s + 1)
        for mirrored in (False, True)
        if np.array_equal(
            crop[..., ::-1] if mirrored else crop,
            picture[:, row : row + s, column : column + s],
        )
    ]


@st.composite
def cases(draw):
    """Draw pictures and a preprocessing that takes them."""
    size = draw(st.integers(1, 6))
    H, W = (size + draw(st.integers(0, 5)) for _ in "HW")
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    border = {"larger image": draw(st.integers(1, 4))}
    mean = draw(st.sampled_from(MEANS))
    shape = (3,)
    if "image" in mean:
        shape = (3, size + border.get(mean, 0), size + 2 * border.get(mean, 0))
    values = rng.uniform(0, 255, shape).astype(np.float32)
    if mean == "zero":
        values[...] = 0
    divisor = draw(st.sampled_from([(1.0, 1.0, 1.0), (58.4, 57.1, 57.4)]))
    order = draw(st.sampled_from(["RGB", "BGR"]))
    images = noise((draw(st.integers(0, 3)), 3, H, W), seed)
    return images, Preprocessing(size, values, divisor, order)


def expected(crops, p):
    """Return what a network takes of crops (..., 3, size, size), from the formula."""
    mean = np.reshape(p.mean, (3, 1, 1)) if p.mean.ndim == 1 else p.mean
    if p.mean.ndim == 3:
        top, left = ((full - p.size) // 2 for full in p.mean.shape[1:])
        mean = p.mean[:, top : top + p.size, left : left + p.size]
    x = crops.astype(np.float32) - mean
    x = x / np.array(p.divisor, np.float32)[:, None, None]
    return x[..., ::-1, :, :] if p.order == "BGR" else x


@given(cases())
def test_the_centre_crop_is_the_slice_less_the_mean(case):
    images, p = case
    s, (H, W) = p.size, images.shape[2:]
    row, column = (H - s) // 2, (W - s) // 2
    crops = images[:, :, row : row + s, column : column + s]
    x = p.center(images)
    assert x.dtype == np.float32 and x.flags.c_contiguous
    assert np.array_equal(x, expected(crops, p))
    assert np.array_equal(x, p.normalize(crops))


@given(cases())
def test_the_ten_crops_lie_in_the_corners_and_the_centre_then_mirrored(case):
    images, p = case
    s, (H, W) = p.size, images.shape[2:]
    corners = [(0, 0), (0, W - s), (H - s, 0), (H - s, W - s)]
    x = p.ten(images)
    assert x.shape == (len(images), 10, 3, s, s) and x.dtype == np.float32
    for k, (row, column) in enumerate([*corners, ((H - s) // 2, (W - s) // 2)]):
        crops = images[:, :, row : row + s, column : column + s]
        assert np.array_equal(x[:, k], expected(crops, p))
        assert np.array_equal(x[:, 5 + k], expected(np.flip(crops, axis=-1), p))


def test_the_papers_centre_and_corners():
    p, picture = Preprocessing(224, np.zeros(3, np.float32)), noise((1, 3, 256, 256))
    assert np.array_equal(p.center(picture), picture[:, :, 16:240, 16:240])
    assert np.array_equal(p.ten(picture)[:, 3], picture[:, :, 32:, 32:])


def test_the_mean_image_is_cropped_at_its_centre_wherever_the_crop_lies():
    mean = places(H=10, W=10)[0].astype(np.float32)
    pictures = np.zeros((50, 3, 10, 10), np.uint8)
    p = Preprocessing(6, mean)
    for x in (
        p.center(pictures),
        p.ten(pictures[:5]).reshape(50, 3, 6, 6),
        Augmentation()(pictures, p, np.random.default_rng(0)),
    ):
        assert np.array_equal(x, np.tile(-mean[:, 2:8, 2:8], (50, 1, 1, 1)))


def test_torchvisions_pixels_are_less_a_mean_and_over_a_deviation():
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    pictures = noise((2, 3, 9, 9))
    p = Preprocessing(7, (255 * mean).astype(np.float32), tuple((255 * std).tolist()))
    pixels = pictures[:, :, 1:8, 1:8] / 255
    right = (pixels - mean[:, None, None]) / std[:, None, None]
    assert np.allclose(p.center(pictures), right, atol=1e-5)


def test_caffes_channels_are_blue_green_red():
    pictures = np.tile(np.uint8([[[10]], [[20]], [[30]]]), (1, 1, 4, 4))
    p = Preprocessing(3, np.float32([1, 2, 3]), (1.0, 2.0, 3.0), order="BGR")
    assert p.center(pictures)[0, :, 0, 0].tolist() == [9, 9, 9]
    p = replace(p, mean=np.zeros(3, np.float32), divisor=(1.0, 1.0, 1.0))
    assert p.center(pictures)[0, :, 0, 0].tolist() == [30, 20, 10]


@given(cases(), st.booleans(), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_crop_in_training_is_a_slice_perhaps_mirrored(case, crop, flip, seed):
    images, p = case
    before = images.copy()
    x = Augmentation(crop, flip)(images, p, np.random.default_rng(seed))
    assert x.dtype == np.float32 and x.flags.c_contiguous
    assert x.shape == (len(images), 3, p.size, p.size)
    assert np.array_equal(images, before)
    pixels = Augmentation(crop, flip)(
        images, plain(p.size), np.random.default_rng(seed)
    )
    assert np.array_equal(x, expected(pixels, p))
    s, (H, W) = p.size, images.shape[2:]
    for picture, y in zip(images, pixels, strict=True):
        where = found(y, picture)
        assert where
        assert flip or any(not mirrored for _, _, mirrored in where)
        middle = (H - s) // 2, (W - s) // 2
        assert crop or any(place[:2] == middle for place in where)


@given(cases())
def test_with_nothing_random_it_is_the_centre_crop(case):
    images, p = case
    x = Augmentation(crop=False, flip=False)(images, p, np.random.default_rng(0))
    assert np.array_equal(x, p.center(images))


def test_every_place_and_mirror_is_equally_frequent():
    pictures = places(6400, H=8, W=7)
    x = Augmentation()(pictures, plain(5), np.random.default_rng(0))
    seen = np.zeros((4, 3, 2))
    for crop in x:
        [place] = found(crop, pictures[0])
        seen[place] += 1
    share = 1 / seen.size
    deviation = np.sqrt(6400 * share * (1 - share))
    assert (abs(seen - 6400 * share) < 4 * deviation).all()


def test_crops_and_mirrors_of_neighbours_are_independent():
    pictures = places(4000, H=3, W=3)
    x = Augmentation()(pictures, plain(2), np.random.default_rng(1))
    drawn = np.array([found(crop, pictures[0])[0] for crop in x], float) - 0.5
    together = (drawn[1:, :, None] * drawn[:-1, None, :]).mean(axis=0)
    # Each is -1/2 or 1/2, so a product of two is -1/4 or 1/4.
    assert (abs(together) < 4 * 0.25 / np.sqrt(3999)).all()


def test_a_mirror_of_the_mirror_is_the_picture():
    pictures, p = noise((64, 3, 5, 5)), plain(5)
    augment = Augmentation(crop=False)
    once = augment(pictures, p, np.random.default_rng(7))
    twice = augment(once.astype(np.uint8), p, np.random.default_rng(7))
    assert np.array_equal(twice, pictures)
    turned = (once != pictures).any(axis=(1, 2, 3))
    assert 16 < turned.sum() < 48


@pytest.mark.parametrize("color", ["none", "paper", "2012"])
def test_the_seed_decides_and_pictures_of_a_batch_differ(color):
    pictures, p = places(32), Preprocessing(10, np.full(3, 100, np.float32))
    augment = Augmentation(True, True, color, 0.1, VALUES, VECTORS)
    x, same, other = (
        augment(pictures, p, np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    assert np.array_equal(x, same)
    assert not np.array_equal(x, other)
    assert len({crop.tobytes() for crop in x}) > 24  # of 98 crops, drawn 32 times


def shifts(color, count, sigma=0.1):
    """Return the noise (count, 3) that is added to pictures of grey 100."""
    pictures = np.full((count, 3, 2, 2), 100, np.uint8)
    p = Preprocessing(2, np.full(3, 100, np.float32))
    augment = Augmentation(True, True, color, sigma, VALUES, VECTORS)
    x = augment(pictures, p, np.random.default_rng(0))
    assert (x == x[:, :, :1, :1]).all()  # all pixels of a picture get the same
    return x[:, :, 0, 0] * (1 + sigma if color == "2012" else 1)


@pytest.mark.parametrize("color", ["paper", "2012"])
def test_the_noise_has_the_covariance_of_the_formula(color):
    count = 20_000
    drawn = shifts(color, count).astype(np.float64)
    # What the tables in the docstring say, written out.
    deviations = 0.1 * (VALUES / 255 if color == "paper" else VALUES**0.5)
    C = VECTORS @ np.diag(deviations**2) @ VECTORS.T
    variances = np.diag(C)
    error = np.sqrt((np.outer(variances, variances) + C**2) / count)
    assert (abs(drawn.T @ drawn / count - C) < 4 * error).all()
    assert (abs(drawn.mean(axis=0)) < 4 * np.sqrt(variances / count)).all()
    along = drawn @ VECTORS
    kurtosis = (along**4).mean(axis=0) / (along**2).mean(axis=0) ** 2
    assert (abs(kurtosis - 3) < 4 * np.sqrt(24 / count)).all()  # normal


def test_the_axes_are_columns():
    drawn = shifts("2012", 2000)
    # Turned by rows, the noise along the first axis would be spread over all.
    along = (drawn @ VECTORS).std(axis=0)
    assert np.allclose(along, [12.2, 3.7, 2.0], rtol=0.1)


@pytest.mark.parametrize("color", ["paper", "2012"])
def test_noise_scales_with_sigma(color):
    once, thrice = shifts(color, 50, 0.1), shifts(color, 50, 0.3)
    assert np.allclose(thrice, 3 * once, rtol=1e-4)
    assert not shifts(color, 50, 0.0).any()


def test_deviations_are_the_numbers_of_the_docstring():
    for color, right in (
        ("none", [0, 0, 0]),
        ("paper", [5.8, 0.54, 0.15]),
        ("2012", [12.2, 3.7, 2.0]),
    ):
        augment = Augmentation(True, True, color, 0.1, VALUES, VECTORS)
        assert np.allclose(augment.deviations(), right, rtol=0.02)


@given(cases())
def test_the_2012_code_divides_in_training_by_1_and_sigma(case):
    images, p = case
    still = Augmentation(False, False, "2012", 0.1, np.zeros(3), VECTORS)
    x = still(images, p, np.random.default_rng(0))
    assert np.allclose(x, p.center(images) / 1.1, rtol=1e-5, atol=1e-5)
    paper = replace(still, color="paper")
    assert np.array_equal(paper(images, p, np.random.default_rng(0)), p.center(images))


@given(cases(), st.integers(0, 2**32 - 1))
def test_the_noise_is_of_pixels_whatever_the_network_takes(case, seed):
    images, p = case
    augment = Augmentation(True, True, "2012", 0.1, VALUES, VECTORS)
    pixels = augment(images, plain(p.size), np.random.default_rng(seed)) * 1.1
    scaled = replace(p, mean=np.zeros(3, np.float32))
    x = augment(images, scaled, np.random.default_rng(seed))
    right = pixels / 1.1 / np.array(p.divisor)[:, None, None]
    right = right[:, ::-1] if p.order == "BGR" else right
    assert np.allclose(x, right, rtol=1e-5, atol=1e-4)


@given(st.integers(0, 2**32 - 1))
def test_color_eigen_finds_the_axes_that_a_covariance_was_made_of(seed):
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    variances = np.array([9.0, 4.0, 1.0]) * rng.uniform(0.8, 1.2, 3) * 100
    values, vectors = color_eigen(axes @ np.diag(variances) @ axes.T)
    assert np.allclose(values, variances)
    assert np.allclose(abs(axes.T @ vectors), np.eye(3), atol=1e-6)
    assert (abs(vectors).max(axis=0) == vectors.max(axis=0)).all()


def test_color_eigen_of_pictures_gives_back_how_they_were_coloured():
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(VECTORS)[0]
    pixels = rng.standard_normal((50_000, 3)) * [60, 20, 10] @ axes.T
    values, vectors = color_eigen(np.cov(pixels.T))
    assert np.allclose(np.sqrt(values), [60, 20, 10], rtol=0.02)
    assert np.allclose(abs(axes.T @ vectors), np.eye(3), atol=0.02)


def test_grey_pictures_have_one_axis_and_no_variance_below_zero():
    grey = np.random.default_rng(0).uniform(0, 255, 1000)
    values, vectors = color_eigen(np.cov([grey, grey, grey]))
    assert values[0] == pytest.approx(3 * grey.var(ddof=1))
    assert (values >= 0).all() and np.allclose(values[1:], 0, atol=1e-9 * values[0])
    assert np.allclose(vectors[:, 0], 3**-0.5)
    Augmentation(color="paper", eigenvalues=values, eigenvectors=vectors)


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        (np.eye(2), r"\(3, 3\)"),
        (np.full((3, 3), np.nan), "finite"),
        ([[1, 2, 0], [0, 1, 0], [0, 0, 1]], "symmetric"),
        (np.diag([1, 1, -1]), "below 0, got one of -1"),
    ],
)
def test_what_is_no_covariance_is_refused(covariance, message):
    with pytest.raises(ValueError, match=message):
        color_eigen(covariance)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"size": 0}, ValueError, "size to be 1 pixel or more, got 0"),
        ({"size": 4.0}, ValueError, "size .* got 4.0"),
        ({"side": True}, ValueError, "side .* got True"),
        ({"side": 3}, ValueError, "the network's 4 pixels, got 3"),
        ({"mean": np.zeros(3)}, TypeError, "float32, got float64"),
        ({"mean": [1, 2, 3]}, TypeError, "float32, got list"),
        ({"mean": np.zeros(4, np.float32)}, ValueError, r"got \(4,\)"),
        ({"mean": np.zeros((4, 4), np.float32)}, ValueError, r"got \(4, 4\)"),
        ({"mean": np.zeros((3, 4, 3), np.float32)}, ValueError, r"got \(3, 4, 3\)"),
        ({"mean": np.zeros((1, 4, 4), np.float32)}, ValueError, r"got \(1, 4, 4\)"),
        ({"mean": np.float32([1, np.inf, 1])}, ValueError, "finite"),
        ({"divisor": (1.0, 1.0)}, ValueError, r"three .* got \(1.0, 1.0\)"),
        ({"divisor": 1.0}, ValueError, "got 1.0"),
        ({"divisor": (1.0, 0.0, 1.0)}, ValueError, "above 0"),
        ({"divisor": (1.0, float("inf"), 1.0)}, ValueError, "inf"),
        ({"divisor": ("1", "1", "1")}, ValueError, "divisor"),
        ({"order": "RBG"}, ValueError, "RGB or BGR, got 'RBG'"),
    ],
)
def test_a_wrong_preprocessing_is_refused(changes, error, message):
    right = {"size": 4, "mean": np.zeros(3, np.float32)}
    with pytest.raises(error, match=message):
        Preprocessing(**(right | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"color": "Paper"}, "none, paper, 2012, got 'Paper'"),
        ({"sigma": -0.1}, "sigma .* got -0.1"),
        ({"sigma": float("nan")}, "sigma .* got nan"),
        ({"eigenvalues": None}, r"with color '2012', got None and \(3, 3\)"),
        ({"eigenvectors": np.ones(3)}, r"got \(3,\) and \(3,\)"),
        ({"eigenvalues": [1, 2, -3]}, "eigenvalues to be 0 or more"),
        ({"eigenvalues": [1, np.nan, 1]}, "eigenvalues to be 0 or more"),
        ({"eigenvectors": np.ones((3, 3))}, "orthonormal"),
    ],
)
def test_a_wrong_augmentation_is_refused(changes, message):
    right = {"color": "2012", "eigenvalues": VALUES, "eigenvectors": VECTORS}
    with pytest.raises(ValueError, match=message):
        Augmentation(**(right | changes))


@pytest.mark.parametrize(
    ("pictures", "error", "message"),
    [
        (np.zeros((1, 3, 8, 8), np.float32), TypeError, "uint8, got float32"),
        ([[[[1]]]], TypeError, "uint8, got list"),
        (np.zeros((3, 8, 8), np.uint8), ValueError, r"got \(3, 8, 8\)"),
        (np.zeros((1, 8, 8, 3), np.uint8), ValueError, r"got \(1, 8, 8, 3\)"),
        (
            np.zeros((1, 3, 8, 5), np.uint8),
            ValueError,
            "at least 6 x 6 pixels, got 8 x 5",
        ),
    ],
)
def test_wrong_pictures_are_refused(pictures, error, message):
    p = plain(6)
    for take in (
        p.normalize,
        p.center,
        p.ten,
        lambda images: Augmentation()(images, p, np.random.default_rng(0)),
    ):
        with pytest.raises(error, match=message):
            take(pictures)


def test_normalize_takes_crops_alone():
    with pytest.raises(ValueError, match="crops of 6 x 6 pixels, got 6 x 7"):
        plain(6).normalize(np.zeros((1, 3, 6, 7), np.uint8))
