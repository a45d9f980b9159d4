"""Figure 2: the architecture, in two rows, and where the two GPUs talk.

Krizhevsky et al. 2012, Figure 2: "An illustration of the architecture of our CNN,
explicitly showing the delineation of responsibilities between the two GPUs. One GPU
runs the layer-parts at the top of the figure while the other runs the layer-parts at
the bottom. The GPUs communicate only at certain layers."

Every block, number and link is read off the network object, by
`minialexnet.pictures.architecture.draw_architecture`; nothing is trained and no data is
needed. By the paper's formula for response normalisation (section 3.3) a map's
neighbours may lie on the other GPU, which the paper's own drawing does not show; here
it is drawn. In the 2012 code (--profile 2012) they do not.
"""

from __future__ import annotations

import sys
from math import prod
from pathlib import Path

from compare.frame import drawing_parser, run_command
from minialexnet.alexnet import alexnet
from minialexnet.pictures.architecture import draw_architecture
from minialexnet.pictures.stages import stages, two_towers
from minialexnet.profiles import PROFILES

WORDS = {
    "paper": "as published",
    "2012": "as the 2012 code ran it",
    "caffe": "Caffe's bvlc_alexnet",
    "caffenet": "Caffe's bvlc_reference_caffenet",
    "torchvision": "torchvision's, one tower",
}


def note(profile: str) -> str:
    """Return what is written below the picture."""
    side = PROFILES[profile].input_size
    network = alexnet(profile, seed=None)
    found = stages(network, (3, side, side))
    numbers = " - ".join(f"{prod(stage.shape):,}" for stage in found[1:])
    neurons = sum(prod(stage.shape) for stage in found[1:])
    parameters = network.table((3, side, side)).parameters
    text = (
        f"{prod(found[0].shape):,} inputs; neurons {numbers}: {neurons:,} in all; "
        f"{parameters:,} parameters. The higher and deeper a block, the larger its "
        "maps; the wider, the more maps."
    )
    if not two_towers(network):
        return text
    text += " Arrows that are dashed lead from one GPU to the other."
    if any(stage.neighbours for stage in found):
        text += (
            " Dotted: response normalisation (LRN) looks at the nearest maps; at the "
            "border some of these lie on the other GPU (not in the 2012 code)."
        )
    return text


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = drawing_parser(__doc__, "figure_2")
    parser.add_argument(
        "--profile",
        choices=list(PROFILES),
        default="paper",
        help="which AlexNet (default: paper)",
    )
    options = parser.parse_args(arguments)
    profile, side = options.profile, PROFILES[options.profile].input_size
    title = f"Figure 2 redrawn from the network itself: AlexNet, {WORDS[profile]}"

    def work() -> tuple[str, list[Path]]:
        options.out.mkdir(parents=True, exist_ok=True)
        return "", draw_architecture(
            alexnet(profile, seed=None),
            (3, side, side),
            options.out / "figure_2",
            title,
            note(profile),
        )

    return run_command("figure_2", work)


if __name__ == "__main__":
    sys.exit(main())
