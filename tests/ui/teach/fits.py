"""Whether everything on the screen can be read and touched."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.row_button import RowButton
from uniad_desktop.ui.widgets.touch_button import TOUCH, ChooserButton


def misfits(widget: QWidget) -> list[str]:
    """What is cut or too small for a finger, of all that is visible in a widget."""
    found = []
    for button in widget.findChildren(QPushButton):
        if not button.isVisible():
            continue
        name = button.text() or button.accessibleName()
        if min(button.width(), button.height()) < TOUCH:
            found.append(f"button “{name}” is {button.width()}x{button.height()}")
        composed = isinstance(button, ChooserButton | RowButton)
        if not composed and button.sizeHint().width() > button.width():
            found.append(f"button “{name}”: {button.sizeHint().width()} > {button.width()}")
    for label in widget.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        if isinstance(label, Figure):
            cut = label.is_cut()
        elif label.wordWrap():
            cut = label.heightForWidth(label.width()) > label.height() + 1
        else:
            cut = label.sizeHint().width() > label.width() + 1
        if cut:
            found.append(f"words “{label.text()}” in {label.width()}x{label.height()}")
    return found
