"""Latency of the shipped model at batch 1, beside a plain eager network in the same run.

    python benchmarks/detector.py [--package FOLDER] [--runs 100] [--threads 1]

Both see the same frames in turn, so that a busy machine slows both; read the ratio.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.detector import Detector, load_model
from uniad_desktop.engine.package import ModelPackage, PackageError, open_newest, open_package
from uniad_desktop.engine.preprocess import preprocess
from uniad_desktop.engine.shipped import shipped_models

Image = NDArray[np.uint8]


def plain_network(package: ModelPackage) -> Callable[[Image], float]:
    """The network as it was trained: batch norms unfolded, memory in torch's usual order."""
    model = load_model(package)
    config = package.manifest.architecture

    def run(image: Image) -> float:
        inputs = preprocess(image, config.input_height, config.input_width)[None]
        with torch.no_grad():
            maps, scores = model(inputs)
        maps.numpy()
        return float(scores[0])

    return run


def detector(package: ModelPackage) -> Callable[[Image], float]:
    """The detector of the line."""
    ready = Detector(package, device="cpu")
    return lambda image: ready.predict(image).image_score


def measure(runners: dict[str, Callable[[Image], float]], runs: int) -> dict[str, list[float]]:
    """Milliseconds per frame of each runner, taken in turn on the same frames.

    Raises:
        AssertionError: the runners disagree, so their speed could not be compared.
    """
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (720, 960, 3), dtype=np.uint8) for _ in range(4)]
    for frame in frames:
        scores = [run(frame) for run in runners.values()]
        assert np.allclose(scores, scores[0], rtol=1e-3), scores
    times: dict[str, list[float]] = {name: [] for name in runners}
    for number in range(runs):
        for name, run in runners.items():
            started = time.perf_counter()
            run(frames[number % len(frames)])
            times[name].append((time.perf_counter() - started) * 1e3)
    return times


def main() -> int:
    """Prints a table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, help="folder NAME/VERSION; default: the shipped")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--threads", type=int, default=0, help="0 for torch's own choice")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        package = (
            open_package(options.package)
            if options.package
            else open_newest("unified", [one for one in (shipped_models(),) if one])
        )
    except PackageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    runners = {"plain eager": plain_network(package), "detector": detector(package)}
    times = measure(runners, options.runs)
    print(f"{package.identity.name} {package.identity.version}, {torch.get_num_threads()} threads")
    for name, values in times.items():
        p50, p99 = np.percentile(values, [50, 99])
        print(f"{name:12}  p50 {p50:7.1f} ms   p99 {p99:7.1f} ms")
    ratio = np.median(times["plain eager"]) / np.median(times["detector"])
    print(f"the detector is {ratio:.2f} times as fast (median)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
