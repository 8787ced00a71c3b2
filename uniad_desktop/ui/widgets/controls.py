"""The main buttons: trigger, and start or stop."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.types import StationState
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import GAP, TouchButton

# In these states there is something to stop.
BUSY = (
    StationState.STARTING,
    StationState.RUNNING,
    StationState.COLLECTING,
    StationState.CAMERA_LOST,
)
_TAKES_FRAMES = (StationState.RUNNING, StationState.COLLECTING, StationState.PREVIEW)


class Controls(Panel):
    """Start or stop, and beside it, a thumb away, the software trigger."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.trigger = TouchButton("trigger", main=True, parent=self)
        self.start_stop = TouchButton("play", main=True, primary=True, parent=self)
        self.trigger.hide()
        self._busy = False
        self._collecting = False
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.trigger, 1)
        layout.addWidget(self.start_stop, 1)
        self.retranslate()

    def show_state(self, state: StationState, mode: TriggerMode) -> None:
        """Offers what makes sense now."""
        busy = state in BUSY
        collecting = state is StationState.COLLECTING
        if (busy, collecting) != (self._busy, self._collecting):
            self._busy, self._collecting = busy, collecting
            self.start_stop.set_face("stop" if busy else "play", primary=not busy)
            self.retranslate()
        software = mode is TriggerMode.SOFTWARE
        if self.trigger.isHidden() == software:
            self.trigger.setVisible(software)
            self.retranslate()
        self.trigger.setEnabled(state in _TAKES_FRAMES)

    @property
    def offers_stop(self) -> bool:
        """Whether the button stops; what it says is what it does."""
        return self._busy

    def retranslate(self) -> None:
        """Writes all words anew; short ones while both buttons share the row."""
        narrow = not self.trigger.isHidden()
        if self._busy:
            words = self.tr("Stop inspection (Space)")
            if self._collecting:
                words = self.tr("Stop collecting (Space)")
            if narrow:
                words = self.tr("Stop\n(Space)")
        else:
            words = self.tr("Start\n(Space)") if narrow else self.tr("Start inspection (Space)")
        self.start_stop.setText(words)
        self.trigger.setText(self.tr("Trigger\n(T)"))
