"""How parts of the window ask the person in front of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from uniad_desktop.ui.widgets.row_button import Row
from uniad_desktop.ui.widgets.sheet import Sheet


class Ask(Protocol):
    """Opens a sheet over the window."""

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
        """As `MainWindow._ask`; with `entry`, `on_choice` is given the text (see `Sheet`)."""
        ...
