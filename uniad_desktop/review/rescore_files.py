"""Re-scoring runs on disk: ``reviews/rescores/ID.json`` and the lines in ``ID.jsonl``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from uniad_desktop.files import write_durably
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.place import REVIEWS
from uniad_desktop.scoring.job import ScoredImage, ScoringError
from uniad_desktop.scoring.result_file import read_results

RESCORES: Final = "rescores"


@dataclass(frozen=True, slots=True)
class RescoreHead:
    """What a run was.

    Attributes:
        id: name of its files.
        when: UTC, ISO 8601.
        who: asked for it.
        source_kind, source: what was judged again.
        model: NAME@VERSION; `model_sha256` is its hash, empty before the first line.
        images: how many were asked for.
        left_out: inspections without image, which could not be judged again.
        ids: of the inspections, by path of their image.
    """

    id: str
    when: str
    who: str
    source_kind: str
    source: str
    model: str
    model_sha256: str
    images: int
    left_out: int
    ids: dict[str, int]


@dataclass(frozen=True, slots=True)
class RescoreResult:
    """What came of it.

    Attributes:
        head: what the run was.
        lines: by id of the inspection; a run that was cancelled has not all of them.
    """

    head: RescoreHead
    lines: dict[int, ScoredImage]


def new_id() -> str:
    """A name that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:6]}"


def rescores_folder(data_folder: Path) -> Path:
    """Where runs are kept."""
    return data_folder / REVIEWS / RESCORES


def lines_file(data_folder: Path, run: str) -> Path:
    """The results of a run."""
    return rescores_folder(data_folder) / f"{run}.jsonl"


def write_head(data_folder: Path, head: RescoreHead) -> None:
    """Keeps what a run is. Raises OSError."""
    text = json.dumps({"schema": 1, **asdict(head)}, ensure_ascii=False)
    write_durably(rescores_folder(data_folder) / f"{head.id}.json", text.encode())


def read_head(data_folder: Path, run: str) -> RescoreHead:
    """What a run was. Raises ReviewError."""
    path = rescores_folder(data_folder) / f"{run}.json"
    try:
        values: dict[str, Any] = json.loads(path.read_bytes())
        if values.pop("schema") != 1:
            raise ValueError("of a newer version")
        return RescoreHead(**values)
    except OSError as error:
        raise ReviewError(
            f"The re-scoring {run} cannot be read: {error.strerror or error}."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ReviewError(f"{path} is no re-scoring of this program ({error}).") from error


def load_result(data_folder: Path, run: str) -> RescoreResult:
    """A run with its results so far.

    Raises:
        ReviewError: there is none, or it is damaged.
    """
    head = read_head(data_folder, run)
    path = lines_file(data_folder, run)
    try:
        lines = read_results(path) if path.exists() else []
    except ScoringError as error:
        raise ReviewError(str(error)) from error
    found = {head.ids[line.path]: line for line in lines if line.path in head.ids}
    return RescoreResult(head, found)


def list_rescores(data_folder: Path) -> list[RescoreHead]:
    """Runs, newest first; files that are not understood are left out."""
    found = []
    for path in sorted(rescores_folder(data_folder).glob("*-*-*.json"), reverse=True):
        try:
            found.append(read_head(data_folder, path.stem))
        except ReviewError:
            continue
    return found
