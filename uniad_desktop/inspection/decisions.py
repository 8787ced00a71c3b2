"""Makes decisions and hands them out: one object for screen, records and outputs alike."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import SourceInfo
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.inspection.image_quality import measure
from uniad_desktop.inspection.judge import judge
from uniad_desktop.inspection.scoreboard import Scoreboard
from uniad_desktop.inspection.types import (
    CameraPlace,
    InspectedFrame,
    Inspection,
    LatencyStart,
    ProductInfo,
    Reason,
    Verdict,
)


class DecisionMaker:
    """Numbers decisions from 1, counts them and gives them to the sinks. One thread decides.

    Args:
        board: counts every decision.
        sinks: called with every decision; must not block.
        model: which model decides; set anew when another is loaded.
        cannot_store: why a decision cannot be put on record, as a sentence; empty: it can. A
            decision that cannot is an ERROR.
        place: which camera of the station it is.
    """

    def __init__(
        self,
        board: Scoreboard,
        sinks: Sequence[Callable[[InspectedFrame], None]],
        model: ModelIdentity,
        cannot_store: Callable[[], str] = lambda: "",
        place: CameraPlace | None = None,
    ) -> None:
        self._board = board
        self._sinks = tuple(sinks)
        self._sinks_lock = threading.Lock()
        self._number = 0
        self.model = model
        self.runtime = ""
        self._place = place or CameraPlace()
        self._source: SourceInfo | None = None
        self._cannot_store = cannot_store

    @property
    def source(self) -> SourceInfo | None:
        """Who delivers the frames, under the name that it has at this station."""
        return self._source

    @source.setter
    def source(self, info: SourceInfo | None) -> None:
        several = self._place.of > 1
        self._source = replace(info, name=self._place.name(info.name)) if info and several else info

    @property
    def next_number(self) -> int:
        """Number that the next decision gets."""
        return self._number + 1

    def add_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """Hands `sink` every decision from now on; any thread."""
        with self._sinks_lock:
            self._sinks = (*self._sinks, sink)

    def remove_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """Hands it no more, though one that is on its way may still arrive; any thread."""
        with self._sinks_lock:
            self._sinks = tuple(one for one in self._sinks if one != sink)

    def decide(
        self,
        frame: Frame,
        prediction: Prediction,
        product: ProductInfo,
        since_ns: int,
        *,
        since: LatencyStart = LatencyStart.RECEPTION,
        told: Callable[[InspectedFrame], None] | None = None,
    ) -> None:
        """Judges a prediction by the limits of the product.

        Args:
            frame: what was judged.
            prediction: of the model.
            product: whose limits apply.
            since_ns: starts the latency (``time.monotonic_ns``).
            since: what `since_ns` is.
            told: who asked for this very decision; called after the sinks, must not block.
        """
        height, width = frame.image.shape[:2]
        judgement = judge(
            prediction,
            product.limits,
            (width, height),
            pixel_limit=product.pixel_limit,
            least_area=product.least_area,
            mm_per_pixel=product.mm_per_pixel,
        )
        refusal = self._cannot_store()
        quality = measure(frame.image)
        self._number += 1
        inspection = Inspection(
            number=self._number,
            frame_id=frame.id,
            timestamp_ns=frame.timestamp_ns,
            decided_at=time.time(),
            source=frame.source,
            kind=frame.kind,
            verdict=Verdict.ERROR if refusal else judgement.verdict,
            reason=Reason.NOT_STORED if refusal else judgement.reason,
            detail=refusal or judgement.detail,
            score=judgement.score,
            raw_score=prediction.image_score,
            regions=judgement.regions,
            limits=product.limits,
            product=product.key,
            model=prediction.model,
            runtime=prediction.runtime,
            latency_ms=(time.monotonic_ns() - since_ns) / 1e6,
            pixel_format=frame.pixel_format,
            quality=quality,
            latency_from=since,
            camera=self._place.number,
        )
        self._publish(InspectedFrame(inspection, frame, prediction, self.source), told)

    def decide_error(
        self,
        reason: Reason,
        detail: str,
        product: ProductInfo,
        *,
        since_ns: int | None = None,
        frame: Frame | None = None,
        since: LatencyStart = LatencyStart.RECEPTION,
        told: Callable[[InspectedFrame], None] | None = None,
    ) -> None:
        """An ERROR, which counts as a reject, with the frame where there is one; see `decide`."""
        info = self.source
        kind = info.kind if info else SourceKind.LIVE
        self._number += 1
        inspection = Inspection(
            number=self._number,
            frame_id=frame.id if frame else -1,
            timestamp_ns=frame.timestamp_ns if frame else 0,
            decided_at=time.time(),
            source=frame.source if frame else (info.serial if info else self._place.asked),
            kind=frame.kind if frame else kind,
            verdict=Verdict.ERROR,
            reason=reason,
            detail=detail,
            score=math.nan,
            raw_score=math.nan,
            regions=(),
            limits=product.limits,
            product=product.key,
            model=self.model,
            runtime=self.runtime,
            latency_ms=0.0 if since_ns is None else (time.monotonic_ns() - since_ns) / 1e6,
            pixel_format=frame.pixel_format if frame else "",
            latency_from=since,
            camera=self._place.number,
        )
        self._publish(InspectedFrame(inspection, frame, None, self.source), told)

    def _publish(
        self, shown: InspectedFrame, told: Callable[[InspectedFrame], None] | None
    ) -> None:
        self._board.add_decision(shown)
        for sink in self._sinks:
            sink(shown)
        if told is not None:
            told(shown)
