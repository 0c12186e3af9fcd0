"""One run on several GPUs: a process for each, started by torchrun (torch.distributed)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Group:
    """The processes of a run: this one's rank, and how many there are."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process is the one that writes files and tells people."""
        return self.rank == 0

    def share(self, network: nn.Module) -> None:
        """Give all processes the leading one's parameters."""
        if self.size > 1:
            for parameter in network.parameters():
                distributed.broadcast(parameter.detach(), 0)

    def average(self, gradients: Tensor) -> None:
        """Replace gradients by their mean over all processes."""
        if self.size > 1:
            distributed.all_reduce(gradients)
            gradients /= self.size

    def agreed(self, value: float) -> float:
        """The leading process's value: clocks differ, and all must stop at the same step."""
        if self.size == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64)
        distributed.broadcast(shared, 0)
        return float(shared)


@contextmanager
def opened_group(device: torch.device) -> Iterator[Group]:
    """The group that torchrun set up for this process, or the process alone.

    On GPUs each process takes its own as the current one.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Group()
        return
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    # gloo carries the numbers that processes agree on without waiting for the GPU.
    distributed.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    try:
        yield Group(distributed.get_rank(), size)
    finally:
        distributed.destroy_process_group()
