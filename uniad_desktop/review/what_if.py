"""Another limit on stored scores: what it would have done, without any inference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from uniad_desktop.engine.package import ModelPackage, PackageError, find_packages, open_package
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Limits, Verdict
from uniad_desktop.records import audit
from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.filters import RecordFilter, conditions
from uniad_desktop.records.schema import VERDICT_CODES, InspectionRow, Label
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.teaching.versions import model_folders

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What limits would have done to the inspections at hand; all are counts.

    Attributes:
        limits: the limits.
        passed, review, failed: verdicts.
        good, defects, unsure: how many people labelled so.
        false_rejects: good ones above the reject limit.
        escapes: defects at or below the accept limit.
        good_review, defect_review: good and defect ones between the limits.
        unlabelled_above: without label and above the reject limit.
        unlabelled_below: without label and at or below the accept limit.
        changes: (verdict on record, verdict now) where they differ.
    """

    limits: Limits
    passed: int
    review: int
    failed: int
    good: int
    defects: int
    unsure: int
    false_rejects: int
    escapes: int
    good_review: int
    defect_review: int
    unlabelled_above: int
    unlabelled_below: int
    changes: dict[tuple[Verdict, Verdict], int]


class ScoreTable:
    """Raw scores of one product in memory, sorted; asking for a limit takes microseconds.

    Args:
        raw: (n,) raw scores.
        label: (n,) codes of `Label`.
        verdict: (n,) codes of verdicts on record.
    """

    def __init__(self, raw: Scores, label: NDArray[np.uint8], verdict: NDArray[np.uint8]) -> None:
        order = np.argsort(raw, kind="stable")
        self.raw: Scores = raw[order]
        labels = label[order]
        self._by_label: dict[Label, Scores] = {one: self.raw[labels == int(one)] for one in Label}
        self._by_verdict = {
            one: self.raw[verdict[order] == code] for one, code in VERDICT_CODES.items()
        }

    def __len__(self) -> int:
        return len(self.raw)

    def scores(self, label: Label) -> Scores:
        """Sorted raw scores with a label, for a histogram."""
        return self._by_label[label]

    def at(self, reject: float, accept: float | None = None) -> WhatIf:
        """What limits would have done.

        Args:
            reject: T2, raw; above it a part fails.
            accept: T1, raw; at or below it a part passes; None: as `reject`, no review band.

        Raises:
            ValueError: they are no limits.
        """
        accept = reject if accept is None else accept
        if not (np.isfinite(reject) and reject > 0 and 0 <= accept <= reject):
            raise ValueError("the reject limit must be above zero and not below the accept limit")
        by_label = {
            label: _split(values, accept, reject) for label, values in self._by_label.items()
        }
        good, defect, none = (by_label[one] for one in (Label.GOOD, Label.DEFECT, Label.NONE))
        changes: dict[tuple[Verdict, Verdict], int] = {}
        totals = np.zeros(3, np.int64)
        for before, values in self._by_verdict.items():
            parts = _split(values, accept, reject)
            totals += parts
            for after, number in zip(_VERDICTS, parts, strict=True):
                if number and after is not before:
                    changes[before, after] = int(number)
        return WhatIf(
            limits=Limits(accept, reject),
            passed=int(totals[0]),
            review=int(totals[1]),
            failed=int(totals[2]),
            good=sum(good),
            defects=sum(defect),
            unsure=sum(by_label[Label.UNSURE]),
            false_rejects=good[2],
            escapes=defect[0],
            good_review=good[1],
            defect_review=defect[1],
            unlabelled_above=none[2],
            unlabelled_below=none[0],
            changes=changes,
        )

    def curve(self, limits: Scores) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """False rejects and escapes for many limits at once, without a review band.

        Args:
            limits: (k,) reject limits, raw.

        Returns:
            (k,) false rejects and (k,) escapes.
        """
        good, bad = self._by_label[Label.GOOD], self._by_label[Label.DEFECT]
        return (
            len(good) - np.searchsorted(good, limits, side="right").astype(np.int64),
            np.searchsorted(bad, limits, side="right").astype(np.int64),
        )


_VERDICTS = (Verdict.PASS, Verdict.REVIEW, Verdict.FAIL)


def _split(values: Scores, accept: float, reject: float) -> tuple[int, int, int]:
    """How many pass, are between the limits, and fail."""
    low, high = np.searchsorted(values, (accept, reject), side="right")
    return int(low), int(high - low), int(len(values) - high)


def load_scores(
    records: Records,
    product: str,
    models: tuple[ModelIdentity, ...],
    wanted: RecordFilter | None = None,
) -> ScoreTable:
    """Scores and labels on record, in one query: about a second for a million.

    Raw scores are compared with a limit of the same network only, so say with `same_network` which
    versions count.

    Args:
        records: the database.
        product: key.
        models: versions whose scores count; none: all of them.
        wanted: only these.

    Raises:
        RecordsError: the database cannot be read.
    """
    chosen = replace(wanted or RecordFilter(), products=(product,))
    if models:
        chosen = replace(chosen, models=models)
    row = InspectionRow
    with records.reading() as connection:
        query = select(row.raw_score, row.label, row.verdict).where(
            conditions(connection, chosen).all, row.raw_score.is_not(None)
        )
        found = connection.execute(query)
        values = np.fromiter(
            (tuple(one) for one in found.yield_per(20_000)),
            np.dtype([("raw", "f8"), ("label", "u1"), ("verdict", "u1")]),
        )
    return ScoreTable(
        np.ascontiguousarray(values["raw"]),
        np.ascontiguousarray(values["label"]),
        np.ascontiguousarray(values["verdict"]),
    )


def same_network(
    data_folder: Path, package: ModelPackage, product: str
) -> tuple[ModelIdentity, ...]:
    """Versions whose raw scores of a product are those of this one: only limits differ.

    Reads the versions on disk; not on the Qt thread.
    """
    found = {package.identity}
    wanted = _network(package, product)
    for name, _, folder in find_packages(model_folders(data_folder)):
        if name != package.identity.name:
            continue
        try:
            other = open_package(folder)
        except PackageError:
            continue
        if product in other.manifest.products and _network(other, product) == wanted:
            found.add(other.identity)
    return tuple(sorted(found, key=lambda one: (one.version, one.sha256)))


def apply(
    data_folder: Path,
    records: Records,
    base: ModelPackage,
    product: str,
    what: WhatIf,
    *,
    station: str,
    who: str,
    why: str,
) -> ModelPackage:
    """Makes a limit that of the product, as a new version that is active at once, on record.

    Args:
        data_folder: of this station.
        records: of this station, for the audit trail.
        base: the model in use when the limit was looked at (`teaching.limit_change.open_in_use`).
        product: key.
        what: the limit and what was seen of it, which goes on record, too.
        station: name of this station.
        who: does it.
        why: the reason; must be given.

    Returns:
        The new version.

    Raises:
        ReviewError: no reason is given, another version came into use, the limit makes no sense,
            or the disk refuses. Where only the audit trail could not be written it says so.
    """
    # They load torch.
    from uniad_desktop.teaching.limit_change import LimitChange, change_limits
    from uniad_desktop.training.calibration import CalibrationError

    if not why.strip():
        raise ReviewError("Say why the limit is changed; the reason goes on record.")
    before = base.manifest.products.get(product)
    if before is None:
        raise ReviewError(
            f"{base.identity.name} {base.identity.version} does not know the product “{product}”."
        )
    limits = what.limits
    change = LimitChange(product, limits.accept, limits.reject)
    try:
        made = change_limits(data_folder, base, change, None, who=who, why=why)
    except (PackageError, CalibrationError) as error:
        raise ReviewError(str(error)) from error
    old = {
        "model": base.identity.name,
        "version": base.identity.version,
        "accept": before.accept,
        "reject": before.reject,
    }
    new = {
        "model": made.identity.name,
        "version": made.identity.version,
        "accept": made.manifest.products[product].accept,
        "reject": made.manifest.products[product].reject,
        "seen": {
            "inspections": what.passed + what.review + what.failed,
            "good": what.good,
            "false_rejects": what.false_rejects,
            "defects": what.defects,
            "escapes": what.escapes,
        },
    }
    try:
        audit.record_change(
            records,
            station=station,
            who=who,
            action="limits",
            subject=product,
            old=old,
            new=new,
            why=why,
        )
    except RecordsError as error:
        raise ReviewError(
            f"The limit is in force as version {made.identity.version} and in the record of "
            f"activations, but not on the audit trail: {error}"
        ) from error
    return made


def _network(package: ModelPackage, product: str) -> tuple[str, str, str]:
    manifest = package.manifest
    return (
        manifest.files["weights.safetensors"].sha256,
        # A set has another order in every process.
        str(
            sorted(
                (key, str(sorted(value) if isinstance(value, list) else value))
                for key, value in manifest.model_dump(mode="json")["architecture"].items()
            )
        ),
        manifest.products[product].model_dump_json(include={"layout"}),
    )
