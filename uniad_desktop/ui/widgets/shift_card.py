"""Counters of the shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.inspection.types import ShiftCounters
from uniad_desktop.ui import text
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton

if TYPE_CHECKING:
    from uniad_desktop.inspection.types import CycleTime

_COLUMNS = 4


class ShiftCard(Panel):
    """Shows the counters; asks for a reset with `reset_wished`."""

    reset_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._counters = ShiftCounters(since=0.0)
        self._heading = Figure("heading", parent=self)
        self._since = Figure("caption", parent=self)
        self._cycle = Figure("caption", alignment=Qt.AlignmentFlag.AlignHCenter, parent=self)
        self.reset = TouchButton("reset", parent=self)
        self.reset.clicked.connect(self.reset_wished)
        self._values: dict[str, Figure] = {}
        self._names: dict[str, Figure] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(0)
        keys = (
            "inspected", "passed", "review", "failed",
            "error", "triggered", "passed_over", "yield",
        )  # fmt: skip
        for place, key in enumerate(keys):
            row, column = divmod(place, _COLUMNS)
            centre = Qt.AlignmentFlag.AlignHCenter
            self._values[key] = Figure("count", alignment=centre, parent=self)
            self._names[key] = Figure("caption", alignment=centre, parent=self)
            grid.addWidget(self._values[key], 3 * row, column)
            grid.addWidget(self._names[key], 3 * row + 1, column)
            grid.setColumnStretch(column, 1)
        grid.setRowMinimumHeight(2, 6)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch()
        words.addWidget(self._heading)
        words.addWidget(self._since)
        words.addStretch()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        head.addWidget(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(grid)
        layout.addWidget(self._cycle)
        self.retranslate()

    def show_counters(self, counters: ShiftCounters, cycle: CycleTime | None) -> None:
        """Shows counters and cycle time (seconds)."""
        self._counters = counters
        self._since.show_text(
            self.tr("since {time}").format(time=text.clock(counters.since)[:5])
            if counters.since
            else ""
        )
        for key in ("inspected", "passed", "triggered", "passed_over"):
            self._values[key].show_text(text.number(getattr(counters, key)))
        for key, token in (("review", "warn_text"), ("failed", "alarm_text"),
                           ("error", "error_text")):  # fmt: skip
            count = getattr(counters, key)
            self._values[key].show_text(text.number(count), token if count else "")
        self._values["yield"].show_text(text.share(counters.yield_share))
        figures = (
            " / ".join(f"{value:.2f}" for value in (cycle.min, cycle.mean, cycle.max))
            if cycle
            else text.NONE
        )
        self._cycle.show_text(
            self.tr("cycle min / mean / max  {figures} s").format(figures=figures)
        )

    def shown(self, key: str) -> str:
        """The figure being shown under a key such as ``failed``."""
        return self._values[key].text()

    def cycle_text(self) -> str:
        """The line of the cycle time."""
        return self._cycle.text()

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._heading.show_text(self.tr("THIS SHIFT"))
        self.reset.setText(self.tr("Reset (R)"))
        names = {
            "inspected": self.tr("inspected"),
            "passed": self.tr("pass"),
            "review": self.tr("review"),
            "failed": self.tr("fail"),
            "error": self.tr("error"),
            "triggered": self.tr("triggered"),
            "passed_over": self.tr("passed over"),
            "yield": self.tr("yield"),
        }
        for key, name in names.items():
            self._names[key].show_text(name)
