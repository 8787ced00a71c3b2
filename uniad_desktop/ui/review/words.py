"""Words that more than one part of the Review page needs."""

from __future__ import annotations

import time

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.schema import ImageState, Label

SIGNS = {Verdict.PASS: "✓", Verdict.REVIEW: "△", Verdict.FAIL: "✕", Verdict.ERROR: "!"}

_LABELS = {
    Label.NONE: QT_TRANSLATE_NOOP("Review", "unlabelled"),
    Label.GOOD: QT_TRANSLATE_NOOP("Review", "good"),
    Label.DEFECT: QT_TRANSLATE_NOOP("Review", "defect"),
    Label.UNSURE: QT_TRANSLATE_NOOP("Review", "unsure"),
}
_WITHOUT_IMAGE = {
    ImageState.NONE: QT_TRANSLATE_NOOP(
        "Review", "No image was kept of this part; of passes only a set share is kept."
    ),
    ImageState.LEAVING: QT_TRANSLATE_NOOP(
        "Review", "The image was removed when its time was over; its SHA-256 stays on record."
    ),
    ImageState.REMOVED: QT_TRANSLATE_NOOP(
        "Review", "The image was removed when its time was over; its SHA-256 stays on record."
    ),
    ImageState.LOST: QT_TRANSLATE_NOOP(
        "Review", "The image could not be written when the part was inspected."
    ),
}


def label_word(label: Label) -> str:
    """The word for a label."""
    return QCoreApplication.translate("Review", str(_LABELS[label]))


def without_image(state: ImageState) -> str:
    """The sentence for why there is no image."""
    marked = _WITHOUT_IMAGE.get(state, _WITHOUT_IMAGE[ImageState.LOST])
    return QCoreApplication.translate("Review", str(marked))


def local_time(seconds: float, *, millis: bool = False) -> str:
    """Date and local time of a time since the epoch."""
    shown = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    return f"{shown}.{int(seconds * 1000) % 1000:03d}" if millis else shown
