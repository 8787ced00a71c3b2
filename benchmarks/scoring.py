"""Judging a folder against only decoding it: images a second, side by side in one run.

    python benchmarks/scoring.py [--images 300] [--rounds 3] [--runtime openvino]

Simulated parts in three folders: 5-megapixel PNG and JPEG (2448 x 2048), 960 x 720 PNG. In every
round each folder is decoded with 1 and with 2 processes and judged with 1 and with 2, in turn, so
that a busy machine slows all alike: read the ratios. The product expects no frame size here, as the
shipped one would refuse 5 megapixels.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import cv2

from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.package import ModelPackage, open_package, write_package
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.engine.speed.machine import usable_processors
from uniad_desktop.scoring.decode_pool import DecodePool
from uniad_desktop.scoring.job import Job
from uniad_desktop.scoring.run import score_here
from uniad_desktop.scoring.scorer import Scorer
from uniad_desktop.simulator.parts import render_random_part

FOLDERS = {
    "PNG 2448 x 2048": (".png", (2448, 2048)),
    "JPEG 2448 x 2048": (".jpg", (2448, 2048)),
    "PNG 960 x 720": (".png", (960, 720)),
}
PRODUCT = "flange"
WORKERS = (1, 2)
DIFFERENT = 20  # rendered; the others are copies, which cost the same


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runtime", default="auto")
    parser.add_argument("--threads", type=int, default=usable_processors())
    parser.add_argument("--batch", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        jobs = {name: _write(folder, name, options.images) for name in FOLDERS}
        detector = Detector.open(_package(folder), runtime=options.runtime, threads=options.threads)
        detector.warm_up()
        print(f"{detector.runtime}, {options.threads} threads, {options.images} images a folder")
        rates: dict[tuple[str, str, int], list[float]] = {}
        for _ in range(options.rounds):
            for name, workers, what in product(FOLDERS, WORKERS, ("decode", "score")):
                rate = _rate(jobs[name], workers, options.batch, detector, judge=what == "score")
                rates.setdefault((name, what, workers), []).append(rate)
        model = {name: _model_alone(jobs[name][0], detector) for name in FOLDERS}
        detector.close()
    for name in FOLDERS:
        print(f"{name}: the model alone {model[name]:.1f} a second")
        for workers in WORKERS:
            alone, judged = rates[name, "decode", workers], rates[name, "score", workers]
            ratio = statistics.median(b / a for a, b in zip(alone, judged, strict=True))
            print(
                f"  {workers} process(es): decoding alone {statistics.median(alone):6.1f}, "
                f"judging {statistics.median(judged):6.1f} a second, ratio {ratio:.2f}"
            )
        gain = statistics.median(
            b / a for a, b in zip(rates[name, "score", 1], rates[name, "score", 2], strict=True)
        )
        print(f"  judging with 2 against 1: {gain:.2f}")


def _rate(jobs: list[Job], workers: int, batch: int, detector: Detector, *, judge: bool) -> float:
    pool = DecodePool(workers, batch)
    try:
        steps: Iterator[object] = (
            score_here(jobs, Scorer(detector), pool) if judge else pool.batches(jobs)
        )
        next(steps)  # the processes have started
        started = time.perf_counter()
        for _ in steps:
            pass
        return (len(jobs) - 1) / (time.perf_counter() - started)
    finally:
        pool.close()


def _model_alone(job: Job, detector: Detector, runs: int = 50) -> float:
    pool = DecodePool(1)
    try:
        for batch in pool.batches([job]):
            scorer = Scorer(detector)
            started = time.perf_counter()
            for _ in range(runs):
                scorer.score(batch)
            return runs / (time.perf_counter() - started)
        raise AssertionError
    finally:
        pool.close()


def _write(folder: Path, name: str, number: int) -> list[Job]:
    suffix, size = FOLDERS[name]
    place = folder / name
    place.mkdir()

    def encoded(seed: int) -> bytes:
        part = render_random_part(PRODUCT, seed, defect_rate=0.1, size=size)
        done, data = cv2.imencode(suffix, cv2.cvtColor(part.image, cv2.COLOR_RGB2BGR))
        assert done
        return data.tobytes()

    with ThreadPoolExecutor(usable_processors()) as threads:
        pictures = list(threads.map(encoded, range(min(DIFFERENT, number))))
    jobs = []
    for place_number in range(number):
        path = place / f"{place_number:04}{suffix}"
        path.write_bytes(pictures[place_number % len(pictures)])
        jobs.append(Job(place_number, path, place, PRODUCT))
    return jobs


def _package(folder: Path) -> ModelPackage:
    """The shipped network with a product that takes frames of any size."""
    models = shipped_models()
    assert models is not None
    shipped = open_package(sorted(models.glob("unified/*"))[-1])
    entry = shipped.manifest.products[PRODUCT].model_copy(update={"frame": None})
    return write_package(
        folder,
        name="scoring",
        version="0.0.1",
        architecture=shipped.manifest.architecture,
        weights=shipped.weights(),
        products={PRODUCT: entry},
        backbone_source="benchmark",
        backbone_licence="none",
    )


if __name__ == "__main__":
    main()
