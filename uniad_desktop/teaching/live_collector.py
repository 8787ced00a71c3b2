"""Collects parts from a running camera: chosen on the camera's thread, checked on its own.

Frames that are chosen while the checks are busy wait, a few at most; then the oldest makes room and
is counted. What goes wrong stops collecting with a sentence; what could not be kept waits for the
next start.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.types import InspectedFrame
from uniad_desktop.teaching.checks import Reason
from uniad_desktop.teaching.collect_from import CollectFrom
from uniad_desktop.teaching.collect_state import CollectState, FrameChoice, Rule
from uniad_desktop.teaching.collection import Origin, Part, PartCollection
from uniad_desktop.teaching.coverage import Coverage
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import Feature, Product

if TYPE_CHECKING:
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.teaching.part_checks import PartChecks

log = logging.getLogger(__name__)

MOST_WAITING: Final = 4
"""Chosen frames that may wait for the checks."""

_ALL_COVERAGES = 100  # parts up to which each one is followed by a new figure
_EVERY_COVERAGE = 5
_LOWER_PRIORITY = 10


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    frame: Frame
    camera: Mapping[str, Feature]
    score: float | None


@dataclass(slots=True)
class _Tally:
    """What the worker did; changed and read under the lock."""

    taken: int = 0
    set_aside: Counter[Reason] = field(default_factory=Counter)
    aside: int = 0
    duplicates: int = 0
    unreadable: int = 0
    unread: str = ""
    last: Part | None = None
    coverage: Coverage | None = None


class LiveCollector:
    """Collects the parts of one product from a station or from files.

    Every method but `close` returns at once and may be called from any thread.

    Args:
        product: what is collected.
        collection: where parts go; others may change it meanwhile, see `refresh`.
        open_package: opens the model that checks; runs on the worker; raises PackageError.
        station: whose camera shows the parts; None: parts come from files only.
    """

    def __init__(
        self,
        product: Product,
        collection: PartCollection,
        open_package: Callable[[], ModelPackage],
        station: CollectFrom | None = None,
    ) -> None:
        self._product, self._collection = product, collection
        self._open_package, self._station = open_package, station
        self._attached = self._beside = self._detached = False
        self._changed = threading.Condition()
        self._choice = FrameChoice()
        self._closing = self._refresh = self._save = self._blocked = False
        self._busy = 0
        self._frame: Frame | None = None
        self._problem = ""
        self._waiting: deque[_Chosen] = deque()
        self._files: deque[Path] = deque()
        self._files_total = self._files_done = 0
        self._in_work: _Chosen | Path | None = None
        self._tally = _Tally()
        self._prepared = False
        self._thread: threading.Thread | None = None

    # --- what the screen asks for

    def attach(self, title: str) -> bool:
        """Has the station hand its frames over, anew where it was stopped meanwhile.

        Where the station inspects this very product it goes on, and the score is known already;
        otherwise frames are collected instead of being inspected.

        Args:
            title: of the product, for the screen.

        Returns:
            Whether inspection goes on beside it.
        """
        station = self._station
        if station is None:
            return False
        self.detach()
        key = self._product.key
        beside = station.product.key == key and any(one.key == key for one in station.products)
        self._attached, self._beside, self._detached = True, beside, False
        if beside:
            station.add_sink(self.take_inspected)
        else:
            station.begin_collecting(title, self.take, key)
        return beside

    def detach(self) -> None:
        """Has the station do again what it did before."""
        if self._station is None or not self._attached:
            return
        if self._beside:
            self._station.remove_sink(self.take_inspected)
        else:
            self._station.end_collecting()
        with self._changed:  # frames on their way count no more
            self._attached, self._detached, self._frame = False, True, None

    def start(self, rule: Rule) -> None:
        """Chooses frames from now on; what could not be kept before is tried again."""
        with self._changed:
            self._choice.start(rule)
            self._go_on()

    def pause(self) -> None:
        """Chooses no more frames; those that wait are still taken."""
        with self._changed:
            self._choice.stop()
            self._save = self._thread is not None
            self._changed.notify()

    def take_one(self) -> None:
        """Chooses the next frame that arrives, whatever the rule; only while collecting."""
        with self._changed:
            self._choice.ask(time.monotonic_ns())

    def collect_files(self, paths: Sequence[Path]) -> None:
        """Takes image files in, after those that wait already."""
        with self._changed:
            if not self._files and not isinstance(self._in_work, Path):
                self._files_total = self._files_done = 0
            self._files.extend(paths)
            self._files_total += len(paths)
            self._go_on()

    def cancel_files(self) -> None:
        """Takes in no more of the files; what was taken stays."""
        with self._changed:
            self._files_total -= len(self._files)
            self._files.clear()

    def refresh(self) -> None:
        """The collection was changed by somebody else: accepted, deleted, undone."""
        with self._changed:
            self._refresh = True
            self._changed.notify()

    def snapshot(self) -> CollectState:
        """How far it is."""
        with self._changed:
            tally = self._tally
            busy = self._choice.on or self._waiting or self._files
            return CollectState(
                preparing=bool(busy) and not self._prepared and not self._blocked,
                collecting=self._choice.on,
                seen=self._choice.seen,
                taken=tally.taken,
                aside=tally.aside,
                set_aside=dict(tally.set_aside),
                duplicates=tally.duplicates,
                busy_dropped=self._busy,
                waiting=len(self._waiting),
                last=tally.last,
                frame=self._frame,
                problem=self._problem,
                coverage=tally.coverage,
                files=self._files_total,
                files_done=self._files_done,
                unreadable=tally.unreadable,
                unread=tally.unread,
            )

    def close(self, timeout_s: float = 5.0) -> bool:
        """Detaches and ends; frames that wait are still taken where the checks are ready.

        Returns:
            Whether that was done in time.
        """
        self.detach()
        with self._changed:
            self._choice.stop()
            self._closing = True
            self._files.clear()
            self._changed.notify()
        thread = self._thread
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    # --- what the camera's thread calls

    def take(self, frame: Frame) -> None:
        """A frame of the camera; returns at once."""
        self._offer(frame, None)

    def take_inspected(self, shown: InspectedFrame) -> None:
        """A decision of the station with its frame; others than of this product do not count."""
        if shown.frame is not None and shown.inspection.product == self._product.key:
            prediction = shown.prediction
            self._offer(shown.frame, None if prediction is None else prediction.image_score)

    def _offer(self, frame: Frame, score: float | None) -> None:
        info = None if self._station is None else self._station.source_info
        triggered = (
            self._station is not None and self._station.trigger_mode is not TriggerMode.FREE_RUNNING
        )
        with self._changed:
            if self._detached or self._closing:
                return
            self._frame = frame
            if not self._choice.chooses(frame, triggered=triggered):
                return
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self._busy += 1
            self._waiting.append(_Chosen(frame, {} if info is None else info.settings, score))
            self._changed.notify()

    def _go_on(self) -> None:
        self._blocked, self._problem = False, ""
        if self._thread is None and not self._closing:
            self._thread = threading.Thread(target=self._run, name="collect-parts", daemon=True)
            self._thread.start()
        self._changed.notify()

    # --- the worker

    def _run(self) -> None:
        from uniad_desktop.engine.package import PackageError  # nobody need wait for torch

        if sys.platform == "linux":  # elsewhere priorities are of whole processes
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWER_PRIORITY)
        checks: PartChecks | None = None
        while self._wait_for_work(ready=checks is not None):
            try:
                if checks is None:
                    checks = self._prepare()
                else:
                    self._work(checks)
            except (StoreError, PackageError) as error:
                log.warning("Collecting stopped: %s", error)
                self._stop_with(str(error))
            except Exception as error:
                log.exception("Collecting stopped")
                self._stop_with(f"Collecting stopped because of an unexpected error: {error}")
        if checks is not None:
            checks.close()

    def _wait_for_work(self, *, ready: bool) -> bool:
        """Waits until there is something to do; False where everything is done and it is closed."""
        with self._changed:
            while True:
                if self._closing and (self._blocked or not ready or not self._waiting):
                    return False
                if not self._blocked:
                    if self._waiting or self._files:
                        return True
                    if (self._refresh or self._save) if ready else self._choice.on:
                        return True
                self._changed.wait()

    def _prepare(self) -> PartChecks:
        from uniad_desktop.teaching.part_checks import PartChecks

        with self._changed:
            self._refresh = False
        checks = PartChecks(self._product, self._collection, self._open_package())
        self._note_coverage(checks)
        with self._changed:
            self._prepared = True
        return checks

    def _work(self, checks: PartChecks) -> None:
        with self._changed:
            refresh, self._refresh = self._refresh, False
            save, self._save = self._save, False
            if self._waiting:
                self._in_work = self._waiting.popleft()
            elif self._files:
                self._in_work = self._files.popleft()
        if refresh:
            checks.refresh()
            self._note_coverage(checks)
        work = self._in_work
        if isinstance(work, _Chosen):
            checks.intake.take(work.frame.image, Origin.of(work.frame), work.camera, work.score)
        elif work is not None:
            checks.intake.take_file(work)
        if work is not None:
            self._account(checks)
        if save:
            checks.save()

    def _account(self, checks: PartChecks) -> None:
        intake = checks.intake
        accepted = len(intake.taken) != self._tally.taken
        with self._changed:
            tally = self._tally
            for part in intake.aside[tally.aside :]:
                tally.set_aside.update({doubt.reason for doubt in part.doubts})
                tally.last = part
            if accepted:
                tally.last = intake.taken[-1]
            tally.taken, tally.aside = len(intake.taken), len(intake.aside)
            tally.duplicates = intake.duplicates
            tally.unreadable, tally.unread = intake.unreadable, intake.summary()
            self._files_done += isinstance(self._in_work, Path)
            self._in_work = None
        count = len(intake.taken)
        if accepted and (count <= _ALL_COVERAGES or count % _EVERY_COVERAGE == 0):
            self._note_coverage(checks)

    def _note_coverage(self, checks: PartChecks) -> None:
        coverage = checks.coverage()
        with self._changed:
            self._tally.coverage = coverage

    def _stop_with(self, sentence: str) -> None:
        with self._changed:
            # What was not kept is the first to be tried again.
            if isinstance(self._in_work, _Chosen):
                self._waiting.appendleft(self._in_work)
            elif self._in_work is not None:
                self._files.appendleft(self._in_work)
            self._in_work = None
            self._choice.stop()
            self._blocked, self._problem = True, sentence
