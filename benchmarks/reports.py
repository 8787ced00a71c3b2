"""Exports of a million inspections: rows per second, size, and peak memory.

    python benchmarks/reports.py --rows 1000000 [--images 2000]

The database is that of ``benchmarks/records.py`` (no images). Each export runs in a process of its
own; its peak memory is shown beside that of a process which has loaded the same modules, opened the
same database and exported 1 % of it: what grows with the number of rows would show. The zip is made
of fewer inspections with images of 960 x 720.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.records import BEGIN, EVERY_S, fill, make
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.inspection.types import InspectedFrame
from uniad_desktop.records.database import open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.recorder import Recorder
from uniad_desktop.reports.archive import export_zip
from uniad_desktop.reports.figures import gather
from uniad_desktop.reports.tables import export_csv, export_json_lines


def peak_mb() -> float:
    """Of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def work(folder: Path, kind: str, until: float | None, queue: multiprocessing.Queue) -> None:
    """Runs one export and tells rows, seconds, bytes and peak memory."""
    target, wanted = folder / f"out.{kind}", RecordFilter(until=until)
    with closing(open_records(folder)) as records:
        started = time.perf_counter()
        if kind == "csv":
            rows = export_csv(records, wanted, target, who="benchmark").records
        elif kind == "jsonl":
            rows = export_json_lines(records, wanted, target, who="benchmark").records
        elif kind == "zip":
            rows = export_zip(records, wanted, target, who="benchmark").records
        else:
            rows = gather(records, wanted, who="benchmark").total.total
        seconds = time.perf_counter() - started
    size = target.stat().st_size if target.exists() else 0
    target.unlink(missing_ok=True)
    queue.put((rows, seconds, size, peak_mb()))


def apart(folder: Path, kind: str, until: float | None = None) -> tuple[int, float, int, float]:
    """`work` in a process of its own."""
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue = context.Queue()
    process = context.Process(target=work, args=(folder, kind, until, queue))
    process.start()
    found = queue.get()
    process.join()
    return found


def with_images(folder: Path, images: int) -> None:
    """A station with inspections that all have their image."""
    keeping = Recorder(folder, RecordsOptions(pass_share=1.0), operator="eva")
    chance = np.random.default_rng(0)
    values = np.linspace(0.0, 2.0, 180 * 240, dtype=np.float32).reshape(180, 240)
    for number in range(1, images + 1):
        inspection = make(number, images + 1, chance).inspection
        pixels = (chance.integers(0, 60, (720, 960, 3)) + 90).astype(np.uint8)
        frame = Frame(pixels, number, 0, 0, "40012345", SourceKind.LIVE, "BayerRG8")
        prediction = Prediction(values, 1.0, inspection.model, "test")
        keeping.take(InspectedFrame(inspection, frame, prediction))
        while keeping.state().waiting > 8:
            time.sleep(0.01)
    keeping.close()


def main() -> None:
    """Makes the databases and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--images", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(open_records(folder)) as records:
            print(f"filled: {fill(records, options.rows):,.0f} rows/s", flush=True)
        small = BEGIN + options.rows / 100 * EVERY_S
        for kind in ("csv", "jsonl", "figures of a report"):
            few = apart(folder, kind, small)
            rows, seconds, size, peak = apart(folder, kind)
            print(
                f"{kind}: {rows:,} rows, {seconds:.1f} s, {rows / seconds:,.0f} rows/s, "
                f"{size / 1e6:,.0f} MB; peak {peak:.0f} MB, of {few[0]:,} rows {few[3]:.0f} MB",
                flush=True,
            )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with_images(folder, options.images)
        rows, seconds, size, peak = apart(folder, "zip")
        print(
            f"zip: {rows:,} inspections, {seconds:.1f} s, {rows / seconds:,.0f}/s, "
            f"{size / 1e6:,.0f} MB, {size / 1e6 / seconds:,.0f} MB/s; peak {peak:.0f} MB"
        )


if __name__ == "__main__":
    main()
