"""What a person should know of a calibration: sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.teaching.limits import OUTLIER_Z
from uniad_desktop.teaching.part_scores import PartScore
from uniad_desktop.training.datasets import ImageReader, Sample
from uniad_desktop.training.datasets.sample import counted, listed

ADVISED_PARTS = 20
"""Fewer normal parts than these say little of a product."""


def none_left(samples: Sequence[Sample], trained: Sequence[Sample], reader: ImageReader) -> str:
    """Why no normal part is left to set a limit from."""
    good = sum(sample.good for sample in samples)
    if not good:
        return (
            "There are no normal parts in the data; a limit needs some. Collect good parts first."
        )
    if trained:
        return (
            "The model was trained on every normal part of the data, and a limit from those would "
            "be too low; take fresh ones."
        )
    return f"None of the {counted(good, 'good picture')} can be used. {reader.summary()}".strip()


def unusual_note(unusual: Sequence[PartScore], *, dropped: bool) -> list[str]:
    """Names the normal parts that look like none, and what became of them."""
    if not unusual:
        return []
    named = listed([f"{one.sample.path} ({one.score:.3g})" for one in unusual], 10)
    count = counted(len(unusual), "normal part")
    what = (
        "left out"
        if dropped
        else "used all the same; look at them, and take out those with a defect (--drop-outliers "
        "leaves them all out)"
    )
    return [
        f"{count} with an unusually high score (robust z above {OUTLIER_Z:g}), {what}: {named}."
    ]


def untold(package: ModelPackage) -> str:
    """Why parts that were trained on cannot be told."""
    training = package.manifest.training
    data = training.get("data")
    named = data.get("sources") if isinstance(data, dict) else None
    known = f" (it came from {listed(named, 3)})" if isinstance(named, list) and named else ""
    return (
        f"The model does not say which pictures it was trained on{known}. If these are among them, "
        "the limits are too low; use parts that it was not trained on."
    )


def odd_notes(
    normal: Sequence[PartScore], entry: ProductEntry, before: ProductEntry | None
) -> list[str]:
    """What is odd about the parts, or new about the product."""
    notes = []
    shapes = Counter(one.shape for one in normal)
    if len(shapes) > 1:
        shown = [
            f"{count} of {shape[1]} x {shape[0]} {'in colour' if len(shape) == 3 else 'in grey'}"
            for shape, count in shapes.most_common()
        ]
        notes.append(
            f"The pictures differ ({listed(shown)}); a station has one camera setting, so take "
            "parts as it shows them."
        )
    if len(normal) < ADVISED_PARTS:
        notes.append(
            f"Only {counted(len(normal), 'different normal part')}; {ADVISED_PARTS} are the least "
            "that is advised."
        )
    if before is not None and before.layout.regions != entry.layout.regions:
        notes.append(
            "The regions and tiles are new. The network was trained with others and may see less "
            "well with these; measure defects, and train anew if they are missed."
        )
    if before is not None and before.frame != entry.frame:
        notes.append(f"From now on {_expected(entry)} expected of this product.")
    return notes


def _expected(entry: ProductEntry) -> str:
    frame = entry.frame
    if frame is None:
        return "frames of any size, in colour or grey, are"
    words = (
        "frames of any size" if frame.width is None else f"frames of {frame.width} x {frame.height}"
    )
    if frame.colour is not None:
        words += " in colour" if frame.colour else " in grey"
    return f"only {words} are"
