"""What the camera sees while parts are collected, and what became of the last one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.pictures import scaled_picture
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.picture import Picture
from uniad_desktop.ui.widgets.touch_button import GAP, TouchButton
from uniad_desktop.ui.widgets.words import Words


class LivePanel(Panel):
    """The newest frame, one line on the last part, and the buttons of collecting.

    Args:
        parent: the parent widget.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._background = Background("live")
        self._drawn: Frame | None = None
        self._rule = ""
        self.heading = Figure("heading", parent=self)
        self.rule = Figure("caption", "", Qt.AlignmentFlag.AlignRight, parent=self)
        self.picture = Picture(self)
        self.last = Words("sheetText", self)
        self.take = TouchButton(main=True, primary=True, parent=self)
        self.stop = TouchButton("stop", main=True, parent=self)
        head = QHBoxLayout()
        head.addWidget(self.heading, 2)
        head.addWidget(self.rule, 3)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(self.take, 3)
        buttons.addWidget(self.stop, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.last)
        layout.addLayout(buttons)
        self.retranslate()

    def show_frame(self, frame: Frame | None) -> None:
        """Shows a frame, scaled beside the Qt thread; while one is being scaled others wait."""
        if frame is None:  # a former picture must not be taken for what the camera sees now
            self.clear()
            return
        if frame is self._drawn or self._background.busy:
            return
        self._drawn = frame
        width, height = self.picture.room()
        badge = text.kind_word(frame.kind)
        live = frame.kind is SourceKind.LIVE

        def take(image: QImage) -> None:
            if self._drawn is not frame:
                return
            self.picture.show_image(image)
            self.picture.show_chips(("" if live else badge, "warn_text"))

        self._background.run(lambda: scaled_picture(frame.image, width, height), take)

    def show_words(self, rule: str, last: str, *, by_hand: bool) -> None:
        """Says what is taken and what became of the last part."""
        self.rule.show_text(rule)
        if last != self.last.text():
            self.last.setText(last)
        if self.take.isHidden() == by_hand:
            self.take.setVisible(by_hand)

    def clear(self) -> None:
        """Forgets the picture."""
        self._drawn = None
        self.picture.show_message(self.tr("No image yet"))

    def beat(self) -> None:
        """Takes the picture when it is there."""
        self._background.beat()

    def close_down(self) -> None:
        """Ends the worker."""
        self._background.close_down()

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.heading.show_text(self.tr("COLLECTING FROM THE CAMERA"))
        self.take.setText(self.tr("Take this part (I)"))
        self.stop.setText(self.tr("Stop collecting (C)"))
