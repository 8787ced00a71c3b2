"""The station without a window: one line per decision on standard output."""

from __future__ import annotations

import json
import math
import queue
import sys
import time
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto

from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import InspectedFrame, Inspection, Reason, StationState
from uniad_desktop.records.describe import describe

SIGNS = {"PASS": "✓", "REVIEW": "△", "FAIL": "✕", "ERROR": "!"}
POLL_S = 0.1


class Ending(Enum):
    """Why a headless run ended."""

    DONE = auto()
    INTERRUPTED = auto()
    CAMERA = auto()
    MODEL = auto()
    FAILED = auto()


class DecisionPrinter:
    """Takes decisions on inspector threads and prints them on the thread that asks.

    Args:
        as_json: an object per line, else words.
        cameras: how many there are; with several, each line of words begins with its camera.
    """

    def __init__(self, *, as_json: bool, cameras: int = 1) -> None:
        self._as_json, self._cameras = as_json, cameras
        self._queue: queue.SimpleQueue[Inspection] = queue.SimpleQueue()

    def take(self, shown: InspectedFrame) -> None:
        """Queues a decision; returns at once."""
        self._queue.put(shown.inspection)

    def print_next(self, wait_s: float) -> bool:
        """Prints the next decision; False if none came within `wait_s` seconds."""
        try:
            inspection = self._queue.get(timeout=wait_s) if wait_s else self._queue.get_nowait()
        except queue.Empty:
            return False
        if self._as_json:
            line = json.dumps(describe(inspection), ensure_ascii=False)
        else:
            line = format_line(inspection)
            if self._cameras > 1:
                line = f"camera {inspection.camera}  {line}"
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        return True


def format_line(inspection: Inspection) -> str:
    """One decision for a person: time, number, verdict, score, product, latency, label."""
    when = datetime.fromtimestamp(inspection.decided_at)
    score = "  –" if math.isnan(inspection.score) else f"{inspection.score:3.0f}"
    label = "" if inspection.kind.value == "LIVE" else f"  {inspection.kind.value}"
    parts = [
        f"{when:%H:%M:%S}.{when.microsecond // 1000:03d}",
        f"#{inspection.number:<5d}",
        f"frame {inspection.frame_id:<6d}",
        f"{SIGNS[inspection.verdict.value]} {inspection.verdict.value:<6}",
        f"score {score}/100 (limit 50)",
        f"{inspection.product:<8}",
        f"{inspection.latency_ms:6.1f} ms",
    ]
    strongest = inspection.regions[0] if inspection.regions else None
    where = f"  at x {strongest.x}, y {strongest.y}" if strongest else ""
    detail = f"  {inspection.detail}" if inspection.detail else ""
    return "  ".join(parts) + label + where + detail


def run_headless(
    station: Station,
    printer: DecisionPrinter,
    *,
    stop: Callable[[], bool],
    frames: int | None = None,
    trigger_every_s: float | None = None,
) -> tuple[Ending, str]:
    """Inspects until told to stop, until `frames` decisions, or until the source ends.

    Args:
        station: built, not started.
        printer: one of the station's sinks.
        stop: asked several times a second.
        frames: number of decisions to print; None: no end.
        trigger_every_s: seconds between two software triggers; None in free running.

    Returns:
        Why it ended, and a sentence for the user, empty if there is nothing to say.
    """
    station.start()
    printed = 0
    next_trigger = time.monotonic()
    while not stop():
        running = station.state is StationState.RUNNING
        if running and trigger_every_s is not None and time.monotonic() >= next_trigger:
            station.trigger()
            next_trigger = max(next_trigger + trigger_every_s, time.monotonic())
        until_trigger = next_trigger - time.monotonic() if trigger_every_s and running else POLL_S
        # The state is read before the queue, so that no decision made before an end is missed.
        state = station.state
        if printer.print_next(min(POLL_S, max(0.0, until_trigger))):
            printed += 1
            if frames is not None and printed >= frames:
                return Ending.DONE, ""
            continue
        if state is StationState.FINISHED:
            return Ending.DONE, ""
        if state is StationState.FAILED:
            return failure_ending(station.failure), station.problem
    return Ending.INTERRUPTED, f"Ended by the user after {printed} decisions."


def failure_ending(reason: Reason | None) -> Ending:
    """How a run ends whose station failed for this reason."""
    if reason is Reason.MODEL_FAILED:
        return Ending.MODEL
    return Ending.CAMERA if reason is Reason.CAMERA_LOST else Ending.FAILED
