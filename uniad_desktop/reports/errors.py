"""What goes wrong with a report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ReportError(Exception):
    """A report or an export cannot be made; the message is a sentence for the user."""


@contextmanager
def writing_to(target: Path) -> Iterator[None]:
    """Turns what a disk says into a sentence.

    Raises:
        ReportError: instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise ReportError(
            f"{target} cannot be written: {error.strerror or error}; free space, check the rights "
            "or choose another folder. Nothing was left there."
        ) from error
