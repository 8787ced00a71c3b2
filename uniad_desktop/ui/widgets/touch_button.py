"""Buttons for fingers and keys."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from uniad_desktop.ui import theme

TOUCH = 64
MAIN = 96
GAP = 49  # 13 mm at 96 dpi, between buttons that must not be hit by mistake


class TouchButton(QPushButton):
    """A push button at least 64 px high with an icon in the colour of the theme.

    Args:
        icon_name: an icon of ``resources/icons``, or empty.
        main: one of the main buttons, 96 px high.
        primary: in the accent colour.
        parent: the parent widget.
    """

    def __init__(
        self,
        icon_name: str = "",
        *,
        main: bool = False,
        primary: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setProperty("main", main)
        self.setProperty("primary", primary)
        self.setMinimumSize(TOUCH, MAIN if main else TOUCH)
        # Reached with Tab, but a click does not take the focus: the keys of the page keep working.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Enter presses the button that has the focus: Space always starts and stops.
        self.setAutoDefault(True)
        self.setIconSize(QSize(28, 28) if main else QSize(24, 24))
        self.theme_changed()

    def set_face(self, icon_name: str, *, primary: bool) -> None:
        """Changes icon and weight; re-styles only when something changed."""
        if icon_name != self._icon_name or primary != self.property("primary"):
            self._icon_name = icon_name
            self.setProperty("primary", primary)
            self.style().unpolish(self)
            self.style().polish(self)
            self.theme_changed()

    def theme_changed(self) -> None:
        """Draws the icon in the colour of the theme in force."""
        if self._icon_name:
            token = "on_accent" if self.property("primary") else "text"
            self.setIcon(theme.icon(self._icon_name, theme.active().colour(token)))


class ChooserButton(TouchButton):
    """A button that shows what is chosen under a caption; a tap offers the choice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._caption = QLabel(self)
        self._caption.setProperty("role", "caption")
        self._value = QLabel(self)
        self._value.setProperty("role", "value")
        self._arrow = QLabel(self)
        for label in (self._caption, self._value, self._arrow):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch()
        words.addWidget(self._caption)
        words.addWidget(self._value)
        words.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 10, 4)
        row.setSpacing(8)
        row.addLayout(words, 1)
        row.addWidget(self._arrow)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.theme_changed()

    def show_choice(self, caption: str, value: str) -> None:
        """Shows caption and value; a new layout only when one of them changed."""
        if (caption, value) != (self._caption.text(), self._value.text()):
            self._caption.setText(caption)
            self._value.setText(value)
            self.setAccessibleName(f"{caption} {value}")
            self.updateGeometry()

    def value(self) -> str:
        """The value being shown."""
        return self._value.text()

    def sizeHint(self) -> QSize:
        """Room for caption and value."""
        layout = self.layout()
        return layout.sizeHint().expandedTo(QSize(TOUCH, TOUCH)) if layout else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Never less than the whole text."""
        return self.sizeHint()

    def theme_changed(self) -> None:
        """Draws the arrow in the colour of the theme in force."""
        super().theme_changed()
        if hasattr(self, "_arrow"):
            arrow = theme.icon("chevron", theme.active().colour("dim"), 16)
            self._arrow.setPixmap(arrow.pixmap(16, 16))
