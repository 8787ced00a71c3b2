"""The button that saves the last raw frames, and how many there are."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from uniad_desktop.ui import text
from uniad_desktop.ui.setup.context import SetupContext
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton


class RecordingButton(Panel):
    """Says what it would save; of a source that keeps nothing it says why.

    Args:
        context: gives the camera's frames in memory, and saves them.
        parent: the parent widget.
    """

    def __init__(self, context: SetupContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.button = TouchButton(parent=self)
        self.button.setObjectName("setupAction")
        self.why = QLabel(self)
        self.why.setProperty("role", "caption")
        self.why.setWordWrap(True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        layout.addWidget(self.why)
        self.button.clicked.connect(context.save_recording)
        self.retranslate()

    def beat(self, shown: bool) -> None:
        """Asks how much is kept while it is shown; returns at once."""
        desk = self._context.recording()
        if shown and desk is not None:
            desk.look()
        self._write()

    def _write(self) -> None:
        desk = self._context.recording()
        opened = self._context.station.source_info is not None
        keeps = desk is not None and desk.station.recorder is not None
        for widget, wanted in ((self.button, keeps), (self.why, desk is not None and opened)):
            show = wanted and (widget is self.button or not keeps)
            if widget.isHidden() == show:
                widget.setVisible(show)
        if desk is None or not keeps:
            return
        held = desk.held
        if desk.writing:
            count = held.saved_frames if held is not None else 0
            words = self.tr("Writing…")
        else:
            count = held.frames if held is not None else 0
            words = self.tr("Save last\nseconds (F9)")
            if held is not None and count:
                words = self.tr("Save last\n{s} s (F9)").format(s=f"{held.seconds:.1f}")
        if count:
            words += "\n" + self.tr("{n} frames").format(n=text.number(count))
        if words != self.button.text():
            self.button.setText(words)
        self.button.setEnabled(not desk.writing)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.why.setText(self.tr("Only GenICam cameras keep raw frames"))
        self._write()
