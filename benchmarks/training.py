"""Training speed with and without the feature cache, side by side in one run.

python benchmarks/training.py --steps 10 --images 16

Both trainings take the same steps in turn on the same rendered parts: one reads features from the
cache, the other computes them from the pictures for every step. The machine may be busy, so read
the ratio. How fast the cache was filled, which is paid once, is shown as well.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import cv2
import torch

from uniad_desktop.engine.detector import choose_device
from uniad_desktop.simulator.parts import PRODUCTS, render_part
from uniad_desktop.training.datasets import ImageReader, Sample, Split
from uniad_desktop.training.feature_cache import live_features, stored_features
from uniad_desktop.training.features import Features, channel_statistics
from uniad_desktop.training.network import train_network
from uniad_desktop.training.recipes import Precision, TrainSettings, choose_precision
from uniad_desktop.training.starter_backbone import STARTER
from uniad_desktop.uniad.backbones import backbone_config
from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.model import UniAD


def main() -> int:
    """Run the comparison; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backbone", default="", help="timm name (default: the starter backbone)")
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--steps", type=int, default=5, help="steps per round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--precision", choices=list(Precision), default=Precision.AUTO)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=0, help="0 for torch's own choice")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    precision = choose_precision(Precision(options.precision), device)
    config = UniADConfig(
        backbone=backbone_config(options.backbone) if options.backbone else STARTER,
        standardised=True,
        hidden=options.hidden,
        feed_forward=4 * options.hidden,
        encoder_layers=options.layers,
        decoder_layers=options.layers,
    )
    torch.manual_seed(0)
    model = UniAD(config).to(device)  # random weights: they take as long as good ones
    settings = TrainSettings(steps=options.steps, batch=options.batch, precision=precision)
    with tempfile.TemporaryDirectory() as folder:
        samples = render(Path(folder), options.images)
        began = time.perf_counter()
        size = (config.input_height, config.input_width)
        stored = stored_features(
            samples,
            ImageReader(),
            model.pyramid,
            cache=Path(folder) / "cache",
            size=size,
            backbone_hash="random",
            alignment=config.alignment,
            limit_bytes=20_000_000_000,
        )
        filled = time.perf_counter() - began
        live = live_features(samples, ImageReader(), model.pyramid, size)
        kinds = {"with the cache": stored.features, "without": live.features}
        scale = channel_statistics(stored.features)
        for features in kinds.values():  # the first steps pay for set-up
            train_network(model.network, features, scale, TrainSettings(steps=1, batch=2))
        speeds: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(options.rounds):
            for kind, features in kinds.items():
                speeds[kind].append(speed(model, features, scale, settings))
    print(
        f"{options.images} images, batch {options.batch}, {precision} on {device}, "
        f"{torch.get_num_threads()} threads, {config.backbone.name}"
    )
    print(f"filling the cache, once: {options.images / filled:.1f} images/s")
    for kind, values in speeds.items():
        print(f"training {kind}: {statistics.median(values):.1f} images/s")
    medians = [statistics.median(values) for values in speeds.values()]
    print(f"ratio: {medians[0] / medians[1]:.2f}")
    return 0


def render(folder: Path, count: int) -> list[Sample]:
    """Rendered parts as files, since reading them belongs to the time without a cache."""
    samples = []
    for number in range(count):
        product = PRODUCTS[number % len(PRODUCTS)]
        path = folder / f"{number}.png"
        image = render_part(product, 900_000 + number).image
        cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        samples.append(Sample(path, product, Split.TRAIN))
    return samples


def speed(
    model: UniAD,
    features: Features,
    scale: tuple[torch.Tensor, torch.Tensor],
    settings: TrainSettings,
) -> float:
    """Images per second of one training."""
    began = time.perf_counter()
    train_network(model.network, features, scale, settings)
    return settings.steps * settings.batch / (time.perf_counter() - began)


if __name__ == "__main__":
    raise SystemExit(main())
