"""The GPU's figures: latency of one 5-megapixel frame, throughput at batch 64, share of the peak.

    python benchmarks/gpu.py [--package FOLDER | --backbone NAME] [--runs 1000]

Prints a JSON object. Plain eager torch in f32 on the same GPU sees the same frames in turn, so
that a busy machine slows both; read the ratio. With ``--backbone`` a network with untrained weights
is measured without a detector around it, since such weights have no answer to agree with.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.detector import Detector, DetectorError, load_model
from uniad_desktop.engine.package import PackageError, open_newest, open_package
from uniad_desktop.engine.preprocess import View
from uniad_desktop.engine.runtimes.base import (
    MOST_AT_ONCE,
    Runtime,
    RuntimeFailedError,
    RuntimeUnavailableError,
)
from uniad_desktop.engine.runtimes.choice import cuda_problem
from uniad_desktop.engine.runtimes.cuda_graphs import CudaRuntime
from uniad_desktop.engine.runtimes.eager import EagerRuntime
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.engine.speed.peak import matrix_rate, picture_flops
from uniad_desktop.uniad.backbones import backbone_config
from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.model import UniAD

Frames = Sequence[NDArray[np.uint8]]
Runner = Callable[[Frames], float]
"""Frames to decisions; gives the milliseconds that the network took of it."""

FRAME = 2048, 2448
_DIFFERENT = 4
_WARM_UPS = 20
_EAGER_EVERY = 5  # eager is slow and its median settles sooner
_BATCHES = 20


def main() -> int:
    """Measures and prints; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--package", type=Path, help="folder NAME/VERSION; default: the shipped")
    chosen.add_argument("--backbone", help="timm model, with untrained weights")
    parser.add_argument("--runs", type=int, default=1000)
    options = parser.parse_args()
    problem = cuda_problem()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    try:
        name, model, runners, labels = (
            _untrained(options.backbone) if options.backbone else _packaged(options.package)
        )
        figures = measure(runners, model, options.runs, torch.device("cuda"))
    except (
        PackageError,
        DetectorError,
        RuntimeFailedError,
        RuntimeUnavailableError,
        ValueError,
    ) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    machine = {"gpu": torch.cuda.get_device_name(), "torch": torch.__version__}
    print(json.dumps({"model": name, **machine, **labels, **figures}, indent=2))
    return 0


def measure(
    runners: dict[str, Runner], model: UniAD, runs: int, device: torch.device
) -> dict[str, Any]:
    """Figures of the runners ``cuda`` and ``eager``, as JSON values.

    Args:
        runners: what is measured.
        model: the plain network, for its size and its number of operations.
        runs: frames one after another.
        device: whose peak is measured.
    """
    figures: dict[str, Any] = {"frame": FRAME, "latency_ms": {}}
    for kind, colour in (("grey", False), ("rgb", True)):
        frames = noise(_DIFFERENT, FRAME, colour)
        times = latencies(runners, frames, runs)
        found = {who: spread(values) for who, values in times.items()}
        ratio = found["eager"]["p50"] / found["cuda"]["p50"]
        figures["latency_ms"][kind] = {**found, "times_as_fast": round(ratio, 2)}
    rate = max(matrix_rate("bf16", device) for _ in range(2))
    flops = picture_flops(model)
    size = model.config.input_height, model.config.input_width
    figures["batch"] = MOST_AT_ONCE
    figures["gflop_per_picture"] = round(flops / 1e9, 3)
    figures["bf16_matrix_tflops"] = round(rate / 1e12, 1)
    figures["throughput"] = {
        "pictures_of_input_size": throughput(runners, noise(MOST_AT_ONCE, size, True), flops, rate),
        "grey_frames": throughput(runners, noise(MOST_AT_ONCE, FRAME, False), flops, rate),
    }
    figures["gpu_memory_mb"] = (
        round(torch.cuda.max_memory_reserved() / 1e6) if device.type == "cuda" else None
    )
    return figures


def latencies(runners: dict[str, Runner], frames: Frames, runs: int) -> dict[str, list[float]]:
    """Milliseconds from a frame in host memory to its decision, taken in turn."""
    for _ in range(_WARM_UPS):
        for run in runners.values():
            run(frames[:1])
    times: dict[str, list[float]] = {name: [] for name in runners}
    for number in range(runs):
        for name, run in runners.items():
            if name == "eager" and number % _EAGER_EVERY:
                continue
            started = time.perf_counter()
            run([frames[number % len(frames)]])
            times[name].append((time.perf_counter() - started) * 1e3)
    return times


def throughput(
    runners: dict[str, Runner], frames: Frames, flops: int, rate: float
) -> dict[str, Any]:
    """Frames per second in one batch, and the share of the peak that the network reaches."""
    found: dict[str, Any] = {}
    for name, run in runners.items():
        for _ in range(3):  # the first runs, the second records
            run(frames)
        started = time.perf_counter()
        network_ms = [run(frames) for _ in range(_BATCHES)]
        seconds = (time.perf_counter() - started) / _BATCHES
        alone = float(np.median(network_ms)) / 1e3
        found[name] = {
            "per_second": round(len(frames) / seconds, 1),
            "network_ms": round(alone * 1e3, 3),
            "share_of_bf16_matrix_rate": {
                "all": round(flops * len(frames) / seconds / rate, 4),
                "network": round(flops * len(frames) / alone / rate, 4),
            },
        }
    return found


def noise(count: int, size: tuple[int, int], colour: bool) -> list[NDArray[np.uint8]]:
    """Frames that all differ; no network is faster on noise."""
    generator = np.random.default_rng(0)
    shape = (*size, 3) if colour else size
    return [generator.integers(0, 256, shape, dtype=np.uint8) for _ in range(count)]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Percentiles of milliseconds."""
    return {f"p{one}": round(float(np.percentile(values, one)), 3) for one in (50, 95, 99)}


def of_detector(detector: Detector) -> Runner:
    """As on the line: everything up to predictions."""

    def run(frames: Frames) -> float:
        return detector.predict_batch(frames)[0].timings_ms["network"]

    return run


def of_runtime(runtime: Runtime) -> Runner:
    """Up to maps and scores."""

    def run(frames: Frames) -> float:
        return runtime.run([View(frame) for frame in frames]).network_ms

    return run


def _packaged(folder: Path | None) -> tuple[str, UniAD, dict[str, Runner], dict[str, Any]]:
    package = (
        open_package(folder)
        if folder
        else open_newest("unified", [one for one in (shipped_models(),) if one])
    )
    fast = Detector.open(package, runtime="cuda")
    if fast.agreement is None:
        raise DetectorError(" ".join(fast.remarks) or "The runtime cuda is not used here.")
    eager = Detector.open(package, runtime="torch", device="cuda")
    labels = {
        "cuda": fast.runtime,
        "eager": eager.runtime,
        "agreement": fast.agreement.sentence(),
        "remarks": fast.remarks,
    }
    runners = {"cuda": of_detector(fast), "eager": of_detector(eager)}
    return str(package.identity.name), load_model(package), runners, labels


def _untrained(backbone: str) -> tuple[str, UniAD, dict[str, Runner], dict[str, Any]]:
    torch.manual_seed(0)
    model = UniAD(UniADConfig(backbone=backbone_config(backbone))).eval().requires_grad_(False)
    fast = CudaRuntime(model)
    eager = EagerRuntime(UniAD(model.config).requires_grad_(False), torch.device("cuda"))
    labels = {"cuda": fast.label, "eager": eager.label, "agreement": None, "remarks": fast.remarks}
    return backbone, model, {"cuda": of_runtime(fast), "eager": of_runtime(eager)}, labels


if __name__ == "__main__":
    sys.exit(main())
