"""One step of training: a batch forward, its loss, backward, and the weights moved."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data.augment import Augmentation
from .data.crops import Crops
from .engine.arrays import Array
from .engine.devices import use_device
from .layers import SoftmaxCrossEntropy
from .model import Model
from .optimizer import MomentumSGD
from .parallel.place import place
from .parallel.ranks import Ranks


class DivergedError(RuntimeError):
    """The loss is no longer a finite number."""


class Steps:
    """A model whose weights are moved step by step.

    Parameters
    ----------
    model : Model
        Its network is moved to `device`; the first layer is told that its dx is not
        needed.
    optimizer : callable (parameters) -> MomentumSGD
        Called once the parameters lie on the device.
    device : str
        Two of them, ``"cuda:0,cuda:1"``, for the two towers.
    threads : int
        On the processor, how many share a batch.
    parts : int, optional
        In how many parts a batch is cut there, by default one a thread. Threads change
        no bit, parts do.
    ranks : Ranks, optional
        The processes that share a batch, of which this is one.

    Attributes
    ----------
    network : Network
        What is trained: that of the model, or what computes the same on threads or on
        two devices, see `minialexnet.parallel.place.place`.
    optimizer : MomentumSGD
    device : str
        Where the logits lie.
    crossings : str
        Of two devices, the bytes that crossed in the first step, as a table.
    """

    def __init__(
        self,
        model: Model,
        optimizer: Callable[[dict[str, Array]], MomentumSGD],
        device: str = "cpu",
        threads: int = 1,
        parts: int | None = None,
        ranks: Ranks | None = None,
    ) -> None:
        self.model = model
        next(layer for _, layer in model.network.leaves()).needs_dx = False
        how = device, threads, parts, ranks
        self.network, self.device = place(model.network, *how)
        with use_device(self.device):
            self.optimizer = optimizer(self.network.parameters())
        self.loss = SoftmaxCrossEntropy()
        self.crossings = ""
        self._last: tuple[Array, Array] | None = None

    def preparing(self, augment: Callable[..., Any]) -> Callable[..., Any]:
        """Return what makes pictures into batches for `step`, by an augmentation.

        For a GPU `Augmentation` cuts its crops and leaves them to be normalised there:
        sent as bytes, they are a quarter of float32.
        """
        how = self.model.preprocessing

        def prepare(images: NDArray[np.uint8], rng: Any, **place: Any) -> Any:
            if isinstance(augment, Augmentation) and self.device != "cpu":
                return augment.cut(images, how.size, rng, **place)
            return augment(images, how, rng, **place)

        return prepare

    def step(self, x: Array | Crops, labels: NDArray[np.int64]) -> float:
        """Move the weights once, if the loss is finite; return it.

        Parameters
        ----------
        x : Crops or ndarray of float32, shape (N, 3, H, W)
            On ranks, this one's pictures.
        labels : ndarray of int64, shape (N,)
            Of the whole batch.

        Returns
        -------
        float
            In nats per example, before the step.
        """
        images = self.model.preprocessing.on_device(x, self.device)
        self._last = images, labels
        logits = self.network.forward(images, train=True)  # (N, K)
        loss = float(self.loss.forward(logits, labels))
        if np.isfinite(loss):
            self.network.backward(self.loss.backward())
            self.optimizer.step(self.network.gradients())
        self.crossings = self.crossings or self.network.report()
        return loss

    def check_last_step(self) -> None:
        """See that the last step left weights that still compute.

        A step from a finite loss may be so large that nothing can be computed after
        it; such weights are not to take the place of a good checkpoint.

        Raises
        ------
        DivergedError
            If the loss over the last batch, computed once more, is no finite number.
        """
        if self._last is None:
            return
        images, labels = self._last
        with use_device(self.device), np.errstate(over="ignore", invalid="ignore"):
            logits = self.network.forward(images, train=False)
            loss = float(self.loss.forward(logits, labels))
        if not np.isfinite(loss):
            raise self.diverged(loss, "after a step")

    def diverged(self, loss: float, where: str) -> DivergedError:
        """Return the error for a loss that is no longer finite."""
        rate = self.optimizer.learning_rate
        return DivergedError(
            f"the loss became {loss} {where} at a learning rate of {rate} and a "
            f"weight decay of {self.optimizer.weight_decay}; smaller ones may do"
            f"{self.network.blame()}"
        )

    def close(self) -> None:
        """End the network's threads; nothing is to be trained after it."""
        self.network.close()
