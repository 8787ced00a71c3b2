"""The column of products, with what can be done to one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from uniad_desktop.ui.teach.product_draft import Listed, Standing
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TOUCH, TouchButton
from uniad_desktop.ui.widgets.touch_list import TouchList

_WIDE = 268


def standing_word(standing: Standing) -> str:
    """How a product stands, in the language of the screen."""
    words = {
        Standing.IN_MODEL: QCoreApplication.translate("ProductList", "in the model"),
        Standing.NOT_TAUGHT: QCoreApplication.translate("ProductList", "not taught yet"),
        Standing.ARCHIVED: QCoreApplication.translate("ProductList", "archived"),
    }
    return words[standing]


class ProductRow(TouchButton):
    """One product: its title, and below its key and how it stands."""

    def __init__(self, row: Listed, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.key = row.key
        self.setCheckable(True)
        self._title = Figure("value", parent=self)
        self._below = Figure("caption", parent=self)
        dim = "dim" if row.standing is Standing.ARCHIVED else ""
        self._title.show_text(row.title, dim)
        self._below.show_text(f"{standing_word(row.standing)} · {row.key}")
        for label in (self._title, self._below):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(14, 8, 14, 8)
        lines.setSpacing(2)
        lines.addWidget(self._title)
        lines.addWidget(self._below)
        self.setAccessibleName(f"{row.title} {self._below.text()}")

    def sizeHint(self) -> QSize:
        """As high as a finger needs, any width."""
        return QSize(TOUCH, TOUCH)


class ProductList(Panel):
    """All products, and buttons for the one that is shown.

    Args:
        parent: the parent widget.

    Signals:
        chosen: a product was tapped; carries its key.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self.setFixedWidth(_WIDE)
        self._rows: tuple[Listed, ...] = ()
        self._key = ""
        self.heading = Figure("heading", parent=self)
        self.new, self.copy = TouchButton(parent=self), TouchButton(parent=self)
        self.rename, self.archive = TouchButton(parent=self), TouchButton(parent=self)
        self.buttons: dict[str, ProductRow] = {}
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._list: TouchList | None = None
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, button in enumerate((self.new, self.copy, self.rename, self.archive)):
            grid.addWidget(button, place // 2, place % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self.heading)
        layout.addLayout(self._column)
        layout.addStretch(1)
        layout.addLayout(grid)
        self.retranslate()

    def show_rows(self, rows: Sequence[Listed], key: str) -> None:
        """Shows the products, and which one is chosen."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._fill()
        self._key = key
        for one, button in self.buttons.items():
            button.setChecked(one == key)
        standing = self.standing
        self.copy.setEnabled(standing is not None)
        self.rename.setEnabled(standing is not None)
        self.archive.setEnabled(standing is not None)
        self._write_archive()

    @property
    def rows(self) -> tuple[Listed, ...]:
        """The products being shown."""
        return self._rows

    @property
    def standing(self) -> Standing | None:
        """How the chosen product stands; None where none is chosen."""
        return next((row.standing for row in self._rows if row.key == self._key), None)

    def _fill(self) -> None:
        if self._list is not None:
            self._column.removeWidget(self._list)
            self._list.hide()
            self._list.deleteLater()
        self.buttons = {row.key: ProductRow(row) for row in self._rows}
        for key, button in self.buttons.items():
            button.clicked.connect(lambda _=False, one=key: self._tapped(one))
        self._list = TouchList(list(self.buttons.values()), self)
        self._column.addWidget(self._list)

    def _tapped(self, key: str) -> None:
        # Which one is chosen is said by `show_rows`.
        for one, button in self.buttons.items():
            button.setChecked(one == self._key)
        self.chosen.emit(key)

    def _write_archive(self) -> None:
        archived = self.standing is Standing.ARCHIVED
        self.archive.setText(self.tr("Restore") if archived else self.tr("Archive"))

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.heading.show_text(self.tr("PRODUCTS"))
        self.new.setText(self.tr("New…\n(N)"))
        self.copy.setText(self.tr("Copy…\n(C)"))
        self.rename.setText(self.tr("Rename…\n(E)"))
        self._write_archive()
        if self._rows:
            self._fill()
            self.show_rows(self._rows, self._key)
