"""The end of a teaching: limits, the check of every product, the replay memory, the package."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.engine.sample import kept_sample, sample_of, tile_views
from uniad_desktop.teaching.challenge import replay
from uniad_desktop.teaching.former_products import (
    ProductCheck,
    carried_over,
    kept_rows,
    marked_auroc,
    picture_scores,
)
from uniad_desktop.teaching.limits import outliers
from uniad_desktop.teaching.mixture import MixedRows
from uniad_desktop.teaching.teach_events import Stage
from uniad_desktop.teaching.teach_plan import Taught, TeachPlan
from uniad_desktop.training.datasets import DataError, ImageReader, Sample
from uniad_desktop.training.datasets.sample import counted, listed
from uniad_desktop.training.errors import TrainingStopped
from uniad_desktop.training.features import StoredFeatures
from uniad_desktop.training.memory import HELD, TRAINED, memory_key, remember_all
from uniad_desktop.training.package_build import calibrate, preview_png, without_limit
from uniad_desktop.training.recipes import TrainSettings
from uniad_desktop.training.tiling import sizes_of
from uniad_desktop.uniad.model import UniAD

_MOST_NAMED = 5


def finish(
    plan: TeachPlan,
    before: UniAD,
    after: UniAD,
    parts: tuple[StoredFeatures, StoredFeatures],
    settings: TrainSettings,
    *,
    reader: ImageReader,
    memory: Mapping[str, Tensor],
    stop: Callable[[], bool],
    stage: Callable[[Stage], None],
) -> Taught:
    """Sets limits, looks how every product fares, and writes the next version.

    Args:
        plan: what is taught.
        before: the model as it was, on the CPU, in eval mode.
        after: the trained one, likewise.
        parts: that were learned from, and that were held back.
        settings: of the training.
        reader: reads the pictures.
        memory: what is known of the former products.
        stop: asked until the limits are set.
        stage: told when limits and checks begin.

    Raises:
        TrainingStopped: `stop` said so.
        DataError, CalibrationError, DetectorError, PackageError: as the steps say.
    """
    package, key = plan.package, plan.key
    trained, held = parts
    stage(Stage.LIMITS)
    entries, checks = _former(plan, before, after, memory)
    shapes: list[tuple[int, ...]] = []

    def frames() -> Iterator[NDArray[np.uint8]]:
        for sample in held.pictures:
            if stop():
                raise TrainingStopped(
                    "Stopped before the limits were set; the trained network is kept. Start the "
                    "same command again to go on."
                )
            image = _read(sample, reader)
            shapes.append(image.shape)
            yield image

    with _staged(plan, after, entries) as detector:
        entry = calibrate(
            detector, plan.titles, frames(), plan.false_reject_rate, "", product=key
        ).model_copy(update={"frame": _expected(shapes)})
        stage(Stage.CHECKS)
        checks = _challenged(plan, detector, checks)
    checks.append(_new_check(plan, entry, after, held))
    size = after.config.input_height, after.config.input_width
    few = [_read(sample, reader) for sample in trained.pictures[:8]]
    sample = {
        **package.sample(),
        **kept_sample({key: tile_views(few, plan.layout)}, size),
    }
    both = _joined(trained, held)
    names = {one.product: key for one in both.samples}
    kept = {
        **{name: one for name, one in package.memory().items() if name.rsplit(".", 1)[0] != key},
        **remember_all(
            both,
            range(len(trained.samples)),
            range(len(trained.samples), len(both.samples)),
            names,
            plan.layout.tile_count,
        ),
    }
    note = {
        "what": f"taught {key}" if plan.replay else f"taught {key} without replay",
        "product": key,
        "parts": {"trained": len(trained.pictures), "held": len(held.pictures)},
        "trained_sha256": sorted({one.hex() for one in trained.hashes}),
        "augment": {
            "variants_of_each_part": plan.augment,
            "variants": plan.augment * len(trained.pictures),
        },
        "replay": plan.replay,
        "settings": {k: v for k, v in asdict(settings).items() if k != "save_every_s"},
        "checks": [asdict(check) for check in checks],
        "problems": [check.worse for check in checks if check.worse],
        **plan.note,
    }
    written = write_next(
        package,
        plan.models,
        note=note,
        products={**entries, key: entry},
        weights=after.state_dict(),
        memory=kept,
        sample=sample,
        previews={key: preview_png(few[0])},
    )
    odd = _odd(after, both, plan.layout.tile_count)
    notes = (_other_sizes(both.pictures, reader), reader.summary())
    return Taught(written, tuple(checks), odd, tuple(note for note in notes if note))


def _other_sizes(samples: Sequence[Sample], reader: ImageReader) -> str:
    """A sentence about parts of another size than most; empty where all have the same."""
    sizes = sizes_of(samples, reader)
    counts = Counter(sizes.values())
    if len(counts) < 2:
        return ""
    (width, height), most = counts.most_common(1)[0]
    others = [sample for sample, size in sizes.items() if size != (width, height)]
    named = listed(
        (f"{one.path} ({sizes[one][0]} x {sizes[one][1]})" for one in others), _MOST_NAMED
    )
    return (
        f"{counted(len(others), 'part')} of another size than the {most} of {width} x {height} "
        f"pixels: {named}. They were learned and scaled like the others; if the camera is set "
        "otherwise now, take them out and teach again."
    )


def _odd(model: UniAD, stored: StoredFeatures, tiles: int) -> tuple[Path, ...]:
    """Files of parts that look unlike the other normal ones, even after training."""
    scores = picture_scores(model, stored.features, tiles)
    strange = np.flatnonzero(outliers(scores))
    return tuple(stored.samples[int(number) * tiles].path for number in strange)


def _former(
    plan: TeachPlan, before: UniAD, after: UniAD, memory: Mapping[str, Tensor]
) -> tuple[dict[str, ProductEntry], list[ProductCheck]]:
    """Limits of the former products, carried over, and how these fare."""
    package = plan.package
    pictures = sample_of(package)
    entries: dict[str, ProductEntry] = {}
    checks = []
    for key, entry in package.manifest.products.items():
        if key == plan.key:
            continue
        own = [number for number, name in enumerate(pictures.products) if name == key]
        normal, marked = (torch.from_numpy(one[own]) for one in (pictures.normal, pictures.marked))
        aurocs = [marked_auroc(one, normal, marked) if own else None for one in (before, after)]
        rows, was_held = kept_rows(memory, key)
        if rows is None:
            entries[key] = entry
            checks.append(ProductCheck(key, 0, False, None, 0.0, None, aurocs[0], aurocs[1]))
            continue
        # What comes from the sample are tiles of many pictures.
        whole = memory_key(key, HELD) in memory or memory_key(key, TRAINED) in package.memory()
        tiles = entry.layout.tile_count if whole else 1
        scores = [picture_scores(one, rows.numpy(), tiles) for one in (before, after)]
        scale = _typical_ratio(*scores)
        entries[key] = carried_over(entry, scale, len(scores[0]))
        checks.append(
            ProductCheck(
                key,
                len(scores[0]),
                was_held,
                float((scores[0] > entry.reject).mean()),
                float((scores[1] > entries[key].reject).mean()),
                scale,
                aurocs[0],
                aurocs[1],
            )
        )
    return entries, checks


def _typical_ratio(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Median of what scores became over what they were."""
    tiny = np.finfo(np.float64).tiny
    return float(np.exp(np.median(np.log(after + tiny) - np.log(before + tiny))))


@contextmanager
def _staged(plan: TeachPlan, after: UniAD, entries: dict[str, ProductEntry]) -> Iterator[Detector]:
    """The detector that will run, on a package that is gone afterwards."""
    unset = without_limit(plan.titles, plan.layout, plan.least_area)
    with tempfile.TemporaryDirectory(prefix="uniad-teach-") as folder:
        staged = write_next(
            plan.package,
            Path(folder),
            note={},
            products={**entries, plan.key: unset},
            weights=after.state_dict(),
        )
        yield Detector(staged, str(plan.device))


def _challenged(
    plan: TeachPlan, after: Detector, checks: Sequence[ProductCheck]
) -> list[ProductCheck]:
    """The checks with how many challenge images of each product were judged wrongly."""
    wanted = {key: one for key, one in plan.challenges.items() if one.images()}
    if not wanted:
        return list(checks)
    before = Detector(plan.package, str(plan.device))
    found = []
    for check in checks:
        if check.key in wanted:
            wrong = [
                len(result.missed) + len(result.rejected) + len(result.errors)
                for result in (
                    replay(detector, check.key, wanted[check.key]) for detector in (before, after)
                )
            ]
            found.append(replace(check, challenge=(wrong[0], wrong[1])))
        else:
            found.append(check)
    return found


def _expected(shapes: Sequence[tuple[int, ...]]) -> FrameExpectation:
    sizes = {shape[:2] for shape in shapes}
    colours = {len(shape) == 3 for shape in shapes}
    height, width = next(iter(sizes)) if len(sizes) == 1 else (None, None)
    return FrameExpectation(width, height, colours.pop() if len(colours) == 1 else None)


def _new_check(
    plan: TeachPlan, entry: ProductEntry, after: UniAD, held: StoredFeatures
) -> ProductCheck:
    scores = picture_scores(after, held.features, plan.layout.tile_count)
    rejected = float((scores > entry.reject).mean())
    return ProductCheck(plan.key, len(scores), True, None, rejected, None, None, None, new=True)


def _joined(first: StoredFeatures, second: StoredFeatures) -> StoredFeatures:
    where = [(0, row) for row in range(len(first.samples))]
    where += [(1, row) for row in range(len(second.samples))]
    rows = MixedRows([first.features, second.features], np.array(where, np.int64))
    return replace(
        first,
        samples=(*first.samples, *second.samples),
        features=rows,
        hashes=(*first.hashes, *second.hashes),
        boxes=(*first.boxes, *second.boxes),
    )


def _read(sample: Sample, reader: ImageReader) -> NDArray[np.uint8]:
    image = reader.read(sample)
    if image is None:
        raise DataError(f"{sample.path} could be read before and cannot be read any more.")
    return image
