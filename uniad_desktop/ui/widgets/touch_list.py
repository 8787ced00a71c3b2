"""Widgets one below the other, as high as they need, scrolled with a finger where they must."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QScroller, QSizePolicy, QVBoxLayout, QWidget


class TouchList(QScrollArea):
    """A column that never takes more height than its widgets need.

    Args:
        widgets: from top to bottom.
        parent: the parent widget.
    """

    def __init__(self, widgets: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        inner = self._inner = QWidget()
        column = self._column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in widgets:
            column.addWidget(widget)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        # Keys go to the sheet; Tab goes to the widgets and brings them into sight.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inner)
        # A finger drags the list; taps still reach the widgets.
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)

    def add_stretch(self) -> None:
        """Room that is left goes below the widgets, where the list is given more than it needs."""
        self._column.addStretch()

    def sizeHint(self) -> QSize:
        """All of the widgets."""
        return self._inner.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Their width, and the height of one of them."""
        whole = self._inner.sizeHint()
        return QSize(whole.width(), min(whole.height(), 80))
