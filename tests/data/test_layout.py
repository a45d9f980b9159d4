import base64
import os
import random
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from minialexnet.data.layout import find_images
from minialexnet.data.picture import BYTES, ImageError, decode_image, read_image
from tests.support.pictures import (
    bomb,
    encoded,
    mutated,
    noise,
    photographs,
    png,
    write,
)


def decoded(content, side=8):
    return decode_image(content, "picture", side)


# ------------------------------------------------------------------- size and colours


@pytest.mark.parametrize("turned", [False, True])
def test_the_shorter_side_is_scaled_and_the_centre_is_taken(turned):
    # A ramp along the longer side. Of 64 x 40 the square is the columns 12 to 52, and
    # each of 20 pixels lies between two of them.
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8) * 3, (40, 64))
    ramp = np.stack([ramp, ramp // 2, 255 - ramp], axis=-1)
    picture = decoded(encoded(ramp.swapaxes(0, 1) if turned else ramp), side=20)
    assert picture.dtype == np.uint8 and picture.flags.c_contiguous
    along = picture.swapaxes(1, 2) if turned else picture
    expected = 3 * (12.5 + 2 * np.arange(20))
    for channel, values in zip(
        along, (expected, expected / 2, 255 - expected), strict=True
    ):
        assert np.abs(channel - values).max() <= 1
    assert (along == along[:, :1]).all()


def test_scaling_down_averages_over_all_pixels():
    checks = np.indices((64, 64)).sum(0) % 2 * 255
    picture = decoded(encoded(checks.astype(np.uint8)), side=16)
    assert np.abs(picture.astype(int) - 127).max() <= 2


def test_a_small_picture_is_scaled_up():
    assert (decoded(encoded(np.full((3, 2, 3), 77, np.uint8)), side=9) == 77).all()


@pytest.mark.parametrize(("width", "height"), [(12, 40), (40, 12)])
def test_a_picture_may_be_too_small_to_be_scaled_up(width, height):
    content = encoded(noise(0, width, height))
    assert decode_image(content, "x", 64, least=12).shape == (3, 64, 64)
    with pytest.raises(ImageError, match=f"least 13 .*{width} x {height}"):
        decode_image(content, "x", 64, least=13)


@pytest.mark.parametrize("width, height", [(16, 16), (16, 21), (22, 16)])
def test_pixels_of_the_right_size_are_not_touched(width, height):
    array = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    left, top = (width - 16) // 2, (height - 16) // 2
    expected = array[top : top + 16, left : left + 16].transpose(2, 0, 1)
    assert (decoded(encoded(array), side=16) == expected).all()


GREY = np.arange(64, dtype=np.uint8).reshape(8, 8) * 4


def test_grey_is_three_equal_channels():
    for content in encoded(GREY), png(GREY.astype(int) * 256 + 99, 16, 0):
        assert (decoded(content) == GREY).all()
    jpeg = decoded(encoded(GREY, "JPEG", quality=95)).astype(int)
    assert (jpeg == jpeg[:1]).all() and np.abs(jpeg - GREY).max() < 8


def test_black_and_white():
    content = encoded(Image.fromarray(GREY > 100))
    assert (decoded(content) == (GREY > 100) * 255).all()


def test_a_palette_gives_its_colours():
    image = Image.new("P", (8, 8), 1)
    image.putpalette([9, 9, 9, 10, 20, 30])
    assert (decoded(encoded(image)) == [[[10]], [[20]], [[30]]]).all()


def test_cmyk_gives_its_colours():
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    red = decoded(encoded(image, "JPEG", quality=95)).astype(int)
    assert np.abs(red - [[[255]], [[0]], [[0]]]).max() < 8


def test_sixteen_bits_of_colour_keep_the_high_byte():
    rows = np.array([10, 20, 30]) * 256 + np.full((8, 8, 1), 200)
    assert (decoded(png(rows, 16, 2)) == [[[10]], [[20]], [[30]]]).all()


def half_clear(array, alpha_type):
    """Return an array with an alpha channel: the left half is transparent."""
    alpha = np.full((8, 8), 255)
    alpha[:, :4] = 0
    return png(np.concatenate([array, alpha[..., None]], axis=-1), 8, alpha_type)


BLUE = np.array([0, 0, 200]) + np.zeros((8, 8, 1), int)
BLUE[:, :4] = [7, 7, 7]  # what lies beneath the transparent half


@pytest.mark.parametrize(
    "content, right",
    [
        pytest.param(half_clear(BLUE, 6), (0, 0, 200), id="RGB and alpha"),
        pytest.param(half_clear(BLUE[..., 2:], 4), (200,) * 3, id="grey and alpha"),
        pytest.param(
            png(BLUE, 8, 2, ("tRNS", struct.pack(">3H", 7, 7, 7))),
            (0, 0, 200),
            id="a colour that is clear",
        ),
        pytest.param(
            png(BLUE[..., 2], 8, 0, ("tRNS", struct.pack(">H", 7))),
            (200,) * 3,
            id="a grey that is clear",
        ),
        pytest.param(
            png(
                BLUE[..., 2] * 256 + 5, 16, 0, ("tRNS", struct.pack(">H", 7 * 256 + 5))
            ),
            (200,) * 3,
            id="a grey of 16 bits that is clear",
        ),
        pytest.param(
            png(
                BLUE * 256 + 5, 16, 2, ("tRNS", struct.pack(">3H", *[7 * 256 + 5] * 3))
            ),
            (0, 0, 200),
            id="a colour of 16 bits that is clear",
        ),
        pytest.param(
            png(
                BLUE[..., 2] // 200,
                8,
                3,
                ("PLTE", bytes([7, 7, 7, 0, 0, 200])),
                ("tRNS", b"\0"),
            ),
            (0, 0, 200),
            id="a clear colour of a palette",
        ),
    ],
)
def test_what_is_transparent_becomes_white(content, right):
    picture = decoded(content)
    assert (picture[:, :, :4] == 255).all()
    assert (picture[:, :, 4:] == np.reshape(right, (3, 1, 1))).all()


def test_half_transparent_is_half_white():
    rows = np.full((8, 8, 4), 100)
    rows[..., 3] = 51  # a fifth
    assert (
        np.abs(decoded(png(rows, 8, 6)).astype(int) - (0.2 * 100 + 0.8 * 255)).max() < 2
    )


# Where the standard says that a stored picture's first row and first column belong.
ORIENTATIONS = {
    1: lambda upright: upright,  # row: top, column: left
    2: lambda upright: upright[:, ::-1],  # top, right
    3: lambda upright: upright[::-1, ::-1],  # bottom, right
    4: lambda upright: upright[::-1],  # bottom, left
    5: lambda upright: upright.swapaxes(0, 1),  # left, top
    6: lambda upright: upright[:, ::-1].swapaxes(0, 1),  # right, top
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),  # right, bottom
    8: lambda upright: upright[::-1].swapaxes(0, 1),  # left, bottom
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_pictures_are_turned_upright(orientation):
    upright = noise(3, width=12, height=8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(ORIENTATIONS[orientation](upright))
    expected = upright[:, 2:10].transpose(2, 0, 1)
    assert (decoded(encoded(stored, exif=exif)) == expected).all()
    jpeg = decoded(encoded(stored, "JPEG", exif=exif, quality=100, subsampling=0))
    assert np.abs(jpeg.astype(int) - expected).max() < 12


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0junk",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01",
        b"Exif\0\0",
        b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\2\0\4\0\0\0top\0\0\0\0\0",
    ],
)
@pytest.mark.filterwarnings("ignore")  # Pillow's
def test_damaged_exif_turns_nothing(exif):
    array = noise(3, width=12, height=8)
    plain = decoded(encoded(array, "JPEG"))
    assert (decoded(encoded(array, "JPEG", exif=exif)) == plain).all()


# ------------------------------------------------------------------ what is no picture

JPEG, PNG = encoded(noise(0), "JPEG"), encoded(noise(0))


def taller(jpeg):
    """Return a JPEG file whose header claims 65,500 x 65,500 pixels."""
    start = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:start] + struct.pack(">HH", 65500, 65500) + jpeg[start + 4 :]


@pytest.mark.parametrize(
    "content, message",
    [
        pytest.param(b"", "expected the bytes of a JPEG or PNG, got none", id="empty"),
        pytest.param(
            b"<html>", "got 6 bytes that begin with b'<htm'", id="a page of the web"
        ),
        pytest.param(encoded(noise(0), "GIF"), "begin with b'GIF8'", id="GIF"),
        pytest.param(encoded(noise(0), "TIFF"), "begin with b'II", id="TIFF"),
        pytest.param(JPEG[:3], "got a damaged one", id="three bytes"),
        pytest.param(JPEG[:-100], "truncated", id="a JPEG cut short"),
        pytest.param(PNG[: len(PNG) // 2], "truncated", id="half a PNG"),
        pytest.param(
            PNG[:60] + bytes([PNG[60] ^ 1]) + PNG[61:], "damaged", id="a flipped bit"
        ),
        pytest.param(
            bomb(20000, 20000),
            "expected at most 90,000,000 pixels, got 20000 x 20000",
            id="a PNG bomb",
        ),
        pytest.param(
            bomb(9500, 9500), "pixels, got 9500 x 9500", id="one Pillow only warns of"
        ),
        pytest.param(
            bomb(6000, 6000, 16, 6), "of at most 270,000,000 bytes, got 288", id="deep"
        ),
        pytest.param(
            bomb(9000, 9000, 8, 6), "of at most 270,000,000 bytes, got 324", id="clear"
        ),
        pytest.param(taller(JPEG), "pixels, got 65500 x 65500", id="a JPEG bomb"),
        pytest.param(bomb(0, 5), "damaged", id="no pixels"),
    ],
)
def test_what_is_no_whole_picture_is_refused(tmp_path, content, message):
    path = tmp_path / "x.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=re.escape(message)) as error:
        read_image(path)
    assert str(error.value).startswith(f"{path}: expected ")


def test_a_large_file_is_refused_unread(tmp_path):
    path = tmp_path / "x.png"
    with path.open("wb") as file:
        file.truncate(BYTES + 1)
    with pytest.raises(ImageError, match="expected at most 268,435,456 bytes, got 268"):
        read_image(path)


def test_folders_pipes_and_links_to_themselves_are_refused(tmp_path):
    (tmp_path / "a.jpg").mkdir()
    os.mkfifo(tmp_path / "b.jpg")
    for name, what in ("a.jpg", "a folder"), ("b.jpg", "a pipe or device"):
        with pytest.raises(ImageError, match=f"{name}: expected a file, got {what}"):
            read_image(tmp_path / name)
    (tmp_path / "c.jpg").symlink_to("c.jpg")
    with pytest.raises(OSError, match=r"c\.jpg"):
        read_image(tmp_path / "c.jpg")


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    def refuse(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "x.png").write_bytes(PNG)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ImageError, match=r"x\.png: cannot be read: Permission denied"):
        read_image(tmp_path / "x.png")


def test_a_missing_file_is_another_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.jpg"):
        read_image(tmp_path / "none.jpg")


def test_a_name_cannot_drive_the_terminal():
    error = ImageError("a\x1b[2J\n.jpg", "expected more")
    assert str(error) == "a?[2J .jpg: expected more"
    assert len(str(ImageError("a" * 9999, "expected more"))) == 500


@pytest.mark.parametrize("count", [2000, pytest.param(20_000, marks=pytest.mark.slow)])
@pytest.mark.filterwarnings("ignore")  # Pillow's, of damaged EXIF
def test_damaged_files_are_read_or_refused(count):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a picture"
    palette = Image.fromarray(noise(1)).quantize(16)
    palette.info["transparency"] = 3
    originals = [
        encoded(noise(0), "JPEG", exif=exif),
        encoded(noise(1), "JPEG", progressive=True, dpi=(72, 72)),
        encoded(Image.fromarray(noise(2)).convert("CMYK"), "JPEG"),
        encoded(noise(3), exif=exif),
        encoded(palette),
        png(np.arange(64).reshape(8, 8) * 1000, 16, 0, ("tRNS", b"\0\7")),
    ]
    draw, refused = random.Random(2012), 0
    for number in range(count):
        content = mutated(originals[number % len(originals)], draw)
        try:
            picture = decoded(content)
        except ImageError as error:
            assert str(error).startswith("picture: expected ")
            refused += 1
        else:
            assert picture.shape == (3, 8, 8)
    assert count / 10 < refused < count


# ------------------------------------------------------------------ the class folders


def names(items):
    return [name for name, _ in items]


def test_plain_class_folders(tmp_path):
    photographs(tmp_path, ["dog", "cat"], 2)
    photographs(tmp_path, ["cat"], 1, suffix=".png")
    photographs(tmp_path, ["dog"], 1, suffix=".JpG")
    for other in "dog/notes.txt", "dog/.hidden.jpg", "readme.md", ".cache/x/x.jpg":
        write(tmp_path / other, b"no picture")
    found = find_images(tmp_path)
    assert found.classes == found.class_names == ("cat", "dog")
    assert found.train == (
        ("cat/cat_0.JPEG", 0),
        ("cat/cat_0.png", 0),
        ("cat/cat_1.JPEG", 0),
        ("dog/dog_0.JPEG", 1),
        ("dog/dog_0.JpG", 1),
        ("dog/dog_1.JPEG", 1),
    )
    assert (found.test, found.skipped, found.left_out) == ((), (), 0)


WNIDS = ["n02119789", "n01440764", "n02100735"]
FLAT = [f"ILSVRC2012_val_0000000{number}" for number in (1, 2, 3, 4)]
TRUTH = dict(
    zip(FLAT, ["n02100735", "n01440764", "n02119789", "n02100735"], strict=True)
)


@pytest.fixture
def imagenet(tmp_path):
    """ImageNet with four validation pictures that lie flat, without a list as yet."""
    photographs(tmp_path / "train", WNIDS, 2)
    for seed, stem in enumerate(FLAT):
        write(tmp_path / f"val/{stem}.JPEG", encoded(noise(seed), "JPEG"))
    return tmp_path


def assert_truth_is_found(folder):
    found = find_images(folder)
    assert found.classes == ("n01440764", "n02100735", "n02119789")
    assert names(found.train) == [
        f"train/{wnid}/{wnid}_{number}.JPEG"
        for wnid in sorted(WNIDS)
        for number in (0, 1)
    ]
    expected = [(f"val/{stem}.JPEG", found.classes.index(TRUTH[stem])) for stem in FLAT]
    assert sorted(found.test) == expected
    assert [label for _, label in found.test] == sorted(
        label for _, label in found.test
    )
    assert (found.skipped, found.left_out) == ((), 0)
    return found


def test_validation_pictures_in_class_folders(tmp_path):
    photographs(tmp_path / "train", WNIDS, 2)
    photographs(tmp_path / "val", WNIDS[1:], 1)
    (tmp_path / "val" / WNIDS[0]).mkdir()
    found = find_images(tmp_path)
    assert found.test == (
        ("val/n01440764/n01440764_0.JPEG", 0),
        ("val/n02100735/n02100735_0.JPEG", 1),
    )
    assert [error.name for error in found.skipped] == ["val/n02119789"]


@pytest.mark.parametrize("place", ["val", "."])
@pytest.mark.parametrize(
    "name, line",
    [
        ("val_annotations.txt", "{stem}.JPEG\t{wnid}\t0\t32\t44\t62\n"),
        ("LOC_val_solution.csv", "{stem},{wnid} 85 1 499 272 {wnid} 1 2 3 4 \n"),
        ("val.txt", "{stem}.JPEG {wnid}\n"),
        ("val.txt", "{stem}.JPEG {number}\n"),
    ],
)
def test_flat_validation_pictures_with_a_list(imagenet, place, name, line):
    lines = [
        line.format(stem=stem, wnid=wnid, number=sorted(WNIDS).index(wnid))
        for stem, wnid in reversed(TRUTH.items())
    ]
    header = "ImageId,PredictionString\n" if name.endswith("csv") else ""
    (imagenet / place / name).write_text(header + "".join(lines))
    assert_truth_is_found(imagenet)


# What scipy.io.savemat wrote of the struct array "synsets" with the fields
# ILSVRC2012_ID, WNID, words, gloss, num_children, children, wordnet_height and
# num_train_images, compressed, with the classes above as 1, 2 and 3.
META_MAT = bytes(128) + base64.b64decode(
    "DwAAADEAAAB4nONjYGCIAGI2IOaA0iDACuUzQTEjVCy/JCO1CEhzArECAwx8sGfACj7YAwC6"
    "PwU7DwAAACwBAAB4nONjYGBYwMbAAEQMHEDMxAABrFA+MxAzQjE7EBdX5hWnlhQD5VkYBKHi"
    "HUDs6RMcFuRsZGBoFO/pAjIg3A9Cw0F5flFKMbJAek5+MYpAXmlufHJGZk5KUWoeWACFAzMj"
    "L7UkPiM1Mz2jBKqlpCgxMy8+MzcxPbWYgQ8oaMGA8A8bmn8YkTAIcELFIeCDPUi/A5J+Fiz6"
    "OZH0C0D5eQZGhoaW5haWUHGQOR4EzJFAMwfEz84sUUjLr9BRCCvNKUgtVshNTC7KL8ksRvcX"
    "NvNY0cwD8RNBpkHdY4Ckn5NAuDBBWej6sIUnA1p4YtNHrn3cBPSxAHWKsJJnHxPUPgcC4Yo9"
    "vg1NTAzMzUyQ/Dsa34M7vpkZKIlvI0MDA3NjUyT/jsY3/eIbACuYVgo="
)


def devkit(folder, numbers=(3, 2, 1, 3)):
    """Write the development kit's list and what its numbers mean."""
    text = "".join(f"{number}\n" for number in numbers)
    name = "ILSVRC2012_validation_ground_truth.txt"
    write(folder / name, text.encode())
    write(folder / "meta.mat", META_MAT)


@pytest.mark.parametrize("place", ["val", ".", "ILSVRC2012_devkit_t12/data"])
def test_flat_validation_pictures_with_the_development_kit(imagenet, place):
    devkit(imagenet / place)
    assert_truth_is_found(imagenet)


def test_the_development_kits_list_of_numbers_as_text(imagenet):
    devkit(imagenet)
    write(imagenet / "meta.mat", b"something else")
    lines = [f"{wnid} {number} some_words\n" for number, wnid in enumerate(WNIDS, 1)]
    write(imagenet / "map_clsloc.txt", "".join(lines).encode())
    assert_truth_is_found(imagenet)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", META_MAT[:200], META_MAT[:150] + b"?" + META_MAT[151:], bytes(400)],
    ids=["empty", "short", "cut", "flipped", "zeros"],
)
def test_a_damaged_development_kit_is_refused(imagenet, content):
    devkit(imagenet)
    write(imagenet / "meta.mat", content)
    with pytest.raises(ValueError, match=r"meta\.mat: expected the synsets"):
        find_images(imagenet)


def test_numbers_without_their_meaning_are_refused(imagenet):
    devkit(imagenet)
    (imagenet / "meta.mat").unlink()
    with pytest.raises(FileNotFoundError, match=r"expected meta\.mat or map_clsloc"):
        find_images(imagenet)


@pytest.mark.parametrize(
    "numbers, message",
    [
        ((3, 2, 1), "expected a number for each of the 4 pictures in .*val, got 3"),
        ((3, 2, 1, 9), r"truth\.txt:4: expected the number of a class, got 9"),
        ((3, 2, 1, "x"), r"truth\.txt:4: expected the number of a class, got 'x'"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(imagenet, numbers, message):
    devkit(imagenet, numbers)
    with pytest.raises(ValueError, match=message):
        find_images(imagenet)


def test_numbers_of_classes_that_are_not_there_are_refused(imagenet):
    (imagenet / "val.txt").write_text(f"{FLAT[0]}.JPEG 1\n{FLAT[1]}.JPEG 3\n")
    with pytest.raises(ValueError, match="class folders for its numbers, got 3 with 3"):
        find_images(imagenet)


def test_flat_validation_pictures_without_a_list_are_refused(imagenet):
    with pytest.raises(ValueError, match="val: expected class folders, or the list"):
        find_images(imagenet)


def test_validation_pictures_of_other_classes_or_none_are_left_out(imagenet):
    lines = [f"{stem}.JPEG {wnid}\n" for stem, wnid in TRUTH.items()]
    (imagenet / "val.txt").write_text("".join(lines[:3]))
    (imagenet / "train" / "n02119789").rename(imagenet / "elsewhere")
    found = find_images(imagenet)
    assert names(found.test) == [f"val/{FLAT[1]}.JPEG", f"val/{FLAT[0]}.JPEG"]
    assert found.left_out == 1
    assert [error.name for error in found.skipped] == [f"val/{FLAT[3]}.JPEG"]


def tiny(folder):
    """Write Tiny ImageNet's layout: three classes listed, two of them there."""
    for wnid in WNIDS[:2]:
        for number in range(2):
            picture = encoded(noise(number, 64, 64), "JPEG")
            write(folder / f"train/{wnid}/images/{wnid}_{number}.JPEG", picture)
        write(folder / f"train/{wnid}/{wnid}_boxes.txt", b"")
    lines = []
    for number, wnid in enumerate(WNIDS[::-1]):
        picture = encoded(noise(number, 64, 64), "JPEG")
        write(folder / f"val/images/val_{number}.JPEG", picture)
        lines.append(f"val_{number}.JPEG\t{wnid}\t0\t32\t44\t62\n")
    (folder / "val/val_annotations.txt").write_text("".join(lines))
    (folder / "wnids.txt").write_text("\n".join(WNIDS))
    (folder / "words.txt").write_text(
        "n00001740\tentity\nn01440764\ttench, Tinca tinca\n"
    )


def test_tiny_imagenet(tmp_path):
    tiny(tmp_path)
    found = find_images(tmp_path)
    assert found.classes == ("n02119789", "n01440764")  # in the order of wnids.txt
    assert found.class_names == ("n02119789", "tench, Tinca tinca")
    assert found.train == (
        ("train/n02119789/images/n02119789_0.JPEG", 0),
        ("train/n02119789/images/n02119789_1.JPEG", 0),
        ("train/n01440764/images/n01440764_0.JPEG", 1),
        ("train/n01440764/images/n01440764_1.JPEG", 1),
    )
    assert found.test == (("val/images/val_2.JPEG", 0), ("val/images/val_1.JPEG", 1))
    assert (found.skipped, found.left_out) == ((), 1)


def test_a_class_that_wnids_does_not_list_is_refused(tmp_path):
    tiny(tmp_path)
    (tmp_path / "wnids.txt").write_text(WNIDS[0])
    with pytest.raises(ValueError, match="every class folder in it, n01440764 is not"):
        find_images(tmp_path)


@pytest.mark.parametrize("name", ["synset_words.txt", "LOC_synset_mapping.txt"])
def test_words_for_the_classes(imagenet, name):
    devkit(imagenet)
    (imagenet / name).write_text("n02119789 kit fox, Vulpes macrotis\n")
    assert find_images(imagenet).class_names[2] == "kit fox, Vulpes macrotis"


def test_what_bears_a_pictures_name_but_is_none_is_named(tmp_path):
    photographs(tmp_path, ["cat"], 1)
    (tmp_path / "cat" / "folder.jpg").mkdir()
    (tmp_path / "cat" / "gone.png").symlink_to("nowhere")
    (tmp_path / "cat" / "loop.png").symlink_to("loop.png")
    (tmp_path / "cat" / "good.png").symlink_to("cat_0.JPEG")
    (tmp_path / "empty").mkdir()
    (tmp_path / "lonely.jpg").write_bytes(b"")
    (tmp_path / "loop").symlink_to("loop")
    found = find_images(tmp_path)
    assert names(found.train) == ["cat/cat_0.JPEG", "cat/good.png"]
    assert [(error.name, error.why) for error in found.skipped] == [
        ("cat/folder.jpg", "expected a file, got a folder"),
        ("cat/gone.png", "cannot be read: No such file or directory"),
        ("cat/loop.png", "cannot be read: Too many levels of symbolic links"),
        ("empty", "is a class folder without pictures"),
        ("loop", "is a link that leads nowhere"),
        ("lonely.jpg", "lies in no class folder"),
    ]


def test_a_folder_that_leads_back_ends(tmp_path):
    photographs(tmp_path, ["cat"], 1)
    (tmp_path / "cat" / "images").symlink_to("..")
    (tmp_path / "self").symlink_to(".")
    found = find_images(tmp_path)
    assert names(found.train) == ["cat/cat_0.JPEG"]
    nested = ["cat/images/cat", "cat/images/self", "self/cat", "self/self"]
    assert [error.name for error in found.skipped] == [*nested, "self"]


def test_folders_without_pictures_are_refused(tmp_path):
    with pytest.raises(NotADirectoryError, match="none: expected a folder of pictures"):
        find_images(tmp_path / "none")
    with pytest.raises(ValueError, match="expected folders of JPEG or PNG pictures"):
        find_images(tmp_path)
    photographs(tmp_path / "val", ["cat"], 1)
    with pytest.raises(ValueError, match="expected the folder train beside val"):
        find_images(tmp_path)


# ---------------------------------------------------- what others make of such folders


def skipped(found):
    return {error.name: error.why for error in found.skipped}


def test_tiny_imagenets_val_moved_into_class_folders(tmp_path):
    """In two forms that are often seen; the list of labels is left beside them."""
    tiny(tmp_path)
    for number, wnid in enumerate(WNIDS[::-1]):
        path = tmp_path / f"val/images/val_{number}.JPEG"
        inside = f"val/{wnid}/images" if number % 2 else f"val/images/{wnid}"
        write(tmp_path / inside / path.name, path.read_bytes())
        path.unlink()
    for name in "._val_1.JPEG", ".DS_Store":
        write(tmp_path / "val" / WNIDS[1] / "images" / name, b"")
    found = find_images(tmp_path)
    assert found.test == (
        (f"val/images/{WNIDS[0]}/val_2.JPEG", 0),
        (f"val/{WNIDS[1]}/images/val_1.JPEG", 1),
    )
    assert (found.skipped, found.left_out) == ((), 1)


def test_a_stray_picture_beside_vals_class_folders(tmp_path):
    photographs(tmp_path / "train", ["cat", "dog"], 1)
    photographs(tmp_path / "val", ["cat", "dog"], 1)
    write(tmp_path / "val/stray.jpg", encoded(noise(0), "JPEG"))
    found = find_images(tmp_path)
    assert names(found.test) == ["val/cat/cat_0.JPEG", "val/dog/dog_0.JPEG"]
    assert skipped(found) == {"val/stray.jpg": "lies in no class folder"}
    (tmp_path / "val.txt").write_text("stray.jpg dog\n")
    found = find_images(tmp_path)
    assert found.test[2] == ("val/stray.jpg", 1)
    assert found.skipped == ()


def test_a_folder_images_is_no_class(tmp_path):
    photographs(tmp_path, ["cat", "dog"], 1)
    write(tmp_path / "images/loose.jpg", encoded(noise(0), "JPEG"))
    found = find_images(tmp_path)
    assert found.classes == ("cat", "dog")
    assert skipped(found) == {"images/loose.jpg": "lies in no class folder"}


def test_class_folders_may_lie_in_a_folder_images(tmp_path):
    photographs(tmp_path / "images", ["cat", "dog"], 1)
    photographs(tmp_path, ["cat"], 2)
    found = find_images(tmp_path)
    assert names(found.train) == [
        *("cat/cat_0.JPEG", "cat/cat_1.JPEG", "images/cat/cat_0.JPEG"),
        "images/dog/dog_0.JPEG",
    ]


def test_pictures_in_one_folder_without_classes_are_refused(tmp_path):
    write(tmp_path / "train/images/1.jpg", encoded(noise(0), "JPEG"))
    with pytest.raises(ValueError, match="expected folders of JPEG or PNG pictures"):
        find_images(tmp_path)


@pytest.mark.parametrize("name", ["test", "valid", "validation", "Val", "dev"])
def test_test_pictures_under_another_name_are_not_lost_in_silence(tmp_path, name):
    photographs(tmp_path / "train", ["cat"], 1)
    photographs(tmp_path / name, ["cat"], 1)
    found = find_images(tmp_path)
    why = "is passed over, test pictures are expected in val"
    assert (found.test, skipped(found)) == ((), {name: why})
    # Beside val, pictures whose labels are kept secret are usual.
    photographs(tmp_path / "val", ["cat"], 1)
    assert (len(find_images(tmp_path).test), find_images(tmp_path).skipped) == (1, ())


def test_train_under_another_name_is_named(tmp_path):
    photographs(tmp_path / "Train", ["cat"], 1)
    photographs(tmp_path / "Valid", ["cat"], 1)
    message = r"got none \(and train and val by these names, got Train, Valid\)"
    with pytest.raises(ValueError, match=message):
        find_images(tmp_path)


def test_val_without_pictures_is_named(tmp_path):
    photographs(tmp_path / "train", ["cat"], 1)
    (tmp_path / "val").mkdir()
    found = find_images(tmp_path)
    assert skipped(found) == {"val": "expected pictures in it, got none"}


def test_what_may_be_meant_as_a_picture_is_named(tmp_path):
    photographs(tmp_path, ["cat"], 1)
    picture = encoded(noise(0), "JPEG")
    for name in "a.jfif", "b.JPE", "n01440764_1", "c.webp":
        write(tmp_path / "cat" / name, picture)
    write(tmp_path / "cat/young/1.jpg", picture)
    write(tmp_path / "cat/images/more/1.jpg", picture)
    for name in "notes.txt", "boxes.xml", ".hidden", "._cat_0.JPEG":
        write(tmp_path / "cat" / name, b"")
    ending = "expected a name that ends in .jpeg, .jpg or .png"
    folder = "is a folder inside a class folder, it is not looked into"
    assert skipped(find_images(tmp_path)) == {
        "cat/a.jfif": ending,
        "cat/b.JPE": ending,
        "cat/c.webp": ending,
        "cat/n01440764_1": ending,
        "cat/young": folder,
        "cat/images/more": folder,
    }


def test_a_folder_that_may_not_be_listed_is_named(tmp_path, monkeypatch):
    photographs(tmp_path, ["cat", "dog"], 1)
    listdir = os.listdir

    def refuse(folder):
        if Path(folder).name == "dog":
            raise PermissionError(13, "Permission denied", str(folder))
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", refuse)
    found = find_images(tmp_path)
    assert found.classes == ("cat",)
    assert skipped(found)["dog"] == "cannot be listed: Permission denied"
