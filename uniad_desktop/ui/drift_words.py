"""What a drift alarm and a baseline are called on the screen."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from uniad_desktop.inspection.spc.baseline import FIRST_PARTS, Baseline, BaselineSource, Quantity
from uniad_desktop.inspection.spc.chart import CLIP, DriftState
from uniad_desktop.ui import text

_NAMES = {
    Quantity.SCORE: QT_TRANSLATE_NOOP("Drift", "anomaly score"),
    Quantity.BRIGHTNESS: QT_TRANSLATE_NOOP("Drift", "brightness"),
    Quantity.SHARPNESS: QT_TRANSLATE_NOOP("Drift", "sharpness"),
}
# Quantity, whether upwards -> while it goes on, once it is over.
_SENTENCES = {
    (Quantity.SCORE, True): (
        QT_TRANSLATE_NOOP(
            "Drift",
            "Drift: scores are {n} σ higher since part {part} ({time}). Look at light, focus and "
            "material.",
        ),
        QT_TRANSLATE_NOOP("Drift", "Drift is over: scores were {n} σ higher {span}."),
    ),
    (Quantity.SCORE, False): (
        QT_TRANSLATE_NOOP(
            "Drift",
            "Drift: scores are {n} σ lower since part {part} ({time}). Look whether defects would "
            "still be found.",
        ),
        QT_TRANSLATE_NOOP("Drift", "Drift is over: scores were {n} σ lower {span}."),
    ),
    (Quantity.BRIGHTNESS, True): (
        QT_TRANSLATE_NOOP(
            "Drift",
            "Drift: the image is {n} σ brighter since part {part} ({time}). Look at light and "
            "exposure.",
        ),
        QT_TRANSLATE_NOOP("Drift", "Drift is over: the image was {n} σ brighter {span}."),
    ),
    (Quantity.BRIGHTNESS, False): (
        QT_TRANSLATE_NOOP(
            "Drift",
            "Drift: the image is {n} σ darker since part {part} ({time}). Look at light, lens and "
            "exposure.",
        ),
        QT_TRANSLATE_NOOP("Drift", "Drift is over: the image was {n} σ darker {span}."),
    ),
    (Quantity.SHARPNESS, True): (
        QT_TRANSLATE_NOOP(
            "Drift",
            "Drift: the image is {n} σ sharper since part {part} ({time}). Look at focus and "
            "material.",
        ),
        QT_TRANSLATE_NOOP("Drift", "Drift is over: the image was {n} σ sharper {span}."),
    ),
    (Quantity.SHARPNESS, False): (
        QT_TRANSLATE_NOOP(
            "Drift",
            "Drift: the image is {n} σ less sharp since part {part} ({time}). Clean the lens, look "
            "at focus and vibration.",
        ),
        QT_TRANSLATE_NOOP("Drift", "Drift is over: the image was {n} σ less sharp {span}."),
    ),
}
_SOURCES = {
    BaselineSource.CALIBRATION_SCORES: QT_TRANSLATE_NOOP("Drift", "{n} calibration parts"),
    BaselineSource.CALIBRATION_SUMMARY: QT_TRANSLATE_NOOP(
        "Drift", "{n} calibration parts (summary)"
    ),
    BaselineSource.TEACHING_PARTS: QT_TRANSLATE_NOOP("Drift", "{n} parts at teaching"),
    BaselineSource.FIRST_PARTS: QT_TRANSLATE_NOOP("Drift", "the first {n} accepted parts"),
}


def _tr(marked: object) -> str:
    return QCoreApplication.translate("Drift", str(marked))


def name(quantity: Quantity) -> str:
    """What a quantity is called."""
    return _tr(_NAMES[quantity])


def sentence(quantity: Quantity, drift: DriftState) -> str:
    """A whole sentence for the operator, in the past once the drift is over."""
    going_on, over = _SENTENCES[quantity, drift.shift > 0]
    if not drift.over:
        words = _tr(going_on).format(
            n=sigmas(drift),
            part=text.number(drift.since_number),
            time=text.clock(drift.since_at)[:5],
        )
    else:
        words = _tr(over).format(n=sigmas(drift), span=span(drift))
    return words.replace(" σ", "\u00a0σ")


def span(drift: DriftState) -> str:
    """From which part to which."""
    first, time = text.number(drift.since_number), text.clock(drift.since_at)[:5]
    if drift.until_number is None or drift.until_at is None:
        return QCoreApplication.translate("Drift", "since part {part} ({time})").format(
            part=first, time=time
        )
    return QCoreApplication.translate(
        "Drift", "from part {part} ({time}) to part {last} ({end})"
    ).format(
        part=first,
        time=time,
        last=text.number(drift.until_number),
        end=text.clock(drift.until_at)[:5],
    )


def short(drift: DriftState) -> str:
    """A few words for a caption."""
    words = (
        QCoreApplication.translate("Drift", "△ {n} σ higher {span}")
        if drift.shift > 0
        else QCoreApplication.translate("Drift", "△ {n} σ lower {span}")
    )
    return words.format(n=sigmas(drift), span=span(drift))


def sigmas(drift: DriftState) -> str:
    """How far, without a sign; parts count six sigmas at most."""
    far = abs(drift.shift)
    return f"{far:.1f}" if far < CLIP - 0.05 else f"≥ {CLIP:.0f}"


def baseline(known: Baseline | None, learnt: int = 0) -> str:
    """What a chart is compared with, or that nothing is known.

    Args:
        known: the baseline.
        learnt: accepted parts so far towards one of the first parts.
    """
    if known is None:
        return QCoreApplication.translate("Drift", "no baseline yet: {n} of {all} parts").format(
            n=learnt, all=FIRST_PARTS
        )
    parts = _tr(_SOURCES[known.source]).format(n=text.number(known.parts))
    return QCoreApplication.translate("Drift", "baseline: {parts}").format(parts=parts)
