"""The card beside the pictures: verdict, score, regions, and everything else on record."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.inspection.types import Region, Verdict
from uniad_desktop.records.record import Record
from uniad_desktop.ui import text, theme
from uniad_desktop.ui.review import facts
from uniad_desktop.ui.review.record_delegate import VERDICT_TOKENS
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.signs import draw_sign
from uniad_desktop.ui.widgets.touch_button import TouchButton
from uniad_desktop.ui.widgets.touch_list import TouchList
from uniad_desktop.ui.widgets.words import Words

_SIGN = 22
_MOST_REGIONS = 12
_PIECE = 16  # characters between two places to break a line


class _Sign(QWidget):
    """The sign of the verdict in its colour."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.verdict: Verdict | None = None
        self.setFixedSize(QSize(_SIGN, _SIGN))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints it."""
        if self.verdict is not None:
            colour = theme.active().colour(VERDICT_TOKENS[self.verdict])
            draw_sign(QPainter(self), self.verdict, QRectF(self.rect()), colour)


class FactsCard(Panel):
    """Shows one inspection in words; regions are buttons that lead to their place.

    Args:
        parent: the parent widget.

    Signals:
        region_wished: the number of a region to be looked at.
        history_wished: the history of the label.
    """

    region_wished = Signal(int)
    history_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._record: Record | None = None
        self._title = self._path = ""
        self._intact: bool | None = None
        self._sign = _Sign(self)
        self.headline = Figure("count", parent=self, shrink=True)
        self.flag = Figure("value", parent=self)
        self.finding = Words("sheetText")
        self.label = Words("sheetText")
        self.rows = Words()
        self.rows.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._regions = QWidget()
        self._region_column = QVBoxLayout(self._regions)
        self._region_column.setContentsMargins(0, 0, 0, 0)
        self._region_column.setSpacing(6)
        self.copy = TouchButton()
        self.history = TouchButton()
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.copy)
        row.addWidget(self.history)
        self._list = TouchList(
            [self.finding, self.label, self.rows, self._regions, buttons], parent=self
        )
        self._list.add_stretch()
        self.copy.clicked.connect(self.copy_facts)
        self.history.clicked.connect(self.history_wished)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._sign)
        head.addWidget(self.headline, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self.flag)
        layout.addWidget(self._list, 1)
        self._list.setSizePolicy(
            self._list.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Expanding
        )
        self.retranslate()

    def show_record(
        self, record: Record | None, title: str = "", path: str = "", intact: bool | None = None
    ) -> None:
        """Shows an inspection; None empties the card."""
        same = record is not None and self._record is not None and record.id == self._record.id
        self._record, self._title, self._path, self._intact = record, title, path, intact
        if not same:
            self._list.verticalScrollBar().setValue(0)
        self._write()

    def copy_facts(self) -> None:
        """Puts everything on the clipboard, the hash included."""
        if self._record is not None:
            QGuiApplication.clipboard().setText(
                facts.plain_text(self._record, self._title, self._path, self._intact)
            )

    def _write(self) -> None:
        record = self._record
        for widget in (self._list, self._sign):
            widget.setVisible(record is not None)
        self.flag.setVisible(record is not None and record.setup.kind is not SourceKind.LIVE)
        if record is None:
            self.headline.show_text("")
            return
        self._sign.verdict = record.verdict
        self._sign.update()
        self.headline.show_text(facts.headline(record))
        self.flag.show_text(f"▲ {text.kind_word(record.setup.kind)}", "warn_text")
        self.finding.setText(facts.finding(record))
        self.label.setText(self.tr("Label: {label}").format(label=facts.label_line(record)))
        lines = facts.rows(record, self._title, self._path, self._intact)
        # A hash has no blank to break at.
        self.rows.setText("\n".join(f"{name}: {_breakable(value)}" for name, value in lines))
        self._write_regions(record.regions)

    def _write_regions(self, regions: tuple[Region, ...]) -> None:
        while (item := self._region_column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, one in enumerate(regions[:_MOST_REGIONS]):
            button = TouchButton(parent=self._regions)
            button.setObjectName("action")
            words = self.tr("Region {n} · {size}\npeak {peak} · at ({x}, {y})")
            button.setText(
                words.format(
                    n=place + 1,
                    size=text.extent(one),
                    peak=text.score(min(100.0, one.peak)),
                    x=one.x + one.width // 2,
                    y=one.y + one.height // 2,
                )
            )
            button.clicked.connect(lambda _=False, chosen=place: self.region_wished.emit(chosen))
            self._region_column.addWidget(button)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.copy.setText(self.tr("Copy (C)"))
        self.history.setText(self.tr("Labels (H)"))
        self._write()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self._sign.update()


def _breakable(value: str) -> str:
    """With places to break a line in words that are longer than any line."""
    return " ".join(
        "\u200b".join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))
        for word in value.split(" ")
    )
