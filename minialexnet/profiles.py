"""How the paper's network and its four descendants differ, line by line."""

from __future__ import annotations

from dataclasses import dataclass, fields

__all__ = ["PROFILES", "Profile", "compare_profiles"]


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
        Whether sizes are rounded up, as in the 2012 code.
    after : five of tuple of str
        What stands behind each convolution, in order: "relu", "lrn" (across
        channels), "space" (normalisation within a map) and "pool" (max, 3/2).
    two_towers : bool
        Whether conv2, conv4 and conv5 see their own half of the channels only.
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
    pool_ceil_mode: bool = True
    after: tuple[tuple[str, ...], ...] = (
        ("relu", "lrn", "pool"),
        ("relu", "lrn", "pool"),
        ("relu",),
        ("relu",),
        ("relu", "pool"),
    )
    two_towers: bool = True
    lrn_k: float | None = 2
    lrn_alpha: float | None = 1e-4
    lrn_divided: bool | None = False
    lrn_own_tower: bool | None = False
    conv_sigma: tuple[float, ...] = (0.01,) * 5
    fc_sigma: tuple[float, ...] = (0.01,) * 3
    ones: float = 1
    dropout_first: bool = False
    dropout_inverted: bool = False
    bias_rate: float = 1
    bias_decay: float = 1


PROFILES = {
    # 224 pixels make 55 outputs only where the last window may hang over the edge.
    "paper": Profile("Krizhevsky et al. 2012, sections 3.5 and 5"),
    "2012": Profile(
        "the 2012 code's own layer file, number 145",
        after=(
            ("lrn", "pool", "relu"),
            ("relu", "lrn", "space", "pool"),
            ("relu",),
            ("relu",),
            ("pool", "relu"),
        ),
        lrn_divided=True,
        lrn_own_tower=True,
        conv_sigma=(0.01, 0.01, 0.03, 0.03, 0.03),
        bias_rate=2,
        bias_decay=0,
    ),
    "caffe": Profile(
        "Caffe's bvlc_alexnet",
        input_size=227,
        conv_ceil_mode=False,
        lrn_k=1,
        lrn_divided=True,
        fc_sigma=(0.005, 0.005, 0.01),
        ones=0.1,
        dropout_inverted=True,
        bias_rate=2,
        bias_decay=0,
    ),
    "caffenet": Profile(
        "Caffe's bvlc_reference_caffenet",
        input_size=227,
        conv_ceil_mode=False,
        after=(
            ("relu", "pool", "lrn"),
            ("relu", "pool", "lrn"),
            ("relu",),
            ("relu",),
            ("relu", "pool"),
        ),
        lrn_k=1,
        lrn_divided=True,
        fc_sigma=(0.005, 0.005, 0.01),
        dropout_inverted=True,
        bias_rate=2,
        bias_decay=0,
    ),
    "torchvision": Profile(
        "torchvision.models.alexnet",
        kernels=(64, 192, 384, 256, 256),
        padding=(2, 2, 1, 1, 1),
        conv_ceil_mode=False,
        pool_ceil_mode=False,
        after=(
            ("relu", "pool"),
            ("relu", "pool"),
            ("relu",),
            ("relu",),
            ("relu", "pool"),
        ),
        two_towers=False,
        lrn_k=None,
        lrn_alpha=None,
        lrn_divided=None,
        lrn_own_tower=None,
        ones=0,
        dropout_first=True,
        dropout_inverted=True,
    ),
}


def compare_profiles() -> str:
    """Return the profiles side by side as text, a line for each thing."""
    names = list(PROFILES)
    lines = [["", *names]]
    for field in fields(Profile):
        values = [getattr(PROFILES[name], field.name) for name in names]
        if field.name == "after":
            for i in range(5):
                cells = [", ".join(value[i]) for value in values]
                lines.append([f"after conv{i + 1}", *cells])
        elif field.name != "source":
            lines.append([field.name, *(_cell(value) for value in values)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return " ".join(f"{v:g}" for v in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
