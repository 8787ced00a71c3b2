"""Folders, zips and stand-ins for tests of the review room."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

from tests.records.make import shown
from tests.scoring.helpers import FakeDetector
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.describe import describe
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, fetch, matching_ids
from uniad_desktop.records.record import Record
from uniad_desktop.review.inspecting import InspectionDone, InspectionOrder, inspect_source
from uniad_desktop.review.source import ReviewSource, open_source


class Judge:
    """Runs inspections with a fake model and counts how often it was opened."""

    def __init__(self) -> None:
        self.opened = 0
        self.events: list[tuple[str, dict]] = []
        self.stop_after: int | None = None

    def run(self, source: ReviewSource, data: Path, **order: object) -> InspectionDone:
        detector = FakeDetector()

        def package() -> object:
            self.opened += 1
            return SimpleNamespace(manifest=SimpleNamespace(products=detector.products))

        return inspect_source(
            source,
            data,
            InspectionOrder(**{"operator": "Eva", **order}),
            package,
            lambda opened: detector,
            told=self._take,
        )

    def _take(self, event: str, **values: object) -> None:
        self.events.append((event, values))
        if (
            self.stop_after is not None
            and event == "progress"
            and values["done"] >= self.stop_after
        ):
            raise KeyboardInterrupt


def judged(place: Path, data: Path, **order: object) -> list[Record]:
    """Opens, judges, and gives back all records, oldest first."""
    with closing(open_source(str(place), data)) as source:
        Judge().run(source, data, **order)
        return all_of(source)


def all_of(source: ReviewSource) -> list[Record]:
    records = source.records
    return fetch(records, sorted(matching_ids(records, RecordFilter(), Order.OLDEST)))


def old_reject(folder: Path, verdict: Verdict = Verdict.FAIL, number: int = 1, **changes) -> Path:
    """A reject as the folder ``rejects/`` of former versions has it."""
    from tests.scoring.helpers import write_image

    image = write_image(folder / f"{number:07d}_flange_{verdict.value}.png", 99)
    told = describe(shown(verdict, number, **changes).inspection, image.name)
    image.with_suffix(".json").write_text(json.dumps(told), "utf-8")
    return image


def make_zip(path: Path, files: Sequence[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return path


def png(value: int = 5) -> bytes:
    import cv2
    import numpy as np

    done, data = cv2.imencode(".png", np.full((12, 16, 3), value, np.uint8))
    assert done
    return data.tobytes()
