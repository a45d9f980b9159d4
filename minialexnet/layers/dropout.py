"""Dropout."""

from math import prod

from ..engine.arrays import Array, get_array_module
from ..engine.philox import philox4x32
from ..engine.twin import twin
from .base import Layer
from .refuse import takes, takes_gradient
from .refuse_numbers import whole

__all__ = ["Dropout"]


@twin
def dropout_mask(
    x: Array, threshold: int, seed: int, step: int, first_sample: int, first_unit: int
) -> Array:
    """Return True where a unit of x, (N, ...), is kept: a bool array of its shape.

    A unit is kept where its random word, from 0 to 2**32 - 1, is at least `threshold`.
    """
    xp = get_array_module(x)
    N, units = x.shape[0], prod(x.shape[1:])
    # One counter gives four words, for four neighbouring units of one example.
    blocks = first_unit // 4, (first_unit + units + 3) // 4
    block = xp.arange(*blocks, dtype=xp.uint64)
    sample = xp.arange(first_sample, first_sample + N, dtype=xp.uint64)[:, None]
    words = philox4x32([block, sample, step, 0], seed)  # four of (N, blocks)
    word = xp.stack(words, axis=-1).reshape(N, -1)  # (N, 4 * blocks)
    start = first_unit % 4
    return (word[:, start : start + units] >= threshold).reshape(x.shape)


class Dropout(Layer):
    """Set each output to zero by a coin's toss (Krizhevsky et al. 2012, section 4.2).

    In training y = x * mask, the mask 0 with `drop_probability`, else 1. In testing
    every unit is used and y = x * (1 - drop_probability): the paper halves its
    outputs. With `inverted` the training output is divided by (1 - drop_probability)
    instead and testing leaves x as it is, the form of Caffe and PyTorch. An infinite x
    or dy times a mask of 0 is NaN, there as here.

    The mask of a unit hangs on the seed, the training step, and the places of the
    example in the batch and of the unit in the layer, and on nothing else: it is the
    same on NumPy and CuPy, and the same when a batch or a layer is split in parts that
    say where they begin.

    Parameters
    ----------
    drop_probability : float
        At least 0, below 1.
    inverted : bool
    seed : int
        Give each dropout layer of a network its own.
    first_sample, first_unit : int
        Where this part begins in the whole batch and in the whole layer.

    Examples
    --------
    >>> import numpy as np
    >>> dropout = Dropout(0.5)
    >>> dropout.forward(np.ones((1, 4)), train=False).tolist()
    [[0.5, 0.5, 0.5, 0.5]]
    """

    kind = "dropout"

    def __init__(
        self,
        drop_probability: float = 0.5,
        inverted: bool = False,
        *,
        seed: int = 0,
        first_sample: int = 0,
        first_unit: int = 0,
    ) -> None:
        super().__init__()
        if not 0 <= drop_probability < 1:
            raise ValueError(
                f"expected 0 <= drop_probability < 1, got {drop_probability}"
            )
        if not 0 <= seed < 1 << 64:
            raise ValueError(f"expected a seed from 0 to 2**64 - 1, got {seed}")
        self.drop_probability, self.inverted = drop_probability, inverted
        self.seed = whole(seed, "seed", 0)
        self.first_sample = whole(first_sample, "first_sample", 0)
        self.first_unit = whole(first_unit, "first_unit", 0)
        self.state = {"step": 0}

    @takes()
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, of the shape and dtype of x, (N, ...); training moves a step on."""
        keep = 1 - self.drop_probability
        self._factor: Array | float
        if train:
            scale = 1 / keep if self.inverted else 1
            self._factor = self._mask(x).astype(x.real.dtype) * scale
            self.state["step"] += 1
        else:
            self._factor = 1 if self.inverted else keep
        return x * self._factor

    @takes_gradient
    def backward(self, dy: Array) -> Array:
        """Return dx = dy times what forward multiplied x with."""
        # dx
        return dy * self._factor

    def _mask(self, x: Array) -> Array:
        """Return True where a unit is kept, in the shape of x."""
        threshold, step = int(self.drop_probability * 2**32), self.state["step"]
        place = self.first_sample, self.first_unit
        return dropout_mask(x, threshold, self.seed, step, *place)
