"""A decoded picture set upright, and its colours made red, green and blue."""

import numpy as np
from PIL import ExifTags, Image

STRIP = 1 << 18  # pixels of which several copies are in memory

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
        return _over_white(image)
    return image.convert("RGB")


def _over_white(image: Image.Image) -> Image.Image:
    """Lay a picture that is transparent on white, some rows at a time."""
    result = Image.new("RGB", image.size)
    rows = max(1, STRIP // image.width)
    for top in range(0, image.height, rows):
        box = (0, top, image.width, min(top + rows, image.height))
        strip = image.crop(box).convert("RGBA")
        white = Image.new("RGBA", strip.size, "white")
        result.paste(Image.alpha_composite(white, strip).convert("RGB"), box)
    return result
