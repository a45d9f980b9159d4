"""The augmentation figure's script: what it draws is what the package does."""

import augmentation as figure
import numpy as np
import pytest
from PIL import Image

from minialexnet.data.augment import Augmentation
from minialexnet.data.preprocessing import Preprocessing


def test_a_crop_is_where_its_place_says():
    picture = figure.photograph()
    crops, places = figure.random_crops(np.repeat(picture, 4, axis=0), seed=0)
    assert len(set(places)) == 4 and {m for *_, m in places} == {True, False}
    for crop, (row, column, mirrored) in zip(crops, places, strict=True):
        there = picture[0, :, row : row + 224, column : column + 224]
        assert (crop == there[..., :: -1 if mirrored else 1]).all()


def test_the_ten_crops_are_the_corners_and_the_centre_and_their_mirror_images():
    plain = Preprocessing(figure.SIZE, np.zeros(3, np.float32))
    five = [(0, 0), (0, 32), (32, 0), (32, 32), (16, 16)]
    expected = [(*place, False) for place in five] + [(*place, True) for place in five]
    assert figure.places(plain.ten(figure.map_of_places(1))[0]) == expected


def test_the_colour_noise_is_one_colour_and_as_large_as_it_says():
    picture = np.repeat(figure.photograph(), 3, axis=0)
    values, vectors = figure.axes_of_colour(picture)
    mean = picture.mean(axis=(0, 2, 3))[:, None, None]
    centre = picture[..., 16:-16, 16:-16] - mean
    # Beside the crop's and the mirror's, which are not thrown, the same three dice.
    along = np.random.default_rng(5).standard_normal((3, 3))
    for color, size, shrink in (
        ("2012", 0.1 * np.sqrt(values), 1.1),
        ("paper", 0.1 * values / 255, 1),
        ("literal", 0.1 * values, 1),
    ):
        shown = figure.recoloured(picture, color, seed=5)
        shift = (shown - mean) * shrink - centre  # (3, 3, 224, 224)
        expected = (along * size) @ vectors.T
        np.testing.assert_allclose(
            shift, np.broadcast_to(expected[:, :, None, None], shift.shape), atol=0.01
        )
    augment = Augmentation(False, False, "2012", 0.1, values, vectors)
    np.testing.assert_allclose(augment.deviations(), 0.1 * np.sqrt(values))


def test_the_command_draws_and_refuses(tmp_path, capsys):
    assert figure.main(["--out", str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""
    with Image.open(tmp_path / "augmentation.png") as image:
        assert image.width == 1080
    assert (tmp_path / "augmentation.svg").read_text().rstrip().endswith("</svg>")
    assert figure.main(["--seed", "-1"]) == 2
    expected = "augmentation: expected a seed of 0 or more, got -1\n"
    assert capsys.readouterr().err == expected
    with pytest.raises(SystemExit):
        figure.main(["--help"])
