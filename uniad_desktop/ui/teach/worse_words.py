"""Why a taught version should not go live, in so many words as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from uniad_desktop.ui import text

_MOST = 2


def worse_words(problems: Sequence[str]) -> list[str]:
    """The first sentences, one per product, and how many more products there are."""
    told = list(problems[:_MOST])
    if len(problems) > _MOST:
        words = QCoreApplication.translate(
            "WorseWords", "{n} more got worse, too; the table names them."
        )
        told.append(words.format(n=text.number(len(problems) - _MOST)))
    return told
