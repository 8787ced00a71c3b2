"""Words and figures of the screen that more than one widget needs."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.types import (
    Inspection,
    Reason,
    Region,
    ShiftCounters,
    StationState,
    Verdict,
)

NONE = "–"
_THOUSANDS = "\u00a0"

_VERDICTS = {
    Verdict.PASS: QT_TRANSLATE_NOOP("Text", "PASS"),
    Verdict.REVIEW: QT_TRANSLATE_NOOP("Text", "REVIEW"),
    Verdict.FAIL: QT_TRANSLATE_NOOP("Text", "FAIL"),
    Verdict.ERROR: QT_TRANSLATE_NOOP("Text", "ERROR"),
}
_KINDS = {
    SourceKind.LIVE: QT_TRANSLATE_NOOP("Text", "LIVE"),
    SourceKind.SIMULATED: QT_TRANSLATE_NOOP("Text", "SIMULATED CAMERA"),
    SourceKind.FILE: QT_TRANSLATE_NOOP("Text", "FILE"),
}
_STATES = {
    StationState.STOPPED: QT_TRANSLATE_NOOP("Text", "stopped"),
    StationState.STARTING: QT_TRANSLATE_NOOP("Text", "starting"),
    StationState.RUNNING: QT_TRANSLATE_NOOP("Text", "running"),
    StationState.COLLECTING: QT_TRANSLATE_NOOP("Text", "collecting"),
    StationState.PREVIEW: QT_TRANSLATE_NOOP("Text", "live view"),
    StationState.CAMERA_LOST: QT_TRANSLATE_NOOP("Text", "camera lost"),
    StationState.FINISHED: QT_TRANSLATE_NOOP("Text", "finished"),
    StationState.FAILED: QT_TRANSLATE_NOOP("Text", "failed"),
}
_MODES = {
    TriggerMode.FREE_RUNNING: QT_TRANSLATE_NOOP("Text", "Free running"),
    TriggerMode.SOFTWARE: QT_TRANSLATE_NOOP("Text", "Software trigger"),
    TriggerMode.HARDWARE: QT_TRANSLATE_NOOP("Text", "Hardware trigger"),
}
_REASONS = {
    Reason.NORMAL: QT_TRANSLATE_NOOP("Text", "Nothing above the limit"),
    Reason.BETWEEN_LIMITS: QT_TRANSLATE_NOOP("Text", "Between accept and reject limit"),
    Reason.ABOVE_LIMIT: QT_TRANSLATE_NOOP("Text", "Score above the reject limit"),
    Reason.CAMERA_LOST: QT_TRANSLATE_NOOP("Text", "The camera was lost; part not inspected"),
    Reason.CAMERA_TIMEOUT: QT_TRANSLATE_NOOP(
        "Text", "The camera sent no image in time; part not inspected"
    ),
    Reason.MODEL_FAILED: QT_TRANSLATE_NOOP(
        "Text", "The model could not judge the image; part not inspected"
    ),
    Reason.FRAME_LOST: QT_TRANSLATE_NOOP(
        "Text", "The image was lost on the way; part not inspected"
    ),
    Reason.QUEUE_FULL: QT_TRANSLATE_NOOP("Text", "Too many parts were waiting; part not inspected"),
    Reason.STOPPED: QT_TRANSLATE_NOOP("Text", "Stopped before the part was inspected"),
    Reason.NOT_STORED: QT_TRANSLATE_NOOP("Text", "The image could not be stored"),
    Reason.TOO_LATE: QT_TRANSLATE_NOOP(
        "Text", "The decision came too late for the part; counted as not inspected"
    ),
}


def _tr(marked: object) -> str:
    return QCoreApplication.translate("Text", str(marked))


def verdict_word(verdict: Verdict) -> str:
    """The word for a verdict."""
    return _tr(_VERDICTS[verdict])


def kind_word(kind: SourceKind) -> str:
    """The badge for where frames come from."""
    return _tr(_KINDS[kind])


def state_word(state: StationState) -> str:
    """The word for what the station is doing."""
    return _tr(_STATES[state])


def mode_word(mode: TriggerMode) -> str:
    """The word for a trigger mode."""
    return _tr(_MODES[mode])


def reason_sentence(reason: Reason) -> str:
    """The sentence for a reason."""
    return _tr(_REASONS[reason])


def lost(count: int) -> str:
    """Sign and number of frames that were lost; empty without any."""
    return QCoreApplication.translate("Text", "△ {n} lost").format(n=number(count)) if count else ""


def number(value: int) -> str:
    """A count with gaps between thousands."""
    return f"{value:,}".replace(",", _THOUSANDS)


def score(value: float) -> str:
    """A score of 0-100 without decimals; a dash where there is none.

    Rounded away from the limit, so that 50.3 (a fail) never reads as 50 (a pass).
    """
    if math.isnan(value):
        return NONE
    return str(math.ceil(value) if value > 50.0 else math.floor(value))


def raw(value: float) -> str:
    """A raw distance; a dash where there is none."""
    return NONE if math.isnan(value) else f"{value:.4g}"


def share(value: float | None) -> str:
    """A share as a percentage; rounded down, so that 100 % means every single part."""
    if value is None:
        return NONE
    # Without decimals it is exact, and the widest share still fits where 98.61 % does.
    number = "100" if value >= 1.0 else f"{math.floor(value * 10_000) / 100:.2f}"
    return f"{number}{_THOUSANDS}%"


def milliseconds(value: float | None) -> str:
    """Milliseconds without unit; a dash where there are none."""
    if value is None:
        return NONE
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def disk(free_bytes: int | None) -> str:
    """Free disk in decimal units, as disks are sold."""
    if free_bytes is None:
        return NONE
    if free_bytes >= 10**12:
        return f"{free_bytes / 1e12:.1f}{_THOUSANDS}TB"
    if free_bytes >= 10**10:
        return f"{free_bytes / 1e9:.0f}{_THOUSANDS}GB"
    return f"{free_bytes / 1e9:.1f}{_THOUSANDS}GB"


def clock(seconds: float, *, millis: bool = False) -> str:
    """Local time of day of a time since the epoch."""
    text = time.strftime("%H:%M:%S", time.localtime(seconds))
    return f"{text}.{int(seconds * 1000) % 1000:03d}" if millis else text


def not_inspected(counters: ShiftCounters) -> int:
    """Parts that got no judgement: passed over, or decided as ERROR."""
    return counters.passed_over + counters.error


def clock_position(region: Region, width: int, height: int) -> int | None:
    """Hour on a clock face laid over the frame, 12 at the top; None near the centre."""
    dx = (region.x + region.width / 2) / width - 0.5
    dy = (region.y + region.height / 2) / height - 0.5
    if math.hypot(dx, dy) < 0.08:
        return None
    hour = round(math.degrees(math.atan2(dx * width, -dy * height)) / 30.0) % 12
    return hour or 12


def finding(inspection: Inspection, width: int, height: int) -> str:
    """One line below the verdict: where and how big, or why.

    Args:
        inspection: the decision.
        width: width of the frame in pixels, 0 where there is no frame.
        height: its height.
    """
    if inspection.verdict is not Verdict.FAIL or not inspection.regions or not width:
        return reason_sentence(inspection.reason)
    region = inspection.regions[0]
    hour = clock_position(region, width, height)
    area = extent(region)
    if hour is None:
        line = QCoreApplication.translate("Text", "Anomaly at the centre, {area}").format(area=area)
    else:
        line = QCoreApplication.translate("Text", "Anomaly at {hour} o'clock, {area}").format(
            hour=hour, area=area
        )
    more = len(inspection.regions) - 1
    if more:
        line += QCoreApplication.translate("Text", " · {n} more").format(n=more)
    return line


def extent(region: Region) -> str:
    """How large a region is: in square millimetres where the scale is known, else in pixels."""
    area = region.area_mm2
    if area is None:
        return QCoreApplication.translate("Text", "{n} px").format(n=number(region.area))
    return f"{area:.2f} mm²" if area < 10 else f"{area:.0f} mm²"


def duration(seconds: float | None) -> str:
    """A stretch of time as minutes and seconds, ``1:05``; empty where there is none."""
    if seconds is None:
        return ""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
