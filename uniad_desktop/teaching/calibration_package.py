"""A calibrated product into the next version of its package, with who changed what and why."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.engine.sample import MOST_PER_PRODUCT, kept_sample, tile_views
from uniad_desktop.teaching.calibrate import CalibratedProduct
from uniad_desktop.teaching.part_scores import PartScore, spread_out
from uniad_desktop.training.datasets import DataError, ImageReader

_PREVIEW_WIDTH = 480  # as in training.package_build


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changes limits and why, for the provenance.

    Attributes:
        who: name of the person.
        why: in their words, may be empty.
        sources: what the parts came from.
        runtime: what computed the scores, empty where nothing was computed.
    """

    who: str
    why: str = ""
    sources: tuple[str, ...] = ()
    runtime: str = ""


def write_calibrated(
    package: ModelPackage,
    models: Path,
    calibrated: CalibratedProduct,
    reader: ImageReader | None,
    origin: Origin,
) -> ModelPackage:
    """Writes the next version with the new limits; the former one stays.

    A preview is added where the product has none or its regions changed, and a sample of its
    normal parts likewise.

    Args:
        package: the version that it comes from.
        models: folder of all models.
        calibrated: the product.
        reader: reads the few pictures that are kept; None: none is added.
        origin: who and why.

    Raises:
        PackageError: the package cannot be read, or the disk refuses.
        DataError: a picture cannot be read any more.
    """
    product, entry = calibrated.product, calibrated.entry
    fresh = calibrated.before is None or calibrated.before.layout.regions != entry.layout.regions
    previews, sample = {}, package.sample()
    if reader and calibrated.good and (fresh or package.preview(product) is None):
        previews[product] = _png(_again(_most_typical(calibrated.good), reader))
    if reader and calibrated.good and (fresh or product not in sample):
        few = [_again(one, reader) for one in spread_out(calibrated.good, MOST_PER_PRODUCT)]
        config = package.manifest.architecture
        views = {product: tile_views(few, entry.layout)}
        sample = {**sample, **kept_sample(views, (config.input_height, config.input_width))}
    return write_next(
        package,
        models,
        note=change_note(calibrated, origin),
        products={**package.manifest.products, product: entry},
        previews=previews,
        sample=sample,
    )


def change_note(calibrated: CalibratedProduct, origin: Origin) -> dict[str, Any]:
    """What the provenance keeps of a change of limits: who, when, why, old, new, from what."""
    before, entry, limits = calibrated.before, calibrated.entry, calibrated.limits
    wished = calibrated.settings.limits
    note: dict[str, Any] = {
        "what": f"limits of {calibrated.product}",
        "product": calibrated.product,
        "who": origin.who,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "why": origin.why,
        "method": _method(calibrated),
        "old": None if before is None else {"accept": before.accept, "reject": before.reject},
        "new": {"accept": entry.accept, "reject": entry.reject},
    }
    if limits is None:
        return note
    hashes = sorted(one.sha256 for one in calibrated.good)
    check = limits.check
    outcome = calibrated.outcome
    return {
        **note,
        "computed": limits.reject,
        "false_reject_rate": wished.false_reject_rate,
        "review_rate": wished.review_rate,
        "margin": wished.margin,
        "parts": len(calibrated.good),
        "parts_sha256": hashlib.sha256("".join(hashes).encode()).hexdigest(),
        "sources": list(origin.sources),
        "runtime": origin.runtime,
        "left_out": dict(calibrated.left_out or {}),
        "layout_changed": before is not None and before.layout.regions != entry.layout.regions,
        "cross_validated": None
        if check is None
        else {"folds": check.folds, "above": check.above, "expected": round(check.expected, 2)},
        "defects": {"parts": outcome.bad, "escapes": outcome.escapes},
    }


def _method(calibrated: CalibratedProduct) -> str:
    settings = calibrated.settings
    if calibrated.limits is None or settings.by_hand is not None:
        return "by hand"
    if settings.accept_by_hand is not None:
        return "split conformal, accept limit by hand"
    return "split conformal"


def _most_typical(parts: Sequence[PartScore]) -> PartScore:
    """The part whose score is nearest to the median."""
    median = float(np.median([one.score for one in parts]))
    return min(parts, key=lambda one: abs(one.score - median))


def _again(part: PartScore, reader: ImageReader) -> NDArray[np.uint8]:
    image = reader.read(part.sample)
    if image is None:
        raise DataError(f"{part.sample.path} could be read before and cannot be read any more.")
    return image


def _png(image: NDArray[np.uint8]) -> bytes:
    height = max(1, round(image.shape[0] * _PREVIEW_WIDTH / image.shape[1]))
    small = cv2.resize(image, (_PREVIEW_WIDTH, height), interpolation=cv2.INTER_AREA)
    ordered = cv2.cvtColor(small, cv2.COLOR_RGB2BGR) if small.ndim == 3 else small
    return bytes(cv2.imencode(".png", ordered)[1].tobytes())
