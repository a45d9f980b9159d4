"""What the property tests draw: shapes and windows, and arrays built from a seed."""

import dataclasses

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

seeds = st.integers(0, 2**32 - 1)


@dataclasses.dataclass(frozen=True)
class Geometry:
    """An input shape and the windows that go over it."""

    shape: tuple[int, int, int, int]
    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    ceil_mode: bool

    @property
    def windows(self):
        """The windows as the layers and the oracles take them, after the shape."""
        return self.kernel_size, self.stride, self.padding, self.ceil_mode


@st.composite
def geometries(draw, padding_share=1.0):
    """Draw a Geometry with at least one window.

    The padding is at most `padding_share` of the kernel.
    """

    ceil_mode = draw(st.booleans())

    def axis():
        kernel, stride = draw(st.integers(1, 4)), draw(st.integers(1, 4))
        padding = draw(st.integers(0, int(kernel * padding_share)))
        # Rounded up, even a picture smaller than the kernel has its one window.
        smallest = 1 if ceil_mode else max(1, kernel - 2 * padding)
        size = draw(st.integers(smallest, kernel + 4))
        return size, kernel, stride, padding

    sizes, kernel, stride, padding = zip(axis(), axis(), strict=True)
    batch, channels = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    return Geometry((batch, channels, *sizes), kernel, stride, padding, ceil_mode)


# The geometries that every run tries, whatever else it draws: the paper's 3/2
# overlapping windows rounded down and up, a padded one over a picture that is not
# square, conv1's rounding up, seen small, and a picture smaller than the kernel.
ALWAYS = (
    Geometry((1, 2, 7, 7), (3, 3), (2, 2), (0, 0), False),
    Geometry((2, 1, 8, 6), (3, 3), (2, 2), (0, 0), True),
    Geometry((1, 2, 5, 8), (3, 2), (2, 1), (1, 1), False),
    Geometry((1, 1, 10, 13), (5, 5), (3, 3), (2, 1), True),
    Geometry((1, 2, 2, 5), (3, 3), (1, 1), (0, 1), True),
)


def over_geometries(padding_share=1.0):
    """Run a test of (geometry, seed, ...) over ALWAYS and over what is drawn."""

    def decorate(test):
        for geometry in ALWAYS:
            test = example(geometry=geometry, seed=1)(test)
        return given(geometry=geometries(padding_share), seed=seeds)(test)

    return decorate


def normal(seed, *shape):
    """Return standard normal float64 numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


def distinct(seed, *shape):
    """Return numbers on both sides of 0, all at least 0.1 apart and away from it."""
    size = int(np.prod(shape))
    places = np.random.default_rng(seed).permutation(size) - size / 2 + 0.25
    return (places * 0.1 + np.where(places > 0, 0.05, -0.05)).reshape(shape)


def whole(seed, *shape):
    """Return whole numbers as float64, so that sums in any order are equal."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def on(xp, layer, dtype="float64"):
    """Return the layer with its parameters as arrays of `xp`."""
    leaves = (
        [leaf for _, leaf in layer.leaves()] if hasattr(layer, "leaves") else [layer]
    )
    for leaf in leaves:
        leaf.params = {k: xp.asarray(v, dtype=dtype) for k, v in leaf.params.items()}
    return layer
