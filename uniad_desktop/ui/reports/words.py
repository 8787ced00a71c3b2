"""The words of a report in the language of the window."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.schema import Label
from uniad_desktop.reports.changes import Change
from uniad_desktop.ui import text

translate = QCoreApplication.translate
_HASH = 12

_LABELS = {
    Label.NONE: QT_TRANSLATE_NOOP("Report", "not labelled"),
    Label.GOOD: QT_TRANSLATE_NOOP("Report", "good part"),
    Label.DEFECT: QT_TRANSLATE_NOOP("Report", "real defect"),
    Label.UNSURE: QT_TRANSLATE_NOOP("Report", "unsure"),
}
_REGIONS = {
    "top-left": QT_TRANSLATE_NOOP("Report", "top left"),
    "top": QT_TRANSLATE_NOOP("Report", "top"),
    "top-right": QT_TRANSLATE_NOOP("Report", "top right"),
    "left": QT_TRANSLATE_NOOP("Report", "left"),
    "middle": QT_TRANSLATE_NOOP("Report", "middle"),
    "right": QT_TRANSLATE_NOOP("Report", "right"),
    "bottom-left": QT_TRANSLATE_NOOP("Report", "bottom left"),
    "bottom": QT_TRANSLATE_NOOP("Report", "bottom"),
    "bottom-right": QT_TRANSLATE_NOOP("Report", "bottom right"),
    "small": QT_TRANSLATE_NOOP("Report", "small (below 0.1 %)"),
    "medium": QT_TRANSLATE_NOOP("Report", "medium (0.1 to 1 %)"),
    "large": QT_TRANSLATE_NOOP("Report", "large (1 % and more)"),
    "line": QT_TRANSLATE_NOOP("Report", "line"),
    "spot": QT_TRANSLATE_NOOP("Report", "spot"),
}
_ACTIONS = {
    "in-force": QT_TRANSLATE_NOOP("Report", "model and limits in force"),
    "product": QT_TRANSLATE_NOOP("Report", "product that is inspected"),
    "records-options": QT_TRANSLATE_NOOP("Report", "what is recorded"),
    "limits": QT_TRANSLATE_NOOP("Report", "limits"),
}


def _tr(marked: object) -> str:
    return translate("Report", str(marked))


def label_word(label: Label) -> str:
    """The word for what a person said."""
    return _tr(_LABELS[label])


def region_word(name: str) -> str:
    """The word for a bar of the Pareto chart."""
    return _tr(_REGIONS[name]) if name in _REGIONS else name


def action_word(change: Change) -> str:
    """What a change is about."""
    word = _tr(_ACTIONS[change.action]) if change.action in _ACTIONS else change.action
    return f"{word}: {change.subject}" if change.subject else word


def change_words(change: Change) -> str:
    """What was changed: values before and after, and the reason given."""
    parts = []
    for name, old, new in change.values:
        if name == "from":
            continue  # the part from which on; its time is told
        most = _HASH if name == "sha256" else None
        before, after = old[:most], new[:most] or text.NONE
        parts.append(f"{name} {before} → {after}" if before else f"{name} {after}")
    line = "; ".join(parts)
    return f"{line} “{change.why}”" if change.why else line


def moment(seconds: float | None) -> str:
    """Local date and time; a dash where there is none."""
    if seconds is None:
        return text.NONE
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def with_zone(seconds: float) -> str:
    """Local date and time with the offset from UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(seconds))


def exact_score(value: float) -> str:
    """A score with one decimal, for paper; never rounded across the limit of 50."""
    if math.isnan(value):
        return text.NONE
    tenths = math.ceil(value * 10) if value > 50.0 else math.floor(value * 10)
    return f"{tenths / 10:.1f}"


def filter_sentence(wanted: RecordFilter) -> str:
    """What else the parts were chosen by, beside period, station and products."""
    parts = []
    if wanted.ids is not None:
        chosen = translate("Report", "{n} parts chosen one by one")
        parts.append(chosen.format(n=text.number(len(wanted.ids))))
    if wanted.verdicts:
        parts.append(", ".join(text.verdict_word(one) for one in wanted.verdicts))
    if wanted.labels:
        parts.append(", ".join(label_word(one) for one in wanted.labels))
    if wanted.models:
        parts.append(", ".join(f"{one.name} {one.version}" for one in wanted.models))
    if wanted.cameras:
        serials = translate("Report", "camera {serial}")
        parts.append(serials.format(serial=", ".join(wanted.cameras)))
    if wanted.least_score is not None or wanted.most_score is not None:
        scores = translate("Report", "score {low} to {high}")
        low, high = wanted.least_score or 0.0, wanted.most_score
        parts.append(scores.format(low=f"{low:g}", high=f"{100.0 if high is None else high:g}"))
    if wanted.simulated is not None:
        parts.append(
            translate("Report", "only simulated")
            if wanted.simulated
            else translate("Report", "none simulated")
        )
    if wanted.with_image:
        parts.append(translate("Report", "only with image"))
    if wanted.disagrees:
        parts.append(translate("Report", "only where the label says otherwise"))
    if wanted.text.strip():
        parts.append(f"“{wanted.text.strip()}”")
    return "; ".join(parts)


def together(serials: Sequence[str]) -> str:
    """Says that a chart has parts of several cameras."""
    words = translate(
        "Report",
        "Scores of {n} cameras are together here ({serials}); choose one under Camera to see it "
        "alone.",
    )
    return words.format(n=text.number(len(serials)), serials=", ".join(serials))


def measured() -> str:
    """Says that figures were measured."""
    return translate("Report", "measured")


def computed() -> str:
    """Says that figures were computed."""
    return translate("Report", "computed")


def product_title(key: str, titles: Mapping[str, str]) -> str:
    """What a person calls a product."""
    return titles.get(key) or key
