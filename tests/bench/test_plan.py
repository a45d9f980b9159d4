"""What a round of a bench measures."""

import pytest

from minialexnet.bench.plan import plan
from minialexnet.bench.work import CASES


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("device", ["cpu", "cuda:0"])
def test_the_plan_holds_every_case_once(quick, device):
    runs = plan(2, device, True, quick, False)
    assert len(set(runs)) == len(runs)
    cases = {run.task.case for run in runs}
    assert cases == set(CASES) - (set() if device == "cpu" else {"decode", "prepare"})
    torch = [run.task for run in runs if run.program == "torch"]
    layouts = {(task.variant, task.layout) for task in torch if task.case == "step"}
    assert len(layouts) == 4
