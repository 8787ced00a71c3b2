"""Whoever waits for a camera that hangs may learn meanwhile that nobody wants it any more.

A driver that hangs in a call is waited for as long as a slow one may take, which is too long for
somebody who closes the program. Each thread says of itself whether it still wants its answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

GIVE_UP_S: Final = 1.5
"""So long a camera may go on without a sign of life when nobody wants it any more."""

_of_thread = threading.local()


def give_up_when(asked: Callable[[], bool]) -> None:
    """From now on this thread waits for no camera that hangs once `asked` tells so."""
    _of_thread.asked = asked


def given_up() -> bool:
    """Whether what this thread waits for is not wanted any more."""
    asked: Callable[[], bool] | None = getattr(_of_thread, "asked", None)
    return asked is not None and asked()
