"""Stages of plain eager torch: the modules are run and timed one after the other."""

from __future__ import annotations

import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.runtimes.eager import EagerRuntime
from uniad_desktop.engine.speed.split import Split
from uniad_desktop.uniad.features import align_features
from uniad_desktop.uniad.model import UniAD
from uniad_desktop.uniad.scoring import anomaly_map, image_score

_RUNS = 20


def split_torch(package: ModelPackage, pictures: NDArray[np.uint8], runtime: EagerRuntime) -> Split:
    """Milliseconds of the stages of `EagerRuntime.run`, each at its best in some runs.

    Args:
        package: the model.
        pictures: (B, 3, H, W) uint8.
        runtime: tells the device.
    """
    device = torch.device(runtime.label.split()[1])
    model = load_model(package).to(device)
    with torch.inference_mode():
        times = [_run(model, torch.from_numpy(pictures), device) for _ in range(_RUNS)]
    copy, backbone, network, rest = np.min(times, axis=0)
    return Split(float(backbone), float(network), float(rest), float(copy))


def _run(model: UniAD, levels: Tensor, device: torch.device) -> tuple[float, float, float, float]:
    """Milliseconds of copy, backbone, network and the rest; the steps of `UniAD.forward`."""
    config, pyramid, network = model.config, model.pyramid, model.network
    begin = _now(device)
    uploaded = levels.to(device)
    copied = _now(device)
    images = uploaded.to(torch.float32) / 255.0
    images = (images - pyramid.image_mean) / pyramid.image_deviation
    normalised = _now(device)
    maps = pyramid.backbone(images)
    featured = _now(device)
    tokens = align_features(maps, config.grid, config.alignment)
    tokens = pyramid.standardise(tokens)
    aligned = _now(device)
    decoded = network.decode(tokens)
    rebuilt = network.output_proj(decoded)
    spread = None if model.spread is None else model.spread(decoded)
    decided = _now(device)
    difference = tokens - rebuilt
    if spread is not None:
        difference = difference / spread
    size = (config.input_height, config.input_width)
    full = anomaly_map(difference, config.grid, size)
    score = image_score(full, config.score, config.score_pool)
    full.cpu().numpy(), score.cpu().numpy()
    end = _now(device)
    rest = (normalised - copied) + (aligned - featured) + (end - decided)
    return copied - begin, featured - normalised, decided - aligned, rest


def _now(device: torch.device) -> float:
    """Milliseconds, once the device has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() * 1e3
