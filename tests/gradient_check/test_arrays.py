"""Which arrays the gradient check takes."""

import numpy as np
import pytest

from minialexnet.gradient_check import (
    check_layer,
)
from tests.support.geometries import normal
from tests.support.small_layers import Scale, Square


@pytest.mark.parametrize("dtype", ["int64", "complex128", "bool"])
def test_only_real_floats_are_taken(dtype):
    with pytest.raises(TypeError, match=f"expected x of real .* got {dtype}"):
        check_layer(Square(), np.ones((2, 3), dtype))
    layer = Scale()
    layer.params["w"] = np.ones(3, dtype)
    with pytest.raises(TypeError, match=f"expected w of real .* got {dtype}"):
        check_layer(layer, normal(0, 2, 3))


def test_an_array_without_elements_is_refused():
    with pytest.raises(ValueError, match=r"expected x with elements, got .*\(0, 3\)"):
        check_layer(Square(), np.ones((0, 3)))
