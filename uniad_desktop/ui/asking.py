"""One question at a time, laid over a window's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from uniad_desktop.ui.widgets.row_button import Row
from uniad_desktop.ui.widgets.sheet import Sheet


class Asking(QObject):
    """Opens sheets for a window; it is an `Ask`.

    Args:
        cover: the page to lay a sheet over, and how many pixels at its right stay free.
        enable_keys: told False when a sheet opens and True when it closes.
        parent: the window.

    Signals:
        closed: a sheet has closed and its choice was handled.
    """

    closed = Signal()

    def __init__(
        self,
        cover: Callable[[], tuple[QWidget, int]],
        enable_keys: Callable[[bool], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._cover, self._enable_keys = cover, enable_keys
        self.sheet: Sheet | None = None

    def __call__(
        self,
        title: str,
        words: str,
        choices: list[tuple[str, str]],
        *,
        current: str | None,
        on_choice: Callable[[str], None],
        main: bool = False,
        rows: Sequence[Row] = (),
        entry: str | None = None,
        emptiable: bool = False,
    ) -> Sheet:
        """Opens a sheet in the place of one that is open; see `Sheet` for the arguments."""
        self.close()
        self._enable_keys(False)
        page, free_right = self._cover()
        self.sheet = Sheet(
            page,
            title,
            words=words,
            choices=choices,
            current=current,
            cancel=self.tr("Cancel (Esc)"),
            free_right=free_right,
            main=main,
            rows=rows,
            entry=entry,
            emptiable=emptiable,
        )
        self.sheet.done.connect(lambda choice: self._done(choice, on_choice))
        return self.sheet

    def close(self) -> bool:
        """Takes the question back; whether there was one."""
        if self.sheet is None:
            return False
        self.sheet.close_with(None)
        return True

    def _done(self, choice: str | None, on_choice: Callable[[str], None]) -> None:
        self.sheet = None
        self._enable_keys(True)
        if choice is not None:
            on_choice(choice)
        self.closed.emit()
