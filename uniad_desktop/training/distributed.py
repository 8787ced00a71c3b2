"""Several processes that train one network, started by ``torchrun``.

Every process has its own batch; the gradients are averaged before each step, so all processes hold
the same weights at every moment. Rank 0 writes; the others wait.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from uniad_desktop.training.errors import TrainingError

_Value = TypeVar("_Value")

# Rank 0 may fill a cache of many pictures, or train the visualisation decoder, while others wait.
_PATIENCE = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Group:
    """The processes of a training; of one process nothing is ever sent.

    Attributes:
        rank: number of this process, 0 to size - 1.
        size: number of processes.
        local_rank: number of this process on its machine, which is that of its GPU.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        """Whether this process writes and speaks."""
        return self.rank == 0

    def average(self, values: Tensor) -> Tensor:
        """Mean of a tensor over all processes, in place.

        Raises:
            TrainingError: another process ended.
        """
        if self.size > 1:
            with _lost():
                dist.all_reduce(values)
            values /= self.size
        return values

    def share(self, value: _Value) -> _Value:
        """The leader's value, in every process. All have to call it.

        Raises:
            TrainingError: another process ended.
        """
        if self.size == 1:
            return value
        box: list[_Value] = [value]
        with _lost():
            dist.broadcast_object_list(box, src=0, device=torch.device("cpu"))
        return box[0]

    def wait(self) -> None:
        """Waits until all processes are here.

        Raises:
            TrainingError: another process ended.
        """
        self.average(torch.zeros(1))


ALONE = Group()


def group_from_environment() -> Group:
    """What ``torchrun`` says of this process; `ALONE` without it.

    Raises:
        TrainingError: the variables make no sense.
    """
    try:
        group = Group(
            int(os.environ.get("RANK", "0")),
            int(os.environ.get("WORLD_SIZE", "1")),
            int(os.environ.get("LOCAL_RANK", "0")),
        )
    except ValueError as error:
        raise TrainingError(
            f"RANK, WORLD_SIZE and LOCAL_RANK must be numbers ({error}); start several processes "
            "with torchrun."
        ) from error
    return group if group.size > 1 else ALONE


@contextmanager
def joined(group: Group, device: torch.device) -> Iterator[Group]:
    """Connects the processes: gloo for the CPU, NCCL for GPUs.

    Raises:
        TrainingError: torch has no such connection here, or the others cannot be reached.
    """
    if group.size == 1:
        yield group
        return
    if not dist.is_available():
        raise TrainingError("This torch cannot train in several processes; start one.")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    try:
        dist.init_process_group(backend, timeout=_PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise TrainingError(
            f"The processes of this training do not find each other ({error}); start them with "
            "torchrun."
        ) from error
    try:
        yield group
    finally:
        dist.destroy_process_group()


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise TrainingError(
            "Another process of this training ended; what it said tells why. Start the same "
            f"command again to go on from the last checkpoint ({str(error).splitlines()[0]})."
        ) from error
