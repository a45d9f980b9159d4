"""What may differ between networks that go by the name of AlexNet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One way of building AlexNet; read two of them line by line to see what differs.

    Attributes
    ----------
    source : str
        Where it is described.
    input_size : int
        Pixels of a side that the network was made for.
    kernels : five of int
        Of conv1 to conv5, both towers together.
    padding : five of int
        Pixels on each side of conv1 to conv5.
    conv_ceil_mode, pool_ceil_mode : bool
        Whether sizes are rounded up, as in the 2012 code; the pooling's may be five, of
        what follows conv1 to conv5.
    after : five of tuple of str
        What follows each convolution, in order: "relu", "lrn" (across channels),
        "space" (normalisation within a map) and "pool" (max, 3/2).
    removed : tuple of str
        Layers left out: "conv2" to "conv5" with all that follows but the pooling,
        "fc6" and "fc7" with their ReLU and dropout.
    two_towers : bool
        Whether conv2, conv4 and conv5 see their own half of the channels only.
    exchange : bool
        Whether conv3 sees both towers; if not, they meet at fc6 (the 2012 run 150).
    lrn_k, lrn_alpha, lrn_divided, lrn_own_tower
        Constants of the normalisation; n = 5 and beta = 0.75 in all. `lrn_divided`:
        alpha / n is used. `lrn_own_tower`: neighbours are the same tower's maps only.
        None where the network has no normalisation.
    conv_sigma : five of float
    fc_sigma : three of float
        Standard deviations of the initial weights. torchvision draws them otherwise,
        by PyTorch's default; here they are the paper's.
    ones : float
        Initial bias of conv2, conv4, conv5, fc6 and fc7; 0 elsewhere.
    dropout : float
        Probability that a unit of fc6 or fc7 is dropped.
    dropout_first : bool
        Dropout on the input of fc6 and fc7 instead of on their output.
    dropout_inverted : bool
        Divide by the keeping probability in training, not multiply in testing.
    bias_rate, bias_decay : float
        What a bias's learning rate and weight decay are multiplied with.
    """

    source: str
    input_size: int = 224
    kernels: tuple[int, ...] = (96, 256, 384, 384, 256)
    padding: tuple[int, ...] = (0, 2, 1, 1, 1)
    conv_ceil_mode: bool = True
    pool_ceil_mode: bool | tuple[bool, ...] = True
    after: tuple[tuple[str, ...], ...] = (
        ("relu", "lrn", "pool"),
        ("relu", "lrn", "pool"),
        ("relu",),
        ("relu",),
        ("relu", "pool"),
    )
    removed: tuple[str, ...] = ()
    two_towers: bool = True
    exchange: bool = True
    lrn_k: float | None = 2
    lrn_alpha: float | None = 1e-4
    lrn_divided: bool | None = False
    lrn_own_tower: bool | None = False
    conv_sigma: tuple[float, ...] = (0.01,) * 5
    fc_sigma: tuple[float, ...] = (0.01,) * 3
    ones: float = 1
    dropout: float = 0.5
    dropout_first: bool = False
    dropout_inverted: bool = False
    bias_rate: float = 1
    bias_decay: float = 1
