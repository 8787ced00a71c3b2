"""Everything on record about one inspection, as lines of text."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.labels import LabelStep
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import Label
from uniad_desktop.ui import text
from uniad_desktop.ui.review.words import label_word, local_time

_FEATURES = 8


def headline(record: Record) -> str:
    """Verdict and score with the limit, ``FAIL · 83 (limit 50)``."""
    word = text.verdict_word(record.verdict)
    if math.isnan(record.score):
        return word
    limits = record.setup.limits
    if limits.accept < limits.reject:
        accept = 50.0 * limits.accept / limits.reject
        return QCoreApplication.translate(
            "Facts", "{verdict} · {score} (limits {accept} and 50)"
        ).format(verdict=word, score=text.score(record.score), accept=text.score(accept))
    return QCoreApplication.translate("Facts", "{verdict} · {score} (limit 50)").format(
        verdict=word, score=text.score(record.score)
    )


def finding(record: Record) -> str:
    """Where and how large the strongest region is, or why there is none."""
    if record.verdict is Verdict.ERROR or not record.regions:
        sentence = text.reason_sentence(record.reason)
        return f"{sentence}. {record.detail}" if record.detail else sentence
    one = record.regions[0]
    words = QCoreApplication.translate("Facts", "Largest region {size} at ({x}, {y})").format(
        size=text.extent(one), x=one.x + one.width // 2, y=one.y + one.height // 2
    )
    more = len(record.regions) - 1
    return words + (
        QCoreApplication.translate("Facts", " · {n} more").format(n=more) if more else ""
    )


def label_line(record: Record) -> str:
    """Label and note."""
    words = label_word(record.label)
    return f"{words} · {record.note}" if record.note else words


def rows(record: Record, title: str, path: str, intact: bool | None) -> list[tuple[str, str]]:
    """Name and value of everything else, in the order in which it is asked for.

    Args:
        record: the inspection.
        title: what its product is called.
        path: of the image file; empty where there is none.
        intact: whether the file has the hash on record; None where that was not looked at.
    """
    setup, limits = record.setup, record.setup.limits
    model = setup.model
    product = title if title == record.product else f"{title} ({record.product})"
    raw_limits = (
        text.raw(limits.reject)
        if limits.accept == limits.reject
        else f"{text.raw(limits.accept)} / {text.raw(limits.reject)}"
    )
    word = QCoreApplication.translate("Facts", "frame")
    limit_word = QCoreApplication.translate("Facts", "limit")
    found = [
        (QCoreApplication.translate("Facts", "Product"), product),
        (
            QCoreApplication.translate("Facts", "Part"),
            f"{text.number(record.number)} · {word} {record.frame_id}",
        ),
        (QCoreApplication.translate("Facts", "Time"), local_time(record.decided_at, millis=True)),
        (QCoreApplication.translate("Facts", "Source"), text.kind_word(setup.kind)),
        (
            QCoreApplication.translate("Facts", "Raw score"),
            f"{text.raw(record.raw_score)} · {limit_word} {raw_limits}",
        ),
        (QCoreApplication.translate("Facts", "Model"), f"{model.name} {model.version}"),
        (QCoreApplication.translate("Facts", "Model SHA-256"), model.sha256),
        (QCoreApplication.translate("Facts", "Runtime"), setup.runtime),
        (
            QCoreApplication.translate("Facts", "Latency"),
            f"{text.milliseconds(record.latency_ms)} ms",
        ),
        (QCoreApplication.translate("Facts", "Station"), setup.station),
        (QCoreApplication.translate("Facts", "Operator"), setup.operator),
        (
            QCoreApplication.translate("Facts", "Camera"),
            " · ".join(one for one in (setup.camera_name, setup.camera) if one),
        ),
        (QCoreApplication.translate("Facts", "Frame"), _frame(record)),
    ]
    found += [(name, str(value)) for name, value in list(setup.features.items())[:_FEATURES]]
    if record.brightness is not None:
        found.append(
            (QCoreApplication.translate("Facts", "Brightness"), f"{record.brightness:.0f}")
        )
    found.append((QCoreApplication.translate("Facts", "Application"), setup.application))
    found.append((QCoreApplication.translate("Facts", "File"), path or record.source))
    if record.image_sha256:
        check = {
            True: " ✓",
            False: " " + QCoreApplication.translate("Facts", "(the file differs)"),
            None: "",
        }[intact]
        found.append(
            (QCoreApplication.translate("Facts", "Image SHA-256"), record.image_sha256 + check)
        )
    return [(name, value) for name, value in found if value]


def _frame(record: Record) -> str:
    setup = record.setup
    if not setup.width:
        return ""
    size = f"{setup.width} × {setup.height}"
    scale = "" if setup.mm_per_pixel is None else f" · {setup.mm_per_pixel:g} mm/px"
    return f"{size} {setup.pixel_format}{scale}".strip()


def plain_text(record: Record, title: str, path: str, intact: bool | None) -> str:
    """Everything as lines, for the clipboard."""
    label = QCoreApplication.translate("Facts", "Label")
    lines = [headline(record), finding(record), f"{label}: {label_line(record)}"]
    lines += [f"{name}: {value}" for name, value in rows(record, title, path, intact)]
    return "\n".join(lines)


def step_line(step: LabelStep) -> str:
    """A step of the label's history."""
    what = label_word(step.label)
    if step.undoes is not None:
        what = QCoreApplication.translate("Facts", "undone: {label}").format(label=what)
    note = f" · {step.note}" if step.note and step.label is not Label.NONE else ""
    return f"{local_time(step.at)} · {step.who}: {what}{note}"
