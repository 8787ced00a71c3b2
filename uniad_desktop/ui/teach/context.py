"""What every view of the Teach page is given."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.ui.ask import Ask
from uniad_desktop.ui.station_like import StationLike


@dataclass(frozen=True, slots=True)
class TeachContext:
    """Where things are and whom to tell.

    Attributes:
        station: the station that inspects.
        data_folder: its data folder.
        model: name of its model.
        ask: opens a sheet over the window.
        say: shows a sentence on the page until it is acknowledged; empty takes it away.
        asking: whether a sheet is open; nothing is asked on its own meanwhile.
    """

    station: StationLike
    data_folder: Path
    model: str
    ask: Ask
    say: Callable[[str], None]
    asking: Callable[[], bool] = lambda: False


def login() -> str:
    """Who is in front of the screen, for the record."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a name, as in a container
        return "unknown"
