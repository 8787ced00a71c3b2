"""Another product for a model that knows some: fine-tuning with replay, limits, and a check."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.teaching.augment import Varied, varied_features, with_variants
from uniad_desktop.teaching.loss_watch import FILE, LossWatch, former_rows, some_rows
from uniad_desktop.teaching.mixture import MixedRows, mix, rows_shown
from uniad_desktop.teaching.next_version import finish
from uniad_desktop.teaching.teach_events import LossPoint, Stage
from uniad_desktop.teaching.teach_plan import (
    LEAST_PARTS,
    Taught,
    TeachError,
    TeachPlan,
    teach_settings,
)
from uniad_desktop.training.datasets import ImageReader, Sample
from uniad_desktop.training.errors import TrainingError
from uniad_desktop.training.feature_cache import (
    backbone_key,
    feature_rows,
    raw_features,
    stored_features,
)
from uniad_desktop.training.features import StoredFeatures
from uniad_desktop.training.filling import Progress
from uniad_desktop.training.memory import TRAINED, memory_key, products_in
from uniad_desktop.training.network import Report, Watch, train_network
from uniad_desktop.training.pictures import hashed
from uniad_desktop.training.recipes import TrainSettings
from uniad_desktop.training.spread import SpreadSettings, train_spread
from uniad_desktop.uniad.model import UniAD
from uniad_desktop.uniad.network import ReconstructionNetwork

__all__ = [
    "CHECKPOINT",
    "LEAST_PARTS",
    "SPREAD_STEPS",
    "Taught",
    "TeachError",
    "TeachPlan",
    "remembered",
    "teach",
    "teach_settings",
]

CHECKPOINT = "checkpoint.pt"
"""Name of the file in the folder of a run."""

SPREAD_STEPS = 400
"""Steps that the spread head is trained for afterwards, where the model has one."""


def teach(
    plan: TeachPlan,
    *,
    stop: Callable[[], bool] = lambda: False,
    stage: Callable[[Stage], None] = lambda stage: None,
    progress: Progress = lambda done, count: None,
    started: Callable[[TrainSettings], Report] = lambda settings: lambda step, loss, rate: None,
    fitted: Callable[[int], None] = lambda steps: None,
    watched: Callable[[LossPoint], None] | None = None,
) -> Taught:
    """Teaches a product and writes the model's next version, which is not active yet.

    The network goes on from its weights, on the new product's features together with those that
    the package remembers of every former product. Its statistics stay, so that former features
    mean what they meant. Limits of former products go along with their typical score; the new
    one's is set through the detector on parts that were held back.

    Args:
        plan: what to do.
        stop: whether the user wants to end; the same call goes on from there.
        stage: told when a stage begins.
        progress: told of features computed, and of all that are wanted.
        started: told of the training's settings; what it returns is told of every step.
        fitted: told of the steps of the spread head's training, which follows, up to
            `SPREAD_STEPS`.
        watched: told now and then how well held-out parts are rebuilt; those told before a stop
            first. None: nobody looks. The weights are the same either way.

    Raises:
        TeachError: there are too few parts.
        TrainingStopped, TrainingError, DataError, CalibrationError, DetectorError, PackageError:
            as the steps say.
    """
    with _memory_named(plan):
        stage(Stage.FEATURES)
        reader = ImageReader(strict=False)
        before = load_model(plan.package).to(plan.device)
        trained, held, varied = _inputs(plan, before, reader, stop=stop, progress=progress)
        memory = remembered(before, plan.package)
        shown = mix(trained.features, memory if plan.replay else {}, leave_out=plan.key)
        settings = teach_settings(len(shown), plan)
        stage(Stage.TRAINING)
        report = started(settings)
        after = copy.deepcopy(before)
        watch: Watch = _no_watch
        if watched is not None:
            watch = _watch(plan, after, held, memory, steps=settings.steps, tell=watched)
        data_key = f"{trained.key()} {len(shown)}"
        if varied is not None:
            shown = _with_variants(shown, trained, memory if plan.replay else {}, plan.key, varied)
            data_key += f" {varied.key}"
        _train(
            plan,
            after,
            shown,
            settings,
            data_key=data_key,
            stop=stop,
            report=report,
            watch=watch,
            fitted=fitted,
        )
        after = after.cpu().eval().requires_grad_(False)
        return finish(
            plan,
            before.cpu(),
            after,
            (trained, held),
            settings,
            reader=reader,
            memory=memory,
            stop=stop,
            stage=stage,
        )


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


def _train(
    plan: TeachPlan,
    model: UniAD,
    shown: MixedRows,
    settings: TrainSettings,
    *,
    data_key: str,
    stop: Callable[[], bool],
    report: Report,
    watch: Watch,
    fitted: Callable[[int], None],
) -> None:
    """Trains the model's network, then its spread head where it has one."""
    model.network.requires_grad_(True)
    scale = model.pyramid.mean.clone(), model.pyramid.deviation.clone()
    train_network(
        model.network,
        shown,
        scale,
        settings,
        checkpoint=plan.run / CHECKPOINT,
        data_key=data_key,
        continues=True,
        stop=stop,
        report=report,
        watch=watch,
    )
    if model.spread is None:
        return
    model.spread.requires_grad_(True)
    asked = 0

    def stop_spread() -> bool:
        # It is asked before every step, and nothing else tells how far it is.
        nonlocal asked
        fitted(asked)
        asked += 1
        return stop()

    spread = SpreadSettings(steps=SPREAD_STEPS, rate=1e-3, seed=plan.seed)
    train_spread(
        model.network, model.spread, shown, scale, spread, continues=True, stop=stop_spread
    )
    fitted(SPREAD_STEPS)


def _no_watch(done: int, network: ReconstructionNetwork) -> None:
    """Nobody looks."""


def _watch(
    plan: TeachPlan,
    model: UniAD,
    held: StoredFeatures,
    memory: dict[str, Tensor],
    *,
    steps: int,
    tell: Callable[[LossPoint], None],
) -> LossWatch:
    former = [key for key in plan.package.manifest.products if key != plan.key]
    return LossWatch(
        some_rows(held.features),
        former_rows(memory, former),
        (model.pyramid.mean.clone(), model.pyramid.deviation.clone()),
        steps,
        file=plan.run / FILE,
        tell=tell,
    )


def _with_variants(
    shown: MixedRows,
    trained: StoredFeatures,
    memory: dict[str, Tensor],
    key: str,
    varied: Varied,
) -> MixedRows:
    others = [one for one in products_in(memory) if one != key]
    former = [len(memory[memory_key(one, TRAINED)]) for one in others]
    own = len(trained.features)
    return with_variants(shown, own, rows_shown(own, former)[0], varied.features)


def _inputs(
    plan: TeachPlan,
    model: UniAD,
    reader: ImageReader,
    *,
    stop: Callable[[], bool],
    progress: Progress,
) -> tuple[StoredFeatures, StoredFeatures, Varied | None]:
    """Features of the parts to learn from, of those held back, and of the varied ones."""
    train, held = _parts(plan, reader)
    tiles = plan.layout.tile_count
    passes = _Passes(
        [len(train) * tiles, len(held) * tiles, plan.augment * len(train) * tiles], progress
    )
    found = []
    for samples in (train, held):
        with passes.one() as report:
            found.append(_features(plan, model, samples, reader, stop=stop, progress=report))
    _require_different(plan, {*found[0].hashes, *found[1].hashes}, reader)
    varied = None
    if plan.augment:
        config, manifest = model.config, plan.package.manifest
        size = (config.input_height, config.input_width)
        weights = backbone_key(config.backbone, manifest.backbone.sha256)
        with passes.one() as report:
            varied = varied_features(
                found[0],
                reader,
                model.pyramid,
                feature_rows(model.pyramid, plan.cache, size, weights, config.alignment),
                count=plan.augment,
                seed=plan.seed,
                size=size,
                limit_bytes=plan.limit_bytes,
                stop=stop,
                progress=report,
            )
    return found[0], found[1], varied


class _Passes:
    """Progress of several fillings of the cache as of one; what is there already needs none."""

    def __init__(self, rows: list[int], progress: Progress) -> None:
        self._left, self._progress, self._before = list(rows), progress, 0

    @contextmanager
    def one(self) -> Iterator[Progress]:
        del self._left[0]
        done_here = 0

        def report(done: int, count: int) -> None:
            nonlocal done_here
            done_here = done
            self._progress(self._before + done, self._before + count + sum(self._left))

        yield report
        self._before += done_here


def _parts(plan: TeachPlan, reader: ImageReader) -> tuple[Sequence[Sample], Sequence[Sample]]:
    if len(plan.train) + len(plan.held) < LEAST_PARTS:
        raise TeachError(
            f"{len(plan.train) + len(plan.held)} normal parts are too few to teach "
            f"'{plan.key}'; {LEAST_PARTS} are the least, 50 or more are advised."
        )
    if not plan.held:
        # Copies of one part are never split, which leaves nothing to hold back.
        _require_different(plan, {one for _, one in hashed(plan.train, reader)}, reader)
        raise TeachError(
            f"No part of '{plan.key}' is held back, so no limit can be set; hold some back."
        )
    return plan.train, plan.held


def _require_different(plan: TeachPlan, pictures: set[bytes], reader: ImageReader) -> None:
    if len(pictures) < LEAST_PARTS:
        raise TeachError(
            f"Only {len(pictures)} of the pictures of '{plan.key}' differ or can be read; "
            f"{LEAST_PARTS} different parts are the least. {reader.summary()}".strip()
        )


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


@contextmanager
def _memory_named(plan: TeachPlan) -> Iterator[None]:
    """Names what ran out of memory, and the way out.

    Raises:
        TrainingError: instead of torch's error.
    """
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        kept = (plan.run / CHECKPOINT).exists()
        onward = ", which goes on from the last checkpoint" if kept else ""
        if plan.device.type == "cpu":
            raise TrainingError(
                f"This computer has no memory left to teach '{plan.key}'. End other programs and "
                f"start the same command again{onward}."
            ) from error
        raise TrainingError(
            f"The memory of the graphics card {plan.device} is not enough to teach '{plan.key}'. "
            f"End other programs that use it and start the same command again{onward}; or teach "
            "on the processor with --device cpu, which is slower and begins anew."
        ) from error
