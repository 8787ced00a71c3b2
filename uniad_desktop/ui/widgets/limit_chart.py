"""Scores of good and defective parts in columns, with the two limits as lines to drag."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from uniad_desktop.ui import text, theme
from uniad_desktop.ui.colour_scale import FULL, LIMIT
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.limit_columns import LimitColumns
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TOUCH

STEP, LEAP = 0.5, 5.0  # of the scale, per key
LEAST = 0.5  # a limit must be above 0
_TOP_SHARE = 0.98  # of the good parts are in sight; what is beyond stands in the last column
_GAP = 6


class Line(Enum):
    """The two limits."""

    ACCEPT = "T1"
    REJECT = "T2"


class _Plot(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph carries no types
    """Axes and columns; a press, a move and a release are told to the chart."""

    def __init__(self, chart: LimitChart) -> None:
        super().__init__(parent=chart)
        self._chart = chart
        self.setMinimumHeight(150)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(_Plot.Shape.NoFrame)
        self.box = pg.ViewBox(enableMouse=False, enableMenu=False)
        self.axes = [pg.AxisItem(side, linkView=self.box) for side in ("left", "bottom")]
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 0, 20, 0)  # room for the last figure of the scale
        layout.setSpacing(0)
        layout.addItem(self.axes[0], 0, 0)
        layout.addItem(self.box, 0, 1)
        layout.addItem(self.axes[1], 1, 1)
        self.setCentralItem(layout)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._chart.press(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._chart.drag(event.position())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._chart.release()
        event.accept()


class LimitChart(Panel):
    """On the present scale: 50 is the reject limit in force, wherever the lines are dragged.

    A line is grabbed at its handle or within 32 px of it. With the keyboard: left and right by
    half a point, page up and down by five, up and down choose the line.
    """

    moved = Signal(float, float)  # T1 and T2, raw, while a line is being moved

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._good: NDArray[np.float64] = np.zeros(0)
        self._bad: NDArray[np.float64] = np.zeros(0)
        self._other: NDArray[np.float64] = np.zeros(0)
        self._marks: tuple[float, float] | None = None
        self._raw = 1.0  # raw score of 50
        self._limits = {Line.ACCEPT: LIMIT, Line.REJECT: LIMIT}  # raw
        self._band = False
        self._top = FULL
        self._chosen = Line.REJECT
        self._held: float | None = None  # where in the line's grab area the finger is
        self._heading = Figure("heading", parent=self)
        self._legend = [Figure("limit", "■ 0000 good parts", parent=self) for _ in range(3)]
        self._plot = _Plot(self)
        self._columns = LimitColumns(self._plot.box, self._plot.axes)
        self._now = pg.InfiniteLine(LIMIT, angle=90)
        self._lines = {line: pg.InfiniteLine(LIMIT, angle=90) for line in Line}
        for item in (self._now, *self._lines.values()):
            self._plot.box.addItem(item, ignoreBounds=True)
        self.handles = {line: self._make_handle(line) for line in Line}
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._heading, 1)
        for figure in self._legend:
            head.addWidget(figure)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 4)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._plot, 1)
        self._plot.box.sigResized.connect(self._place)
        self.theme_changed()
        self.retranslate()

    def _make_handle(self, line: Line) -> QLabel:
        handle = QLabel(self._plot)
        handle.setObjectName(line.value)
        handle.setAlignment(Qt.AlignmentFlag.AlignCenter)
        handle.setMinimumSize(TOUCH, TOUCH)
        # The plot below decides what is grabbed, at the handle and along the line alike.
        handle.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return handle

    # what is shown

    def show_scores(
        self,
        good: ArrayLike,
        bad: ArrayLike,
        present: float,
        marks: tuple[float, float] | None = None,
        other: ArrayLike = (),
    ) -> None:
        """Shows raw scores.

        Args:
            good: (n,) of good parts.
            bad: (m,) of parts with a defect.
            present: raw reject limit in force, shown as 50.
            marks: median and largest raw score that the model itself knows of, where there are no
                scores.
            other: (k,) of parts of which nobody said what they are.
        """
        self._raw = present / LIMIT
        self._good = np.asarray(good, dtype=np.float64) / self._raw
        self._bad = np.asarray(bad, dtype=np.float64) / self._raw
        self._other = np.asarray(other, dtype=np.float64) / self._raw
        self._marks = None if marks is None else (marks[0] / self._raw, marks[1] / self._raw)
        self._fit()
        self.retranslate()

    def show_limits(self, accept: float, reject: float, *, band: bool) -> None:
        """Puts the lines at raw limits; without a band there is one line only."""
        self._band = band
        if not band:
            self._chosen = Line.REJECT
        self._limits = {Line.ACCEPT: accept, Line.REJECT: reject}
        if self._held is None:  # the scale must not run away under a finger
            self._fit()
        self._show_lines()

    def limits(self) -> tuple[float, float]:
        """T1 and T2, raw, as the lines stand."""
        return self._limits[Line.ACCEPT], self._limits[Line.REJECT]

    def _at(self, line: Line) -> float:
        """Where a line stands on the scale."""
        return self._limits[line] / self._raw

    @property
    def chosen(self) -> Line:
        """The line that keys move."""
        return self._chosen

    def drawn(self) -> tuple[list[int], list[int]]:
        """Parts per column, good and defective, from left to right."""
        return self._columns.drawn()

    def place_of(self, line: Line) -> QPoint:
        """Where a line stands, in pixels of the plot, half-way up."""
        rect = self._plot.box.sceneBoundingRect()
        x = rect.left() + self._at(line) / self._top * rect.width()
        return QPoint(self._plot.mapFromScene(QPointF(x, rect.center().y())))

    @property
    def plot(self) -> QWidget:
        """What is touched."""
        plot: QWidget = self._plot
        return plot

    def _fit(self) -> None:
        """The part of the scale in sight, and the columns in it."""
        needed = [FULL, 1.2 * self._at(Line.REJECT)]
        needed += [
            1.1 * float(np.quantile(scores, _TOP_SHARE))
            for scores in (self._good, self._other)
            if scores.size
        ]
        if self._marks is not None:
            needed.append(1.1 * self._marks[1])
        self._top = 10.0 * math.ceil(max(needed) / 10.0)
        self._plot.box.setXRange(0.0, self._top, padding=0.0)
        self._columns.show(self._good, self._bad, self._marks, self._top, self._other)
        self._show_lines()

    def _show_lines(self) -> None:
        for line, item in self._lines.items():
            shown = line is Line.REJECT or self._band
            item.setVisible(shown)
            self.handles[line].setVisible(shown)
            item.setValue(self._at(line))
        self._now.setVisible(abs(self._at(Line.REJECT) - LIMIT) > 0.01)
        self._write_handles()
        self._place()

    def _place(self) -> None:
        """Handles at their lines: T2 above, T1 below it, so that none covers the other."""
        below = _GAP
        for line in (Line.REJECT, Line.ACCEPT):
            handle = self.handles[line]
            handle.resize(handle.sizeHint().expandedTo(handle.minimumSize()))
            x = self.place_of(line).x() - handle.width() // 2
            handle.move(max(0, min(x, self._plot.width() - handle.width())), below)
            if not handle.isHidden():
                below += handle.height() + _GAP
        # No handle covers a column, unless there is no height for both.
        height = max(1.0, self._plot.box.sceneBoundingRect().height())
        self._plot.box.setYRange(
            0.0, self._columns.highest / (1.0 - min(below / height, 0.6)), padding=0.0
        )

    # fingers and keys

    def press(self, at: QPointF) -> None:
        """A finger on the plot, in its pixels."""
        self.setFocus()
        line = self._grabbed(at)
        if line is not None:
            self._choose(line)
            self._held = at.x() - self.place_of(line).x()

    def drag(self, at: QPointF) -> None:
        """The finger moves."""
        if self._held is not None:
            rect = self._plot.box.sceneBoundingRect()
            scene = self._plot.mapToScene(QPoint(round(at.x() - self._held), 0))
            self._put((scene.x() - rect.left()) / max(1.0, rect.width()) * self._top)

    def release(self) -> None:
        """The finger leaves; now the scale may follow."""
        if self._held is not None:
            self._held = None
            self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves the chosen line, or chooses another."""
        steps = {
            Qt.Key.Key_Left: -STEP,
            Qt.Key.Key_Right: STEP,
            Qt.Key.Key_PageDown: -LEAP,
            Qt.Key.Key_PageUp: LEAP,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._put(self._at(self._chosen) + steps[key])
            self._fit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._band:
            self._choose(Line.REJECT if key is Qt.Key.Key_Up else Line.ACCEPT)
        else:
            super().keyPressEvent(event)

    def _grabbed(self, at: QPointF) -> Line | None:
        """The line whose handle is touched, else the nearest one within reach."""
        lines = [line for line in Line if line is Line.REJECT or self._band]
        for line in lines:
            if self.handles[line].geometry().contains(at.toPoint()):
                return line
        # Of two lines at one place the one is taken that still can be moved there.
        away = {line: abs(at.x() - self.place_of(line).x()) for line in lines}
        nearest = min(away.values())
        near = [line for line in lines if away[line] == nearest]
        right = at.x() >= self.place_of(Line.REJECT).x()
        return (near[-1] if right else near[0]) if nearest <= TOUCH / 2 else None

    def _choose(self, line: Line) -> None:
        self._chosen = line
        self._style_handles()

    def _put(self, value: float) -> None:
        """Moves the chosen line; T1 stays at or below T2, and without a band goes with it."""
        low, high = before = self.limits()
        raw = min(max(value, LEAST), self._highest()) * self._raw
        if not self._band:
            low = high = raw
        elif self._chosen is Line.ACCEPT:
            low = min(raw, high)
        else:
            high = max(raw, low)
        if (low, high) != before:
            self._limits = {Line.ACCEPT: low, Line.REJECT: high}
            self._show_lines()
            self.moved.emit(low, high)

    def _highest(self) -> float:
        """A finger reaches the end of what is in sight; keys go on, and the scale with them."""
        return self._top if self._held is not None else math.inf

    # words and colours

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._heading.show_text(
            self.tr("ANOMALY SCORE · 50 = LIMIT IN FORCE, RAW {raw}").format(
                raw=text.raw(LIMIT * self._raw)
            )
        )
        good = self.tr("■ {n} good parts").format(n=text.number(self._good.size))
        bad = self.tr("▲ {n} defects").format(n=text.number(self._bad.size))
        self._legend[0].show_text(good if self._good.size else "", "dot")
        self._legend[1].show_text(bad if self._bad.size else "", "alarm_text")
        other = self.tr("■ {n} unlabelled").format(n=text.number(self._other.size))
        self._legend[2].show_text(other if self._other.size else "", "dim")
        for figure in self._legend:
            figure.setVisible(bool(figure.text()))
        self._columns.name_marks(self.tr("median"), self.tr("largest good part"))
        self._write_handles()
        self._place()

    def _write_handles(self) -> None:
        names = {Line.ACCEPT: self.tr("T1 accept"), Line.REJECT: self.tr("T2 reject")}
        if not self._band:
            names[Line.REJECT] = self.tr("Limit")
        for line, handle in self.handles.items():
            score = f"{self._at(line):.1f}".removesuffix(".0")
            raw = self.tr("raw {value}").format(value=text.raw(self._limits[line]))
            handle.setText(f"◂ {names[line]} {score} ▸\n{raw}")

    def _style_handles(self) -> None:
        colours = theme.active().colours
        tokens = {Line.ACCEPT: "warn_text", Line.REJECT: "alarm_text"}
        for line, handle in self.handles.items():
            chosen = line is self._chosen and self.hasFocus()
            handle.setStyleSheet(
                f"QLabel {{ background: {colours['pressed' if chosen else 'raised']};"
                f" border: {4 if chosen else 2}px solid {colours[tokens[line]]};"
                " border-radius: 8px; padding: 2px 8px; font-size: 14px; font-weight: 600; }"
            )

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        colours = theme.active()
        self._plot.setBackground(colours.colour("card"))
        self._columns.theme_changed()
        dim = colours.colour("dim")
        self._now.setPen(pg.mkPen(dim, width=1, style=Qt.PenStyle.DashLine))
        self._lines[Line.ACCEPT].setPen(pg.mkPen(colours.colour("warn_text"), width=3))
        self._lines[Line.REJECT].setPen(pg.mkPen(colours.colour("alarm_text"), width=3))
        self._style_handles()
        self._place()

    # Qt

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows which line the keys move."""
        super().focusInEvent(event)
        self._style_handles()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Shows that they move none."""
        super().focusOutEvent(event)
        self._style_handles()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Handles follow the plot."""
        super().resizeEvent(event)
        self._place()
