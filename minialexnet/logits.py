"""What a network says of many pictures, a batch at a time."""

from collections.abc import Callable, Iterator

import numpy as np

from .data.dataset import Images
from .data.loader import Loader
from .data.preprocessing import Preprocessing
from .engine.arrays import Array
from .engine.devices import use_device
from .engine.transfer import to_device
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
    """
    if crops not in CROPS:
        raise ValueError(f"expected crops to be 1 or 10, got {crops}")
    cut = preprocessing.center if crops == 1 else preprocessing.ten
    loader = Loader(
        images,
        np.arange(len(images), dtype=np.int64),
        lambda pictures, rng, **place: cut(pictures),
        max(1, batch_size // crops),
        workers=workers,
        share=network.share,
    )
    with use_device(device):
        for x, places in loader.batches(np.arange(len(images))):
            x = to_device(x.reshape(-1, *x.shape[-3:]), device)
            yield slice(places[0], places[-1] + 1), network.forward(x, train=False)
            if progress is not None:
                progress(len(places))
