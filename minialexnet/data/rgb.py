"""A decoded picture set upright, and its colours made red, green and blue."""

from __future__ import annotations

import numpy as np
from PIL import ExifTags, Image

__all__ = ["to_rgb", "upright"]

TURNS = {  # what sets a picture upright, by its EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(image: Image.Image) -> Image.Image:
    """Turn a picture as its EXIF orientation says."""
    turn = TURNS.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; 1, upright, where there is none to be read."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF beside sound pixels, as in some of ImageNet
        return 1


def to_rgb(image: Image.Image) -> Image.Image:
    """Return the picture in RGB, over white where it is transparent."""
    clear = image.info.get("transparency")
    if image.mode.startswith("I"):  # greyscale of 16 bits, which convert would clip
        grey = np.asarray(image)
        high = (grey >> 8).astype(np.uint8)
        high[grey == (-1 if clear is None else clear)] = 255
        return Image.fromarray(high).convert("RGB")
    if image.mode == "RGB" and isinstance(clear, tuple) and max(clear) > 255:
        # 16 bits a channel, of which Pillow has kept the high byte.
        image.info["transparency"] = tuple(value >> 8 for value in clear)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")
