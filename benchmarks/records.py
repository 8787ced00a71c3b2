"""Records of a million inspections: insert rate, size, and how long filters take.

    python benchmarks/records.py --rows 1000000 [--cameras 2] [--url postgresql://…]

The station's own writer stores them, in batches as the recorder does, without images. Four
products, two models, 94 % passes, 2 % reviews, 3.5 % fails with two regions each, 0.5 % errors,
one part every 2 s, of one camera or of several in turn, which then share the products. A query is
run six times; the first (nothing in the program's memory yet) and the median of the others are
shown. The files may be in the system's cache.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import SourceInfo
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.image_quality import ImageQuality
from uniad_desktop.inspection.types import Inspection, Limits, Reason, Region, Verdict
from uniad_desktop.records.database import Records, database_file, open_records
from uniad_desktop.records.entry import Entry
from uniad_desktop.records.facets import facets
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.query import Order, count, cursor, matching_ids, page
from uniad_desktop.records.schema import Label
from uniad_desktop.records.statistics import RegionsBy, counts, cycle_times, pareto, series
from uniad_desktop.records.writer import InspectionWriter

BATCH = 200
EVERY_S = 2.0
BEGIN = 1_760_000_000.0
PRODUCTS = ("flange", "label", "fabric", "board")
MODELS = (ModelIdentity("unified", "1.0.0", "a" * 64), ModelIdentity("unified", "1.0.1", "b" * 64))
CAMERA = SourceInfo(
    *("Cam", "Maker", "40012345", SourceKind.LIVE, 960, 720, "BayerRG8"),
    settings={"ExposureTime": 8000.0, "Gain": 1.0},
)
REASONS = {
    Verdict.PASS: Reason.NORMAL,
    Verdict.REVIEW: Reason.BETWEEN_LIMITS,
    Verdict.FAIL: Reason.ABOVE_LIMIT,
    Verdict.ERROR: Reason.CAMERA_TIMEOUT,
}


def camera(place: int) -> SourceInfo:
    """One of the cameras of the line."""
    return replace(CAMERA, name=f"Cam {place + 1}", serial=f"{40012345 + place}")


def make(number: int, rows: int, chance: np.random.Generator, cameras: int) -> Entry:
    """One decision such as a line makes."""
    taken_by = camera(number % cameras)
    kind = chance.random()
    verdict = (
        Verdict.PASS if kind < 0.94
        else Verdict.REVIEW if kind < 0.96
        else Verdict.FAIL if kind < 0.995
        else Verdict.ERROR
    )  # fmt: skip
    low, high = {
        Verdict.PASS: (5.0, 45.0),
        Verdict.REVIEW: (45.0, 50.0),
        Verdict.FAIL: (50.0, 100.0),
        Verdict.ERROR: (np.nan, np.nan),
    }[verdict]
    score = float(low + (high - low) * chance.beta(2, 3))
    regions = ()
    if verdict is Verdict.FAIL:
        places = chance.integers(0, 600, (2, 2))
        regions = tuple(Region(int(x), int(y), 40, 12, 300, score) for x, y in places)
    inspection = Inspection(
        number=number,
        frame_id=number,
        timestamp_ns=number * 1_000_000,
        decided_at=BEGIN + number * EVERY_S,
        source=taken_by.serial,
        kind=SourceKind.LIVE,
        verdict=verdict,
        reason=REASONS[verdict],
        detail="",
        score=score,
        raw_score=score / 50,
        regions=regions,
        limits=Limits(0.9, 1.0),
        product=PRODUCTS[number * 40 // rows % 4],  # each product comes back ten times
        model=MODELS[number > rows // 10],
        runtime="openvino cpu f32",
        latency_ms=30.0 + number % 10,
        pixel_format="BayerRG8",
    )
    return Entry(inspection, 0.0, "eva", taken_by, (960, 720), ImageQuality(120.0, 0.4, 0.0003))


def fill(records: Records, rows: int, cameras: int) -> float:
    """Stores `rows` decisions; returns rows per second spent in the writer and database."""
    writer = InspectionWriter(records, "line 1")
    chance = np.random.default_rng(0)
    spent = 0.0
    for begin in range(0, rows, BATCH):
        batch = [make(n, rows, chance, cameras) for n in range(begin, min(rows, begin + BATCH))]
        started = time.perf_counter()
        writer.store(batch)
        spent += time.perf_counter() - started
    return rows / spent


def queries(records: Records, rows: int, cameras: int) -> dict[str, Callable[[], object]]:
    """What a review page asks for."""
    end = BEGIN + rows * EVERY_S
    day = {"since": end - 86_400, "until": end}
    month = {"since": end - 30 * 86_400, "until": end}
    rejects = (Verdict.REVIEW, Verdict.FAIL, Verdict.ERROR)
    usual = RecordFilter(products=("flange",), verdicts=(Verdict.FAIL,), least_score=80.0, **month)
    nothing = RecordFilter(least_score=99.99, verdicts=(Verdict.PASS,))
    everything = RecordFilter()
    last = RecordFilter(cameras=(camera(cameras - 1).serial,))
    middle = page(records, everything, Order.NEWEST)[-1]
    middle = replace(middle, decided_at=BEGIN + rows * EVERY_S / 2)
    return {
        "first page, no filter": lambda: page(records, everything),
        "page in the middle": lambda: page(records, everything, after=cursor(middle, Order.NEWEST)),
        "rejects of the last day": lambda: page(records, RecordFilter(verdicts=rejects, **day)),
        "product, FAIL, score over 80, last 30 days": lambda: page(records, usual),
        "the same by highest score": lambda: page(records, usual, Order.HIGHEST),
        "all rejects by highest score": lambda: page(
            records, RecordFilter(verdicts=rejects), Order.HIGHEST
        ),
        "score 44 to 46, any verdict": lambda: page(
            records, RecordFilter(least_score=44, most_score=46)
        ),
        "former model (oldest tenth), newest first": lambda: page(
            records, RecordFilter(models=MODELS[:1])
        ),
        "labelled as defect": lambda: page(records, RecordFilter(labels=(Label.DEFECT,))),
        "a score that no pass has (all are looked at)": lambda: page(records, nothing),
        "text in source, sentence, note": lambda: page(
            records, RecordFilter(text="no such thing", **month)
        ),
        "count, no filter": lambda: count(records, everything),
        "count of rejects": lambda: count(records, RecordFilter(verdicts=rejects)),
        "100,000 ids for a grid": lambda: matching_ids(records, everything, most=100_000),
        "counts and yield of a day": lambda: counts(records, RecordFilter(**day)),
        "counts and yield of all": lambda: counts(records, everything),
        "Pareto by position, 30 days": lambda: pareto(
            records, RecordFilter(**month), RegionsBy.POSITION
        ),
        "5,000 points of the score chart": lambda: series(records, RecordFilter(**month)),
        "cycle times of a day": lambda: cycle_times(records, RecordFilter(**day)),
        "counts of every choice, no filter": lambda: facets(records, everything),
        "counts of every choice, 30 days": lambda: facets(records, RecordFilter(**month)),
        "counts of every choice, one camera": lambda: facets(records, last),
        "1,000,000 ids of one camera": lambda: matching_ids(records, last),
    }


def clock(query: Callable[[], object]) -> tuple[float, float]:
    """First and median time in ms."""
    times = []
    for _ in range(6):
        started = time.perf_counter()
        query()
        times.append((time.perf_counter() - started) * 1e3)
    return times[0], statistics.median(times[1:])


def main() -> None:
    """Runs it and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--cameras", type=int, default=1)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with closing(open_records(Path(folder), options.url)) as records:
            rate = fill(records, options.rows, options.cameras)
            print(f"{options.rows} inspections, {rate:.0f} a second in batches of {BATCH}")
            fails = matching_ids(records, RecordFilter(verdicts=(Verdict.FAIL,)), most=2000)
            started = time.perf_counter()
            set_label(records, fails[::2], Label.DEFECT, who="eva")
            print(f"{len(fails[::2])} labels in {(time.perf_counter() - started) * 1e3:.0f} ms")
        if not options.url:
            size = database_file(Path(folder)).stat().st_size
            print(f"{size / 1e6:.0f} MB, {size / options.rows:.0f} bytes an inspection")
        with closing(open_records(Path(folder), options.url)) as records:
            print("\n| query | first, ms | then, ms |\n|---|---|---|")
            for name, query in queries(records, options.rows, options.cameras).items():
                first, then = clock(query)
                print(f"| {name} | {first:.1f} | {then:.1f} |")


if __name__ == "__main__":
    main()
