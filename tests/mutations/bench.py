"""The bench: what it measures, in which processes, and its table."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module("bench.task", "bench/test_work.py", {MODULE: [
                ("the last ones are left out", "seconds[WARM_UP:]", "seconds[:-WARM_UP]"),
            ],},),
    *in_module("bench.work", "bench/test_work.py", {MODULE: [
                ("the step is its forward", "forward + back + update", "forward"),
            ],},),
    *in_module("bench.networks", "bench/test_work.py", {"network_of": [
                ("the first dx is computed", "next(layer for _, layer in network.leaves()).needs_dx = False", "pass"),
            ],},),
    *in_module("bench.plan", "bench/test_plan.py", {"plan": [
                ("a task twice", "list(dict.fromkeys(runs))", "runs"),
                ("one layout of PyTorch's", "for layout in LAYOUTS:", "for layout in LAYOUTS[:1]:"),
            ],},),
    *in_module("bench.rounds", "bench/test_rounds.py", {MODULE: [
                ("the mean", "statistics.median(times)", "statistics.mean(times)"),
                ("a process that failed", "if done.returncode:", "if False:"),
                ("BLAS has threads of its own", 'run.task.case != "sgemm" and found.get("blas_threads") not in (None, 1)', "False"),
                ("PyTorch's memory is given back", 'if run.program == "torch":', "if False:"),
            ],},),
    *in_module("bench.results", "bench/test_report.py bench/test_drawings.py", {"Results": [
                ("the worse layout", "min(layouts, key=lambda label: statistics.median(series[label]))", "max(layouts, key=lambda label: statistics.median(series[label]))"),
                ("half the operations", 'float(2e-9 * task["batch"] ** 3 / seconds)', 'float(1e-9 * task["batch"] ** 3 / seconds)'),
            ],},),
    *in_module("bench.report", "bench/test_report.py", {MODULE: [
                ("conv1 has a dx", """name.endswith("backward") and not name.startswith("conv1 ")""", 'name.endswith("backward")'),
                ("PyTorch is compared with itself", "is_torch(label) or variant not in best", "variant not in best"),
                ("backward of the first layer", "2 * forward - 2 * shapes.rows[0].multiply_adds", "2 * forward"),
            ],},),
    *in_module("bench.scaling", "bench/test_scaling.py", {MODULE: [
                ("weak scaling is strong", "replace(task, batch=each * n)", "task"),
                ("the worse layout", "min(layouts, key=statistics.median)", "max(layouts, key=statistics.median)"),
                ("what is hidden is what is waited", '1 - own["waited"] / own["sum"]', 'own["waited"] / own["sum"]'),
            ],},),
]  # fmt: skip
