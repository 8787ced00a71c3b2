"""What happens to views on the GPU, from the frame in host memory to maps and scores there."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.layout import Box
from uniad_desktop.engine.runtimes.gpu_graph import Kept, Recorder, Step, reason_of
from uniad_desktop.engine.runtimes.gpu_lane import Lane, Mark, Uploads
from uniad_desktop.engine.runtimes.gpu_network import GpuNetwork
from uniad_desktop.engine.runtimes.gpu_scaling import FrameScaling
from uniad_desktop.uniad.model import UniAD

_log = logging.getLogger(__name__)

_MOST_COUNTS = 8  # numbers of views that the network is kept recorded for
_MOST_CUTS = 32  # ways to cut up a frame, likewise for the scaling


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A view whose box is known to lie inside its frame.

    Attributes:
        image: the whole frame, (H, W) or (H, W, 3) uint8.
        box: the part that is looked at, in pixels of the frame.
    """

    image: NDArray[np.uint8]
    box: Box


@dataclass(slots=True, eq=False)
class _Batch:
    """Tensors at fixed places for one number of views, and the network between them."""

    pictures: Tensor
    maps: Tensor
    scores: Tensor
    step: Step


@dataclass(slots=True, eq=False)
class _Cut:
    """The tiles of a frame at a fixed place, and the scaling that fills them."""

    tiles: Tensor
    step: Step


@dataclass(slots=True, eq=False)
class _Landing:
    """Where maps and scores arrive on the host; for one piece at a time."""

    maps: Tensor
    scores: Tensor


@dataclass(slots=True, eq=False)
class Piece:
    """Views whose results are on their way; `Pipeline.collect` waits for them."""

    count: int
    landing: _Landing
    prepared: Mark
    ready: Mark


class Pipeline:
    """Runs pieces one after another without waiting for each.

    Scaling is recorded for each way to cut up a frame, everything behind it for each number of
    views, so that a frame of another size costs no new recording of the network.

    Args:
        model: trained, in eval mode, on the CPU; it is copied.
        device: a GPU; on the CPU the same steps run one by one, which is for tests.
        dtype: of backbone and transformer.

    Raises:
        RuntimeError: of any kind that torch raises.
    """

    def __init__(self, model: UniAD, device: torch.device, dtype: torch.dtype) -> None:
        config = model.config
        self._size = config.input_height, config.input_width
        self._device = device
        self.lane = Lane(device)
        self.recorder = Recorder(self.lane.compute)
        # On this stream and not waiting for the whole device, which another model's recording,
        # should one go on meanwhile, would not survive.
        with self.lane.on_compute():
            self._network = GpuNetwork(model, device, dtype)
        self.lane.synchronise()
        self._batches: Kept[_Batch] = Kept(_MOST_COUNTS, self.lane.synchronise)
        self._cuts: Kept[_Cut] = Kept(_MOST_CUTS, self.lane.synchronise)
        self._uploads = Uploads(self.lane, self._cuts.clear)
        self._landings: deque[_Landing] = deque()

    def begin(self) -> None:
        """Before the first piece of a run, when none is on its way."""
        self._uploads.restart()

    def start(self, sights: Sequence[Sight]) -> Piece:
        """Puts the work on some views on the GPU; inside inference mode and `Lane.on_compute`.

        Args:
            sights: at least one; those of one frame follow one another, so that it is uploaded
                once, and only the part that they cover.

        Raises:
            RuntimeError: of any kind that torch raises.
        """
        count = len(sights)
        batch = self._batches.get(count, lambda: self._make_batch(count))
        row = 0
        for _, group in groupby(sights, key=lambda sight: id(sight.image)):
            row += self._scale(list(group), batch.pictures[row:])
        prepared = self.lane.mark()
        batch.step.run()
        landing = self._landing(count)
        landing.scores.fill_(torch.nan)  # should the copy never come, no decision rests on it
        landing.maps[:count].copy_(batch.maps, non_blocking=True)
        landing.scores[:count].copy_(batch.scores, non_blocking=True)
        return Piece(count, landing, prepared, self.lane.mark())

    def collect(
        self,
        piece: Piece,
        places: NDArray[np.intp],
        maps: NDArray[np.float32],
        scores: NDArray[np.float32],
    ) -> float:
        """Waits for the results of a piece and copies them out.

        Args:
            piece: the one that was started first of those not yet collected.
            places: (count,) indices of its views in what follows.
            maps: (B, H, W), filled in these places.
            scores: (B,), likewise.

        Returns:
            Milliseconds from the scaled pictures until the results were on the host.

        Raises:
            RuntimeError: some of the work failed; nothing has been written.
        """
        piece.ready.wait()
        maps[places] = piece.landing.maps[: piece.count].numpy()
        scores[places] = piece.landing.scores[: piece.count].numpy()
        self._landings.append(piece.landing)
        return piece.prepared.ms_until(piece.ready)

    def settle(self) -> None:
        """Waits until the GPU touches no buffer any more, whatever became of its work."""
        try:
            self.lane.synchronise()
        except RuntimeError as error:  # a GPU that failed comes to no other rest
            _log.info("The GPU did not come to rest: %s", reason_of(error))

    def free(self) -> None:
        """Gives back everything but the weights; what is needed again is made again."""
        self.settle()
        try:
            self._batches.clear()
            self._cuts.clear()
        except RuntimeError as error:
            _log.info("Buffers of the GPU were not given back: %s", reason_of(error))
        self._uploads.clear()
        self._landings.clear()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def close(self) -> None:
        """Gives back everything, the streams too; it is of no use afterwards."""
        self.free()
        try:
            self.lane.synchronise()
        except RuntimeError as error:  # nobody shall work on streams that failed
            _log.info("Streams of the GPU are not used again: %s", reason_of(error))
            return
        self.lane.give_back()

    def _scale(self, sights: Sequence[Sight], pictures: Tensor) -> int:
        """Brings tiles of one frame to the first of the pictures; the number of tiles."""
        boxes = [sight.box for sight in sights]
        left, top = min(box.x for box in boxes), min(box.y for box in boxes)
        right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
        frame = self._uploads.put(sights[0].image[top:bottom, left:right])
        own = tuple(Box(box.x - left, box.y - top, box.width, box.height) for box in boxes)
        # The place is part of the key: a recording reads the place that it was made for.
        key = (frame.data_ptr(), tuple(frame.shape), own)
        cut = self._cuts.get(key, lambda: self._make_cut(frame, own))
        cut.step.run()
        self._uploads.done_with()
        pictures[: len(own)].copy_(cut.tiles)  # a grey tile becomes three channels only here
        return len(own)

    def _make_cut(self, frame: Tensor, boxes: Sequence[Box]) -> _Cut:
        channels = 1 if frame.ndim == 2 else frame.shape[2]
        shape = (len(boxes), channels, *self._size)
        tiles = torch.empty(shape, dtype=torch.uint8, device=self._device)
        scaling = FrameScaling(boxes, self._size, self._device)
        return _Cut(tiles, Step(self.recorder, lambda: scaling(frame, tiles)))

    def _make_batch(self, count: int) -> _Batch:
        network, device = self._network, self._device
        shape = (count, 3, *self._size)
        order = torch.channels_last
        pictures = torch.empty(shape, dtype=torch.uint8, device=device, memory_format=order)
        maps = torch.empty((count, *self._size), dtype=torch.float32, device=device)
        scores = torch.empty((count,), dtype=torch.float32, device=device)

        def work() -> None:
            some_maps, some_scores = network(pictures)
            maps.copy_(some_maps)
            scores.copy_(some_scores)

        return _Batch(pictures, maps, scores, Step(self.recorder, work))

    def _landing(self, count: int) -> _Landing:
        """Room for results that no piece on its way uses."""
        landing = self._landings.popleft() if self._landings else None
        if landing is not None and len(landing.scores) >= count:
            return landing
        maps = self.lane.host((count, *self._size), torch.float32)
        return _Landing(maps, self.lane.host((count,), torch.float32))
