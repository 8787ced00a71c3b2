"""What limits come to, in words of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from uniad_desktop.teaching.limits import CrossValidation, Limits
from uniad_desktop.ui import text
from uniad_desktop.ui.teach.limit_desk import LimitDesk

_NAMED = 8
_ROWS = (
    QT_TRANSLATE_NOOP("LimitWords", "Limit T2, raw"),
    QT_TRANSLATE_NOOP("LimitWords", "False rejects"),
    QT_TRANSLATE_NOOP("LimitWords", "Good, to review"),
    QT_TRANSLATE_NOOP("LimitWords", "Defects escaped"),
    QT_TRANSLATE_NOOP("LimitWords", "of these, to review"),
    QT_TRANSLATE_NOOP("LimitWords", "Defects caught"),
)


def per_cent(rate: float) -> str:
    """A wished rate, as short as it can be."""
    return f"{100.0 * rate:g} %"


def of_all(count: int, whole: int) -> str:
    """``3 of 110 · 2.72 %``; a dash where there is nothing to count."""
    if not whole:
        return text.NONE
    counts = QCoreApplication.translate("LimitWords", "{n} of {all}")
    share = f"{100.0 * count / whole:.1f}"
    return f"{counts.format(n=text.number(count), all=text.number(whole))} · {share} %"


def promise(desk: LimitDesk) -> str:
    """What the limits promise and rest on, sentences."""
    if not desk.good.size:
        return _from_package(desk)
    rate = desk.rate if desk.rate is not None else desk.entry.calibration.false_reject_rate
    limits = desk.basis(rate)
    if limits is None:
        return QCoreApplication.translate(
            "LimitWords", "The parts show no differences, so no limit follows from them."
        )
    if desk.rate is None and desk.changed:
        words = QCoreApplication.translate(
            "LimitWords",
            "Set by hand; nothing is promised but what these parts show. For {rate} the limit "
            "would be {score}.",
        ).format(rate=per_cent(rate), score=text.score(desk.shown(limits.reject)))
    elif desk.rate is None:
        words = _in_force(desk)
    elif limits.basis.enough:
        words = QCoreApplication.translate(
            "LimitWords",
            "Of fresh good parts like these, {rate} or fewer lie above the limit, on average over "
            "such calibrations.",
        ).format(rate=per_cent(rate))
    else:
        words = _too_few(limits)
    return " ".join(one for one in (words, _checked(limits.check), _no_band(desk)) if one)


def unusual(desk: LimitDesk) -> str:
    """Names the good parts that look like none; empty where there are none."""
    found = desk.unusual()
    if not found:
        return ""
    names = [
        f"{Path(one.path).stem[:8]} ({text.score(desk.shown(one.score))})" for one in found[:_NAMED]
    ]
    more = len(found) - len(names)
    if more:
        names.append(QCoreApplication.translate("LimitWords", "{n} more").format(n=more))
    return QCoreApplication.translate(
        "LimitWords",
        "{n} good parts look unlike the others (score in brackets); a defect among them loosens "
        "the limit. Look at them: {names}",
    ).format(n=len(found), names=", ".join(names))


def _from_package(desk: LimitDesk) -> str:
    known = desk.entry.calibration
    words = QCoreApplication.translate(
        "LimitWords",
        "There are no scores of parts here. The model was calibrated with {n} parts for a "
        "false-reject rate of {rate}: median {median}, largest {largest} on this scale. Collect "
        "good parts to see what a limit would do.",
    ).format(
        n=text.number(known.parts),
        rate=per_cent(known.false_reject_rate),
        median=text.score(desk.shown(known.median)),
        largest=text.score(desk.shown(known.largest)),
    )
    return " ".join(one for one in (words, known.note) if one)


def _in_force(desk: LimitDesk) -> str:
    known = desk.entry.calibration
    words = QCoreApplication.translate(
        "LimitWords", "The limit in force rests on {n} good parts and a wished rate of {rate}."
    ).format(n=text.number(known.parts), rate=per_cent(known.false_reject_rate))
    return " ".join(one for one in (words, known.note) if one)


def _too_few(limits: Limits) -> str:
    basis = limits.basis
    return QCoreApplication.translate(
        "LimitWords",
        "{n} good parts are too few for {rate}: {more} more are needed. The limit is the largest "
        "score seen and promises {promised} at best.",
    ).format(
        n=text.number(basis.parts),
        rate=per_cent(basis.false_reject_rate),
        more=text.number(basis.needed - basis.parts),
        promised=f"{100.0 * limits.promised_rate:.1f} %",
    )


def _checked(check: CrossValidation | None) -> str:
    if check is None:
        return ""
    words = QCoreApplication.translate(
        "LimitWords",
        "Cross-validated, {n} of {all} lay above a limit set on the others; {expected} were to be "
        "expected.",
    ).format(
        n=text.number(check.above),
        all=text.number(check.parts),
        expected=f"{check.expected:.1f}",
    )
    if check.odd:
        words += " " + QCoreApplication.translate(
            "LimitWords",
            "The parts are not alike from first to last; take parts of all shifts and lots.",
        )
    return words


def _no_band(desk: LimitDesk) -> str:
    if not desk.band or desk.accept < desk.reject:
        return ""
    return QCoreApplication.translate(
        "LimitWords", "Both limits are at the same place, so nothing goes to review."
    )


def rows(desk: LimitDesk) -> list[tuple[str, str, str, str]]:
    """What the limits make of the parts: name, in force, being tried, colour where it got worse."""
    now, new = desk.figures_now(), desk.figures()
    good, bad = new.outcome.good, new.outcome.bad
    pairs = [
        (text.raw(now.outcome.limit), text.raw(new.outcome.limit)),
        (
            of_all(now.outcome.false_rejects, good),
            of_all(new.outcome.false_rejects, good),
        ),
        (of_all(now.review, good), of_all(new.review, good)),
        (of_all(now.outcome.escapes, bad), of_all(new.outcome.escapes, bad)),
        (of_all(now.bad_review, bad), of_all(new.bad_review, bad)),
        (text.share(now.outcome.catch_rate), text.share(new.outcome.catch_rate)),
    ]
    worse = {
        1: new.outcome.false_rejects > now.outcome.false_rejects,
        3: new.outcome.escapes > now.outcome.escapes,
    }
    shown = len(_ROWS) if bad else 3
    return [
        (
            QCoreApplication.translate("LimitWords", str(_ROWS[number])),
            *pairs[number],
            "alarm_text" if worse.get(number) else "",
        )
        for number in range(shown)
    ]
