"""Time per frame while the grid of the Review page scrolls through very many inspections.

  python benchmarks/review_scroll.py --rows 100000

Fills a database in a temporary folder; of each tenth inspection there is a picture with heatmap.
The page is drawn offscreen, so painting by the processor is counted, a graphics card is not.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import closing
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2
import numpy as np
from sqlalchemy import insert, select

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Inspection, Limits, Reason, Verdict
from uniad_desktop.records.database import open_records
from uniad_desktop.records.entry import Entry
from uniad_desktop.records.heatmaps import encode_heatmap
from uniad_desktop.records.pictures import heatmap_name
from uniad_desktop.records.schema import InspectionRow
from uniad_desktop.records.writer import InspectionWriter
from uniad_desktop.ui.application import create_application
from uniad_desktop.ui.pages.review import ReviewPage
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.settings import UiSettings

PICTURES = 500
STEPS = 400
BATCH = 10_000
FRAME_S = 1 / 30


def fill(folder: Path, rows: int) -> None:
    """Puts inspections on record; pictures are used by many of them."""
    chance = np.random.default_rng(0)
    images = folder / "records" / "images"
    images.mkdir(parents=True)
    for number in range(PICTURES):
        picture = chance.integers(0, 255, (72, 96, 3), dtype=np.uint8)
        name = str(images / f"{number}.png")
        cv2.imwrite(name, cv2.resize(picture, (960, 720), interpolation=cv2.INTER_LINEAR))
        heat = encode_heatmap(chance.random((56, 56), dtype=np.float32) * 2)
        Path(heatmap_name(name)).write_bytes(heat)
    first = Inspection(
        *(0, 0, 0, time.time() - rows, "SIM0001", SourceKind.SIMULATED, Verdict.PASS),
        *(Reason.NORMAL, "", 20.0, 0.4, (), Limits(1.0, 1.0), "flange"),
        *(ModelIdentity("m", "1", "0" * 64), "torch cpu f32", 30.0, "RGB8"),
    )
    with closing(open_records(folder)) as records:
        InspectionWriter(records, "line 1").store([Entry(first, 0.0, size=(960, 720))])
        with records.writing() as connection:
            row = dict(connection.execute(select(InspectionRow)).mappings().one())
            row.pop("id")
            for begin in range(1, rows, BATCH):
                connection.execute(
                    insert(InspectionRow),
                    [_row(row, number) for number in range(begin, min(rows, begin + BATCH))],
                )


def _row(row: dict, number: int) -> dict:
    made = {**row, "at_us": row["at_us"] + number * 1_000_000, "number": number}
    if number % 10 == 0:
        image = f"records/images/{number // 10 % PICTURES}.png"
        made.update(image=image, image_state=1, heatmap=1, verdict=3, reason=3, score=80.0)
    return made


def measure(page: ReviewPage, app: object, jump: int) -> list[float]:
    """Seconds per frame of a scroll by `jump` pixels per frame."""
    bar, view = page.grid.view.verticalScrollBar(), page.grid.view.viewport()
    bar.setValue(0)
    times = []
    for _ in range(STEPS):
        began = time.perf_counter()
        bar.setValue((bar.value() + jump) % max(1, bar.maximum()))
        page.beat()
        view.repaint()
        app.processEvents()  # type: ignore[attr-defined]
        spent = time.perf_counter() - began
        times.append(spent)
        time.sleep(max(0.0, FRAME_S - spent))
    return times


def main() -> None:
    """Fills, scrolls slowly and fast, and prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    app = create_application([], UiSettings(language="en"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, rows)
        page = ReviewPage(
            ReviewContext(
                folder, "unified", "line 1", lambda *_, **__: None, print, lambda key: key
            )  # type: ignore[arg-type]
        )
        page.resize(1576, 700)
        page.show()
        began = time.perf_counter()
        page.enter()
        while page.grid.current() is None:
            page.beat()
            app.processEvents()
            time.sleep(0.001)
        print(f"{rows} inspections, first page on the screen after "
              f"{1000 * (time.perf_counter() - began):.0f} ms")  # fmt: skip
        began = time.perf_counter()
        page.choose_all()
        print(f"all chosen: {1000 * (time.perf_counter() - began):.0f} ms")
        page.escape()
        for what, jump in (("a row per 4 frames", 32), ("a screen per frame", 700),
                           ("across everything", 60_000)):  # fmt: skip
            times = 1000 * np.array(measure(page, app, jump))
            print(f"{what}: median {np.median(times):.1f} ms, 99 % {np.quantile(times, 0.99):.1f}"
                  f" ms, longest {times.max():.1f} ms")  # fmt: skip
        page.close_down()
        page.close()


if __name__ == "__main__":
    main()
