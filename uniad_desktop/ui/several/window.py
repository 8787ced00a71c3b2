"""The window of a station with several cameras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from uniad_desktop.ui import language
from uniad_desktop.ui.drift_watch import DriftWatch
from uniad_desktop.ui.main_window import SLOW_EVERY, MainWindow
from uniad_desktop.ui.settings import UiSettings
from uniad_desktop.ui.several import summary
from uniad_desktop.ui.several.chosen import ChosenStation
from uniad_desktop.ui.several.grid_page import COLUMN, GridPage
from uniad_desktop.ui.showing import running_application, show_until_closed
from uniad_desktop.ui.station_like import StationLike
from uniad_desktop.ui.surroundings import ALONE, Surroundings
from uniad_desktop.ui.widgets.top_bar import Page
from uniad_desktop.ui.widgets.touch_button import TouchButton


class SeveralWindow(MainWindow):
    """All cameras at a glance; one is chosen, and everything else acts on that one.

    Args:
        stations: one per camera; neither started nor closed here.
        settings, around: as of `MainWindow`.
    """

    def __init__(
        self,
        stations: Sequence[StationLike],
        settings: UiSettings,
        around: Surroundings = ALONE,
    ) -> None:
        # Before the rest: it is what all that the window is made of acts on.
        self._all = tuple(stations)
        self._chosen = ChosenStation(stations)
        self._drifts: list[DriftWatch] = []
        self._refused = ""
        super().__init__(cast("StationLike", self._chosen), settings, around)
        if self.versions is not None:
            self.versions.inspected = lambda: [station.product for station in self._all]
        self.show_page(Page.INSPECT)

    def _stations(self) -> Sequence[StationLike]:
        return self._all

    def _place_shown(self) -> int:
        return self.place

    def _places_to_save(self) -> Sequence[int]:
        return range(len(self._all)) if self.shows_all else (self.place,)

    def _make_drift(self, data_folder: Path | None) -> DriftWatch:
        self._drifts = [DriftWatch(station, data_folder, self) for station in self._all]
        return self._drifts[0]

    def _connect(self) -> None:
        strength = self._settings.heatmap_strength if self._settings.heatmap else 0.0
        self.grid = GridPage(self._all, strength, self._ground)
        self._pages.addWidget(self.grid)
        self._pages.setCurrentWidget(self.grid)
        self.back = TouchButton(parent=self.page.image)
        super()._connect()
        self.back.clicked.connect(self.show_all)
        self.page.image.room_changed.connect(self._place_back)
        self.grid.touched.connect(self.touch)
        self.grid.opened.connect(self.open_chosen)
        self.grid.show_chosen(0)
        for banner, read in (
            (self.grid.notice, self.acknowledge),
            (self.grid.news, self.acknowledge),
            (self.grid.drift, self.acknowledge_drift),
        ):
            if banner.button is not None:
                banner.button.clicked.connect(read)

    # which camera

    @property
    def place(self) -> int:
        """Place of the chosen camera, counted from 0."""
        return self._chosen.place

    @property
    def shows_all(self) -> bool:
        """Whether all cameras are shown, not one alone and no other page."""
        return self._pages.currentWidget() is self.grid

    def choose(self, place: int) -> bool:
        """Has everything act on another camera; whether that could be."""
        if not self._chosen.choose(place):
            self._refused = self.tr(
                "Parts are collected from camera {n}; end collecting on the Teach page before "
                "another camera is chosen."
            ).format(n=self.place + 1)
            self._show_notice()
            return False
        self.drift = self._drifts[place]
        self.grid.show_chosen(place)
        self.page.show_other_station(self.drift.monitor)
        self.refresh_bars()
        return True

    def touch(self, place: int) -> None:
        """Chooses a camera; the one that is chosen is opened."""
        if place == self.place:
            self.open_chosen()
        else:
            self.choose(place)

    def open_chosen(self) -> None:
        """Shows the chosen camera alone, with limits, trend and counters."""
        self._ask.close()
        self._pages.setCurrentWidget(self.page)
        self._place_back()
        self.refresh_all()
        self._focus_page()

    def show_all(self) -> None:
        """Shows all cameras."""
        self._ask.close()
        self.page.resume()
        self._pages.setCurrentWidget(self.grid)
        self.refresh_all()
        self._focus_page()

    def show_page(self, page: Page) -> None:
        """Changes to a page; Inspect is that of all cameras."""
        if page is Page.INSPECT:
            self.show_all()
        else:
            super().show_page(page)

    def _place_back(self) -> None:
        """The way back, with what is to be known of cameras that are out of sight meanwhile."""
        others = [
            f"{number} {need}"
            for number, station in enumerate(self._all, 1)
            if number != self.place + 1 and (need := summary.need_of(station))
        ]
        words = "\n".join(filter(None, (self.tr("All cameras (Esc)"), " · ".join(others))))
        if words != self.back.text():
            self.back.setText(words)
        self.back.adjustSize()
        self.back.move(self.page.image.width() - self.back.width() - 8, 8)

    # keys

    def _actions(self) -> dict[str, Callable[[], object]]:
        return {
            **super()._actions(),
            "Space": self.start_or_stop,
            "T": self.trigger,
        }

    def _inspect_actions(self) -> dict[str, Callable[[], object]]:
        actions = super()._inspect_actions()
        for place in range(len(self._all)):
            actions[str(place + 1)] = lambda chosen=place: self._by_key(chosen)  # type: ignore[misc]
        return actions

    def start_or_stop(self) -> None:
        """All cameras where all are shown, else the chosen one."""
        (self.grid.start_or_stop_all if self.shows_all else self.page.start_or_stop)()

    def trigger(self) -> None:
        """All cameras that take a trigger where all are shown, else the chosen one."""
        (self.grid.trigger_all if self.shows_all else self.page.trigger)()

    def _by_key(self, place: int) -> None:
        """On the page of all cameras as a touch; on that of one camera it shows the other."""
        if self.shows_all:
            self.touch(place)
        else:
            self.choose(place)

    def escape(self) -> None:
        """As in a window of one camera; with nothing left to take back it shows all cameras."""
        if self.shows_all:
            if not self._ask.close():
                self.acknowledge_next()
        elif self.shown is Page.INSPECT and not self._has_something_to_take_back():
            self.show_all()
        else:
            super().escape()

    def acknowledge_next(self) -> None:
        """Takes away the most urgent of the sentences above the cameras."""
        if self._notice() or self.grid.news.sentence():
            self.acknowledge()
        elif self.grid.drift.sentence():
            self.acknowledge_drift()

    def _has_something_to_take_back(self) -> bool:
        told = (self._notice(), self.page.news.sentence(), self.page.drift.sentence())
        return self.sheet is not None or any(told) or self.page.frozen

    def _focus_page(self) -> None:
        if self.shows_all:
            self.grid.setFocus()
        else:
            super()._focus_page()

    def _cover(self) -> tuple[QWidget, int]:
        return (self.grid, COLUMN + 18) if self.shows_all else super()._cover()

    # what is shown

    def tick(self) -> None:
        """One beat of the display."""
        super().tick()
        for drift in self._drifts:
            if drift is not self.drift:
                drift.beat()
        if self.shows_all and self._ticks % SLOW_EVERY == 1:
            self.grid.refresh_slow()

    def refresh_shown(self) -> None:
        """All cameras, or the chosen one."""
        if self.shows_all:
            self.grid.refresh()
        else:
            self.page.refresh()

    def refresh_all(self) -> None:
        """Everything at once; after a change of the language, too."""
        super().refresh_all()
        self._place_back()
        self.grid.refresh()
        self.grid.refresh_slow()

    def _show_station(self) -> None:
        """Of the chosen camera what can be chosen; else the worst state and sums of all."""
        station = self._station
        title = station.product.title(language.current())
        self.top.show_kind(summary.kind_of(self._all))
        self.top.show_product(f"{self.place + 1} · {title}")
        self.top.show_mode(station.trigger_settings, station.source_info)
        if not self.shows_all:
            self._place_back()
        worst = summary.worst_of(self._all, self.place)
        rates = summary.rates_of(self._all)
        self.status.show_camera(worst.source_info, worst.state, worst.rates().lost_lately)
        self.status.show_figures(
            rates,
            summary.latency_of(self._all),
            summary.counters_of(self._all),
        )

    def acknowledge(self) -> None:
        """Takes away what was said, what is wrong first."""
        if self._refused and not self._notice():
            self._refused = ""
            self._show_notice()
        else:
            super().acknowledge()

    def acknowledge_drift(self) -> None:
        """Takes away what was said about drifts of any camera."""
        for drift in self._drifts:
            if self.shows_all or drift is self.drift:
                drift.acknowledge()
        self._show_notice()

    def _show_notice(self) -> None:
        super()._show_notice()
        self.grid.notice.say(self._notice())
        if self._refused:
            self.page.news.say(self._refused)
        self.grid.news.say(self.page.news.sentence())
        told = [
            self.tr("Camera {n}: {sentence}").format(n=number, sentence=drift.sentence)
            for number, drift in enumerate(self._drifts, 1)
            if drift.sentence
        ]
        self.grid.drift.say(f"△  {' '.join(told)}" if told else "")

    def _begin_shift(self) -> None:
        super()._begin_shift()
        for drift in self._drifts:
            if drift is not self.drift:
                drift.begin_shift()

    def _heatmap_changed(self, on: bool, strength: float) -> None:
        super()._heatmap_changed(on, strength)
        self.grid.show_heatmap(strength if on else 0.0)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ends what follows the other cameras as well."""
        super().closeEvent(event)
        self.grid.close_down()
        for drift in self._drifts:
            if drift is not self.drift:
                drift.close_down()


def run_several_window(
    stations: Sequence[StationLike],
    settings: UiSettings,
    around: Surroundings = ALONE,
    *,
    stop: Callable[[], bool] | None = None,
) -> int:
    """Shows the window until it is closed; see `run_window`."""
    app = running_application()
    window = SeveralWindow(stations, settings, around)
    return show_until_closed(app, window, fullscreen=settings.fullscreen, stop=stop)
