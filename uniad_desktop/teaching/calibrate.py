"""The limits of a product from its normal parts, without any training; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from uniad_desktop.engine.layout import Layout
from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.teaching.calibration_entry import (
    ACCEPT_WORDS,
    entry_of,
    unset_entry,
    with_limits,
)
from uniad_desktop.teaching.calibration_notes import none_left, odd_notes, untold, unusual_note
from uniad_desktop.teaching.limits import (
    Limits,
    LimitSettings,
    Outcome,
    outliers,
    set_limits,
    what_if,
)
from uniad_desktop.teaching.part_scores import (
    PartScore,
    Predicts,
    choose_parts,
    score_parts,
    trained_pictures,
)
from uniad_desktop.training.calibration import CalibrationError
from uniad_desktop.training.datasets import DataError, ImageReader, Sample
from uniad_desktop.training.datasets.sample import listed
from uniad_desktop.training.seen_frames import SeenFrames


@dataclass(frozen=True, slots=True)
class CalibrationSettings:
    """How a product is calibrated.

    Attributes:
        limits: what is wished for.
        by_hand: raw reject limit in place of the computed one; None: computed.
        accept_by_hand: raw accept limit in place of the computed one; None: computed.
        drop_outliers: leave out normal parts that look like none; else they are named and kept.
        strict: the first picture that cannot be used ends the work.
        batch: pictures at a time.
    """

    limits: LimitSettings = field(default_factory=LimitSettings)
    by_hand: float | None = None
    accept_by_hand: float | None = None
    drop_outliers: bool = False
    strict: bool = False
    batch: int = 8


@dataclass(frozen=True, slots=True)
class CalibratedProduct:
    """A product with its new limits and what they rest on.

    Attributes:
        product: its key.
        before: as the package had it; None where it is new.
        entry: as it is now.
        settings: how it was calibrated.
        limits: computed from the normal parts; None where there were none and the limit is set by
            hand.
        good: normal parts that the limits rest on.
        unusual: normal parts that look like none; among `good` unless they were dropped.
        bad: parts with a defect, measured only.
        left_out: number of pictures not used, per reason.
        notes: sentences for the user.
    """

    product: str
    before: ProductEntry | None
    entry: ProductEntry
    settings: CalibrationSettings
    limits: Limits | None = None
    good: tuple[PartScore, ...] = ()
    unusual: tuple[PartScore, ...] = ()
    bad: tuple[PartScore, ...] = ()
    left_out: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()

    @property
    def scores_good(self) -> list[float]:
        """Raw scores of the normal parts."""
        return [one.score for one in self.good]

    @property
    def scores_bad(self) -> list[float]:
        """Raw scores of the parts with a defect."""
        return [one.score for one in self.bad]

    @property
    def outcome(self) -> Outcome:
        """What the new limit makes of all parts."""
        return what_if(self.scores_good, self.scores_bad, self.entry.reject)

    @property
    def outcome_before(self) -> Outcome | None:
        """What the former limit would; None where there is none that held for this layout."""
        if self.before is None or self.before.layout.regions != self.entry.layout.regions:
            return None
        return what_if(self.scores_good, self.scores_bad, self.before.reject)

    def outcome_of_kinds(self) -> dict[str, Outcome]:
        """What the new limit makes of each kind of defect."""
        kinds = sorted({one.sample.kind for one in self.bad})
        return {
            kind: what_if(
                (),
                [one.score for one in self.bad if one.sample.kind == kind],
                self.entry.reject,
            )
            for kind in kinds
        }


def prepare(
    package: ModelPackage,
    product: str,
    *,
    title: str = "",
    layout: Layout | None = None,
    least_area: float | None = None,
) -> ModelPackage:
    """The package as the detector has to see it to score the parts; nothing is written.

    Frames of any size and colour are let through, as what to expect is set anew.

    Args:
        package: with the product or without.
        product: key.
        title: English title; empty: as it was. A new product needs one.
        layout: regions and tiles in place of the former; None: as they were.
        least_area: likewise, in full-frame pixels.

    Raises:
        CalibrationError: the package has no such product and there is no title to add one.
    """
    products = package.manifest.products
    entry = products.get(product)
    if entry is None and not title.strip():
        there = f"it has {listed(products, 20)}" if products else "it has none yet"
        raise CalibrationError(
            f"The model {package.identity.name} {package.identity.version} has no product "
            f"'{product}' ({there}). Correct the name, or give a title (--title) to add it."
        )
    entry = entry or unset_entry(title)
    changed: dict[str, Any] = {"frame": None}
    if title.strip():
        changed["titles"] = {**entry.titles, "en": title.strip()}
    if layout is not None:
        changed["layout"] = layout
    if least_area is not None:
        changed["least_area"] = least_area
    entries = {**products, product: entry.model_copy(update=changed)}
    return replace(package, manifest=package.manifest.model_copy(update={"products": entries}))


def calibrate_product(
    package: ModelPackage,
    detector: Predicts,
    product: str,
    samples: Sequence[Sample],
    *,
    reader: ImageReader,
    settings: CalibrationSettings,
    check: Callable[[], None] = lambda: None,
    done: Callable[[int], object] = lambda count: None,
) -> CalibratedProduct:
    """Scores the parts and sets the product's limits; nothing is written.

    Args:
        package: as it is on disk; says what the product was before.
        detector: of the package that `prepare` gave.
        product: key.
        samples: pictures of this product; good ones make the limits, others are measured.
        reader: reads them, and says afterwards which could not be read.
        settings: how.
        check: called between batches; may raise to end the work.
        done: called after each batch with its number of pictures.

    Raises:
        CalibrationError: there is no normal part that can be used, a score is not finite, or the
            limit makes no sense.
        DataError: a picture is good and defective at once, or cannot be used and `strict` is set.
        DetectorError: the model failed, or a region does not fit a picture.
    """
    trained = trained_pictures(package.manifest.training)
    chosen = choose_parts(samples, trained, reader)
    if settings.strict and chosen.trained:
        raise DataError(" ".join(chosen.notes()))
    scores = score_parts(
        detector,
        product,
        chosen.parts,
        reader,
        batch=settings.batch,
        strict=settings.strict,
        check=check,
        done=done,
    )
    normal = [one for one in scores if one.sample.good]
    if not normal:
        raise CalibrationError(none_left(samples, chosen.trained, reader))
    odd = outliers([one.score for one in normal])
    unusual = [one for one, is_odd in zip(normal, odd, strict=True) if is_odd]
    if settings.drop_outliers:
        normal = [one for one in normal if one not in unusual]
    limits = set_limits([one.score for one in normal], settings.limits)
    before = package.manifest.products.get(product)
    entry = entry_of(
        _expecting(detector.products[product], normal),
        [one.score for one in normal],
        limits,
        settings,
        dropped=len(unusual) if settings.drop_outliers else 0,
    )
    left_out = {
        "unreadable": len(reader.skipped),
        "the same as another": len(chosen.twice),
        "trained on": len(chosen.trained),
        "unusual": len(unusual) if settings.drop_outliers else 0,
    }
    notes = [
        reader.summary(),
        *chosen.notes(),
        *unusual_note(unusual, dropped=settings.drop_outliers),
        *([] if trained else [untold(package)]),
        *odd_notes(normal, entry, before),
        entry.calibration.note,
    ]
    return CalibratedProduct(
        product,
        before,
        entry,
        settings,
        limits=limits,
        good=tuple(normal),
        unusual=tuple(unusual),
        bad=tuple(one for one in scores if not one.sample.good),
        left_out={reason: count for reason, count in left_out.items() if count},
        notes=tuple(note for note in notes if note),
    )


def set_by_hand(
    package: ModelPackage, product: str, reject: float | None, accept: float | None = None
) -> CalibratedProduct:
    """Limits without looking at parts. Nothing is written.

    Args:
        package: which has the product.
        product: key.
        reject: T2, raw, above 0; None: it stays.
        accept: T1, raw, above 0 and not above T2; None: as T2, no review band.

    Raises:
        CalibrationError: the package has no such product, or the limits make no sense.
    """
    prepare(package, product)  # says so where there is no such product
    before = package.manifest.products[product]
    new = before.reject if reject is None else reject
    low = new if accept is None else accept
    kept, notes = before.calibration.note.partition(ACCEPT_WORDS)[0].strip(), []
    if new != before.reject:
        kept = f"The limit was set by hand to {new:g}, without parts; it was {before.reject:g}."
    if low != new:
        notes = [f"{ACCEPT_WORDS} {low:g}; it was {before.accept:g}."]
    elif before.accept != before.reject:
        notes = [f"The review band was taken away; the accept limit was {before.accept:g}."]
    note = " ".join(one for one in (kept, *(notes if low != new else ())) if one)
    entry = with_limits(before, low, new, before.calibration.model_copy(update={"note": note}))
    settings = CalibrationSettings(by_hand=reject, accept_by_hand=accept)
    told = (kept, *notes) if new != before.reject else tuple(notes)
    return CalibratedProduct(product, before, entry, settings, notes=tuple(told))


def _expecting(former: ProductEntry, normal: Sequence[PartScore]) -> ProductEntry:
    """The product as it expects frames like these parts."""
    seen = SeenFrames()
    for _ in seen.watch(np.broadcast_to(np.uint8(0), one.shape) for one in normal):
        pass  # shapes are all that it looks at, and these arrays hold a single byte
    return former.model_copy(update={"frame": seen.expectation()})
