"""One collected part, large, with what the checks said of it and what can be done with it."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.teaching.collection import Part, State
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.pictures import scaled_picture
from uniad_desktop.ui.teach.context import TeachContext
from uniad_desktop.ui.teach.part_list import part_image
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.picture import Picture
from uniad_desktop.ui.widgets.touch_button import GAP, TouchButton
from uniad_desktop.ui.widgets.words import Words


class PartPreview(Panel):
    """Shows the part that was chosen last, and the buttons for all that are chosen.

    Args:
        context: where things are.
        parent: the parent widget.
    """

    def __init__(self, context: TeachContext, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._context = context
        self._background = Background("part-preview")
        self._part: Part | None = None
        self._chosen = 0
        self._asked: tuple[str, QSize] | None = None
        self.heading = Figure("heading", parent=self)
        self.picture = Picture(self)
        self.words = Words("sheetText", self)
        self.accept = TouchButton(primary=True, parent=self)
        self.delete = TouchButton(parent=self)
        self.defect = TouchButton(parent=self)
        self.note = TouchButton(parent=self)
        self.back = TouchButton(parent=self)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self.accept, 3)
        buttons.addWidget(self.defect, 3)
        buttons.addWidget(self.note, 2)
        buttons.addWidget(self.back, 2)
        buttons.addSpacing(GAP - 24)
        buttons.addWidget(self.delete, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(self.heading)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.words)
        layout.addLayout(buttons)
        self.retranslate()

    def show_part(self, product: str, part: Part | None, chosen: int) -> None:
        """Shows a part of a product, and how many are chosen in all."""
        self._part, self._chosen = part, chosen
        self.retranslate()
        if part is None:
            self._asked = None
            self.picture.show_message("")
            return
        if self._asked is None or self._asked[0] != part.id:
            self.picture.show_message(self.tr("Reading…"))
        wanted = (part.id, self.picture.size())
        if wanted == self._asked:
            return
        self._asked = wanted
        folder, (width, height) = self._context.data_folder, self.picture.room()
        self._background.run(
            lambda: scaled_picture(part_image(folder, product, part.id), width, height),
            lambda image: self._take(part.id, image),
            self.picture.show_message,
            (StoreError,),
        )

    def beat(self) -> None:
        """Takes the picture when it is there."""
        self._background.beat()

    def close_down(self) -> None:
        """Ends the worker."""
        self._background.close_down()

    def _take(self, part: str, image: QImage) -> None:
        if self._part is not None and self._part.id == part:
            self.picture.show_image(image)

    def retranslate(self) -> None:
        """Writes all words anew."""
        part, many = self._part, self._chosen > 1
        self.back.setText(self.tr("Back\n(Esc)"))
        self.note.setText(self.tr("Note\n(N)"))
        self.defect.setText(self.tr("Defect: keep as\nchallenge (J)"))
        count = text.number(self._chosen)
        self.accept.setText(
            self.tr("Take {n} in\n(Y)").format(n=count) if many else self.tr("Take in\n(Y)")
        )
        self.delete.setText(
            self.tr("Delete {n}\n(Del)").format(n=count) if many else self.tr("Delete\n(Del)")
        )
        if part is None:
            return
        self.accept.setEnabled(part.state is not State.ACCEPTED or many)
        self.delete.setEnabled(part.state is not State.REJECTED or many)
        self.note.setEnabled(not many)
        self.heading.show_text(
            self.tr("PART {id} · {width}×{height} · {when}").format(
                id=part.id[:8], width=part.width, height=part.height, when=local_time(part.when)
            )
        )
        told = [doubt.sentence for doubt in part.doubts]
        if not told:
            told = [self.tr("The checks found nothing.")]
        if part.note:
            told.append(self.tr("Note: {note}").format(note=part.note))
        self.words.setText(" ".join(told))


def local_time(when: str) -> str:
    """Local date and time of an ISO 8601 time."""
    try:
        return datetime.fromisoformat(when).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return when
