"""All cameras at a glance: one, two or four tiles, and the buttons for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.ui import text
from uniad_desktop.ui.several import summary
from uniad_desktop.ui.several.tile import CameraTile
from uniad_desktop.ui.station_like import StationLike
from uniad_desktop.ui.widgets.banner import Banner
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import GAP, TouchButton

COLUMN = 176


class GridPage(Panel):
    """Shows every camera; which one is chosen is told from outside.

    Args:
        stations: one per camera.
        strength: opacity of the heatmaps, 0 to 1.
        parent: the parent widget.

    Signals:
        touched: a tile was touched; carries its place, counted from 0.
        opened: Enter was pressed.
    """

    touched = Signal(int)
    opened = Signal()

    def __init__(
        self, stations: Sequence[StationLike], strength: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._stations = tuple(stations)
        self._stops = False
        self.notice = Banner("recordsAlarm", button=True, parent=self)
        self.news = Banner("news", button=True, parent=self)
        self.drift = Banner("drift", button=True, parent=self)
        self.tiles = [
            CameraTile(station, number, strength, self)
            for number, station in enumerate(self._stations, 1)
        ]
        self.start_stop = TouchButton("play", main=True, primary=True, parent=self)
        self.trigger = TouchButton("trigger", main=True, parent=self)
        self.trigger.hide()
        self._captions = [Figure("caption", parent=self) for _ in range(4)]
        self._values = [Figure("count", parent=self, shrink=True) for _ in range(4)]
        self._heading = Figure("heading", parent=self, shrink=True)
        self._lay_out()
        for place, tile in enumerate(self.tiles):
            tile.touched.connect(lambda chosen=place: self.touched.emit(chosen))
        self.start_stop.clicked.connect(self.start_or_stop_all)
        self.trigger.clicked.connect(self.trigger_all)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.retranslate()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(10)
        for place, tile in enumerate(self.tiles):
            grid.addWidget(tile, place // 2, place % 2)
        columns, rows = min(2, len(self.tiles)), (len(self.tiles) + 1) // 2
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        for row in range(rows):
            grid.setRowStretch(row, 1)
        left = QVBoxLayout()
        left.setSpacing(10)
        for banner in (self.notice, self.news, self.drift):
            left.addWidget(banner)
        left.addLayout(grid, 1)
        column_widget = QWidget(self)
        column_widget.setFixedWidth(COLUMN)
        right = QVBoxLayout(column_widget)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(2)
        right.addWidget(self._heading)
        right.addSpacing(6)
        for caption, value in zip(self._captions, self._values, strict=True):
            right.addWidget(caption)
            right.addWidget(value)
            right.addSpacing(6)
        right.addStretch(1)
        right.addWidget(self.trigger)
        right.addSpacing(GAP)
        right.addWidget(self.start_stop)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(12)
        layout.addLayout(left, 1)
        layout.addWidget(column_widget)

    # what the operator does

    def start_or_stop_all(self) -> None:
        """Starts all cameras where none inspects, else stops all."""
        for station in self._stations:
            if self._stops:
                station.stop()
            else:
                station.start()

    def trigger_all(self) -> None:
        """Fires one software trigger at every camera that takes one."""
        for station in summary.to_trigger(self._stations):
            station.trigger()

    # what the timer does

    def refresh(self) -> None:
        """What must follow every part. Called at display rate."""
        for tile in self.tiles:
            tile.refresh()
        self._offer()

    def refresh_slow(self) -> None:
        """What may follow a few times a second: counters."""
        counters = summary.counters_of(self._stations)
        rejects = counters.review + counters.failed
        for figure, value, token in zip(
            self._values,
            (
                text.number(counters.inspected),
                text.share(counters.yield_share),
                text.number(rejects),
                text.number(text.not_inspected(counters)),
            ),
            ("", "", "", "error_text" if counters.error else ""),
            strict=True,
        ):
            figure.show_text(value, token)

    def _offer(self) -> None:
        stops = summary.busy(self._stations)
        if stops != self._stops:
            self._stops = stops
            self.start_stop.set_face("stop" if stops else "play", primary=not stops)
            self.retranslate()
        software = any(one.trigger_mode is TriggerMode.SOFTWARE for one in self._stations)
        if self.trigger.isHidden() == software:
            self.trigger.setVisible(software)
        self.trigger.setEnabled(bool(summary.to_trigger(self._stations)))

    def show_chosen(self, place: int) -> None:
        """Marks the tile of the chosen camera."""
        for number, tile in enumerate(self.tiles):
            tile.show_chosen(number == place)

    def show_heatmap(self, strength: float) -> None:
        """Another opacity of the heatmaps, 0 for none."""
        for tile in self.tiles:
            tile.strength = strength

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the chosen camera."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._heading.show_text(self.tr("ALL CAMERAS"))
        words = (
            self.tr("Inspected"),
            self.tr("Yield"),
            self.tr("Rejected"),
            self.tr("Not inspected"),
        )
        for figure, word in zip(self._captions, words, strict=True):
            figure.show_text(word)
        self.trigger.setText(self.tr("Trigger\nall (T)"))
        if self._stops:
            self.start_stop.setText(self.tr("Stop all\n(Space)"))
        else:
            self.start_stop.setText(self.tr("Start all\n(Space)"))
        for banner in (self.notice, self.news, self.drift):
            if banner.button:
                banner.button.setText(self.tr("OK (Esc)"))

    def close_down(self) -> bool:
        """Ends the composers; returns whether they ended in time."""
        return all([tile.close_down() for tile in self.tiles])
