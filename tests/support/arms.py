"""Two small arms and a handful of pictures, for the tests of comparisons."""

from argparse import Namespace

from compare.arms import Arm, base_of
from minialexnet import Dropout, Sequential
from minialexnet.files.records import read_lines


def dropping(network, seed):
    """Put dropout before the last layer."""
    layers = list(network.layers.items())
    layers.insert(-1, ("dropout", Dropout(0.5, seed=seed)))
    return Sequential(layers)


ARMS = [Arm("plain"), Arm("dropping", rebuild=dropping)]
# Of a record, what another run of the same has otherwise.
VARY = ("setup", "seconds", "cpu_seconds", "peak_memory_gib")


def options(out, **changes):
    """Return what a parser reads for a quick look."""
    values = {
        "data": "shapes",
        "data_dir": None,
        "pictures": 64,
        "seeds": 1,
        "epochs": 2,
        "batch_size": 32,
        "convolution": "im2col",
        "device": "cpu",
        "jobs": 2,
        "resume": False,
        "out": out,
    }
    return Namespace(**values | changes)


def base(asked, **changes):
    """Return what both arms share: a rate that drops after the first epoch."""
    fields = {"learning_rate": 0.003, "weight_decay": 0.0, "schedule": "1"}
    return base_of(asked, **fields | changes)


def epochs(out):
    """Return all that is in the records of epochs but times."""
    return [
        {key: value for key, value in record.items() if key not in VARY}
        for record in read_lines(out / "results.jsonl")
        if record["kind"] == "epoch"
    ]
