"""The image and heatmap of an inspection, read and compared with their hash, for a zip."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.records.database import Records
from uniad_desktop.records.query import fetch, heatmap_path, image_path
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import ImageState

NOT_KEPT = {
    ImageState.NONE: "none",
    ImageState.LEAVING: "removed",
    ImageState.REMOVED: "removed",
    ImageState.LOST: "lost",
}


@dataclass(frozen=True, slots=True)
class FoundImage:
    """What there is of an inspection.

    Attributes:
        state: ``included`` or why not; see docs/reports.md.
        problem: a sentence where something that should be there is not, else empty.
        image: bytes of the file; None where there is none.
        heatmap: likewise.
    """

    state: str
    problem: str = ""
    image: bytes | None = None
    heatmap: bytes | None = None


def find_image(records: Records, record: Record, *, heatmaps: bool) -> FoundImage:
    """Reads image and heatmap of an inspection. Raises RecordsError."""
    if not record.image:
        return FoundImage(NOT_KEPT.get(record.image_state, "none"))
    named = f"The image of inspection {record.id} ({record.image})"
    data, state, why = _read(lambda: image_path(records, record))
    if state == "missing":
        newer = fetch(records, [record.id])
        if newer and not newer[0].image:  # retention came in between
            return FoundImage(NOT_KEPT.get(newer[0].image_state, "removed"))
    if data is None:
        return FoundImage(state, f"{named} {why}.")
    if record.image_sha256 and hashlib.sha256(data).hexdigest() != record.image_sha256:
        return FoundImage("damaged", f"{named} is not as it was stored: its hash is another one.")
    if not heatmaps or not record.heatmap:
        return FoundImage("included", image=data)
    drawn, _, why = _read(lambda: heatmap_path(records, record))
    problem = (
        ""
        if drawn is not None
        else (f"The heatmap of inspection {record.id} ({record.heatmap}) {why}.")
    )
    return FoundImage("included", problem, data, drawn)


def _read(path: Callable[[], Path | None]) -> tuple[bytes | None, str, str]:
    """Bytes, or None with a state and why."""
    try:
        found = path()
        if found is None:
            return None, "missing", "is not there any more"
        return found.read_bytes(), "included", ""
    except FileNotFoundError:
        return None, "missing", "is not there any more"
    except OSError as error:
        return None, "unreadable", f"cannot be read: {error.strerror or error}"
    except ValueError as error:
        return None, "unreadable", f"cannot be read: {error}"
