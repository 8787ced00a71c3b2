"""The verdict waits for its picture, so that no verdict ever stands beside another part."""

from __future__ import annotations

import math
import time
from typing import Final

from uniad_desktop.inspection.types import InspectedFrame

LONGEST_S: Final = 0.25
"""How long a verdict waits for its picture at most."""


class InStep:
    """Which decision to show while the picture of the newest is still being drawn."""

    def __init__(self) -> None:
        self._drawn: InspectedFrame | None = None
        self._since = time.monotonic()

    def leave(self, drawn: InspectedFrame | None) -> None:
        """The picture that is shown is that of a former part: nothing waits for another one."""
        self._drawn, self._since = drawn, -math.inf

    def of(
        self, newest: InspectedFrame | None, drawn: InspectedFrame | None
    ) -> InspectedFrame | None:
        """The decision whose picture is there; the newest where none is, or where it is late.

        Args:
            newest: decision of the station.
            drawn: whose picture is being shown; None: none is.
        """
        now = time.monotonic()
        if drawn is not self._drawn or drawn is newest:
            self._drawn, self._since = drawn, now
        waits = (
            newest is not None
            and newest.frame is not None
            and drawn is not None
            and drawn.inspection.product == newest.inspection.product
        )
        return drawn if waits and now - self._since < LONGEST_S else newest
