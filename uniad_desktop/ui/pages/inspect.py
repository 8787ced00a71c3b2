"""The page of the line operator: what is in front of the camera and whether it is good."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.spc.monitor import DriftMonitor
from uniad_desktop.inspection.types import InspectedFrame, StationState
from uniad_desktop.ui import text
from uniad_desktop.ui.composer import Composer, Order
from uniad_desktop.ui.in_step import InStep
from uniad_desktop.ui.staleness import is_stale
from uniad_desktop.ui.station_like import StationLike
from uniad_desktop.ui.widgets.banner import Banner
from uniad_desktop.ui.widgets.controls import Controls
from uniad_desktop.ui.widgets.film_strip import FilmStrip
from uniad_desktop.ui.widgets.heatmap_panel import HeatmapPanel
from uniad_desktop.ui.widgets.image_view import ImageView
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.score_card import ScoreCard
from uniad_desktop.ui.widgets.shift_card import ShiftCard
from uniad_desktop.ui.widgets.trend_chart import TrendChart
from uniad_desktop.ui.widgets.verdict_tile import TileFace, VerdictTile

RIGHT_COLUMN = 400
_LOST = (StationState.CAMERA_LOST, StationState.FAILED)
# Frames come and none is inspected: there is no verdict, not even a former one.
_NOT_INSPECTING = (StationState.COLLECTING, StationState.PREVIEW)


class InspectPage(Panel):
    """Pulls from the station when told to; keeps nothing but what is on the screen.

    Args:
        station: the station.
        heatmap: whether the heatmap is on.
        strength: its opacity, 0 to 1.
        monitor: what its chart shows; it is fed elsewhere.
        parent: the parent widget.
    """

    def __init__(
        self,
        station: StationLike,
        heatmap: bool,
        strength: float,
        monitor: DriftMonitor,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._station = station
        self._composer = Composer()
        self._in_step = InStep()
        self._newest: InspectedFrame | None = None
        self._frozen: InspectedFrame | None = None
        self._frozen_at = 0
        self._monitor = monitor
        # What the last order was made of; another order is given only when this changes.
        self._ordered: tuple[object, ...] = ()
        # Sentences of the window; here they take room from the image only, never from figures.
        self.notice = Banner("recordsAlarm", button=True, parent=self)
        self.news = Banner("news", button=True, parent=self)
        self.drift = Banner("drift", button=True, parent=self)
        self.frozen_banner = Banner("banner", button=True, parent=self)
        self.strip = FilmStrip(self)
        self.image = ImageView(self)
        self.heatmap = HeatmapPanel(heatmap, strength, self)
        self.trend = TrendChart(self)
        self.verdict = VerdictTile(self)
        self.score = ScoreCard(self)
        self.shift = ShiftCard(self)
        self.controls = Controls(self)
        self._lay_out()
        self.strip.chosen.connect(self.freeze)
        self.trend.tapped.connect(self.next_chart)
        if self.frozen_banner.button:
            self.frozen_banner.button.clicked.connect(self.resume)
        self.controls.start_stop.clicked.connect(self.start_or_stop)
        self.controls.trigger.clicked.connect(self.trigger)
        self.heatmap.changed.connect(self.refresh_image)
        self.image.room_changed.connect(self.refresh_image)
        self.retranslate()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.strip)
        middle.addWidget(self.image, 1)
        middle.addWidget(self.heatmap)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.notice)
        left.addWidget(self.news)
        left.addWidget(self.drift)
        left.addWidget(self.frozen_banner)
        left.addLayout(middle, 10)
        left.addWidget(self.trend, 3)
        column = QWidget(self)
        column.setFixedWidth(RIGHT_COLUMN)
        right = QVBoxLayout(column)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(10)
        right.addWidget(self.verdict, 3)
        right.addWidget(self.score)
        right.addWidget(self.shift)
        right.addStretch(1)
        right.addWidget(self.controls)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(12)
        layout.addLayout(left, 1)
        layout.addWidget(column)

    # what the operator does

    def start_or_stop(self) -> None:
        """Starts a station at rest, stops any other."""
        if self.controls.offers_stop:
            self._station.stop()
        else:
            self._station.start()

    def trigger(self) -> None:
        """Fires one software trigger where the button is offered."""
        if not self.controls.trigger.isHidden() and self.controls.trigger.isEnabled():
            self._station.trigger()

    def freeze(self, shown: InspectedFrame) -> None:
        """Freezes the display at a former part; inspection goes on."""
        self._frozen = shown
        self._frozen_at = self._newest.inspection.number if self._newest else 0
        self.image.show_frozen(True)
        self.refresh()

    def resume(self) -> None:
        """Shows the newest part again."""
        if self._frozen is None:
            return
        self._frozen = None
        self._in_step.leave(self.image.drawn)
        self.frozen_banner.say("")
        self.image.show_frozen(False)
        self.refresh()

    def show_other_station(self, monitor: DriftMonitor) -> None:
        """The station stands for another camera now: nothing of the former one is left.

        Args:
            monitor: what the chart shows from now on.
        """
        self._monitor = monitor
        self.resume()
        self._newest = None
        self._ordered = ()
        self._composer.cancel()
        self.image.show_message("")
        self.refresh()
        self.refresh_slow()

    def next_chart(self) -> None:
        """Score, brightness, sharpness in turn."""
        self.trend.show_next()
        self._show_trend()

    @property
    def frozen(self) -> bool:
        """Whether the display is frozen."""
        return self._frozen is not None

    # what the timer does

    def refresh(self) -> None:
        """What must follow every part: verdict, score, image. Called at display rate."""
        station = self._station
        self._newest = station.newest()
        state = station.state
        cycle = station.cycle_time()
        seconds = station.seconds_since_decision()
        stale = is_stale(state, seconds, cycle.mean if cycle else None)
        collecting = state in _NOT_INSPECTING
        if self._newest and self._newest.inspection.product != station.product.key:
            # A verdict on the former product says nothing about the one that is chosen now.
            stale = True
        self.refresh_image()
        composed = self._composer.take()
        if composed is not None and self._wanted(
            self._frozen or self._newest, composed.order.shown
        ):
            self.image.show_composed(composed)
        shown = self._frozen or self._in_step.of(self._newest, self.image.drawn)
        of_now = shown if self._frozen or not collecting else None
        self._show_verdict(of_now, state, stale, seconds)
        self._show_alarm(state)
        self.controls.show_state(state, station.trigger_mode)
        if self._frozen is not None:
            self.frozen_banner.say(self._frozen_line(state))

    def refresh_slow(self) -> None:
        """What may follow a few times a second: counters, rejects, trend."""
        station = self._station
        self._show_trend()
        self.shift.show_counters(station.counters(), station.cycle_time())
        self.strip.show_rejects(station.rejects())

    def _show_trend(self) -> None:
        product = self._station.product
        watched = self._monitor.watched(self.trend.quantity)
        if watched.subject[0] == product.key:
            self.trend.show_watched(watched, product.limits.reject)
        else:  # another one was chosen, of which there is no part yet
            self.trend.clear()

    def refresh_image(self) -> None:
        """Orders a picture when anything that it is made of changed."""
        shown = self._frozen or self._newest
        state = self._station.state
        grey = state in _LOST and self._frozen is None
        if state in _NOT_INSPECTING and self._frozen is None:
            self._ordered = ()
            self._composer.cancel()
            self.image.show_message(self._idle_line(state, None))
            return
        if shown is None or shown.frame is None:
            self._ordered = ()
            self._composer.cancel()
            self.image.show_message(self._why_no_image(shown))
            return
        width, height = self.image.room()
        wanted = (shown, width, height, self.heatmap.strength, grey)
        if wanted != self._ordered:
            self._ordered = wanted
            self._composer.submit(Order(shown, width, height, self.heatmap.strength, grey))

    def _why_no_image(self, shown: InspectedFrame | None) -> str:
        if shown is None:
            return self.tr("No image yet")
        return self.tr("Part {number} has no image").format(
            number=text.number(shown.inspection.number)
        )

    def _wanted(self, shown: InspectedFrame | None, composed: InspectedFrame) -> bool:
        """Whether a finished picture may still be shown: never another part on a frozen display."""
        if shown is None or shown.frame is None:
            return False
        if self._frozen is None and self._station.state in _NOT_INSPECTING:
            return False
        return self._frozen is None or composed is self._frozen

    def _show_verdict(
        self,
        shown: InspectedFrame | None,
        state: StationState,
        stale: bool,
        seconds: float | None,
    ) -> None:
        if shown is None:
            self.verdict.show_face(TileFace(line=self._idle_line(state, None)))
            nothing = float("nan")
            self.score.show_score(nothing, nothing, self._station.product.limits, grey=True)
            return
        inspection = shown.inspection
        frozen = self._frozen is not None
        if stale and not frozen:
            line = self._idle_line(state, seconds)
        else:
            height, width = shown.frame.image.shape[:2] if shown.frame is not None else (0, 0)
            line = text.finding(inspection, width, height)
        self.verdict.show_face(
            TileFace(inspection.verdict, line, stale and not frozen, frozen, inspection.number)
        )
        self.score.show_score(
            inspection.score, inspection.raw_score, inspection.limits, grey=stale and not frozen
        )

    def _idle_line(self, state: StationState, seconds: float | None) -> str:
        """Why there is no fresh verdict."""
        if state is StationState.RUNNING:
            other = self._newest and self._newest.inspection.product != self._station.product.key
            if seconds is None or other:
                return self.tr("Waiting for the first part")
            if self._station.trigger_mode is TriggerMode.SOFTWARE:
                return self.tr("Waiting for a trigger for {n} s").format(n=int(seconds))
            return self.tr("No decision for {n} s").format(n=int(seconds))
        if state is StationState.COLLECTING:
            return self._collecting_line()
        return {
            StationState.STOPPED: self.tr("Inspection is stopped"),
            StationState.STARTING: self.tr("Inspection is starting"),
            StationState.PREVIEW: self.tr("Live view; nothing is inspected"),
            StationState.CAMERA_LOST: self.tr("Camera lost; nothing is inspected"),
            StationState.FINISHED: self.tr("All images are inspected"),
            StationState.FAILED: self.tr("Inspection failed; nothing is inspected"),
        }[state]

    def _frozen_line(self, state: StationState) -> str:
        if state in _NOT_INSPECTING:
            return self.tr("Display frozen") + " · " + self._idle_line(state, None)
        newest = self._newest.inspection.number if self._newest else 0
        return self.tr("Display frozen, {n} new · inspection goes on").format(
            n=text.number(newest - self._frozen_at)
        )

    def _collecting_line(self) -> str:
        return self.tr("Collecting parts of {title}; nothing is inspected").format(
            title=self._station.collecting
        )

    def _show_alarm(self, state: StationState) -> None:
        problem = self._station.problem
        headline = {
            StationState.CAMERA_LOST: self.tr("CAMERA LOST"),
            StationState.FAILED: self.tr("INSPECTION FAILED"),
            # The camera is there, and yet no part is inspected.
            StationState.RUNNING: self.tr("NOTHING IS INSPECTED") if problem else "",
        }.get(state, "")
        self.image.show_alarm(headline, problem if headline else "")

    def retranslate(self) -> None:
        """Writes all words anew."""
        if self.frozen_banner.button:
            self.frozen_banner.button.setText(self.tr("Resume (Esc)"))
        for banner in (self.notice, self.news, self.drift):
            if banner.button:
                banner.button.setText(self.tr("OK (Esc)"))

    def close_down(self) -> bool:
        """Ends the composer; returns whether it ended in time."""
        return self._composer.stop()
