"""The live picture with its buttons and figures."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.types import StationState
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.setup.context import SetupContext, acquiring
from uniad_desktop.ui.setup.figures import Figures
from uniad_desktop.ui.setup.live_view import LiveView
from uniad_desktop.ui.setup.looking import Look, LookOrder, Marks, look
from uniad_desktop.ui.setup.recording_button import RecordingButton
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TOUCH, TouchButton

log = logging.getLogger(__name__)

_COLUMN = 96
_LIVE_S, _INSPECTING_S = 0.05, 0.2  # least seconds from picture to picture
_SPACE, _GAP = 8, 6  # between parts of the panel, between buttons
_RUNNING = (StationState.RUNNING, StationState.PREVIEW)
_LOST = (StationState.CAMERA_LOST, StationState.FAILED)


class PicturePanel(Panel):
    """Pulls frames from the station while it inspects, and from a live view while it does not.

    Args:
        context: where the frames come from, and what is kept of them.
        parent: the parent widget.
    """

    def __init__(self, context: SetupContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._station = context.station
        self._background = Background("setup-picture")
        self._live: Frame | None = None
        self._ordered: LookOrder | None = None
        self._serial = ""
        self._next = 0.0
        self.marks = Marks.SATURATED
        self.view = LiveView(self)
        self.figures = Figures(self)
        self.recording = RecordingButton(context, self)
        self.recording.setFixedWidth(_COLUMN)
        self.live = TouchButton("play", parent=self)
        self.trigger = TouchButton(parent=self)
        self.trigger.hide()
        self.zoom, self.mark, self.cross = (TouchButton(parent=self) for _ in range(3))
        self.cross.setCheckable(True)
        self._buttons = (self.live, self.trigger, self.zoom, self.mark, self.cross)
        self._places = QGridLayout()
        self._places.setSpacing(_GAP)
        self._places.setRowStretch(len(self._buttons), 1)
        for button in self._buttons:
            button.setObjectName("setupAction")
            button.setFixedWidth(_COLUMN)
        self._place_buttons()
        middle = QHBoxLayout()
        middle.setSpacing(_SPACE)
        middle.addWidget(self.view, 1)
        middle.addLayout(self._places)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_SPACE)
        layout.addLayout(middle, 1)
        below = QHBoxLayout()
        below.setSpacing(_SPACE)
        below.addWidget(self.figures, 1)
        below.addWidget(self.recording)
        layout.addLayout(below)
        self.live.clicked.connect(self.switch_live)
        self.trigger.clicked.connect(self.fire)
        self.zoom.clicked.connect(self.view.next_level)
        self.mark.clicked.connect(self.next_marks)
        self.cross.clicked.connect(self.switch_cross)
        self.view.sight_changed.connect(self._sight_changed)
        self.retranslate()

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do."""
        return {
            "W": self.switch_live,
            "Z": self.view.next_level,
            "+": lambda: self.view.zoom_by(1.25),
            "=": lambda: self.view.zoom_by(1.25),
            "-": lambda: self.view.zoom_by(1 / 1.25),
            "K": self.next_marks,
            "X": self.switch_cross,
            "R": self.figures.forget_best,
        }

    # what the engineer does

    def begin_live(self) -> None:
        """Begins a live view."""
        self._live = None
        self._station.begin_preview(self._take)

    def switch_live(self) -> None:
        """Begins or ends a live view; while parts are inspected there is nothing to begin."""
        if not self.live.isEnabled():
            return
        if self._station.state is StationState.PREVIEW:
            self._station.end_preview()
        else:
            self.begin_live()

    def fire(self) -> None:
        """One software trigger."""
        self._station.trigger()

    def next_marks(self) -> None:
        """Full scale, full scale and black, nothing in turn."""
        order = (Marks.SATURATED, Marks.BOTH, Marks.NONE)
        self.marks = order[(order.index(self.marks) + 1) % len(order)]
        self.retranslate()

    def switch_cross(self) -> None:
        """Lines through the middle of the frame."""
        self.view.show_cross(not self.view.cross)
        self.cross.setChecked(self.view.cross)

    def _take(self, frame: Frame) -> None:
        """A frame of the live view, on a thread of the station."""
        self._live = frame

    # the window

    def beat(self, shown: bool) -> None:
        """Takes what the worker made and orders the next picture while the page is shown."""
        self._background.beat()
        self.recording.beat(shown)
        if not shown:
            return
        station, state = self._station, self._station.state
        self._offer(state)
        self.figures.show_counts(station.camera_counters(), station.rates().acquired)
        frame = self._frame(state)
        self._say(state, frame)
        if frame is not None and not self._background.busy:
            order = LookOrder(frame, self.view.room(), self.view.sight, self.marks)
            moved = self._ordered is None or order.sight != self._ordered.sight
            if order != self._ordered and (moved or time.monotonic() >= self._next):
                self._ordered = order
                # Inspection comes first: the picture takes its processors.
                rest = _INSPECTING_S if state is StationState.RUNNING else _LIVE_S
                self._next = time.monotonic() + rest
                self._background.run(lambda: look(order), self._show, self._failed)

    def _frame(self, state: StationState) -> Frame | None:
        """The frame to look at; the last one of the live view stays after its end."""
        if state is StationState.RUNNING:
            self._live = None
        frame = self._live
        if frame is None and state is not StationState.PREVIEW:
            newest = self._station.newest()
            frame = newest.frame if newest is not None else None
        info = self._station.source_info
        if frame is None or info is None or frame.kind is SourceKind.FILE:
            return frame
        # Never that of another camera, as after another one was chosen.
        return frame if frame.source == info.serial else None

    def _say(self, state: StationState, frame: Frame | None) -> None:
        note = {
            StationState.STOPPED: self.tr("stopped; the last frame"),
            StationState.FINISHED: self.tr("all images were shown; the last frame"),
            StationState.COLLECTING: self.tr("parts are collected; the last frame inspected"),
            StationState.STARTING: self.tr("starting; the last frame"),
            StationState.CAMERA_LOST: self.tr("camera lost; the last frame"),
            StationState.FAILED: self.tr("failed; the last frame"),
        }.get(state, "")
        self.view.show_note(note)
        if frame is not None:
            return
        self._ordered = None
        if state in _LOST:
            self.view.show_message(self._station.problem)
        elif state in _RUNNING and self._station.trigger_mode is TriggerMode.SOFTWARE:
            self.view.show_message(self.tr("Waiting for a trigger (T)"))
        elif state in _RUNNING or state is StationState.STARTING:
            self.view.show_message(self.tr("Waiting for the first frame"))
        else:
            self.view.show_message(
                self.tr(
                    "Nothing is inspected. Start the live view (W) to see what the camera sees."
                )
            )

    def _place_buttons(self) -> None:
        """Below each other, or in two columns where a notice leaves no height for that."""
        without = self.trigger if self.trigger.isHidden() else None
        offered = [button for button in self._buttons if button is not without]
        room = self.height() - self.figures.height() - _SPACE
        columns = 1 if len(offered) * (TOUCH + _GAP) - _GAP <= room else 2
        for button in self._buttons:
            self._places.removeWidget(button)
        for place, button in enumerate(offered):
            self._places.addWidget(button, place // columns, place % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A notice came or went, or the window has another size."""
        super().resizeEvent(event)
        self._place_buttons()

    def _offer(self, state: StationState) -> None:
        """What the button of the live view says is what it does."""
        on = state is StationState.PREVIEW
        ready = not acquiring(self._station)
        self.live.set_face("stop" if on else "play", primary=ready)
        words = self.tr("Stop (W)") if on else self.tr("Live (W)")
        if words != self.live.text():
            self.live.setText(words)
        self.live.setEnabled(on or ready)
        software = self._station.trigger_mode is TriggerMode.SOFTWARE
        if self.trigger.isHidden() == software:
            self.trigger.setVisible(software)
            self._place_buttons()
        self.trigger.setEnabled(state in _RUNNING)

    def _show(self, shown: Look) -> None:
        frame = shown.order.frame
        serial = frame.source if frame.kind is not SourceKind.FILE else ""
        if serial != self._serial:
            # The best focus of another camera says nothing.
            self._serial = serial
            self.figures.clear()
        self.view.show_look(shown)
        self.figures.show_look(shown)

    def _failed(self, problem: str) -> None:
        log.error("The frame cannot be shown: %s", problem)

    def _sight_changed(self) -> None:
        self._write_zoom()

    def close_down(self) -> None:
        """Ends the worker; a live view ends with the station."""
        self._background.close_down()

    # words

    def _write_zoom(self) -> None:
        scale = self.view.sight.scale
        now = self.tr("all") if scale is None else f"{scale * 100:.0f} %"
        self.zoom.setText(self.tr("Zoom (Z)\n{now}").format(now=now))

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._write_zoom()
        words = {
            Marks.SATURATED: self.tr("Marks: full\nscale (K)"),
            Marks.BOTH: self.tr("Marks: full,\nblack (K)"),
            Marks.NONE: self.tr("Marks: none\n(K)"),
        }
        self.mark.setText(words[self.marks])
        self.cross.setText(self.tr("Cross-hair\n(X)"))
        self.trigger.setText(self.tr("Trigger (T)"))
        self._offer(self._station.state)
