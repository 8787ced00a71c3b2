"""A product's entry in the package with other limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from uniad_desktop.engine.manifest import Calibration, ProductEntry
from uniad_desktop.teaching.limits import Limits
from uniad_desktop.training.calibration import CalibrationError, describe
from uniad_desktop.training.datasets.sample import counted

if TYPE_CHECKING:
    from uniad_desktop.teaching.calibrate import CalibrationSettings

ACCEPT_WORDS: Final = "The accept limit was set by hand to"


def entry_of(
    former: ProductEntry,
    scores: Sequence[float],
    limits: Limits,
    settings: CalibrationSettings,
    *,
    dropped: int = 0,
) -> ProductEntry:
    """A product with limits that rest on the scores of normal parts.

    Args:
        former: as it was.
        scores: raw, of the normal parts.
        limits: computed from them.
        settings: what was wished for, or set by hand in place of a computed limit.
        dropped: how many unusual parts were left out.

    Raises:
        CalibrationError: the limits make no sense.
    """
    accept, reject, notes = limits.accept, limits.reject, [limits.note]
    if settings.by_hand is not None:
        wished = settings.limits
        reject = settings.by_hand
        accept = reject if wished.review_rate is None else min(limits.accept, reject)
        notes = [
            f"The limit was set by hand to {reject:g}; {counted(len(scores), 'normal part')} and a "
            f"false-reject rate of {wished.false_reject_rate:.2%} would give {limits.reject:g}."
        ]
    if settings.accept_by_hand is not None:
        accept = settings.accept_by_hand
        notes.append(f"{ACCEPT_WORDS} {accept:g}.")
    if dropped:
        notes.append(
            f"{counted(dropped, 'unusual normal part')} left out; what is promised holds for parts "
            "like the others."
        )
    basis = describe(scores, limits.basis)
    note = " ".join(one for one in notes if one)
    return with_limits(former, accept, reject, basis.model_copy(update={"note": note}))


def with_limits(
    entry: ProductEntry, accept: float, reject: float, basis: Calibration
) -> ProductEntry:
    """An entry with limits, checked; the map's range runs to twice the limit, which is 50.

    Raises:
        CalibrationError: they make no sense.
    """
    if accept > reject:
        raise CalibrationError(
            f"The accept limit {accept:g} lies above the reject limit {reject:g}; it must not be "
            "higher."
        )
    values = {name: getattr(entry, name) for name in type(entry).model_fields}
    limits = {"accept": accept, "reject": reject, "map_range": (0.0, 2.0 * reject)}
    try:
        return ProductEntry(**{**values, **limits, "calibration": basis})
    except ValueError as error:
        raise CalibrationError(
            f"{reject:g} cannot be a limit; it must be a number above 0."
        ) from error


def unset_entry(title: str) -> ProductEntry:
    """A product that no limit is known of yet."""
    return ProductEntry(
        titles={"en": title},
        accept=1.0,
        reject=1.0,
        map_range=(0.0, 2.0),
        calibration=Calibration(
            parts=1, false_reject_rate=0.5, median=0.0, deviation=0.0, largest=0.0
        ),
    )
