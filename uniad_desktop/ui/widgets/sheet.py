"""Questions and choices for fingers, laid over the window: nothing waits for them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from uniad_desktop.ui.widgets.row_button import Row, RowButton
from uniad_desktop.ui.widgets.text_field import TextField
from uniad_desktop.ui.widgets.touch_button import GAP, MAIN, TOUCH, TouchButton
from uniad_desktop.ui.widgets.touch_list import TouchList

_ROWS = 4
_DIGITS = 9
_WIDE = 800
_WIDEST = 900
_MARGIN = 28


class Sheet(QWidget):
    """A sheet over its parent with a title, a text and large buttons.

    It closes on a choice, on a tap beside it and on Esc; it never starts an event loop, so
    inspection and display go on behind it. It leaves the right of its parent free: verdict and
    main buttons stay seen and in reach. The choice is reported by `done` after closing; None
    means nothing was chosen. Each choice has a key: its digit, or Enter where there is only one.

    Args:
        parent: the widget to cover.
        title: what is asked.
        words: a sentence below, or empty.
        choices: (key, label) per button; labels say what happens.
        current: key of the choice in force, drawn as checked, or None.
        cancel: label of the button that changes nothing.
        free_right: pixels at the right of the parent that stay uncovered.
        main: drawn 96 px high, for a question that changes something for good.
        rows: choices that need more than a label, in place of `choices`: one below the other,
            scrolled where there is no room.
        entry: what stands at first in a line of text to type, of which `words` say what it is;
            None: there is no such line. Goes with one choice only, which `done` then reports as
            the text, without blanks around it; it cannot be chosen while that is empty.
        emptiable: it can, as with a note that is to go.
    """

    done = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        title: str,
        *,
        words: str,
        choices: Sequence[tuple[str, str]],
        current: str | None,
        cancel: str,
        free_right: int = 0,
        main: bool = False,
        rows: Sequence[Row] = (),
        entry: str | None = None,
        emptiable: bool = False,
    ) -> None:
        super().__init__(parent)
        self._free_right = free_right
        self._keys: dict[int, str] = {}
        self._box = QFrame(self)
        self._box.setObjectName("sheet")
        self._box.setMinimumWidth(560)
        self._box.setMaximumWidth(_WIDEST)
        layout = QVBoxLayout(self._box)
        layout.setContentsMargins(_MARGIN, 20, _MARGIN, 24)
        layout.setSpacing(16)
        heading = QLabel(title, self._box)
        heading.setProperty("role", "sheetTitle")
        layout.addWidget(heading)
        heading.ensurePolished()
        heading.setWordWrap(heading.sizeHint().width() > _WIDEST - 2 * _MARGIN)
        if words:
            sentence = QLabel(words, self._box)
            sentence.setProperty("role", "sheetText")
            sentence.setWordWrap(True)
            layout.addWidget(sentence)
        self.buttons: dict[str, TouchButton] = {}
        self.field = TextField(entry, self._box) if entry is not None else None
        self._emptiable = emptiable
        if self.field is not None:
            self.field.setAccessibleName(title)
            self.field.selectAll()
            layout.addWidget(self.field)
        if rows:
            self._box.setMinimumWidth(_WIDE)
            layout.addWidget(self._list(rows, current))
        else:
            layout.addLayout(self._grid(choices, current, main))
        layout.addSpacing(GAP - 2 * 16)
        self.cancel = TouchButton(main=main, parent=self._box)
        self.cancel.setText(cancel)
        self.cancel.clicked.connect(lambda: self.close_with(None))
        layout.addWidget(self.cancel)
        outer = QVBoxLayout(self)
        outer.addWidget(self._box, 0, Qt.AlignmentFlag.AlignCenter)
        self._closed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        parent.installEventFilter(self)
        self._cover(parent)
        self.show()
        self.raise_()
        if self.field is None:
            self.setFocus()
        else:
            self.field.textChanged.connect(self._typed)
            self.field.returnPressed.connect(self._take_text)
            self._typed()
            self.field.setFocus()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._keep_keys)

    def _keep_keys(self, _: QWidget | None, now: QWidget | None) -> None:
        """A tap elsewhere in the window does not take the keys away from the question."""
        if self._closed or now is None or now is self or self.isAncestorOf(now):
            return
        if now.window() is self.window():
            (self.field or self).setFocus()

    def _typed(self) -> None:
        """Nothing typed is nothing to choose, unless something is taken away by that."""
        typed = self.field is not None and bool(self.field.text().strip())
        for button in self.buttons.values():
            button.setEnabled(typed or self._emptiable)

    def _take_text(self) -> None:
        """Enter in the line of text."""
        for key, button in self.buttons.items():
            if button.isEnabled():
                self.close_with(key)

    def _grid(
        self, choices: Sequence[tuple[str, str]], current: str | None, main: bool
    ) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(16)
        columns = -(-len(choices) // _ROWS)
        for place, (key, label) in enumerate(choices):
            button = TouchButton(main=main, parent=self._box)
            only = len(choices) == 1
            self._keys[Qt.Key.Key_Return if only else Qt.Key.Key_1 + place] = key
            button.setText(f"{label} ({'Enter' if only else place + 1})")
            button.setCheckable(current is not None)
            button.setChecked(key == current)
            button.setMinimumHeight(MAIN if main else TOUCH)
            button.clicked.connect(lambda _=False, chosen=key: self.close_with(chosen))
            grid.addWidget(button, place // columns, place % columns)
            self.buttons[key] = button
        return grid

    def _list(self, rows: Sequence[Row], current: str | None) -> TouchList:
        listed = []
        for place, row in enumerate(rows):
            printed = str(place + 1) if place < _DIGITS else ""
            if printed:
                self._keys[Qt.Key.Key_1 + place] = row.key
            button = RowButton(row, printed)
            button.setCheckable(True)
            button.setChecked(row.key == current)
            button.clicked.connect(lambda _=False, chosen=row.key: self.close_with(chosen))
            self.buttons[row.key] = button
            listed.append(button)
        return TouchList(listed, self._box)

    def close_with(self, choice: str | None) -> None:
        """Closes the sheet and reports the choice, or what was typed, once."""
        if self._closed:
            return
        if choice is not None and self.field is not None:
            choice = self.field.text().strip()
        self._closed = True
        parent = self.parent()
        if parent is not None:
            parent.removeEventFilter(self)
        self.hide()
        self.done.emit(choice)
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the size of the window."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self._cover(watched)
        return False

    def _cover(self, parent: QWidget) -> None:
        self.setGeometry(parent.rect().adjusted(0, 0, -self._free_right, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit or Enter chooses; Esc is a key of the window."""
        key = Qt.Key.Key_Return if event.key() == Qt.Key.Key_Enter else event.key()
        if self.field is not None and key == Qt.Key.Key_Return:
            self._take_text()
        elif key in self._keys:
            self.close_with(self._keys[key])
        else:
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A tap beside the sheet changes nothing."""
        if not self._box.geometry().contains(event.position().toPoint()):
            self.close_with(None)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dims what cannot be touched now."""
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, 110))
