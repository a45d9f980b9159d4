"""A run put together from its config: data, model, optimiser, schedule, training."""

import os

from . import data
from . import model as models
from .data import Dataset
from .data.augment import Augmentation
from .data.color import color_eigen
from .data.set_aside import set_aside
from .engine.blas import cores
from .model import Model
from .parallel.ranks import Ranks
from .runs.config import Config
from .runs.rates import new_optimizer, new_schedule
from .train import Training


def load_pictures(
    config: Config, data_dir: str | os.PathLike[str] | None = None
) -> Dataset:
    """Load the pictures of a run.

    Raises
    ------
    ValueError, OSError
        As `minialexnet.data.load`, or if the config asks for what the data have not.
    """
    limit = {} if config.classes is None else {"classes": config.classes}
    limit |= {"skip": config.skip_classes} if config.skip_classes else {}
    if limit and config.data != "tiny-imagenet":
        raise ValueError(
            f"expected --classes with --data tiny-imagenet, got {config.data}"
        )
    if config.tested_on == "held-out" and not config.held_out:
        raise ValueError("expected --held-out with --tested-on held-out, got none")
    dataset = data.load(config.data, data_dir, **limit)
    if config.held_out:
        tested = config.tested_on == "held-out"
        dataset = set_aside(dataset, config.held_out, tested)
    return dataset


def new_training(
    config: Config,
    dataset: Dataset,
    model: Model | None = None,
    workers: int = 1,
    ranks: Ranks | None = None,
) -> Training:
    """Return the training of a run, of which nothing is done yet.

    Parameters
    ----------
    config : Config
    dataset : Dataset
        As `load_pictures` returns it.
    model : Model, optional
        One of one's own; by default the config's network, untrained.
    workers : int
        Threads that prepare batches.
    ranks : Ranks, optional
        The processes that share each batch, of which this is one.
    """
    if model is None:
        model = models.begin(dataset, config.network())
    return Training(
        model,
        dataset,
        lambda parameters: new_optimizer(config, model, parameters),
        new_schedule(config, tests=len(dataset.test_labels)),
        config.batch_size,
        config.seed,
        config.device,
        new_augmentation(config, dataset),
        workers,
        cores() if config.threads is None else config.threads,
        config.parts,
        ranks,
    )


def new_augmentation(config: Config, dataset: Dataset) -> Augmentation | None:
    """Return what makes a batch out of training pictures; None for centre crops."""
    if config.color == "none":
        if not config.crops and not config.mirrors:
            return None
        return Augmentation(config.crops, config.mirrors)
    values, vectors = color_eigen(dataset.covariance())
    return Augmentation(
        config.crops,
        config.mirrors,
        config.color,
        eigenvalues=values,
        eigenvectors=vectors,
    )
