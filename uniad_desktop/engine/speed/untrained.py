"""A package with random weights: they take as long as good ones, and nothing need be fetched."""

from __future__ import annotations

from pathlib import Path

import torch

from uniad_desktop.engine.package import ModelPackage, open_package, write_package
from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.model import UniAD

NAME = "untrained"


def write_untrained(config: UniADConfig, folder: Path) -> ModelPackage:
    """Writes a package without products, always with the same random weights, and opens it.

    Args:
        config: the architecture.
        folder: of models.

    Raises:
        ValueError: the architecture cannot be built.
        PackageError: the disk refuses.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = UniAD(config).eval()
    package = write_package(
        folder,
        name=NAME,
        version="0.0.0",
        architecture=config,
        weights=model.state_dict(),
        products={},
        backbone_source="random weights, for measuring speed only",
        backbone_licence="none",
        title=f"{config.backbone.name}, untrained",
    )
    return open_package(package.folder)
