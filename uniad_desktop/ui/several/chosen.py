"""The camera that is chosen, as if it were the only one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from uniad_desktop.cameras.frame import Frame
from uniad_desktop.inspection.types import InspectedFrame, StationState
from uniad_desktop.ui.station_like import StationLike


class ChosenStation:
    """Stands for the station of the camera that is chosen; the pages of one camera act on it.

    What is asked or read goes to that station, but for this: a new shift begins for all of them,
    and what was begun at one (collecting, a sink) is ended there.

    Args:
        stations: one per camera, at least one.
    """

    def __init__(self, stations: Sequence[StationLike]) -> None:
        self.all = tuple(stations)
        self.place = 0
        self._collecting_at: StationLike | None = None
        self._viewed: StationLike | None = None
        self._sinks: list[tuple[Callable[[InspectedFrame], None], StationLike]] = []

    @property
    def now(self) -> StationLike:
        """The station of the chosen camera."""
        return self.all[self.place]

    @property
    def held(self) -> bool:
        """Whether parts are collected from it, so that no other can be chosen meanwhile."""
        at = self._collecting_at
        collects = at is not None and at.state in (StationState.STARTING, StationState.COLLECTING)
        return collects or bool(self._sinks)

    def choose(self, place: int) -> bool:
        """Chooses another camera, counted from 0; False where it has to stay with this one."""
        if not 0 <= place < len(self.all) or (self.held and place != self.place):
            return False
        self.place = place
        return True

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the station gives
        return getattr(self.now, name)

    def reset_shift(self) -> None:
        """A shift is that of the whole station."""
        for station in self.all:
            station.reset_shift()

    def begin_collecting(
        self, title: str, take: Callable[[Frame], None], product: str = ""
    ) -> None:
        """See `StationLike.begin_collecting`."""
        self._collecting_at = self.now
        self._collecting_at.begin_collecting(title, take, product)

    def end_collecting(self) -> None:
        """Ends it where it began."""
        station, self._collecting_at = self._collecting_at or self.now, None
        station.end_collecting()

    def begin_preview(self, take: Callable[[Frame], None]) -> None:
        """See `StationLike.begin_preview`."""
        self._viewed = self.now
        self._viewed.begin_preview(take)

    def end_preview(self) -> None:
        """Ends it where it began."""
        station, self._viewed = self._viewed or self.now, None
        station.end_preview()

    def add_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """See `StationLike.add_sink`."""
        self._sinks.append((sink, self.now))
        self.now.add_sink(sink)

    def remove_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """Takes it away where it was added."""
        for one, station in self._sinks:
            if one == sink:
                station.remove_sink(sink)
        self._sinks = [(one, station) for one, station in self._sinks if one != sink]
