"""The first half minute: does a step compute on the GPU what it does on NumPy?

    python -m tests.on_gpu.smoke --device cuda:0 --out OUT

Writes OUT/smoke.json after each of its three parts: the versions, a training step of a
small network against the same on NumPy, and two towers on two streams of one device
against the network as a whole.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from minialexnet import MomentumSGD, SoftmaxCrossEntropy
from minialexnet.alexnet import alexnet
from minialexnet.engine.devices import seconds_of, use_device
from minialexnet.engine.transfer import to_device, to_numpy
from minialexnet.files.records import provenance
from minialexnet.parallel.two_devices import TwoDevices

CLASSES, PIXELS, PICTURES = 5, 63, 8
TOLERANCE = 1e-4  # of the largest number of an array; float32, sums of thousands


def network() -> Any:
    """Return the network of 2012, a sixteenth as wide; the same each time."""
    return alexnet("2012", CLASSES, width=1 / 16, input_size=PIXELS, seed=2)


def pictures() -> tuple[Any, Any]:
    """Return random pictures and labels."""
    rng = np.random.default_rng(0)
    x = 20 * rng.standard_normal((PICTURES, 3, PIXELS, PIXELS), np.float32)
    return x, rng.integers(0, CLASSES, PICTURES)


def step(device: str) -> dict[str, Any]:
    """Return the parameters after a step on `device`, as NumPy arrays."""
    one, (x, labels) = network(), pictures()
    one.to(device)
    with use_device(device):
        loss, sgd = SoftmaxCrossEntropy(), MomentumSGD(one.parameters())
        y = one.forward(to_device(x, device), train=True)
        loss.forward(y, to_device(labels, device))
        one.backward(loss.backward())
        sgd.step(one.gradients())
    found = {"y": y} | one.gradients()
    return {name: to_numpy(array) for name, array in found.items()}


def towers(device: str) -> dict[str, Any]:
    """Return what two towers on two streams of one device compute."""
    x, labels = pictures()
    pair = (device, device) if device != "cpu" else ("cpu:0", "cpu:1")
    with TwoDevices(network(), pair) as two:
        y = two.forward(to_device(x, two.devices[0]), train=True)
        loss = SoftmaxCrossEntropy()
        with use_device(two.devices[0]):
            loss.forward(y, to_device(labels, two.devices[0]))
            two.backward(loss.backward())
        found = {"y": y} | two.join(two.gradients())
        return {name: to_numpy(array) for name, array in found.items()}


def far(found: dict[str, Any], expected: dict[str, Any]) -> dict[str, float]:
    """Return, by name, how far arrays are from what is expected, of the largest."""
    if found.keys() != expected.keys():
        raise ValueError(f"expected {list(expected)}, got {list(found)}")
    return {
        name: float(abs(found[name] - array).max() / (abs(array).max() or 1))
        for name, array in expected.items()
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    record: dict[str, Any] = {}
    right = True

    def write(name: str, value: Any) -> None:
        record[name] = value
        text = json.dumps(record, indent=1) + "\n"
        (options.out / "smoke.json").write_text(text)
        print(name, json.dumps(value), flush=True)

    if options.device != "cpu":
        import cupy

        cupy.zeros(1)  # loads the driver, so that the record names it
    write("about", provenance())
    expected = step("cpu")
    for name, compute in (("step", step), ("two towers", towers)):
        try:
            found, seconds = seconds_of(lambda f=compute: f(options.device), "cpu")
            distances = far(found, expected)
            worst = max(distances.items(), key=lambda pair: pair[1])
            fits = all(d <= TOLERANCE for d in distances.values())  # not for NaN
            write(name, {"seconds": seconds, "worst": worst, "right": fits})
        except Exception as error:  # the next part may tell more
            fits = False
            write(name, {"right": False, "error": f"{type(error).__name__}: {error}"})
        right &= fits
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
