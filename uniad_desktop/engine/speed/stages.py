"""Which part of an inspection takes how long."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.map_making import full_maps, scores_of
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.preprocess import View, preprocess_batch, scale_view
from uniad_desktop.engine.runtimes.base import HostRuntime
from uniad_desktop.engine.runtimes.eager import EagerRuntime
from uniad_desktop.engine.runtimes.onnx_runtime import OnnxRuntime
from uniad_desktop.engine.runtimes.openvino_runtime import OpenVinoRuntime
from uniad_desktop.engine.speed.runners import Runner
from uniad_desktop.engine.speed.split import Split
from uniad_desktop.engine.speed.timing import Timed
from uniad_desktop.uniad.config import UniADConfig

_RUNS = 20


@dataclass(frozen=True, slots=True)
class Stages:
    """Milliseconds of one inspection at batch 1; None where a stage cannot be told apart.

    Attributes:
        copy: scaled pixels into the network's batch, and to a GPU where that is apart.
        preprocess: scaling.
        backbone: the feature extractor.
        network: the transformer with its heads.
        map: everything else: normalisation, alignment of features, distances, map and score.
    """

    copy: float | None = None
    preprocess: float | None = None
    backbone: float | None = None
    network: float | None = None
    map: float | None = None


def stages_of(
    runner: Runner, package: ModelPackage, frame: NDArray[np.uint8], timed: Timed
) -> Stages:
    """Splits the times that were measured as the runtime's own profile splits them.

    Args:
        runner: the runtime.
        package: the model.
        frame: (H, W) or (H, W, 3) uint8.
        timed: what was measured of it.

    Returns:
        Stages whose sum is about the median latency.

    Raises:
        RuntimeFailedError: the profiled run failed.
    """
    runtime = runner.runtime
    config = package.manifest.architecture
    pictures = preprocess_batch([View(frame)], config.input_height, config.input_width)
    after = 0.0
    if isinstance(runtime, EagerRuntime):
        from uniad_desktop.engine.speed.stages_torch import split_torch

        split = split_torch(package, pictures, runtime)
    elif isinstance(runtime, HostRuntime):
        found = _split_exported(runtime, pictures)
        if found is None:
            return Stages()
        split = found
        after = _map_ms(runtime.coarse(pictures), config)
    else:
        return Stages()
    copy = min(_copy_ms(frame, config), timed.part("preprocess"))
    split = split.scaled_to(max(0.0, timed.part("network") - after))
    return Stages(
        copy=copy + split.copy,
        preprocess=timed.part("preprocess") - copy,
        backbone=split.backbone,
        network=split.network,
        map=split.rest + after + timed.part("score"),
    )


def _split_exported(runtime: HostRuntime, pictures: NDArray[np.uint8]) -> Split | None:
    if isinstance(runtime, OpenVinoRuntime):
        from uniad_desktop.engine.speed.stages_openvino import split_openvino

        return split_openvino(runtime, pictures)
    if isinstance(runtime, OnnxRuntime):
        from uniad_desktop.engine.speed.stages_onnx import split_onnx

        return split_onnx(runtime, pictures)
    return None


def _copy_ms(frame: NDArray[np.uint8], config: UniADConfig) -> float:
    """What `preprocess_batch` does besides scaling."""
    levels = scale_view(View(frame), config.input_height, config.input_width)

    def copy() -> None:
        batch = np.empty((1, 3, config.input_height, config.input_width), np.uint8)
        batch[0][:] = levels.numpy()

    return _least_ms(copy)


def _map_ms(coarse: NDArray[np.float32], config: UniADConfig) -> float:
    """What `HostRuntime.run` does after the graph."""
    return _least_ms(lambda: scores_of(coarse, config, full_maps(coarse, config)))


def _least_ms(action: Callable[[], object]) -> float:
    times = []
    with torch.inference_mode():
        for _ in range(_RUNS):
            started = time.perf_counter()
            action()
            times.append((time.perf_counter() - started) * 1e3)
    return min(times)
