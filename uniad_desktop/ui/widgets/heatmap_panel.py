"""Heatmap on or off, its strength, and the fixed colour scale with the limit on it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from uniad_desktop.ui import colour_scale, theme
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton

PANEL_WIDTH = 152


class _TouchSlider(QSlider):
    """A vertical slider that goes where it is tapped."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Moves the handle under the finger, from where it may be dragged on."""
        if event.button() is Qt.MouseButton.LeftButton:
            handle = 42
            span = max(1, self.height() - handle)
            share = 1.0 - (event.position().y() - handle / 2) / span
            self.setValue(round(self.minimum() + share * (self.maximum() - self.minimum())))
        super().mousePressEvent(event)


class Legend(QWidget):
    """The colour scale from 0 to 100, the same for every image, with the limit marked at 50."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        table = colour_scale.colours()[::-1]
        self._pixels = table[:, :, ::-1].copy()
        self._ramp = QImage(self._pixels.data, 1, 256, 3, QImage.Format.Format_RGB888)
        self.setMinimumSize(66, 120)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.limit_word = ""

    def sizeHint(self) -> QSize:
        """Wished size."""
        return QSize(66, 300)

    def y_of(self, score: float) -> float:
        """Height at which a score stands."""
        return 10 + (self.height() - 20) * (1.0 - score / colour_scale.FULL)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints ramp, ticks and limit."""
        painter = QPainter(self)
        colours = theme.active()
        top, bottom = self.y_of(colour_scale.FULL), self.y_of(0.0)
        bar = QRectF(0, top, 20, bottom - top)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, self._ramp)
        # Below this nothing is drawn over the image, so the scale shows the ground there.
        clear = self.y_of(colour_scale.TRANSPARENT_BELOW)
        painter.fillRect(QRectF(0, clear, 20, bottom - clear), colours.colour("card"))
        painter.setPen(QPen(colours.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        font = QFont(self.font())
        font.setPixelSize(13)
        painter.setFont(font)
        painter.setPen(colours.colour("text"))
        for score in (colour_scale.FULL, 75.0, colour_scale.TRANSPARENT_BELOW, 0.0):
            self._tick(painter, score, f"{score:.0f}")
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QPen(QColor(colours.colour("text")), 3))
        y = self.y_of(colour_scale.LIMIT)
        painter.drawLine(0, int(y), 26, int(y))
        self._tick(painter, colour_scale.LIMIT, f"{colour_scale.LIMIT:.0f}")
        font.setPixelSize(12)
        painter.setFont(font)
        painter.drawText(
            QRectF(32, y + 7, self.width() - 32, 18), Qt.AlignmentFlag.AlignLeft, self.limit_word
        )

    def _tick(self, painter: QPainter, score: float, words: str) -> None:
        room = QRectF(32, self.y_of(score) - 9, self.width() - 32, 18)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


class HeatmapPanel(Panel):
    """Signals `changed(on, strength)` when the operator changes the overlay."""

    changed = Signal(bool, float)

    def __init__(self, on: bool, strength: float, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self.setFixedWidth(PANEL_WIDTH)
        self.toggle = TouchButton(parent=self)
        self.toggle.setObjectName("heatmapToggle")
        self.toggle.setCheckable(True)
        self.toggle.setChecked(on)
        self.slider = _TouchSlider(Qt.Orientation.Vertical, self)
        self.slider.setRange(0, 100)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(10)
        self.slider.setValue(round(strength * 100))
        self.slider.setFixedWidth(64)
        self.slider.setEnabled(on)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.legend = Legend(self)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._strength = Figure("caption", alignment=centre, parent=self)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.slider)
        row.addWidget(self.legend)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.toggle)
        layout.addWidget(self._strength)
        layout.addLayout(row, 1)
        self.toggle.toggled.connect(self._emit)
        self.slider.valueChanged.connect(self._emit)
        self.retranslate()

    @property
    def on(self) -> bool:
        """Whether the heatmap is shown."""
        return self.toggle.isChecked()

    @property
    def strength(self) -> float:
        """Opacity of the heatmap, 0 when it is off."""
        return self.slider.value() / 100 if self.on else 0.0

    def _emit(self) -> None:
        self.slider.setEnabled(self.on)
        self.retranslate()
        self.changed.emit(self.on, self.slider.value() / 100)

    def retranslate(self) -> None:
        """Writes all words anew."""
        # Says what is on the screen now, as the button of the picture does.
        self.toggle.setText(self.tr("Heatmap (H)") if self.on else self.tr("Image (H)"))
        self._strength.show_text(
            self.tr("strength {percent} %").format(percent=self.slider.value())
            if self.on
            else self.tr("heatmap off")
        )
        self.legend.limit_word = self.tr("limit")
        self.legend.update()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.legend.update()
