"""One of several cameras: picture, verdict, product, score and state."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.types import InspectedFrame, StationState
from uniad_desktop.ui import language, text
from uniad_desktop.ui.composer import Composer, Order
from uniad_desktop.ui.in_step import InStep
from uniad_desktop.ui.staleness import is_stale
from uniad_desktop.ui.station_like import StationLike
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.image_view import ImageView
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.verdict_tile import TileFace, VerdictTile

# Frames come and none is inspected: there is no verdict, not even a former one.
_NOT_INSPECTING = (StationState.COLLECTING, StationState.PREVIEW)
_LOST = (StationState.CAMERA_LOST, StationState.FAILED)
_ACROSS, _DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
_WIDE = 1.45  # from this width to height on, the picture stands beside the verdict


class CameraTile(Panel):
    """Pulls from its station when told to; keeps nothing but what it shows.

    Args:
        station: the station of the camera.
        number: of the camera, from 1; also the key that chooses it.
        strength: opacity of the heatmap, 0 to 1.
        parent: the parent widget.

    Signals:
        touched: it was touched.
    """

    touched = Signal()

    def __init__(
        self, station: StationLike, number: int, strength: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("cameraTile")
        self.setProperty("chosen", False)
        self.station = station
        self.strength = strength
        self._number = number
        self._composer = Composer()
        self._in_step = InStep()
        self._newest: InspectedFrame | None = None
        self._ordered: tuple[object, ...] = ()
        self.title = Figure("count", parent=self, shrink=True)
        self.product = Figure("value", parent=self, shrink=True)
        self.image = ImageView(self)
        self.image.setMinimumSize(160, 120)
        self.verdict = VerdictTile(self)
        self.verdict.setMinimumHeight(96)
        self.score = Figure("count", parent=self, shrink=True)
        self.state = Figure("value", parent=self, shrink=True)
        self._pairs = [QBoxLayout(_DOWN), QBoxLayout(_DOWN)]
        for pair, upper, lower in zip(
            self._pairs, (self.title, self.score), (self.product, self.state), strict=True
        ):
            pair.setSpacing(2)
            pair.addWidget(upper, 1)
            pair.addWidget(lower, 1)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addLayout(self._pairs[0])
        words.addWidget(self.verdict, 1)
        words.addLayout(self._pairs[1])
        self._split = QBoxLayout(_ACROSS)
        self._split.setSpacing(10)
        self._split.addWidget(self.image, 11)
        self._split.addLayout(words, 10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 9, 9, 9)
        layout.addLayout(self._split)
        self.image.room_changed.connect(self.refresh)
        self.retranslate()

    def show_chosen(self, chosen: bool) -> None:
        """Marks it as the one that the pages act on."""
        if chosen != self.property("chosen"):
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)
            self.retranslate()

    def refresh(self) -> None:
        """Verdict, score, state and picture; called at display rate."""
        station = self.station
        self._newest = shown = station.newest()
        state = station.state
        cycle = station.cycle_time()
        seconds = station.seconds_since_decision()
        stale = is_stale(state, seconds, cycle.mean if cycle else None)
        other = shown is not None and shown.inspection.product != station.product.key
        if state in _NOT_INSPECTING:
            shown = None
        self._show_picture(shown, state)
        shown = self._in_step.of(shown, self.image.drawn)
        self._show_verdict(shown, state, stale or other, None if other else seconds)
        self._show_state(state)

    def _show_verdict(
        self,
        shown: InspectedFrame | None,
        state: StationState,
        stale: bool,
        seconds: float | None,
    ) -> None:
        if shown is None:
            self.verdict.show_face(TileFace(line=self._idle_line(state, None)))
            self.score.show_text(self._score_line(text.NONE), "dim")
            return
        inspection = shown.inspection
        line = self._idle_line(state, seconds)
        if not stale:
            height, width = shown.frame.image.shape[:2] if shown.frame is not None else (0, 0)
            line = text.finding(inspection, width, height)
        self.verdict.show_face(
            TileFace(inspection.verdict, line, stale=stale, part=inspection.number)
        )
        score = self._score_line(text.score(inspection.score))
        self.score.show_text(score, "dim" if stale else "")

    def _score_line(self, score: str) -> str:
        return self.tr("Score {n} · limit 50").format(n=score)

    def _idle_line(self, state: StationState, seconds: float | None) -> str:
        """Why there is no fresh verdict."""
        if state is StationState.COLLECTING:
            return self.tr("Collecting parts of {title}; nothing is inspected").format(
                title=self.station.collecting
            )
        if state is StationState.PREVIEW:
            return self.tr("Live view; nothing is inspected")
        if state is not StationState.RUNNING:
            return text.state_word(state)
        if seconds is None:
            return self.tr("Waiting for the first part")
        if self.station.trigger_mode is TriggerMode.SOFTWARE:
            return self.tr("Waiting for a trigger for {n} s").format(n=int(seconds))
        return self.tr("No decision for {n} s").format(n=int(seconds))

    def _show_state(self, state: StationState) -> None:
        self.product.show_text(self.station.product.title(language.current()))
        frames = text.lost(self.station.rates().lost_lately)
        words = " · ".join(filter(None, (text.state_word(state), frames)))
        warns = "warn_text" if frames else ""
        self.state.show_text(words, "alarm_text" if state in _LOST else warns)
        problem = self.station.problem
        headline = {
            StationState.CAMERA_LOST: self.tr("CAMERA LOST"),
            StationState.FAILED: self.tr("INSPECTION FAILED"),
            StationState.RUNNING: self.tr("NOTHING IS INSPECTED") if problem else "",
        }.get(state, "")
        self.image.show_alarm(headline, problem if headline else "")

    def _show_picture(self, shown: InspectedFrame | None, state: StationState) -> None:
        composed = self._composer.take()
        if shown is None or shown.frame is None:
            self._ordered = ()
            self._composer.cancel()
            self.image.show_message("" if state in _NOT_INSPECTING else self._no_image())
            return
        wanted = (shown, *self.image.room(), self.strength, state in _LOST)
        if wanted != self._ordered:
            self._ordered = wanted
            self._composer.submit(Order(*wanted))
        if composed is not None:
            self.image.show_composed(composed)

    def _no_image(self) -> str:
        if self._newest is None:
            return self.tr("No image yet")
        return self.tr("Part {number} has no image").format(
            number=text.number(self._newest.inspection.number)
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A touch chooses it, and a touch on the chosen one opens it."""
        if self.rect().contains(event.position().toPoint()):
            self.touched.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Taken, so that the release comes here, too."""
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a wide tile the picture stands beside the verdict, in a high one above it."""
        super().resizeEvent(event)
        wide = self.width() > _WIDE * self.height()
        if (self._split.direction() == _ACROSS) != wide:
            self._split.setDirection(_ACROSS if wide else _DOWN)
            self._split.setStretch(0, 11 if wide else 18)
            for pair in self._pairs:
                pair.setDirection(_DOWN if wide else _ACROSS)

    def retranslate(self) -> None:
        """Writes all words anew."""
        key = self.tr("Enter") if self.property("chosen") else str(self._number)
        words = self.tr("Camera {n} ({key})").format(n=self._number, key=key)
        self.title.show_text(words)
        self.setAccessibleName(words)

    def close_down(self) -> bool:
        """Ends the composer; returns whether it ended in time."""
        return self._composer.stop()
