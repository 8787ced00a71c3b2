"""Memory and speed of the pixel figures on as many images as a large data set has.

    python benchmarks/pixel_metrics.py [--images 2000] [--side 900]

Maps are made as they are in an evaluation: 224 x 224, scaled to the image, counted, forgotten.
The time of making the random maps and masks is not counted; that of scaling them is.
"""

from __future__ import annotations

import argparse
import time

import cv2
import numpy as np
import psutil

from uniad_desktop.training.evaluation.count import map_at
from uniad_desktop.training.pixel_metrics import PixelCounter


def synthetic(rng: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
    """A mask (side, side) with up to four blobs, every third one empty; a map (224, 224)."""
    mask = np.zeros((side, side), np.uint8)
    for _ in range(int(rng.integers(1, 5)) if rng.random() < 0.67 else 0):
        centre = tuple(int(value) for value in rng.integers(0, side, 2))
        cv2.circle(mask, centre, int(rng.integers(3, side // 10)), 1, cv2.FILLED)
    noise = cv2.GaussianBlur(rng.gamma(4.0, 1.0, (224, 224)).astype(np.float32), (0, 0), 6)
    hint = cv2.resize(mask.astype(np.float32), (224, 224), interpolation=cv2.INTER_AREA)
    return mask.astype(bool), noise + cv2.GaussianBlur(hint, (0, 0), 8)


def main() -> int:
    """Prints peak memory, images per second and the figures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--side", type=int, default=900)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    process = psutil.Process()
    before, peak = process.memory_info().rss, 0
    counter, seconds = PixelCounter(), 0.0
    for _ in range(options.images):
        mask, anomaly_map = synthetic(rng, options.side)
        started = time.perf_counter()
        counter.add(mask, map_at(anomaly_map, mask.shape))
        seconds += time.perf_counter() - started
        peak = max(peak, process.memory_info().rss)
    started = time.perf_counter()
    figures = counter.figures()
    ending = time.perf_counter() - started
    print(f"{options.images} images of {options.side} x {options.side}")
    print(f"  {options.images / seconds:.1f} images/s; figures at the end {ending * 1e3:.0f} ms")
    print(f"  peak RSS {peak / 2**20:.0f} MiB, of which {before / 2**20:.0f} MiB before the first")
    print(f"  {counter.regions} regions; {figures}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
