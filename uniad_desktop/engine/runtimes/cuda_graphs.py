"""torch on an NVIDIA GPU: pre-processing, network, map and score in CUDA graphs."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.layout import Box
from uniad_desktop.engine.preprocess import View, checked_pixels
from uniad_desktop.engine.runtimes.base import (
    MOST_AT_ONCE,
    Output,
    RuntimeFailedError,
    RuntimeUnavailableError,
)
from uniad_desktop.engine.runtimes.gpu_graph import is_out_of_memory, reason_of
from uniad_desktop.engine.runtimes.gpu_pipeline import Piece, Pipeline, Sight
from uniad_desktop.uniad.model import UniAD

_log = logging.getLogger(__name__)

PRECISIONS: Final = {"fp16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32}
"""What backbone and transformer can run in, best first.

GPUs compute fp16 and bf16 at the same rate. The eight bits of bf16 move a shipped model's scores by
more than a normal spread, all of it in the backbone; the eleven of fp16 move them by a fifteenth.
Only values above 65504 need bf16; such a model fails its comparison with the reference in fp16.
"""

_FAST_HALF = 7, 0  # compute capability of the first GPUs with matrix units for half precision
_IN_FLIGHT = 2  # pieces on the GPU at a time: one is prepared while the other is judged
_WAY_OUT = "close other programs that use it (nvidia-smi lists them), or use --runtime openvino"


class CudaRuntime:
    """Runs a model on a GPU.

    Args:
        model: trained, in eval mode, on the CPU; it is copied.
        device: where it runs; None is the current GPU. On the CPU the same steps run one by one,
            which is for tests.
        precision: one of `PRECISIONS`; None is fp16 where the GPU is fast in it, else f32.

    Raises:
        RuntimeUnavailableError: there is no GPU.
        RuntimeFailedError: the model cannot be brought onto it.
    """

    def __init__(
        self, model: UniAD, *, device: torch.device | None = None, precision: str | None = None
    ) -> None:
        self._size = model.config.input_height, model.config.input_width
        device = device or _current_gpu()
        precision = precision or _best_precision(device)
        self._label = f"cuda {_name(device)} {precision}"
        self._most = MOST_AT_ONCE
        self._shrunk = ""
        self._pieces: deque[tuple[Piece, NDArray[np.intp]]] = deque()
        try:
            self._pipeline: Pipeline | None = Pipeline(model, device, PRECISIONS[precision])
        except RuntimeError as error:
            raise RuntimeFailedError(
                f"The model cannot be brought onto the GPU ({reason_of(error)}); {_WAY_OUT}."
            ) from error

    @property
    def label(self) -> str:
        """For example ``cuda NVIDIA H100 fp16``."""
        return self._label

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on smaller batches and on steps that could not be recorded."""
        refusal = "" if self._pipeline is None else self._pipeline.recorder.refusal
        unrecorded = (
            f"The GPU is told each step anew, which takes longer, since its steps could not be "
            f"recorded ({refusal}); update the NVIDIA driver and close other programs that use "
            "the GPU."
        )
        return tuple(one for one in (self._shrunk, unrecorded if refusal else "") if one)

    def run(self, views: Sequence[View]) -> Output:
        """Maps and scores of views; see `Runtime.run`."""
        started = time.perf_counter()
        pipeline = self._pipeline
        if pipeline is None:
            raise RuntimeFailedError("The model was closed; open it again.")
        boxes = [_box_of(view) for view in views]  # all are looked at before the first is uploaded
        order = _frame_by_frame(views)
        sights = [Sight(views[index].image, boxes[index]) for index in order]
        maps = np.empty((len(views), *self._size), np.float32)
        scores = np.full(len(views), np.nan, np.float32)
        whole = False
        try:
            with torch.inference_mode(), pipeline.lane.on_compute():
                places = np.array(order, np.intp)
                network_ms = self._run(pipeline, sights, places, maps, scores)
            whole = True
        except RuntimeError as error:
            raise RuntimeFailedError(
                f"The GPU failed ({reason_of(error)}); start the inspection again, or use "
                "--runtime openvino."
            ) from error
        finally:
            if not whole:  # nothing of what is on its way may arrive in a later run
                pipeline.settle()
                self._pieces.clear()
        total_ms = (time.perf_counter() - started) * 1e3
        network_ms = min(network_ms, total_ms)
        return Output(maps, scores, total_ms - network_ms, network_ms)

    def close(self) -> None:
        """Frees recordings, buffers and weights."""
        if self._pipeline is not None:
            self._pipeline.close()
        self._pipeline = None

    def _run(
        self,
        pipeline: Pipeline,
        sights: Sequence[Sight],
        places: NDArray[np.intp],
        maps: NDArray[np.float32],
        scores: NDArray[np.float32],
    ) -> float:
        """Fills maps and scores piece by piece; milliseconds that the network took.

        Raises:
            RuntimeFailedError: memory does not even suffice for one view.
            RuntimeError: of any kind that torch raises.
        """
        pipeline.begin()
        network_ms = 0.0
        done = 0
        while done < len(sights):
            some = sights[done : done + self._most]
            if len(self._pieces) == _IN_FLIGHT:
                network_ms += self._collect(pipeline, maps, scores)
            full = ""
            try:
                piece = pipeline.start(some)
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                full = reason_of(error)
            if not full:
                self._pieces.append((piece, places[done : done + len(some)]))
                done += len(some)
                continue
            # Only here, when the error with all that it held is gone, memory can be given back.
            while self._pieces:  # what was started before is whole
                network_ms += self._collect(pipeline, maps, scores)
            self._shrink(pipeline, len(some), full)
        while self._pieces:
            network_ms += self._collect(pipeline, maps, scores)
        return network_ms

    def _collect(
        self, pipeline: Pipeline, maps: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> float:
        piece, places = self._pieces.popleft()
        return pipeline.collect(piece, places, maps, scores)

    def _shrink(self, pipeline: Pipeline, size: int, reason: str) -> None:
        """After memory ran out on that many views: frees what can be made again, asks for less.

        Raises:
            RuntimeFailedError: it was a single view, and nothing is left to do without.
        """
        pipeline.free()
        if size > 1:
            self._most = size // 2
            first = not self._shrunk
            self._shrunk = (
                f"The GPU's memory is full: at most {self._most} pictures are inspected at once "
                f"instead of {MOST_AT_ONCE}, which may take longer; {_WAY_OUT}."
            )
            _log.log(logging.WARNING if first else logging.INFO, "%s", self._shrunk)
        elif pipeline.recorder.records:
            pipeline.recorder.refuse(reason)  # a recording wants memory of its own
        else:
            raise RuntimeFailedError(
                f"The GPU's memory is too small even for one picture ({reason}); {_WAY_OUT}."
            )


def _box_of(view: View) -> Box:
    """What a view sees, cut off at the frame's edges as in `View.pixels`.

    Raises:
        ImageError: the frame or the part cannot be inspected.
    """
    height, width = checked_pixels(view).shape[:2]
    left, top = (0, 0) if view.box is None else (view.box.x, view.box.y)
    return Box(left, top, width, height)


def _frame_by_frame(views: Sequence[View]) -> list[int]:
    """Indices of views in an order in which those of one frame follow one another."""
    first: dict[int, int] = {}
    for index, view in enumerate(views):
        first.setdefault(id(view.image), index)
    return sorted(range(len(views)), key=lambda index: first[id(views[index].image)])


def _current_gpu() -> torch.device:
    try:
        return torch.device("cuda", torch.cuda.current_device())
    except (RuntimeError, AssertionError) as error:
        raise RuntimeUnavailableError(
            f"The GPU cannot be used ({reason_of(error)}); check it with nvidia-smi, or use "
            "--runtime openvino."
        ) from error


def _best_precision(device: torch.device) -> str:
    if device.type != "cuda":
        return "f32"
    fast = torch.cuda.get_device_capability(device) >= _FAST_HALF
    return "fp16" if fast else "f32"


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
