"""The buttons below the pictures: go on, label, note, undo, send to teaching."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from uniad_desktop.ui import text
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton


class ActionBar(Panel):
    """One button per key of `actions`, which the page carries out.

    Args:
        actions: what the keys K, J, N, D, U, W, Ctrl+Z and, where there is teaching, T do.
        parent: the parent widget.
    """

    def __init__(
        self, actions: dict[str, Callable[[], object]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._chosen = 0
        self.buttons = {key: TouchButton(primary=key == "T", parent=self) for key in actions}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for key, button in self.buttons.items():
            button.setObjectName("action")
            row.addWidget(button, 2 if key in ("K", "J") else 3)
            if key == "J":
                row.addSpacing(10)
            button.clicked.connect(lambda _=False, one=key: actions[one]())
        self.retranslate()

    def show_state(self, *, chosen: int, steps: int, there: bool) -> None:
        """Says how many inspections the buttons are for, and offers what makes sense.

        Args:
            chosen: inspections that are chosen.
            steps: actions that can be taken back.
            there: whether an inspection is shown.
        """
        for key, button in self.buttons.items():
            button.setEnabled(steps > 0 if key == "Ctrl+Z" else there)
        if chosen != self._chosen:
            self._chosen = chosen
            self.retranslate()

    def retranslate(self) -> None:
        """Writes all words anew."""
        many = f" ×{text.number(self._chosen)}" if self._chosen > 1 else ""
        words = {
            "K": self.tr("‹ Same\n(K)"),
            "J": self.tr("Same ›\n(J)"),
            "N": self.tr("Good part") + f"\n(N){many}",
            "D": self.tr("Real defect") + f"\n(D){many}",
            "U": self.tr("Unsure") + f"\n(U){many}",
            "W": self.tr("Note") + f"\n(W){many}",
            "Ctrl+Z": self.tr("Undo") + "\n(Ctrl+Z)",
            "T": self.tr("Teach") + f"\n(T){many}",
        }
        for key, button in self.buttons.items():
            button.setText(words[key])
        for key, name in (
            ("K", self.tr("Former part of the same product (K)")),
            ("J", self.tr("Next part of the same product (J)")),
            ("T", self.tr("Add to the teaching set (T)")),
        ):
            if key in self.buttons:
                self.buttons[key].setAccessibleName(name)
