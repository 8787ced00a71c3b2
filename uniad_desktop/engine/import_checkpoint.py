"""A checkpoint of the authors' code becomes a model package."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.engine.checkpoint_file import CheckpointError, read_checkpoint
from uniad_desktop.engine.package import ModelPackage, write_package
from uniad_desktop.uniad.authors_checkpoint import (
    from_authors,
    has_backbone,
    read_config,
    without_wrapper,
)
from uniad_desktop.uniad.authors_settings import AuthorsSettings, read_settings

if TYPE_CHECKING:
    from torch import Tensor

BACKBONE_SOURCE = (
    "the authors' checkpoint {name} (EfficientNet, ImageNet weights as first published for "
    "TensorFlow)"
)
BACKBONE_LICENCE = "Apache-2.0"

Settings = Callable[[AuthorsSettings], AuthorsSettings]


def import_checkpoint(
    path: Path | str,
    models: Path | str,
    *,
    name: str = "",
    version: str = "1.0.0",
    title: str = "",
    change: Settings | None = None,
    backbone_file: Path | None = None,
    cache: Path,
    offline: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> ModelPackage:
    """Reads a checkpoint of the authors and writes it as a package without products.

    The package notes the padding that the authors' backbone has (`BackboneConfig.padded_for`),
    with which its maps equal theirs.

    Args:
        path: the checkpoint, such as ``ckpt.pth.tar``.
        models: folder of all models; the package becomes ``models/NAME/VERSION``.
        name: name of the package; empty: made from the file's name.
        version: its version.
        title: what a person reads in a list; empty: made from the file's name.
        change: changes what the checkpoint says of heads, masks and so on, or None.
        backbone_file: weights of the backbone, where the checkpoint has none: those that the
            authors' code starts from, or any that the rest of the application takes.
        cache: folder for backbone weights that have to be fetched.
        offline: whether nothing may be fetched.
        stop: whether the user wants to end while weights are fetched.

    Raises:
        CheckpointError: the file is something else, damaged, would run code, or holds another
            network.
        PackageError: the package cannot be written.
        WeightsError: the checkpoint has no backbone and no weights for one can be had.
        KeyboardInterrupt: the user wants to end.
    """
    checkpoint = read_checkpoint(path)
    path = checkpoint.path
    tensors = without_wrapper(checkpoint.state)
    source, licence = BACKBONE_SOURCE.format(name=path.name), BACKBONE_LICENCE
    if not has_backbone(tensors) and backbone_file is not None:
        added = _authors_backbone(backbone_file)
        if added:
            tensors |= added
            source, licence = f"file {backbone_file.name}", "not stated"
    try:
        settings = read_settings(checkpoint.arch)
        config = read_config(tensors, settings if change is None else change(settings))
        weights = from_authors(tensors, config)
    except ValueError as error:
        reason = str(error).rstrip(".")
        raise CheckpointError(f"{path} cannot be imported: {reason}.") from error
    if not has_backbone(tensors):
        from uniad_desktop.engine.backbone_weights import find_backbone_weights

        found = find_backbone_weights(
            config, file=backbone_file, cache=cache, offline=offline, stop=stop
        )
        weights |= {f"pyramid.backbone.{name}": one for name, one in found.state.items()}
        source, licence = found.source, found.licence
    return write_package(
        models,
        name=name or package_name(path),
        version=version,
        title=title or f"UniAD, imported from {path.name}",
        architecture=config,
        weights=weights,
        products={},
        backbone_source=source,
        backbone_licence=licence,
        training={
            "imported_from": path.name,
            "sha256": checkpoint.sha256,
            "epochs": checkpoint.epoch,
            "settings_in_file": checkpoint.arch is not None,
            "padding": f"SAME padding as for an input of {config.backbone.padded_for} pixels, "
            "as the authors' backbone has it",
        },
    )


def package_name(path: Path) -> str:
    """A package name made from a file's: ``ckpt_best.pth.tar`` becomes ``ckpt_best``."""
    stem = re.sub(r"(\.(pth|pt|tar|ckpt|bin))+$", "", path.name.lower())
    cleaned = re.sub(r"[^a-z0-9_-]+", "-", stem).strip("-_")[:64]
    return cleaned or "imported"


def _authors_backbone(file: Path) -> dict[str, Tensor]:
    """The backbone that the authors' code starts from, under the names of a checkpoint.

    Empty where the file has another layout. Raises WeightsError where it cannot be read.
    """
    from uniad_desktop.engine.weights_file import read_state

    state, _ = read_state(file)
    if "_conv_stem.weight" not in state:
        return {}
    return {f"backbone.{name}": tensor for name, tensor in state.items()}
