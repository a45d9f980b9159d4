"""What a network says of many pictures, a batch at a time."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data.dataset import Images
from .data.loader import Loader
from .data.preprocessing import Preprocessing
from .engine.arrays import Array
from .engine.devices import use_device
from .network import Network

CROPS = (1, 10)


def logits_of(
    network: Network,
    images: Images,
    preprocessing: Preprocessing,
    crops: int,
    batch_size: int,
    device: str,
    progress: Callable[[int], None] | None,
    workers: int,
) -> Iterator[tuple[slice, Array]]:
    """Yield which pictures, and their logits on the device, (n * crops, K).

    Parameters
    ----------
    network, images, preprocessing, crops, batch_size, device, progress, workers
        See `minialexnet.evaluate.predict`.

    Raises
    ------
    ValueError
        If there is no picture, crops is not 1 or 10, or batch_size less than 1.
    """
    if not len(images) or batch_size < 1:
        raise ValueError(
            "expected at least one picture and a batch_size >= 1, got "
            f"{len(images)} and {batch_size}"
        )
    if crops not in CROPS:
        raise ValueError(f"expected crops to be 1 or 10, got {crops}")

    def prepare(pictures: NDArray[np.uint8], rng: object, **place: Any) -> Any:
        cut = preprocessing.cut(pictures, crops)
        return preprocessing.normalize(*cut) if device == "cpu" else cut

    places = np.arange(len(images), dtype=np.int64)
    size = max(1, batch_size // crops)
    how: dict[str, Any] = {"workers": workers, "share": network.share}
    loader = Loader(images, places, prepare, size, **how)
    with use_device(device):
        for x, places in loader.batches(np.arange(len(images))):
            x = preprocessing.on_device(x, device)
            x = x.reshape(-1, *x.shape[-3:])
            yield slice(places[0], places[-1] + 1), network.forward(x, train=False)
            if progress is not None:
                progress(len(places))
