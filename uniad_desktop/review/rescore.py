"""Judging inspections again with any version of a model, and what changed by it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import filelock

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import fetch, image_path, matching_ids
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import Label
from uniad_desktop.review.background import ChildWork, WorkState
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.place import MODEL_LOCK, REVIEWS
from uniad_desktop.review.rescore_files import (
    RescoreHead,
    RescoreResult,
    lines_file,
    list_rescores,
    load_result,
    new_id,
    rescores_folder,
    write_head,
)
from uniad_desktop.review.source import ReviewSource
from uniad_desktop.scoring.compare import compare_results
from uniad_desktop.scoring.job import ScoredImage
from uniad_desktop.training.datasets.sample import printable

__all__ = [
    "Comparison",
    "LabelEffect",
    "RescoreHead",
    "RescoreResult",
    "RescoreState",
    "Rescored",
    "Rescoring",
    "compare",
    "list_rescores",
    "load_result",
]

RescoreState = WorkState
LABELS: Final = {Label.GOOD: "good", Label.DEFECT: "defect", Label.UNSURE: "unsure"}
_PAGE: Final = 500


class Rescoring:
    """A run in a process of its own; one model is in memory for review at a time.

    Making one reads the database and may take a second for many inspections: not on the Qt thread.
    All other methods return at once but `close`.

    Args:
        source: whose inspections.
        ids: which; None: all that have an image.
        data_folder: of this station.
        model: NAME@VERSION, NAME or the folder of a package.
        product: judge all of them as this product; empty: each as its own.
        who: asks for it.
        runtime, device: as for the station.

    Raises:
        ReviewError: another model is in memory for review, no inspection has an image, or the disk
            refuses.
        RecordsError: the database cannot be read.
    """

    def __init__(
        self,
        source: ReviewSource,
        ids: Sequence[int] | None,
        data_folder: Path,
        model: str,
        *,
        product: str = "",
        who: str = "",
        runtime: str = "auto",
        device: str = "auto",
    ) -> None:
        self.id = new_id()
        self._data_folder = data_folder
        self._lock = _take_model(data_folder)
        try:
            head, wanted = _write_list(source, ids, data_folder, self.id, model, product, who)
            self._head = head
            arguments = ["score", "--list", str(wanted), "--model", model, "--events"]
            arguments += ["--out", str(lines_file(data_folder, self.id))]
            arguments += ["--runtime", runtime, "--device", device]
            arguments += ["--data-dir", str(data_folder)]
            self._list = wanted
            self._work = ChildWork(arguments, data_folder / "logs" / "review.log")
        except BaseException:
            self._lock.release()
            raise
        self._state = WorkState(total=head.images)

    @property
    def left_out(self) -> int:
        """Inspections without image, which cannot be judged again."""
        return self._head.left_out

    def beat(self) -> RescoreState:
        """How it fares; call it on a timer."""
        state = self._work.beat()
        self._state = replace(state, total=state.total or self._head.images)
        if not state.running:
            self._let_go()
        return self._state

    def pause(self) -> None:
        """Has it wait after the image in hand."""
        self._work.pause()

    def resume(self) -> None:
        """Has it go on."""
        self._work.resume()

    def cancel(self) -> None:
        """Has it end after the image in hand; what was judged stays."""
        self._work.cancel()

    def result(self) -> RescoreResult:
        """What was judged so far. Reads a file: not on the Qt thread. Raises ReviewError."""
        return load_result(self._data_folder, self.id)

    def close(self, timeout_s: float = 20.0) -> bool:
        """Cancels and waits; whether it ended by itself in time."""
        in_time = self._work.close(timeout_s)
        self._let_go()
        return in_time

    def _let_go(self) -> None:
        self._lock.release()
        self._list.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Rescored:
    """An inspection and how it was judged again.

    Attributes:
        record: as it was.
        line: as it is now.
    """

    record: Record
    line: ScoredImage

    @property
    def flip(self) -> tuple[Verdict, Verdict]:
        """Verdict before and after."""
        return self.record.verdict, self.line.verdict

    @property
    def flipped(self) -> bool:
        """Whether the verdict is another one."""
        return self.record.verdict is not self.line.verdict


@dataclass(frozen=True, slots=True)
class LabelEffect:
    """What a run does to what people labelled; an ERROR counts as a reject.

    Attributes:
        good, defects: how many are labelled so.
        false_rejects_before, false_rejects_after: good ones that fail.
        escapes_before, escapes_after: defects that pass.
    """

    good: int
    defects: int
    false_rejects_before: int
    false_rejects_after: int
    escapes_before: int
    escapes_after: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed.

    Attributes:
        pairs: inspections that were judged again, in the order given.
        flips: those with another verdict; worst first: what was rejected and now passes.
        counts: how many by verdict before and after, also where it is the same.
        scatter: (score before, score after, id), without those that have no score.
        labels: false rejects and escapes before and after.
        changed: ids whose image is another file now; in no other field.
        not_judged: ids without a result.
    """

    pairs: tuple[Rescored, ...]
    flips: tuple[Rescored, ...]
    counts: Mapping[tuple[Verdict, Verdict], int]
    scatter: tuple[tuple[float, float, int], ...]
    labels: LabelEffect
    changed: tuple[int, ...]
    not_judged: tuple[int, ...]


def compare(before: Sequence[Record], after: RescoreResult) -> Comparison:
    """What a run changed.

    Args:
        before: the inspections, each with its label as it is now.
        after: results by id.
    """
    met = [(one, after.lines[one.id]) for one in before if one.id in after.lines]
    by_path = {line.path: record for record, line in met}
    found = compare_results(
        [_as_line(record, line.path) for record, line in met],
        [line for _, line in met],
        {line.path: LABELS.get(record.label, "") for record, line in met},
    )
    pairs = tuple(Rescored(by_path[pair.after.path], pair.after) for pair in found.pairs)
    return Comparison(
        pairs=pairs,
        flips=tuple(Rescored(by_path[one.after.path], one.after) for one in found.flips),
        counts=found.counts,
        scatter=tuple(
            (*pair.scores, by_path[pair.after.path].id)
            for pair in found.pairs
            if pair.scores is not None
        ),
        labels=_effect(pairs),
        changed=tuple(by_path[line.path].id for line in found.changed),
        not_judged=tuple(one.id for one in before if one.id not in after.lines),
    )


def _effect(pairs: Sequence[Rescored]) -> LabelEffect:
    good = [one.flip for one in pairs if one.record.label is Label.GOOD]
    bad = [one.flip for one in pairs if one.record.label is Label.DEFECT]
    rejected = (Verdict.FAIL, Verdict.ERROR)
    return LabelEffect(
        good=len(good),
        defects=len(bad),
        false_rejects_before=sum(one in rejected for one, _ in good),
        false_rejects_after=sum(one in rejected for _, one in good),
        escapes_before=sum(one is Verdict.PASS for one, _ in bad),
        escapes_after=sum(one is Verdict.PASS for _, one in bad),
    )


def _as_line(record: Record, path: str) -> ScoredImage:
    setup, lacking = record.setup, record.score != record.score
    return ScoredImage(
        path=path,
        sha256=record.image_sha256,
        modified_ns=0,
        product=record.product,
        label="",
        verdict=record.verdict,
        score=None if lacking else record.score,
        raw_score=None if lacking else record.raw_score,
        accept=setup.limits.accept,
        reject=setup.limits.reject,
        regions=record.regions,
        model=f"{setup.model.name}@{setup.model.version}",
        model_sha256=setup.model.sha256,
        runtime=setup.runtime,
        width=setup.width,
        height=setup.height,
        latency_ms=record.latency_ms,
        error=record.detail,
    )


def _take_model(data_folder: Path) -> filelock.FileLock:
    folder = data_folder / REVIEWS
    lock = filelock.FileLock(folder / MODEL_LOCK, thread_local=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise ReviewError(
            "Another model is at work for review already (a re-scoring, or a folder that is being "
            "judged); wait until it is done, or cancel it."
        ) from error
    except OSError as error:
        raise ReviewError(
            f"{folder} cannot be written: {error.strerror or error}; check the access rights."
        ) from error
    return lock


def _write_list(  # noqa: PLR0917
    source: ReviewSource,
    ids: Sequence[int] | None,
    data_folder: Path,
    run: str,
    model: str,
    product: str,
    who: str,
) -> tuple[RescoreHead, Path]:
    """Writes which images are meant; returns what the run is and the list's path."""
    if ids is None:
        ids = matching_ids(source.records, RecordFilter(with_image=True))
    folder = rescores_folder(data_folder)
    wanted = folder / f"{run}.list.jsonl"
    by_path: dict[str, int] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with wanted.open("w", encoding="utf-8") as file:
            for begin in range(0, len(ids), _PAGE):
                for record in fetch(source.records, ids[begin : begin + _PAGE]):
                    line = _list_line(source, record, product)
                    if line is not None:
                        by_path[printable(line["path"])] = record.id
                        file.write(json.dumps(line) + "\n")
        if not by_path:
            wanted.unlink()
            raise ReviewError(
                "None of these inspections has its image any more, so none can be judged again."
            )
        head = RescoreHead(
            id=run,
            when=datetime.now(UTC).isoformat(timespec="seconds"),
            who=who,
            source_kind=source.kind.value,
            source=str(source.place),
            model=model,
            model_sha256="",
            images=len(by_path),
            left_out=len(ids) - len(by_path),
            ids=by_path,
        )
        write_head(data_folder, head)
    except OSError as error:
        raise ReviewError(
            f"{folder} cannot be written: {error.strerror or error}; free space there or check "
            "the access rights."
        ) from error
    return head, wanted


def _list_line(source: ReviewSource, record: Record, product: str) -> dict[str, str] | None:
    try:
        path = image_path(source.records, record)
    except ValueError:
        return None
    if path is None:
        return None
    return {
        "path": str(path.absolute()),
        "product": product or record.product,
        "label": LABELS.get(record.label, ""),
    }
