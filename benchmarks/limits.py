"""How well the promise of a limit is kept: observed against wished false-reject rate.

    python benchmarks/limits.py [--product flange] [--parts 400] [--repetitions 20]

Fresh normal parts of the simulated line are scored once with the shipped package. In every
repetition some of them, drawn by lot, set the limit, and the others say how many are rejected.
Split conformal prediction promises that this is at most the wished rate on average over such draws;
with few parts it can promise 1 / (n + 1) at best, and single draws scatter.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.package import open_newest
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.simulator.parts import PRODUCTS, render_part
from uniad_desktop.teaching.limits import LimitSettings, set_limits, what_if

_FIRST_SEED = 50_000_000  # beyond those of training, calibration, test and the camera


def scores_of(product: str, parts: int) -> NDArray[np.float64]:
    """Raw scores of so many fresh normal parts, (n,)."""
    models = shipped_models()
    detector = Detector(open_newest("unified", [] if models is None else [models]), "cpu")
    seeds = range(_FIRST_SEED, _FIRST_SEED + parts)
    return np.array(
        [detector.predict(render_part(product, seed).image, product).image_score for seed in seeds]
    )


def repeat(
    scores: NDArray[np.float64], parts: int, rate: float, repetitions: int, seed: int
) -> tuple[NDArray[np.float64], float]:
    """Observed false-reject rates (repetitions,) and what so many parts can promise."""
    rng = np.random.default_rng([seed, parts])
    observed = []
    for _ in range(repetitions):
        order = rng.permutation(scores)
        limits = set_limits(order[:parts], LimitSettings(rate))
        outcome = what_if(order[parts:], (), limits.reject)
        observed.append(outcome.false_rejects / outcome.good)
    return np.array(observed), limits.promised_rate


def main() -> int:
    """Prints the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--product", choices=PRODUCTS, default="flange")
    parser.add_argument("--parts", type=int, default=400, help="scored in all (default: 400)")
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="of the draws")
    options = parser.parse_args()
    if options.parts < 40 or options.repetitions < 2:
        parser.error("40 parts and 2 repetitions are the least")
    started = time.perf_counter()
    scores = scores_of(options.product, options.parts)
    took = time.perf_counter() - started
    print(f"{options.parts} normal parts of {options.product}, scored in {took:.0f} s")
    print(f"{options.repetitions} repetitions; false rejects among the parts that set no limit\n")
    print("| parts for the limit | wished | promised | observed, mean | smallest | largest |")
    print("|---|---|---|---|---|---|")
    for parts in (20, 50, 100, 200, 300):
        if parts > options.parts // 2:
            break
        for rate in (0.005, 0.01, 0.05):
            observed, promised = repeat(scores, parts, rate, options.repetitions, options.seed)
            print(
                f"| {parts} | {rate:.1%} | {promised:.1%} | {observed.mean():.2%} | "
                f"{observed.min():.2%} | {observed.max():.2%} |"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
