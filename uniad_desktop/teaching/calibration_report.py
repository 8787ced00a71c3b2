"""A calibration as a table for the terminal and as JSON for other programs."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.teaching.calibrate import CalibratedProduct
from uniad_desktop.teaching.limits import Outcome, histogram, roc
from uniad_desktop.teaching.part_scores import PartScore
from uniad_desktop.training.datasets.sample import printable

_WIDTH = 100
_NAME = 26
NONE = "–"


def table(calibrated: CalibratedProduct) -> str:
    """Limits before and after, rates, the catch of each kind of defect, then the notes."""
    before, entry, limits = calibrated.before, calibrated.entry, calibrated.limits
    lines = [_row(calibrated.product, "before", "after")]

    def add(name: str, former: str, now: str, remark: str = "") -> None:
        lines.append(_row(name, former if before is not None else NONE, now, remark))

    def figure(value: float | None) -> str:
        return NONE if value is None else f"{value:.4g}"

    old = before.calibration if before is not None else None
    new = entry.calibration
    add(
        "reject limit T2",
        figure(before.reject if before else None),
        figure(entry.reject),
        "shown as 50",
    )
    add(
        "accept limit T1",
        figure(before.accept if before else None),
        figure(entry.accept),
        _band(entry),
    )
    add("normal parts", str(old.parts) if old else NONE, str(new.parts))
    add("their median", figure(old.median if old else None), figure(new.median))
    add("their largest", figure(old.largest if old else None), figure(new.largest))
    add(
        "false rejects, wished",
        _percent(old.false_reject_rate) if old else NONE,
        _percent(new.false_reject_rate),
    )
    if limits is not None:
        if calibrated.settings.by_hand is None:
            add("false rejects, promised", "", _percent(limits.promised_rate), "or fewer")
        outcome, former = calibrated.outcome, calibrated.outcome_before
        add(
            "on these parts",
            _percent(former.false_reject_rate) if former else NONE,
            _percent(outcome.false_reject_rate),
            f"{outcome.false_rejects} of {outcome.good}",
        )
        if limits.check is not None:
            check = limits.check
            add("cross-validated", "", _percent(check.rate), f"{check.above} of {check.parts}")
        lines += _defects(calibrated, former)
    for note in calibrated.notes:
        lines += textwrap.wrap(printable(note), _WIDTH, subsequent_indent="  ")
    return "\n".join(lines)


def as_json(calibrated: CalibratedProduct, written: ModelPackage | None) -> dict[str, Any]:
    """Everything that was found, JSON values, with the score of every part.

    Args:
        calibrated: the product.
        written: the new package; None where nothing was written.
    """
    before, limits = calibrated.before, calibrated.limits
    good, bad = calibrated.scores_good, calibrated.scores_bad
    entry = calibrated.entry
    values: dict[str, Any] = {
        "product": calibrated.product,
        "package": None if written is None else _identity(written),
        "before": None if before is None else before.model_dump(mode="json"),
        "after": entry.model_dump(mode="json"),
        "notes": [printable(note) for note in calibrated.notes],
    }
    if limits is None:
        return values
    curve = roc(good, bad)
    shown = (entry.accept, entry.reject)
    unusual = {one.sample.path for one in calibrated.unusual}
    return {
        **values,
        "wished": asdict(limits.settings),
        "computed": {"accept": limits.accept, "reject": limits.reject},
        "promised_rate": limits.promised_rate,
        "parts_needed": limits.basis.needed,
        "cross_validated": None
        if limits.check is None
        else {**asdict(limits.check), "rate": limits.check.rate, "odd": limits.check.odd},
        "outcome": _outcome(calibrated.outcome),
        "outcome_before": None
        if calibrated.outcome_before is None
        else _outcome(calibrated.outcome_before),
        "kinds": {kind: _outcome(one) for kind, one in calibrated.outcome_of_kinds().items()},
        "roc": None if curve is None else asdict(curve),
        "histogram": asdict(histogram(good, bad, limits=shown)),
        "left_out": dict(calibrated.left_out or {}),
        "parts": [_part(one, unusual) for one in (*calibrated.good, *calibrated.bad)],
        "dropped": [
            _part(one, unusual) for one in calibrated.unusual if one not in calibrated.good
        ],
    }


def _defects(calibrated: CalibratedProduct, former: Outcome | None) -> list[str]:
    kinds = calibrated.outcome_of_kinds()
    if not kinds:
        return []
    whole = calibrated.outcome
    lines = [
        _row(
            "defects caught",
            _percent(former.catch_rate) if former else NONE,
            _percent(whole.catch_rate),
            f"{whole.escapes} of {whole.bad} escape",
        )
    ]
    lines += [
        _row(f"  {printable(kind)}", "", _percent(one.catch_rate), f"{one.escapes} of {one.bad}")
        for kind, one in kinds.items()
    ]
    curve = roc(calibrated.scores_good, calibrated.scores_bad)
    if curve is not None:
        lines.append(_row("AUROC", "", f"{curve.auroc:.4f}"))
    return lines


def _band(entry: ProductEntry) -> str:
    if entry.accept == entry.reject:
        return "no review band"
    return f"shown as {50.0 * entry.accept / entry.reject:.0f}; up to T2: review"


def _row(name: str, former: str, now: str, remark: str = "") -> str:
    short = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
    return f"{short:<{_NAME}}{former:>10}{now:>10}  {remark}".rstrip()


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{value:.2%}"


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        **asdict(one),
        "false_reject_rate": one.false_reject_rate,
        "catch_rate": one.catch_rate,
    }


def _part(one: PartScore, unusual: set[Path]) -> dict[str, Any]:
    return {
        "path": printable(one.sample.path),
        "kind": one.sample.kind,
        "score": one.score,
        "sha256": one.sha256,
        "unusual": one.sample.path in unusual,
    }


def _identity(package: ModelPackage) -> dict[str, str]:
    identity = package.identity
    return {
        "name": identity.name,
        "version": identity.version,
        "sha256": identity.sha256,
        "folder": printable(package.folder),
    }
