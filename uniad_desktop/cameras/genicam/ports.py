"""Looks on while registers are read and written, whoever asks. Runs in the camera process."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

with warnings.catch_warnings():  # importing it changes the global warning filters
    from harvesters.core import ConcretePort

_READ: Final = ConcretePort.read
_WRITE: Final = ConcretePort.write


def watch_registers(answered: Callable[[], None]) -> None:
    """Has `answered` be called after every register access of this process.

    One request may mean dozens of them, and only the nodes know how many.
    """

    def watched(access: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(access)
        def call(*arguments: Any) -> Any:  # noqa: ANN401 - whatever the port takes and gives
            try:
                return access(*arguments)
            finally:
                answered()

        return call

    ConcretePort.read, ConcretePort.write = watched(_READ), watched(_WRITE)
