"""What an evaluation gives: figures per class, their mean, and the score of every image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.training.metrics import ImageFigures
from uniad_desktop.training.pixel_metrics import PixelFigures

if TYPE_CHECKING:
    from uniad_desktop.training.datasets.sample import Sample

COLUMNS: Final = (
    "image_auroc",
    "image_ap",
    "image_f1_max",
    "pixel_auroc",
    "pixel_ap",
    "pixel_f1_max",
    "au_pro",
    "false_rejects",
    "caught",
)
"""Names of all figures, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class ImageScore:
    """The image score of one test image, raw."""

    sample: Sample
    score: float


@dataclass(frozen=True, slots=True)
class LimitFigures:
    """What the package's reject limit does.

    Attributes:
        reject: the limit, raw; a score above it is a reject.
        false_rejects: share of good parts above it, or None without good parts.
        caught: share of defects above it, or None without defects.
    """

    reject: float
    false_rejects: float | None
    caught: float | None


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """What was measured on one product.

    Attributes:
        product: its name in the data.
        good, bad: number of good and of defective images that count.
        unmasked: defective images without a mask; they count for the image figures only.
        image, pixel: the figures, or None where they mean nothing; `notes` says why.
        limit: what the limit of the package does, or None where it has none for this product.
        colours: values at both ends of the heatmap's colour scale, raw.
        notes: sentences without the product's name.
    """

    product: str
    good: int
    bad: int
    unmasked: int
    image: ImageFigures | None
    pixel: PixelFigures | None
    limit: LimitFigures | None
    colours: tuple[float, float]
    notes: tuple[str, ...]

    def values(self) -> dict[str, float | None]:
        """Every one of `COLUMNS`, 0 to 1, or None."""
        image, pixel, limit = self.image, self.pixel, self.limit
        return {
            "image_auroc": image.auroc if image else None,
            "image_ap": image.ap if image else None,
            "image_f1_max": image.f1_max if image else None,
            "pixel_auroc": pixel.auroc if pixel else None,
            "pixel_ap": pixel.ap if pixel else None,
            "pixel_f1_max": pixel.f1_max if pixel else None,
            "au_pro": pixel.au_pro if pixel else None,
            "false_rejects": limit.false_rejects if limit else None,
            "caught": limit.caught if limit else None,
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A whole evaluation.

    Attributes:
        model: the package.
        runtime: what ran it, for example ``torch cpu f32``.
        sources: where the images came from.
        layout: how they lay there.
        data_notes: what was odd about them.
        at_input_size: whether pixels were counted at the network's input, not at the image's.
        classes: per product, by name.
        scores: every image that was measured.
        skipped: images that could not be read, with the reason.
        remark: what was wrong with the files, or empty.
        runtime_notes: how the runtime compared with the reference, and what is not used.
    """

    model: ModelIdentity
    runtime: str
    sources: tuple[str, ...]
    layout: str
    data_notes: tuple[str, ...]
    at_input_size: bool
    classes: tuple[ClassFigures, ...]
    scores: tuple[ImageScore, ...]
    skipped: tuple[tuple[Path, str], ...]
    remark: str = ""
    runtime_notes: tuple[str, ...] = ()

    def mean(self) -> dict[str, float | None]:
        """Mean of every one of `COLUMNS` over the classes that have it."""
        return {name: sum(found) / len(found) if found else None for name, found in self._columns()}

    def counted(self) -> dict[str, int]:
        """How many classes each mean rests on."""
        return {name: len(found) for name, found in self._columns()}

    def notes(self) -> tuple[str, ...]:
        """Everything that a reader of the figures has to know, sentence by sentence."""
        sentences = [f"{one.product}: {note}" for one in self.classes for note in one.notes]
        counted = self.counted()
        total = len(self.classes)
        for name, what in (
            ("image_auroc", "the image figures"),
            ("pixel_auroc", "the pixel figures"),
            ("false_rejects", "good parts rejected"),
            ("caught", "defects caught"),
        ):
            if 0 < counted[name] < total:
                sentences.append(f"The mean of {what} is over {counted[name]} of {total} classes.")
        if self.remark:
            sentences.append(self.remark)
        return (*sentences, *self.runtime_notes)

    def _columns(self) -> list[tuple[str, list[float]]]:
        rows = [one.values() for one in self.classes]
        return [
            (name, [value for row in rows if (value := row[name]) is not None]) for name in COLUMNS
        ]
