"""What the gradient check tells: the report and the hints in a failure."""

import dataclasses

import numpy as np
import pytest

from minialexnet.gradient_check import (
    ArrayCheck,
    Report,
    check_layer,
)
from tests.support.geometries import normal
from tests.support.small_layers import Scale, fails, of


def test_parameters_that_forward_does_not_read_are_pointed_out():
    class Deaf(Scale):
        def forward(self, x):
            self.x = x
            return x * float(WEIGHT) + self.params["c"]

    WEIGHT = 2.0
    layer = Deaf()
    layer.params["w"] = np.full(3, WEIGHT)
    hint = "does forward read 'w' from where the parameters are kept?"
    assert hint in fails(layer, normal(0, 4, 3))
    assert "does forward read" not in fails(
        of(np.ones_like, np.ones_like), normal(0, 4)
    )


def test_the_report_reads_well():
    check = ArrayCheck(
        "conv1.W", "complex", 2e-16, 1e-10, (1,), 1.0, 1.0, 64, 900, 3, 0
    )
    central = dataclasses.replace(
        check, name="x", method="central", size=64, directions=0, note="cupy arrays"
    )
    report = Report("Sequential", (central, check))
    assert str(report).split("\n") == [
        "Sequential: every gradient agrees",
        "  dx  largest relative error 2.0e-16 (tolerance 1e-10), "
        "central differences (cupy arrays), all 64 elements",
        "  conv1.dW  largest relative error 2.0e-16 (tolerance 1e-10), "
        "complex step, 64 of 900 elements and 3 random directions",
    ]
    assert report.errors == {"x": 2e-16, "conv1.W": 2e-16}
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.subject = "another"


def test_the_same_seed_measures_the_same():
    layer, x = Scale(), normal(0, 90, 3)
    assert check_layer(layer, x, seed=4) == check_layer(layer, x, seed=4)
    assert check_layer(layer, x, seed=4) != check_layer(layer, x, seed=5)
