"""``review --inspect``: judges what is new in a folder or zip, with progress."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uniad_desktop.commands.packages import open_named_package
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import Settings

if TYPE_CHECKING:
    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.review.inspecting import InspectionDone
    from uniad_desktop.review.source import ReviewSource
    from uniad_desktop.teaching.teach_events import EventWriter, Pace

_log = logging.getLogger(__name__)

_PAUSE_S: Final = 0.1
_GPU_BATCH: Final = 8
_MOST_WORKERS: Final = 8


def judge_source(
    options: argparse.Namespace,
    folder: Path,
    settings: Settings,
    source: ReviewSource,
    interrupt: Interrupt,
) -> None:
    """Judges what is new. May raise ReviewError, RecordsError, PackageError, DetectorError."""
    from uniad_desktop.records.recorder import login_name
    from uniad_desktop.review.inspecting import InspectionOrder, inspect_source
    from uniad_desktop.teaching.teach_events import EventWriter

    order = InspectionOrder(
        product=options.product,
        usual_product=settings.product,
        operator=options.who or login_name(),
        again=options.again,
        workers=lambda: options.workers or min(_processors(), _MOST_WORKERS),
        batch=lambda: _batch(options.device),
    )
    telling = _Telling(EventWriter(sys.stdout) if options.events else None, interrupt)
    try:
        done = inspect_source(
            source,
            folder,
            order,
            lambda: open_named_package(options.model, folder),
            lambda package: _open_detector(options, package),
            check=telling.check,
            told=telling.take,
        )
    finally:
        telling.close()
    telling.done(done)


# Torch is loaded by these only, so that what is on record already shows at once.


def _open_detector(options: argparse.Namespace, package: ModelPackage) -> Detector:
    from uniad_desktop.app import inference_threads
    from uniad_desktop.engine.detector import Detector

    # With events there is a window, and a station may be inspecting beside it.
    threads = inference_threads() if options.events else _processors()
    return Detector.open(package, runtime=options.runtime, device=options.device, threads=threads)


def _processors() -> int:
    from uniad_desktop.engine.speed.machine import usable_processors

    return usable_processors()


def _batch(device: str) -> int:
    from uniad_desktop.engine.detector import choose_device

    return _GPU_BATCH if choose_device(device).type == "cuda" else 1


class _Telling:
    """Progress, as a bar for a person or as events."""

    def __init__(self, events: EventWriter | None, interrupt: Interrupt) -> None:
        self._events, self._interrupt = events, interrupt
        self._bar: Any = None
        self._pace: Pace | None = None

    def check(self) -> None:
        """Waits while it is to pause, and ends when it is to end."""
        self._interrupt.raise_if_asked()
        if not self._interrupt.is_paused():
            return
        self._emit("paused")
        while self._interrupt.is_paused():
            self._interrupt.raise_if_asked()
            time.sleep(_PAUSE_S)
        self._emit("resumed")

    def take(self, event: str, **values: Any) -> None:  # noqa: ANN401 - JSON values
        """Takes an event of the inspection."""
        from uniad_desktop.teaching.teach_events import Pace

        if event == "opened":
            self._pace = Pace(values["images"])
            _log.info("Judging with %s, %s.", values["model"], values["runtime"])
        if event == "progress":
            if self._pace is not None:
                values["per_second"], values["seconds_left"] = self._pace.take(values["done"])
            last = values["done"] == values["images"]
            if self._events is not None:
                self._events.emit_seldom("progress", last, **values)
            self._draw(values["done"], values["images"])
        else:
            self._emit(event, **values)

    def close(self) -> None:
        """Ends the bar."""
        if self._bar is not None:
            self._bar.close()

    def done(self, done: InspectionDone) -> None:
        """Says what was done."""
        fresh = done.judged + done.described
        self._emit("done", **done.as_values() | {"images": fresh, "done": fresh})
        for note in done.notes:
            _log.warning("%s", note)
        if done.missing:
            _log.warning(
                "%d images on record are gone, for example %s; their decisions stay on record.",
                len(done.missing),
                done.missing[0],
            )
        if fresh:
            counts = ", ".join(f"{number} {verdict}" for verdict, number in done.counts.items())
            changed = f", {done.changed} of them changed files" if done.changed else ""
            _log.info("%d of %d images are new%s: %s.", fresh, done.total, changed, counts)

    def _emit(self, event: str, **values: Any) -> None:  # noqa: ANN401 - JSON values
        if self._events is not None:
            self._events.emit(event, **values)

    def _draw(self, done: int, images: int) -> None:
        if self._events is not None or not sys.stderr.isatty():
            return
        from tqdm import tqdm

        if self._bar is None:
            tqdm.monitor_interval = 0  # or it leaves a thread behind
            self._bar = tqdm(total=images, unit=" images", leave=False, file=sys.stderr)
        self._bar.update(done - self._bar.n)
