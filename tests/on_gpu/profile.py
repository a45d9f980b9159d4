"""What a convolution's parts take in each layer of the paper's network.

    python -m tests.on_gpu.profile --out OUT

For im2col, the product with the kernels and col2im: milliseconds, GB/s of what is read
and written, TFLOP/s. A line of OUT/profile.jsonl for each layer, written at once.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from minialexnet.engine.devices import check_device, seconds_of, use_device
from minialexnet.engine.transfer import to_device
from minialexnet.files.records import provenance, write_lines
from minialexnet.im2col import col2im, im2col
from minialexnet.windows import Windows

# Channels and kernels of a group, pixels of a side, windows.
LAYERS = {
    "conv1": (3, 96, 227, Windows.of(11, 4)),
    "conv2": (48, 128, 27, Windows.of(5, 1, 2)),
    "conv3": (256, 384, 13, Windows.of(3, 1, 1)),
    "conv4": (192, 192, 13, Windows.of(3, 1, 1)),
    "conv5": (192, 128, 13, Windows.of(3, 1, 1)),
}


def parts(name: str, batch: int, device: str, repeats: int) -> dict[str, Any]:
    """Return what the parts of one group of a layer take."""
    C, F, size, windows = LAYERS[name]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, size, size, C), np.float32)  # channels last
    x = to_device(x, device).transpose(0, 3, 1, 2)
    with use_device(device):
        col = im2col(x, *windows)
        columns = col.shape[1]
        W = to_device(rng.standard_normal((columns, F), np.float32), device)
        y = col @ W

        def milliseconds(work: Callable[[], Any]) -> float:
            times = [seconds_of(work, device)[1] for _ in range(repeats + 2)]
            return 1e3 * statistics.median(times[2:])

        times = {
            "im2col": milliseconds(lambda: im2col(x, *windows)),
            "product": milliseconds(lambda: col @ W),
            "dW": milliseconds(lambda: y.T @ col),
            "col2im": milliseconds(lambda: col2im(col, x.shape, *windows)),
        }
    moved, flops = x.nbytes + col.nbytes, 2 * col.size * F
    return {
        "layer": name,
        "batch": batch,
        "milliseconds": {part: round(t, 4) for part, t in times.items()},
        "im2col_gb_s": round(moved / times["im2col"] / 1e6, 1),
        "product_tflop_s": round(flops / times["product"] / 1e9, 2),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args(arguments)
    device = check_device("cpu" if options.dry_run else "cuda:0")
    batch, repeats = (1, 1) if options.dry_run else (128, 20)
    lines: list[dict[str, Any]] = [{"run": provenance()}]
    print("RESULT")
    for name in LAYERS:
        lines.append(parts(name, batch, device, repeats))
        write_lines(options.out / "profile.jsonl", lines)
        print(lines[-1], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
