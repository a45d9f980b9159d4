"""JPEG files that were cut, or that are built to take long."""

import base64

import numpy as np
import pytest
from PIL import Image

from minialexnet.data.picture import ImageError, decode_image
from tests.support.pictures import encoded, noise

START_OF_SCAN, END = b"\xff\xda", b"\xff\xd9"


def grainy(seed, width, height):
    grain = np.random.default_rng(seed).integers(-20, 20, (height, width, 3))
    return np.clip(noise(seed, width, height) + grain, 0, 255).astype(np.uint8)


def cut(jpeg, share):
    """Return a share of a file's pixels, with an end marker behind it."""
    start = jpeg.index(START_OF_SCAN)
    return jpeg[: start + int((len(jpeg) - start) * share)].rstrip(b"\xff") + END


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"subsampling": 0},
        {"optimize": True, "quality": 20},
        {"restart_marker_blocks": 1},
        {"restart_marker_rows": 1},
        {"progressive": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [(41, 30), (160, 121), (17, 16), (300, 200)])
def test_a_file_cut_before_its_end_marker_is_refused(options, size):
    whole = encoded(grainy(1, *size), "JPEG", **options)
    decode_image(whole, "whole", 8)
    for share in 0.1, 0.5, 0.9:
        with pytest.raises(ImageError, match="cut: expected a whole JPEG"):
            decode_image(cut(whole, share), "cut", 8)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_cut_is_seen_in_other_colours(mode):
    whole = encoded(Image.fromarray(grainy(2, 200, 150)).convert(mode), "JPEG")
    decode_image(whole, "whole", 8)
    with pytest.raises(ImageError, match="whose pixels were cut"):
        decode_image(cut(whole, 0.5), "cut", 8)


def test_a_cut_is_seen_at_the_end_of_a_large_picture():
    whole = encoded(grainy(5, 600, 480), "JPEG", quality=95)
    with pytest.raises(ImageError, match="whose pixels were cut"):
        decode_image(cut(whole, 0.97), "cut", 8)


# What cjpeg -arithmetic made of 16 grey pixels a side, zeros at the end left out.
ARITHMETIC = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwg"
    "JC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/yQALCAAQABABAREA/8wABgAQEAX/2gAIAQEAAD8A"
    "/db3y6uVi8QmHEYba6ohLU33svrey6Q2/9k="
)


def test_a_whole_file_of_arithmetic_codes_is_read():
    assert decode_image(ARITHMETIC, "x", 8).shape == (3, 8, 8)


@pytest.mark.parametrize("behind", [b"", b"\n", bytes(100), b"more" + END])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=str)
def test_a_whole_file_that_ends_in_one_colour_is_read(behind, options):
    array = grainy(3, 200, 150)
    array[100:] = 255
    content = encoded(array, "JPEG", **options)
    assert (
        decode_image(content + behind, "x", 8) == decode_image(content, "x", 8)
    ).all()


def test_thumbnails_inside_are_no_scans():
    array = grainy(4, 300, 200)
    array[100:] = 255
    thumbnails = START_OF_SCAN * 25_000 + encoded(noise(0), "JPEG")
    content = encoded(array, "JPEG", comment=thumbnails)
    assert (
        decode_image(content, "x", 8) == decode_image(encoded(array, "JPEG"), "x", 8)
    ).all()


def test_hundreds_of_scans_are_refused_unread():
    """A few kB that would take a minute."""
    jpeg = encoded(Image.new("L", (4000, 4000)), "JPEG", progressive=True)
    last = jpeg[jpeg.rindex(START_OF_SCAN) : -2]
    content = jpeg[:-2] + last * 200 + END
    message = r"pixels times scans to be at most 1,200,000,000, got 3,296,000,000"
    with pytest.raises(ImageError, match=message):
        decode_image(content, "x", 8)
    small = encoded(Image.new("L", (40, 40)), "JPEG", progressive=True)
    decode_image(small[:-2] + last * 200 + END, "x", 8)
