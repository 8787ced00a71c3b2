"""Things that several tests build."""

from __future__ import annotations

import io
from pathlib import Path

import torch
from PIL import Image

from uniad_desktop.engine.manifest import Calibration, ProductEntry
from uniad_desktop.engine.package import write_package
from uniad_desktop.uniad.config import BackboneConfig, UniADConfig
from uniad_desktop.uniad.model import UniAD

TINY_TITLES = {
    "flange": {"en": "Machined flange", "zh_CN": "机加工法兰"},
    "label": {"en": "Printed label", "zh_CN": "印刷标签"},
    "fabric": {"en": "Woven fabric", "zh_CN": "编织布料"},
    "board": {"en": "Circuit board", "zh_CN": "电路板"},
}


def tiny_config(**changes) -> UniADConfig:
    """A network of a few thousand parameters on the first two stages of a small backbone."""
    values = {
        "backbone": BackboneConfig(
            name="mobilenetv2_050", stages=(0, 1), channels=(8, 16), pad_type="same"
        ),
        "input_height": 64,
        "input_width": 80,
        "hidden": 16,
        "heads": 2,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "feed_forward": 32,
        "neighbour_height": 3,
        "neighbour_width": 3,
        "standardised": True,
    }
    return UniADConfig(**{**values, **changes})


def make_tiny_package(folder: Path, name: str = "tiny", version: str = "0.0.1") -> Path:
    """Writes a package with random weights for tests only; returns ``folder/name/version``.

    It knows the four simulated products, with limits around what it gives for a flat grey frame.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = UniAD(tiny_config()).eval()
    with torch.inference_mode():
        _, scores = model(torch.full((1, 3, 64, 80), 0.5))
    limit = float(scores[0]) * 1.5
    png = io.BytesIO()
    Image.new("RGB", (32, 24), (128, 128, 128)).save(png, "PNG")
    products = {
        key: ProductEntry(
            titles=titles,
            accept=limit,
            reject=limit,
            map_range=(0.0, 2.0 * limit),
            calibration=Calibration(
                parts=1,
                false_reject_rate=0.01,
                median=limit / 2,
                deviation=limit / 20,
                largest=limit,
                note="Random weights, for tests only.",
            ),
        )
        for key, titles in TINY_TITLES.items()
    }
    package = write_package(
        folder,
        name=name,
        version=version,
        architecture=model.config,
        weights=model.state_dict(),
        products=products,
        backbone_source="random weights",
        backbone_licence="Apache-2.0",
        title="Tiny model for tests",
        previews={"flange": png.getvalue()},
    )
    return package.folder
