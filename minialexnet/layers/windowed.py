"""What layers with windows share: their geometry."""

from ..windows import Pair, Windows
from .base import Layer, Shape


class WindowedLayer(Layer):
    """A layer whose output has a value for each window on the input.

    Attributes
    ----------
    windows : Windows
        Kernel size, stride, padding and rounding; everything is computed from it.
    """

    windows: Windows

    @property
    def kernel_size(self) -> tuple[int, int]:
        """KH and KW, in pixels."""
        return self.windows.kernel_size

    @property
    def stride(self) -> tuple[int, int]:
        """How many pixels apart windows are, height first."""
        return self.windows.stride

    @property
    def padding(self) -> tuple[int, int]:
        """Pixels outside the image on each side, height first."""
        return self.windows.padding

    @property
    def ceil_mode(self) -> bool:
        """Whether a last window that hangs over the edge is counted."""
        return self.windows.ceil_mode


class Pooling2D(WindowedLayer):
    """A layer that makes one number of each window of each channel."""

    kind = "pool"

    def __init__(
        self,
        kernel_size: Pair = 3,
        stride: Pair = 2,
        padding: Pair = 0,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.windows = Windows.of(kernel_size, stride, padding, ceil_mode)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"expected padding of at most half the kernel {self.kernel_size}, "
                f"got {self.padding}: a window could see nothing but padding"
            )

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, OH, OW) for an input of (C, H, W)."""
        if len(shape) != 3:
            name = type(self).__name__
            raise ValueError(f"{name} expected an input (C, H, W), got shape {shape}")
        C, H, W = shape
        return (C, *self.windows.output_size(H, W))
