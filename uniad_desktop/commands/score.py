"""Judge folders of images with any model, as fast as this machine or a cluster allows.

  uniad-desktop score pictures --product flange --out results.csv
  uniad-desktop score archive --product-from folder --model unified@1.2.0 --out new.csv --resume
  uniad-desktop score --compare old.csv new.csv

Every image gets one line with verdict, score, regions, limits, model and runtime; what cannot be
read or judged is an ERROR with a sentence, never a PASS. Lines are written as they come, so a run
that was ended goes on with --resume. docs/scoring.md has the columns and how fast it is.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_OK, CommandError
from uniad_desktop.commands.packages import open_named_package
from uniad_desktop.commands.score_options import add_arguments, check_options
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.scoring.decode_pool import DecodePool
    from uniad_desktop.scoring.job import Job, ScoredImage
    from uniad_desktop.scoring.result_file import ResultFile
    from uniad_desktop.scoring.run import Account, Lines
    from uniad_desktop.scoring.scorer import Scorer
    from uniad_desktop.teaching.teach_events import EventWriter

__all__ = ["add_arguments", "run"]

_log = logging.getLogger(__name__)

_PAUSE_S: Final = 0.1
_MOST_WORKERS: Final = 16  # one model judges no more than so many read
_GPU_BATCH: Final = 8


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Judges or compares; see the module's docstring."""
    check_options(options)
    from uniad_desktop.scoring.job import ScoringError

    try:
        if options.compare is not None:
            from uniad_desktop.commands.score_compare import compare_files

            before, after = options.compare
            return compare_files(before, after, options.json)
        return _score(options, interrupt)
    except ScoringError as error:
        raise CommandError(str(error), EXIT_DATA) from error


@dataclass(slots=True)
class _Run:
    """What belongs to one run, and where its time went."""

    options: argparse.Namespace
    package: ModelPackage
    interrupt: Interrupt
    events: EventWriter | None
    account: Account
    held: ExitStack
    pool: DecodePool | None = None
    scorer: Scorer | None = None
    started: float = field(default_factory=time.perf_counter)
    paused_s: float = 0.0

    def seconds(self) -> float:
        return max(1e-9, time.perf_counter() - self.started - self.paused_s)

    def tell(self, event: str, **values: Any) -> None:  # noqa: ANN401 - JSON values
        if self.events is not None:
            self.events.emit(event, **values)

    def check(self) -> None:
        """Waits while whoever started this program wants it to, and ends when it is to end."""
        self.interrupt.raise_if_asked()
        if not self.interrupt.is_paused():
            return
        since = time.perf_counter()
        self.tell("paused")
        while self.interrupt.is_paused():
            self.interrupt.raise_if_asked()
            time.sleep(_PAUSE_S)
        self.paused_s += time.perf_counter() - since
        self.tell("resumed")

    def opened(self, images: int, runtime: str, actors: int = 1) -> None:
        """Says that the model is ready; the time counts from here."""
        identity = self.package.identity
        words = f"Judging {images} images with {identity.name} {identity.version}, {runtime}"
        _log.info("%s%s.", words, f", {actors} models" if actors > 1 else "")
        self.tell(
            "opened",
            model=f"{identity.name}@{identity.version}",
            model_sha256=identity.sha256,
            runtime=runtime,
            actors=actors,
            **self.account.as_values(),
        )
        self.started, self.paused_s = time.perf_counter(), 0.0


def _score(options: argparse.Namespace, interrupt: Interrupt) -> int:
    from uniad_desktop.scoring.plan import Roots, left_to_do
    from uniad_desktop.scoring.result_file import ResultFile, check_name, read_results
    from uniad_desktop.scoring.run import Account, while_there
    from uniad_desktop.settings import default_data_folder
    from uniad_desktop.teaching.teach_events import EventWriter
    from uniad_desktop.training.datasets.sample import printable

    check_name(options.out)
    package = open_named_package(options.model, options.data_dir or default_data_folder())
    jobs = _jobs(options, package, interrupt)
    former = read_results(options.out) if options.resume and options.out.exists() else []
    kept, left = left_to_do(jobs, former, package.identity.sha256, interrupt.raise_if_asked)
    roots = Roots(left)
    account = Account(len(jobs), len(kept))
    account.take(kept)
    events = EventWriter(sys.stdout) if options.events else None
    with ExitStack() as held:
        out = ResultFile(options.out, kept)
        held.callback(out.close)
        if kept:
            _log.info("%d of %d images are judged already.", len(kept), len(jobs))
        going = _Run(options, package, interrupt, events, account, held)
        try:
            _write(going, while_there(_batches(going, left), roots), out)
        except KeyboardInterrupt:
            words = "%d of %d images are in %s; go on with --resume."
            _log.info(words, account.done, len(jobs), options.out)
            raise
        if kept:
            out.put_in_order([printable(job.path) for job in jobs])
    values = _summary(going)
    going.tell("done", out=str(options.out), **values)
    _log.info("%s", _sentence(values))
    return EXIT_OK


def _jobs(options: argparse.Namespace, package: ModelPackage, interrupt: Interrupt) -> list[Job]:
    from uniad_desktop.scoring.image_list import find_images, read_list
    from uniad_desktop.scoring.plan import make_jobs

    images = []
    if options.list is not None:
        images += read_list(options.list).images
    if options.sources:
        found = find_images(options.sources, interrupt.raise_if_asked)
        for note in found.notes:
            _log.warning("%s", note)
        images += found.images
    return make_jobs(
        images,
        package.manifest.products,
        product=options.product,
        from_folder=options.product_from is not None,
    )


def _batches(going: _Run, left: list[Job]) -> Iterator[Lines]:
    """Lines as they come, from here or from a cluster."""
    options = going.options
    if not left:
        return iter(())
    if options.ray is None:
        return _here(going, left)
    from uniad_desktop.scoring.cluster import ClusterSettings, score_on_cluster

    settings = ClusterSettings(
        options.ray,
        options.actors,
        options.runtime,
        options.device,
        options.threads or 1,
        options.batch or (_GPU_BATCH if options.device == "cuda" else 1),
    )
    return score_on_cluster(
        left,
        going.package,
        settings,
        check=going.check,
        ready=lambda actors, runtime: going.opened(len(left), runtime, actors),
    )


def _here(going: _Run, left: list[Job]) -> Iterator[Lines]:
    from uniad_desktop.engine.detector import Detector, choose_device
    from uniad_desktop.engine.speed.machine import usable_processors
    from uniad_desktop.scoring.decode_pool import DecodePool
    from uniad_desktop.scoring.run import score_here
    from uniad_desktop.scoring.scorer import Scorer

    options = going.options
    on_gpu = choose_device(options.device).type == "cuda"
    batch = options.batch or (_GPU_BATCH if on_gpu else 1)
    processors = usable_processors()
    workers = min(options.workers or min(processors, _MOST_WORKERS), len(left))
    going.pool = DecodePool(workers, batch)
    going.held.callback(going.pool.close)
    threads = options.threads
    if threads is None and options.events:
        from uniad_desktop.app import inference_threads

        threads = inference_threads()  # a station may be inspecting beside it
    detector = Detector.open(
        going.package,
        runtime=options.runtime,
        device=options.device,
        threads=threads or processors,
    )
    going.held.callback(detector.close)
    for remark in detector.remarks:
        _log.warning("%s", remark)
    going.scorer = Scorer(detector)
    seen = None
    if options.heatmaps is not None:
        from uniad_desktop.commands.score_heatmaps import HeatmapFolder

        seen = HeatmapFolder(options.heatmaps, options.sources).take
    going.opened(len(left), detector.runtime)
    return score_here(left, going.scorer, going.pool, check=going.check, seen=seen)


def _write(going: _Run, lines: Iterator[list[ScoredImage]], out: ResultFile) -> None:
    from tqdm import tqdm

    from uniad_desktop.scoring.result_lines import as_values
    from uniad_desktop.teaching.teach_events import Pace

    account, events = going.account, going.events
    pace = Pace(account.images)
    tqdm.monitor_interval = 0  # or it leaves a thread behind
    with tqdm(
        total=account.images,
        initial=account.done,
        unit=" images",
        disable=True if events is not None else None,
        leave=False,
        file=sys.stderr,
    ) as bar:
        for batch in lines:
            out.add(batch)
            account.take(batch)
            bar.update(len(batch))
            if events is None:
                continue
            for line in batch:
                events.emit("result", **as_values(line))
            rate, left_s = pace.take(account.done)
            events.emit_seldom(
                "progress",
                account.done == account.images,
                **account.as_values(),
                per_second=rate,
                seconds_left=left_s,
            )


def _summary(going: _Run) -> dict[str, Any]:
    account, seconds = going.account, going.seconds()
    judged = account.done - account.kept
    values = {**account.as_values(), "seconds": seconds, "per_second": judged / seconds}
    if going.pool is not None and going.scorer is not None and judged:
        values["share_model"] = min(1.0, going.scorer.seconds / seconds)
        values["share_waiting_for_images"] = min(1.0, going.pool.waited_s / seconds)
        values["decode_ms_each"] = going.pool.decode_s * 1e3 / judged
        values["model_ms_each"] = going.scorer.seconds * 1e3 / judged
    return values


def _sentence(values: dict[str, Any]) -> str:
    counts = ", ".join(f"{number} {verdict}" for verdict, number in values["counts"].items())
    judged = values["done"] - values["kept"]
    words = f"{values['done']} images: {counts}."
    if not judged:
        return words
    words += f" {judged} in {values['seconds']:.1f} s, {values['per_second']:.1f} a second."
    if "share_model" in values:
        words += (
            f" Of the time {100 * values['share_model']:.0f} % went to the model, "
            f"{100 * values['share_waiting_for_images']:.0f} % was spent waiting for images; "
            f"decoding takes {values['decode_ms_each']:.1f} ms an image in one process, the model "
            f"{values['model_ms_each']:.1f} ms."
        )
    return words
