"""What a collection still lacks, in the language of the screen."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from uniad_desktop.teaching.coverage import Coverage, Lack

_WORDS = {
    Lack.TOO_FEW: QT_TRANSLATE_NOOP(
        "CoverageWords",
        "{parts} parts: {least} are the least ({to_least} more), {advised} or more are advised.",
    ),
    Lack.FEW: QT_TRANSLATE_NOOP(
        "CoverageWords", "Enough to begin; {advised} or more are advised: {more} more."
    ),
    Lack.ALIKE: QT_TRANSLATE_NOOP(
        "CoverageWords",
        "All parts look the same; show different parts, not one part again and again.",
    ),
    Lack.NOTHING_NEW: QT_TRANSLATE_NOOP(
        "CoverageWords",
        "The last {last} parts added nothing new; show other batches, positions and days, or stop "
        "here.",
    ),
    Lack.ONE_LIGHT: QT_TRANSLATE_NOOP(
        "CoverageWords",
        "Only one brightness so far; if the light changes on the line, collect in the darkest and "
        "the brightest light, too.",
    ),
}


def coverage_words(coverage: Coverage) -> list[str]:
    """Sentences on what is missing; empty where nothing is."""
    return [
        QCoreApplication.translate("CoverageWords", str(_WORDS[lack])).format(**coverage.numbers)
        for lack in coverage.lacks
    ]
