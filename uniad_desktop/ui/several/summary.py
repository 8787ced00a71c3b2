"""What several stations are together: the worst state, sums, who needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.types import (
    Latency,
    Rates,
    ShiftCounters,
    StationState,
    Verdict,
)
from uniad_desktop.ui import text
from uniad_desktop.ui.review.words import SIGNS
from uniad_desktop.ui.station_like import StationLike

_WORST_FIRST = (
    StationState.FAILED,
    StationState.CAMERA_LOST,
    StationState.STOPPED,
    StationState.FINISHED,
    StationState.STARTING,
    StationState.PREVIEW,
    StationState.COLLECTING,
    StationState.RUNNING,
)
_BUSY = (
    StationState.STARTING,
    StationState.RUNNING,
    StationState.COLLECTING,
    StationState.CAMERA_LOST,
)


def worst_of(stations: Sequence[StationLike], chosen: int) -> StationLike:
    """The station whose state most needs a person; of equals the chosen one, else the first."""
    order = [_WORST_FIRST.index(station.state) for station in stations]
    if order[chosen] == min(order):
        return stations[chosen]
    return stations[order.index(min(order))]


def need_of(station: StationLike) -> str:
    """What of a camera needs a person now, in a few words; empty where nothing does."""
    state = station.state
    if state is not StationState.RUNNING:
        return text.state_word(state)
    newest = station.newest()
    if newest is None or newest.inspection.verdict is Verdict.PASS:
        return ""
    verdict = newest.inspection.verdict
    return f"{SIGNS[verdict]} {text.verdict_word(verdict)}"


def busy(stations: Sequence[StationLike]) -> bool:
    """Whether there is something to stop."""
    return any(station.state in _BUSY for station in stations)


def to_trigger(stations: Sequence[StationLike]) -> list[StationLike]:
    """Those that take a software trigger now."""
    takes = (StationState.RUNNING, StationState.COLLECTING, StationState.PREVIEW)
    return [
        station
        for station in stations
        if station.trigger_mode is TriggerMode.SOFTWARE and station.state in takes
    ]


def kind_of(stations: Sequence[StationLike]) -> SourceKind | None:
    """LIVE only where every open camera is; None where none is open."""
    kinds = [station.source_info.kind for station in stations if station.source_info is not None]
    not_live = [kind for kind in kinds if kind is not SourceKind.LIVE]
    return next(iter([*not_live, *kinds]), None)


def counters_of(stations: Sequence[StationLike]) -> ShiftCounters:
    """The counts of all cameras together; since the earliest reset."""
    counters = [station.counters() for station in stations]
    since = min(one.since for one in counters)
    names = [field.name for field in fields(ShiftCounters) if field.name != "since"]
    sums = {name: sum(getattr(one, name) for one in counters) for name in names}
    return replace(ShiftCounters(since), **sums)


def rates_of(stations: Sequence[StationLike]) -> Rates:
    """Per second, of all cameras together; what was lost lately, too."""
    rates = [station.rates() for station in stations]
    return Rates(
        sum(one.acquired for one in rates),
        sum(one.inspected for one in rates),
        sum(one.passed_over for one in rates),
        sum(one.lost_lately for one in rates),
    )


def latency_of(stations: Sequence[StationLike]) -> Latency:
    """That of the slowest camera."""
    found = [station.latency() for station in stations]
    return max(found, key=lambda one: one.p99 or 0.0)
