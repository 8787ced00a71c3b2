"""Brings the records of a folder or zip up to date: what is new in it is judged and put on record.

This is the work itself, for a process of its own or the command line; `background.py` runs it
beside a window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import filelock

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.review.described import described_beside
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.files_table import KnownFile, known_files, set_missing, set_there
from uniad_desktop.review.folder_scan import FolderChanges, ImageFile, changes_of
from uniad_desktop.review.intake import FolderIntake
from uniad_desktop.review.manifest import Manifest
from uniad_desktop.review.place import MODEL_LOCK, REVIEWS
from uniad_desktop.review.source import ReviewSource, SourceKind
from uniad_desktop.scoring.job import Job, ScoredImage, ScoringError
from uniad_desktop.training.datasets.sample import printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.engine.prediction import Prediction
    from uniad_desktop.scoring.scorer import DetectorLike

MOST_NAMED: Final = 20
_POLL_S: Final = 0.2


class Told(Protocol):
    """Takes events, as `teaching.teach_events.EventWriter.emit` does."""

    def __call__(self, event: str, **values: Any) -> None:  # noqa: ANN401 - JSON values
        """Takes one."""


@dataclass(frozen=True, slots=True)
class InspectionOrder:
    """How a folder is to be judged.

    Attributes:
        product: key or title for all images; empty: by the names of folders.
        usual_product: where no folder tells.
        operator: who looks at it.
        again: whether what could not be judged before is tried once more.
        workers: says how many processes read images; asked only where one is to be judged.
        batch: says how many images the model gets at once, likewise.
    """

    product: str = ""
    usual_product: str = ""
    operator: str = ""
    again: bool = False
    workers: Callable[[], int] = lambda: 1
    batch: Callable[[], int] = lambda: 1


@dataclass(slots=True)
class InspectionDone:
    """What was done.

    Attributes:
        total: images that are there.
        judged: by the model just now.
        described: taken from files that tell the decision.
        changed: of both, those whose file was another one before.
        missing: paths on record that are gone.
        counts: of `judged` and `described`, by verdict.
        notes: sentences for the user.
    """

    total: int = 0
    judged: int = 0
    described: int = 0
    changed: int = 0
    missing: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, verdict: Verdict) -> None:
        """Counts one."""
        self.counts[verdict.value] = self.counts.get(verdict.value, 0) + 1

    def as_values(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "total": self.total,
            "judged": self.judged,
            "described": self.described,
            "changed": self.changed,
            "missing": len(self.missing),
            "missing_named": self.missing[:MOST_NAMED],
            "counts": self.counts,
            "notes": self.notes,
        }


def inspect_source(
    source: ReviewSource,
    data_folder: Path,
    order: InspectionOrder,
    open_package: Callable[[], ModelPackage],
    open_detector: Callable[[ModelPackage], DetectorLike],
    *,
    check: Callable[[], None] = lambda: None,
    told: Told = lambda event, **values: None,
) -> InspectionDone:
    """Judges what is new in a folder or zip and puts it on record as it comes.

    What is on record already stays, with id and label. Files that are gone keep their row, without
    image. Ended early, it goes on where it was the next time.

    Args:
        source: a folder or zip; a station's own records need nothing and are left alone.
        data_folder: of this station.
        order: how.
        open_package: opens the model; called only where an image needs it.
        open_detector: makes it ready to run; it is closed at the end where it can be.
        check: called between images; may wait to pause, or raise to end.
        told: gets ``found``, ``opened`` and ``progress``.

    Raises:
        ReviewError: the folder is gone, or another program is at it.
        RecordsError: the database cannot be written.
        PackageError, DetectorError: the model cannot be used.
    """
    if source.kind is SourceKind.STATION:
        return InspectionDone()
    records = source.records
    assert records.heatmaps is not None  # as `place.open_reviewed` gives them
    with _alone(records.heatmaps.parent, source.title):
        known = known_files(records)
        manifest = Manifest.of(records.folder, check)
        changes = changes_of(
            records.folder, known, more=manifest.of_image, again=order.again, check=check
        )
        done = InspectionDone(changes.total, changed=changes.changed, notes=list(changes.notes))
        done.missing = [one.path for one in known.values() if one.missing]
        done.missing += [one.path for one in changes.missing]
        back = {mark.path for mark in changes.same.values()}
        back |= {one.mark.path for one in changes.new}
        done.missing = sorted(set(done.missing) - back)
        set_missing(records, changes.missing)
        set_there(records, changes.same)
        intake = FolderIntake(records, order.operator)
        work = _Work(done, len(changes.new), told, check)
        work.found()
        try:
            left = _take_described(intake, changes, manifest, work)
            _take_without_image(intake, manifest, known, work)
            if left:
                _judge(intake, left, source, data_folder, order, open_package, open_detector, work)
        finally:
            intake.flush()
    return done


@dataclass(slots=True)
class _Work:
    done: InspectionDone
    new: int
    told: Told
    check: Callable[[], None]

    def found(self) -> None:
        self.told("found", images=self.new, **self.done.as_values())

    def progress(self) -> None:
        finished = self.done.judged + self.done.described
        self.told("progress", images=self.new, done=finished, counts=self.done.counts)


def _take_described(
    intake: FolderIntake, changes: FolderChanges, manifest: Manifest, work: _Work
) -> list[ImageFile]:
    """Takes what files tell; gives back what is to be judged."""
    left = []
    for file in changes.new:
        work.check()
        told = manifest.of_image.get(file.mark.path) or described_beside(file.path)
        try:
            if told is None or not intake.described(file, told, manifest.heatmap_of(told)):
                left.append(file)
                if told is not None:
                    work.done.notes.append(
                        f"{printable(file.path)} is not the image that was exported, so it is "
                        "judged anew."
                    )
                continue
        except OSError:
            left.append(file)  # judged, it becomes an ERROR that says why
            continue
        work.done.described += 1
        work.done.count(told.verdict)
        work.progress()
    return left


def _take_without_image(
    intake: FolderIntake, manifest: Manifest, known: Mapping[str, KnownFile], work: _Work
) -> None:
    for name, told in manifest.without_image.items():
        work.check()
        if name not in known:
            intake.described_only(told, name)
            work.done.count(told.verdict)


def _judge(  # noqa: PLR0917
    intake: FolderIntake,
    files: list[ImageFile],
    source: ReviewSource,
    data_folder: Path,
    order: InspectionOrder,
    open_package: Callable[[], ModelPackage],
    open_detector: Callable[[ModelPackage], DetectorLike],
    work: _Work,
) -> None:
    # Torch is loaded only where something is to be judged.
    from uniad_desktop.review.products_of import ProductChoice
    from uniad_desktop.scoring.decode_pool import DecodePool
    from uniad_desktop.scoring.plan import Roots
    from uniad_desktop.scoring.run import score_here, while_there
    from uniad_desktop.scoring.scorer import Scorer

    package = open_package()
    root = source.records.folder
    choice = ProductChoice(
        package.manifest.products, order.product, order.usual_product, source.place.stem
    )
    by_path = {printable(file.path): file for file in files}
    jobs = [
        Job(number, file.path, root, choice.of(file.mark.path)) for number, file in enumerate(files)
    ]
    # One product after the other, so that a batch is of one.
    jobs.sort(key=lambda job: (job.product, job.number))

    def seen(line: ScoredImage, image: NDArray[np.uint8], prediction: Prediction) -> None:
        intake.see(by_path[line.path], image, prediction)

    with ExitStack() as held, one_model(data_folder, work.check):
        pool = DecodePool(max(1, min(order.workers(), len(jobs))), order.batch())
        held.callback(pool.close)
        detector = open_detector(package)
        held.callback(getattr(detector, "close", lambda: None))
        work.told(
            "opened",
            model=f"{detector.model.name}@{detector.model.version}",
            runtime=detector.runtime,
            images=work.new,
            done=work.done.described,
        )
        batches = score_here(jobs, Scorer(detector), pool, check=work.check, seen=seen)
        try:
            for lines in while_there(batches, Roots(jobs)):
                for line in lines:
                    intake.judged(by_path[line.path], line)
                    work.done.judged += 1
                    work.done.count(line.verdict)
                work.progress()
        except ScoringError as error:
            sentence = str(error).replace("go on with --resume", "open it again")
            raise ReviewError(sentence) from error


@contextmanager
def one_model(data_folder: Path, check: Callable[[], None]) -> Iterator[None]:
    """Waits until no other model is in memory for review, and keeps others waiting.

    Raises:
        ReviewError: the data folder cannot be written.
    """
    folder = data_folder / REVIEWS
    lock = filelock.FileLock(folder / MODEL_LOCK, thread_local=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            check()
            try:
                lock.acquire(timeout=0)
                break
            except filelock.Timeout:
                time.sleep(_POLL_S)
        yield
    except OSError as error:
        raise ReviewError(
            f"{folder} cannot be written: {error.strerror or error}; check the access rights."
        ) from error
    finally:
        lock.release()


@contextmanager
def _alone(folder: Path, title: str) -> Iterator[None]:
    lock = filelock.FileLock(folder / ".inspect.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise ReviewError(
            f"Another program is looking through {title} already; its records show what it has "
            "judged so far."
        ) from error
    try:
        yield
    finally:
        lock.release()
