"""Several cameras without a window: one line per decision, with the camera it is from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from uniad_desktop.headless import POLL_S, DecisionPrinter, Ending, failure_ending
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import StationState

_AT_REST = (StationState.FINISHED, StationState.FAILED)


def run_several(
    stations: Sequence[Station],
    printer: DecisionPrinter,
    *,
    stop: Callable[[], bool],
    say: Callable[[str], None],
    frames: int | None = None,
    trigger_every_s: float | None = None,
) -> tuple[Ending, str]:
    """Inspects until told to stop, until `frames` decisions, or until no camera goes on.

    A camera that fails is told of once; the others go on.

    Args:
        stations: built, not started.
        printer: one of the sinks of each.
        stop: asked several times a second.
        say: takes a sentence for the user.
        frames: number of decisions of all cameras to print; None: no end.
        trigger_every_s: seconds between two software triggers of each camera; None in free
            running.

    Returns:
        Why it ended, and a sentence for the user, empty if there is nothing to say.
    """
    for station in stations:
        station.start()
    printed = 0
    next_trigger = time.monotonic()
    told: set[int] = set()
    while not stop():
        running = [one for one in stations if one.state is StationState.RUNNING]
        if trigger_every_s is not None and running and time.monotonic() >= next_trigger:
            for station in running:
                station.trigger()
            next_trigger = max(next_trigger + trigger_every_s, time.monotonic())
        # The states are read before the queue, so that no decision made before an end is missed.
        states = [one.state for one in stations]
        for place, state in enumerate(states):
            if state is StationState.FAILED and place not in told:
                told.add(place)
                say(f"Camera {place + 1}: {stations[place].problem}")
        wait = POLL_S
        if trigger_every_s is not None and running:
            wait = min(POLL_S, max(0.0, next_trigger - time.monotonic()))
        if printer.print_next(wait):
            printed += 1
            if frames is not None and printed >= frames:
                return Ending.DONE, ""
        elif all(state in _AT_REST for state in states):
            return _ending(stations), ""
    return Ending.INTERRUPTED, f"Ended by the user after {printed} decisions."


def _ending(stations: Sequence[Station]) -> Ending:
    """Of the first camera that failed; done where none did."""
    failed = [one for one in stations if one.state is StationState.FAILED]
    return failure_ending(failed[0].failure) if failed else Ending.DONE
