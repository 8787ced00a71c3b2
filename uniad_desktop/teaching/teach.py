"""Another product for a model that knows some: fine-tuning with replay, limits, and a check."""

from __future__ import annotations

import copy
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.detector import Detector, load_model
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Layout
from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.engine.sample import kept_sample, sample_of, tile_views
from uniad_desktop.teaching.challenge import ChallengeSet, replay
from uniad_desktop.teaching.former_products import (
    ProductCheck,
    carried_over,
    kept_rows,
    marked_auroc,
    picture_scores,
)
from uniad_desktop.teaching.limits import outliers
from uniad_desktop.teaching.mixture import MixedRows, mix
from uniad_desktop.training.datasets import DataError, ImageReader, Sample
from uniad_desktop.training.errors import TrainingStopped
from uniad_desktop.training.feature_cache import backbone_key, raw_features, stored_features
from uniad_desktop.training.features import StoredFeatures
from uniad_desktop.training.filling import Progress
from uniad_desktop.training.memory import HELD, TRAINED, memory_key, remember_all
from uniad_desktop.training.network import Report, train_network
from uniad_desktop.training.package_build import calibrate, preview_png, without_limit
from uniad_desktop.training.recipes import Precision, TrainSettings, choose_precision
from uniad_desktop.training.spread import SpreadSettings, train_spread
from uniad_desktop.uniad.model import UniAD

LEAST_PARTS = 20
"""Normal parts that are the least to teach a product with; 50 or more are advised."""

FEWEST_STEPS, MOST_STEPS = 200, 1500
_EPOCHS = 30


class TeachError(Exception):
    """A product cannot be taught; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachPlan:
    """What to teach, to which model, with what.

    Attributes:
        package: the version to go on from.
        models: folder of all models, which the next version goes to.
        key: of the product in the manifest; one that is there already is learned anew.
        titles: per language code.
        train: normal parts to learn from.
        held: normal parts that the limit is set on; never trained on.
        layout: regions and tiles.
        least_area: full-frame pixels that a region must cover to be reported.
        run: folder of checkpoint and log.
        cache: folder of the feature caches.
        limit_bytes: the most that they may take together.
        device: where the network is trained.
        steps: of the training; None: by the number of parts.
        replay: whether the former products are shown as well; without, they are forgotten.
        false_reject_rate: wished share of normal parts above the limit.
        precision: of the network's arithmetic while training.
        seed: of all random numbers.
        note: who, when, why and the like; goes into the package.
        challenges: kept images of known truth per product, judged before and after.
    """

    package: ModelPackage
    models: Path
    key: str
    titles: dict[str, str]
    train: Sequence[Sample]
    held: Sequence[Sample]
    layout: Layout = field(default_factory=Layout)
    least_area: float = 0.0
    run: Path
    cache: Path
    limit_bytes: int = 20 << 30
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    steps: int | None = None
    replay: bool = True
    false_reject_rate: float = 0.005
    precision: Precision = Precision.AUTO
    seed: int = 0
    note: dict[str, Any] = field(default_factory=dict)
    challenges: Mapping[str, ChallengeSet] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taught:
    """The next version and how every product fares with it.

    Attributes:
        package: the version that was written.
        checks: of every product.
        odd: files of normal parts whose score is far above that of the others; they may show a
            defect, and then the model took it for normal.
    """

    package: ModelPackage
    checks: tuple[ProductCheck, ...]
    odd: tuple[Path, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it should not go live, a sentence each; empty where nothing got worse."""
        return tuple(check.worse for check in self.checks if check.worse)


def teach_settings(rows: int, plan: TeachPlan) -> TrainSettings:
    """How long and how fast: gentler than from the start, since the network knows its trade."""
    steps = plan.steps or min(MOST_STEPS, max(FEWEST_STEPS, _EPOCHS * math.ceil(rows / 8)))
    return TrainSettings(
        steps=steps,
        batch=8,
        rate=5e-4,
        warm_up=0.1,
        embedding_factor=10.0,
        decay_embeddings=False,
        clip=0.1,
        average=0.98,
        precision=choose_precision(plan.precision, plan.device),
        seed=plan.seed,
        save_every_s=15.0,
    )


def teach(
    plan: TeachPlan,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda done, count: None,
    started: Callable[[TrainSettings], Report] = lambda settings: lambda step, loss, rate: None,
) -> Taught:
    """Teaches a product and writes the model's next version, which is not active yet.

    The network goes on from its weights, on the new product's features together with those that
    the package remembers of every former product. Its statistics stay, so that former features
    mean what they meant. Limits of former products go along with their typical score; the new
    one's is set through the detector on parts that were held back.

    Args:
        plan: what to do.
        stop: whether the user wants to end; the same call goes on from there.
        progress: told of features computed.
        started: told of the training's settings; what it returns is told of every step.

    Raises:
        TeachError: there are too few parts.
        TrainingStopped, TrainingError, DataError, CalibrationError, DetectorError, PackageError:
            as the steps say.
    """
    package, key = plan.package, plan.key
    reader = ImageReader(strict=False)
    before = load_model(package).to(plan.device)
    trained, held = (
        _features(plan, before, one, reader, stop=stop, progress=progress) for one in _parts(plan)
    )
    distinct = len({*trained.hashes, *held.hashes})
    if distinct < LEAST_PARTS:
        raise TeachError(
            f"Only {distinct} of the pictures of '{key}' differ or can be read; {LEAST_PARTS} "
            f"different parts are the least. {reader.summary()}".strip()
        )
    memory = remembered(before, package) if plan.replay else {}
    shown = mix(trained.features, memory, leave_out=key)
    settings = teach_settings(len(shown), plan)
    report = started(settings)
    after = copy.deepcopy(before)
    after.network.requires_grad_(True)
    if after.spread is not None:
        after.spread.requires_grad_(True)
    scale = after.pyramid.mean.clone(), after.pyramid.deviation.clone()
    train_network(
        after.network,
        shown,
        scale,
        settings,
        checkpoint=plan.run / "checkpoint.pt",
        data_key=f"{trained.key()} {len(shown)}",
        continues=True,
        stop=stop,
        report=report,
    )
    if after.spread is not None:
        spread = SpreadSettings(steps=400, rate=1e-3, seed=plan.seed)
        train_spread(after.network, after.spread, shown, scale, spread, continues=True, stop=stop)
    after = after.cpu().eval().requires_grad_(False)
    return _finish(plan, before.cpu(), after, (trained, held), settings, reader=reader, stop=stop)


def remembered(model: UniAD, package: ModelPackage) -> dict[str, Tensor]:
    """A package's memory; of a product that it has only a sample of, the features of that."""
    memory = package.memory()
    for key, pictures in package.sample().items():
        if memory_key(key, TRAINED) not in memory:
            rows = [
                torch.from_numpy(raw_features(model.pyramid, [one.float() / 255.0]))
                for one in pictures
            ]
            memory[memory_key(key, TRAINED)] = torch.cat(rows).half()
    return memory


def _parts(plan: TeachPlan) -> tuple[Sequence[Sample], Sequence[Sample]]:
    if len(plan.train) + len(plan.held) < LEAST_PARTS:
        raise TeachError(
            f"{len(plan.train) + len(plan.held)} normal parts are too few to teach "
            f"'{plan.key}'; {LEAST_PARTS} are the least, 50 or more are advised."
        )
    if not plan.held:
        raise TeachError(
            f"No part of '{plan.key}' is held back, so no limit can be set; hold some back."
        )
    return plan.train, plan.held


def _features(
    plan: TeachPlan,
    model: UniAD,
    samples: Sequence[Sample],
    reader: ImageReader,
    *,
    stop: Callable[[], bool],
    progress: Progress,
) -> StoredFeatures:
    config, manifest = model.config, plan.package.manifest
    plan.cache.mkdir(parents=True, exist_ok=True)
    return stored_features(
        samples,
        reader,
        model.pyramid,
        cache=plan.cache,
        size=(config.input_height, config.input_width),
        backbone_hash=backbone_key(config.backbone, manifest.backbone.sha256),
        alignment=config.alignment,
        limit_bytes=plan.limit_bytes,
        layout=plan.layout,
        stop=stop,
        progress=progress,
    )


def _finish(
    plan: TeachPlan,
    before: UniAD,
    after: UniAD,
    parts: tuple[StoredFeatures, StoredFeatures],
    settings: TrainSettings,
    *,
    reader: ImageReader,
    stop: Callable[[], bool],
) -> Taught:
    """Limits, memory, check and package."""
    package, key = plan.package, plan.key
    trained, held = parts
    if stop():
        raise TrainingStopped(
            "Stopped before the limits were set; the trained network is kept. Start the same "
            "command again to go on."
        )
    entries, checks = _former(plan, before, after)
    frames = [_read(sample, reader) for sample in held.pictures]
    with _staged(plan, after, entries) as detector:
        entry = calibrate(
            detector, plan.titles, frames, plan.false_reject_rate, "", product=key
        ).model_copy(update={"frame": _expected(frames)})
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
    memory = {
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
        memory=memory,
        sample=sample,
        previews={key: preview_png(few[0])},
    )
    return Taught(written, tuple(checks), _odd(after, both, plan.layout.tile_count))


def _odd(model: UniAD, stored: StoredFeatures, tiles: int) -> tuple[Path, ...]:
    """Files of parts that look unlike the other normal ones, even after training."""
    scores = picture_scores(model, stored.features, tiles)
    strange = np.flatnonzero(outliers(scores))
    return tuple(stored.samples[int(number) * tiles].path for number in strange)


def _former(
    plan: TeachPlan, before: UniAD, after: UniAD
) -> tuple[dict[str, ProductEntry], list[ProductCheck]]:
    """Limits of the former products, carried over, and how these fare."""
    package = plan.package
    memory = remembered(before, package)
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


def _expected(frames: Sequence[NDArray[np.uint8]]) -> FrameExpectation:
    sizes = {frame.shape[:2] for frame in frames}
    colours = {frame.ndim == 3 for frame in frames}
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
