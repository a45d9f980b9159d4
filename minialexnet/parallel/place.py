"""A network where it is asked to compute: on threads, on a GPU, or on two devices."""

from ..engine.blas import cores
from ..engine.devices import check_device
from ..network import Network
from ..sequential import Sequential
from .batch import DataParallel
from .batch_on_ranks import BatchOnRanks
from .launcher import PARTS
from .ranks import Ranks
from .two_devices import TwoDevices


def place(
    network: Sequential,
    device: str,
    threads: int | None = None,
    parts: int | None = None,
    ranks: Ranks | None = None,
) -> tuple[Network, str]:
    """Return a network that computes what this one does, and where its output lies.

    Parameters
    ----------
    network : Sequential
        Of one device, its parameters are moved there and shared.
    device : str
        Two of them, ``"cuda:0,cuda:1"``, for the two towers, see `TwoDevices`.
    threads : int, optional
        On the processor, how many share a batch, see `DataParallel`; by default one a
        core.
    parts : int, optional
        In how many parts a batch is cut on the processor, by default one a thread.
    ranks : Ranks, optional
        Those that share a batch, see `BatchOnRanks`.

    Raises
    ------
    ValueError
        If the ranks cannot each have a device of their own.

    Examples
    --------
    >>> from minialexnet.cifar_net import cifar_net
    >>> network, device = place(cifar_net(), "cpu", threads=2)
    >>> type(network).__name__, device
    ('DataParallel', 'cpu')
    """
    first, *second = device.split(",")
    if ranks is not None:
        device = device_of(ranks, device)
        network.to(device)
        how = ranks, threads or ranks.cores(), parts or PARTS, device
        return BatchOnRanks(network, *how), device
    if second:
        two = TwoDevices(network, (first, ",".join(second)))
        return two, two.devices[0]
    device = check_device(device)
    network.to(device)
    threads = threads or cores()
    if device == "cpu" and (parts or threads) != 1:
        return DataParallel(network, threads, parts), device
    return network, device


def device_of(ranks: Ranks | None, device: str) -> str:
    """Return the device that is meant, if it exists: of "cuda", this rank's own GPU.

    Raises
    ------
    ValueError
        If ranks are to share a GPU, or to have two.
    RuntimeError
        If there is no such device.
    """
    if ranks is None or device == "cpu":
        return check_device(device)
    if "," in device or (device != "cuda" and ranks.local_size > 1):
        raise ValueError(
            f"expected --device cpu, or cuda for a GPU to each rank, got {device}"
        )
    return check_device(f"cuda:{ranks.local_rank}" if device == "cuda" else device)
