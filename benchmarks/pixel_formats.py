"""What each pixel format costs from the camera's bytes to the picture, side by side.

    python benchmarks/pixel_formats.py [--width 2448] [--height 2048] [--rounds 20]

All formats are converted in turn, round by round, on one thread, and compared with the mere copy
that Mono8 needs. Each converts random bytes of its own, into a new picture.
"""

from __future__ import annotations

import argparse
import statistics
import time

import cv2
import numpy as np

from uniad_desktop.cameras import pixel_formats
from uniad_desktop.cameras.conversion import to_image


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=int, default=2448)
    parser.add_argument("--height", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    width, height = options.width, options.height
    cv2.setNumThreads(1)
    random = np.random.default_rng(0)
    formats = [pixel_formats.by_name(name) for name in pixel_formats.supported_names()]
    raw = {
        one.name: random.integers(0, 256, one.frame_bytes(width, height), np.uint8)
        for one in formats
    }
    times: dict[str, list[float]] = {one.name: [] for one in formats}
    for turn in range(options.rounds + 1):
        for one in formats:
            begin = time.perf_counter()
            to_image(raw[one.name], one, width, height)
            if turn:  # the first one warms up
                times[one.name].append(1e3 * (time.perf_counter() - begin))
    copy = statistics.median(times["Mono8"])
    print(f"{width} x {height}, one thread, median of {options.rounds} rounds")
    print(f"{'format':22}{'bits/pixel':>11}{'ms':>8}{'x Mono8':>9}")
    for one in formats:
        taken = statistics.median(times[one.name])
        print(f"{one.name:22}{one.bits_per_pixel:>11}{taken:>8.2f}{taken / copy:>9.1f}")


if __name__ == "__main__":
    main()
