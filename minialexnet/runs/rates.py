"""The learning rates of a run: of each layer, of its biases, and of each epoch."""

from collections.abc import Mapping

from .. import cuda_convnet
from ..engine.arrays import Array
from ..large_batches import LARS, WarmUpRate
from ..model import Model
from ..model.registry import profile_of
from ..optimizer import MomentumSGD
from ..schedules import ConstantRate, EpochListRate, PlateauRate, Schedule
from .config import Config


def new_optimizer(
    config: Config, model: Model, parameters: Mapping[str, Array]
) -> MomentumSGD:
    """Return the optimiser, each layer and its biases at their rates.

    Biases learn at the rate and decay of the network's profile; those of cifar at
    twice the rate, without decay. All that a network of the 2012 code's files learns
    by stands in them, but for the largest rate.
    """
    if isinstance(model.network, cuda_convnet.Network):
        optimizer = model.network.optimizer(parameters)
        optimizer.learning_rate = config.learning_rate
        return optimizer
    bias_rate, bias_decay = 2.0, 0.0
    if model.description["model"] == "alexnet":
        profile = profile_of(model.description)
        bias_rate, bias_decay = profile.bias_rate, profile.bias_decay
    layers = {name.split(".")[-2] for name in parameters}
    unknown = config.rate.keys() - layers
    if unknown:
        raise ValueError(
            f"expected --rate for a layer out of {', '.join(sorted(layers))}, "
            f"got {', '.join(sorted(unknown))}"
        )
    rates = {}
    for name in parameters:
        layer, key = name.split(".")[-2:]
        rates[name] = config.rate.get(layer, 1.0) * (bias_rate if key == "b" else 1)
    kind: type[MomentumSGD] = MomentumSGD
    if config.optimizer == "lars":
        if "," in config.device:  # half a layer's length is not the layer's
            raise ValueError(
                f"expected one --device for --optimizer lars, got {config.device}"
            )
        kind = LARS
    return kind(
        parameters,
        config.learning_rate,
        config.momentum,
        config.weight_decay,
        rate_factors=rates,
        decay_factors={"b": bias_decay},
    )


def new_schedule(config: Config, tests: int) -> Schedule:
    """Return the schedule of the learning rate, given how many test pictures are.

    With a reference batch the rate is scaled linearly, see `large_batches.WarmUpRate`.
    """
    text, rate = config.schedule, config.learning_rate
    if config.reference_batch is not None:
        rate *= config.batch_size / config.reference_batch
    small = config.batch_size < (config.reference_batch or config.batch_size + 1)
    if config.warm_up and (small or text == "plateau"):
        raise ValueError(
            "expected --warm-up with a --reference-batch no larger than --batch-size, "
            "and --schedule constant or a list of epochs"
        )
    if text == "constant" and not config.warm_up:
        return ConstantRate(rate)
    if text == "plateau":
        if not tests:
            raise ValueError(
                "expected test pictures for --schedule plateau, got none: give "
                "--schedule constant or a list of epochs"
            )
        return PlateauRate(rate, config.patience)
    try:
        epochs = () if text == "constant" else tuple(map(int, text.split(",")))
    except ValueError:
        epochs = (0,)
    if list(epochs) != sorted({*epochs}) or min(epochs, default=1) < 1:
        raise ValueError(
            "expected --schedule plateau, constant or numbers of epochs that grow, "
            f"like 25,51, got {text!r}"
        )
    if config.warm_up:
        first, warm_up = config.learning_rate, config.warm_up
        return WarmUpRate(rate, epochs, first=first, warm_up=warm_up)
    return EpochListRate(rate, epochs)
