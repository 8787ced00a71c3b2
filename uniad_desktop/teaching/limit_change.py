"""Another limit of a product of the active version, written and active in one go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.engine.package import ModelPackage, open_newest
from uniad_desktop.teaching.activation import (
    Activation,
    ActivationError,
    activate,
    active_version,
    open_active,
)
from uniad_desktop.teaching.calibrate import (
    CalibratedProduct,
    CalibrationSettings,
    set_by_hand,
)
from uniad_desktop.teaching.calibration_entry import entry_of
from uniad_desktop.teaching.calibration_package import Origin, write_calibrated
from uniad_desktop.teaching.limits import LimitSettings, set_limits
from uniad_desktop.teaching.stored_scores import StoredScores
from uniad_desktop.teaching.version_list import known_problems
from uniad_desktop.teaching.versions import model_folders
from uniad_desktop.training.calibration import CalibrationError


@dataclass(frozen=True, slots=True)
class LimitChange:
    """What the limits of a product shall be.

    Attributes:
        product: key.
        accept: T1, raw.
        reject: T2, raw.
        false_reject_rate: T2 is the limit that the scores give for this rate; None: by hand, or
            as it was.
        review_rate: likewise T1; None: by hand, or there is no review band.
    """

    product: str
    accept: float
    reject: float
    false_reject_rate: float | None = None
    review_rate: float | None = None


def open_in_use(data_folder: Path, model: str) -> ModelPackage:
    """The active version of a model; the newest where none was ever activated.

    Raises:
        PackageError: there is none, or it cannot be used.
    """
    package = open_active(data_folder, model)
    return package if package is not None else open_newest(model, model_folders(data_folder))


def change_limits(
    data_folder: Path,
    base: ModelPackage,
    change: LimitChange,
    scores: StoredScores | None,
    *,
    who: str,
    why: str,
) -> ModelPackage:
    """Writes the next version of the version in use, and makes it the active one.

    Args:
        data_folder: of the station.
        base: what was in use when the change was thought of.
        change: the limits.
        scores: what they were chosen from; None: nothing was looked at.
        who: who changes them.
        why: the reason.

    Returns:
        The new version.

    Raises:
        PackageError: another version came into use meanwhile, or the disk refuses.
        CalibrationError: the limits make no sense.
    """
    name = base.identity.name
    if open_in_use(data_folder, name).identity != base.identity:
        raise ActivationError(
            f"Another version of '{name}' came into use meanwhile, so nothing was changed; look at "
            "its limits first."
        )
    refuse_worse(data_folder, base)
    calibrated = calibrated_by(base, change, scores)
    if active_version(data_folder, name) is None:
        # Where nothing is on record the newest version is used, also before this one is active.
        activate(data_folder, base, who=who, why=f"in use before '{change.product}' was calibrated")
    sources = () if calibrated.limits is None else ("collected parts",)
    runtime = scores.runtime if scores is not None and sources else ""
    origin = Origin(who, why, sources, runtime)
    written = write_calibrated(base, data_folder / "models", calibrated, None, origin)
    activate_changed(data_folder, written, who=who, why=why)
    return written


def calibrated_by(
    package: ModelPackage, change: LimitChange, scores: StoredScores | None
) -> CalibratedProduct:
    """The product with the limits of a change; nothing is inspected or written.

    Raises:
        CalibrationError: the limits make no sense, or the package has no such product.
    """
    before = package.manifest.products.get(change.product)
    computed = change.false_reject_rate is not None
    moved = before is None or change.reject != before.reject
    if before is None or scores is None or not scores.good or not (computed or moved):
        # T2 stays or nothing is known of parts: what it rests on stays on record.
        accept = None if change.accept == change.reject else change.accept
        return set_by_hand(package, change.product, change.reject if moved else None, accept)
    rate = change.false_reject_rate
    settings = CalibrationSettings(
        LimitSettings(
            before.calibration.false_reject_rate if rate is None else rate, change.review_rate
        ),
        by_hand=None if computed else change.reject,
        accept_by_hand=change.accept
        if change.review_rate is None and change.accept != change.reject
        else None,
    )
    good, bad = scores.part_scores(scores.good), scores.part_scores(scores.bad)
    values = [one.score for one in good]
    limits = set_limits(values, settings.limits)
    entry = entry_of(before, values, limits, settings)
    if (entry.accept, entry.reject) != (change.accept, change.reject):
        raise CalibrationError(
            "The parts give other limits than were shown; look at them again, then apply."
        )
    notes = (entry.calibration.note,) if entry.calibration.note else ()
    return CalibratedProduct(
        change.product,
        before,
        entry,
        settings,
        limits=limits,
        good=good,
        bad=bad,
        notes=notes,
    )


def refuse_worse(data_folder: Path, base: ModelPackage) -> None:
    """A version with which teaching found a product worse does not go live by a change of limits.

    Where it is active already somebody overrode that, which is on record.

    Raises:
        ActivationError: it is such a version, and not active.
    """
    problems = known_problems(base.manifest.training)
    active = active_version(data_folder, base.identity.name)
    if problems and (active is None or active.sha256 != base.identity.sha256):
        raise ActivationError(
            f"{base.identity.name} {base.identity.version} is not put into use: "
            f"{' '.join(problems)} Leave --activate out, and activate it with: uniad-desktop "
            f"versions activate {base.identity.name} VERSION --override --why …"
        )


def activate_changed(data_folder: Path, package: ModelPackage, *, who: str, why: str) -> Activation:
    """Makes a version whose limits were changed the active one; see `refuse_worse`."""
    worse = bool(known_problems(package.manifest.training))
    return activate(data_folder, package, who=who, why=why, override=worse)
