"""Sums over GPUs of several processes, by NVIDIA's NCCL through CuPy."""

from typing import Any

from .arrays import Array
from .devices import check_device, use_device
from .streams import Stream, use_stream


class Group:
    """The GPUs of all ranks of a job, one each.

    Parameters
    ----------
    ranks, rank : int
        How many, and which this is. All of them make a group at the same point; they
        meet through MPI.
    device : str
        ``"cuda:N"``, this rank's own.
    """

    def __init__(self, ranks: int, rank: int, device: str) -> None:
        check_device(device)
        from cupyx import distributed

        with use_device(device):
            self._nccl: Any = distributed.init_process_group(
                ranks, rank, backend="nccl", use_mpi=True
            )

    def add_up(self, array: Array, stream: Stream) -> None:
        """Write the sum of all ranks' arrays into each, on a stream; do not wait.

        The order in which the ranks are added is NCCL's.
        """
        with use_stream(stream):
            self._nccl.all_reduce(array, array, op="sum", stream=stream.cuda)
