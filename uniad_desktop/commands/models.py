"""Model packages: what there is, the authors' checkpoints made into one, models for others.

  uniad-desktop models list
  uniad-desktop models import ckpt.pth.tar
  uniad-desktop models export unified unified.onnx

`import` reads a checkpoint of the authors' code (github.com/zhiyuanyou/UniAD). Heads, masks and
jitter are taken from the configuration that their training script stores in the file; where
there is none, the published values stand in. The options below change either.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands import models_export
from uniad_desktop.commands.arguments import count, size
from uniad_desktop.commands.outcome import EXIT_MODEL, EXIT_OK, CommandError
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.uniad.authors_settings import AuthorsSettings

MASKS = ("encoder", "decoder-encoded", "decoder-previous")
SCORES = ("max-pooled", "mean", "deviation")
BACKBONES = tuple(f"b{number}" for number in range(8))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|import|export")
    listing = actions.add_parser("list", help="the packages in the data folder and the shipped")
    listing.add_argument("--data-dir", type=Path, metavar="FOLDER", help="data folder")
    imported = actions.add_parser(
        "import",
        help="a checkpoint of the authors becomes a package",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_import_arguments(imported)
    exported = actions.add_parser(
        "export",
        help="a model as ONNX or OpenVINO IR, for other programs",
        description=models_export.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    models_export.add_arguments(exported)


def _add_import_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("package").add_argument
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    add("--name", default="", help="name of the package (default: made from the file's name)")
    add("--version", default="1.0.0", metavar="X.Y.Z", help="its version (default: 1.0.0)")
    add("--title", default="", help="what a person reads in a list")
    add("--out", type=Path, metavar="FOLDER", help="folder of models (default: the data folder's)")
    add("--data-dir", type=Path, metavar="FOLDER", help="data folder")
    add = parser.add_argument_group("network").add_argument
    add("--heads", type=count, metavar="N", help="attention heads (published: 8)")
    add(
        "--neighbour",
        type=size,
        metavar="N|RxC",
        help="tokens of the neighbour mask's side, or its rows and columns (published: 7)",
    )
    add(
        "--mask",
        nargs="+",
        choices=[*MASKS, "none"],
        help="which attentions wear the neighbour mask (published: all)",
    )
    add("--score", choices=SCORES, help="how a map becomes one number (default: max-pooled)")
    add = parser.add_argument_group("backbone, where the checkpoint holds none").add_argument
    add("--backbone", choices=BACKBONES, help="which EfficientNet (default: by the channels)")
    add("--backbone-weights", type=Path, metavar="FILE", help="its weights")
    add("--offline", action="store_true", help="fetch nothing")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it and returns the exit code; may raise `CommandError`."""
    interrupt.raise_if_asked()
    folder: Path = options.data_dir or default_data_folder()
    if options.action == "list":
        return _list(folder)
    if options.action == "export":
        return models_export.run(options, folder, interrupt)
    return _import(options, folder, interrupt)


def _list(folder: Path) -> int:
    from uniad_desktop.engine.package import PackageError, find_packages, open_package
    from uniad_desktop.engine.shipped import shipped_models

    shipped = shipped_models()
    folders = [folder / "models", *([shipped] if shipped is not None else [])]
    found = find_packages(folders)
    rows: list[tuple[str, ...]] = [("MODEL", "VERSION", "PRODUCTS", "HASH", "CREATED", "FOLDER")]
    damaged = []
    for _, _, place in found:
        try:
            rows.append(_row(open_package(place)))
        except PackageError as error:
            damaged.append(str(error))
    if not found:
        sys.stdout.write(f"There is no model in {' or '.join(map(str, folders))}.\n")
    elif len(rows) > 1:
        sys.stdout.write(_table(rows))
    for sentence in damaged:
        sys.stderr.write(f"uniad-desktop models: {sentence}\n")
    return EXIT_MODEL if damaged else EXIT_OK


def _row(package: ModelPackage) -> tuple[str, ...]:
    manifest = package.manifest
    products = ", ".join(manifest.products) or "none yet"
    created = manifest.created.removesuffix("+00:00").replace("T", " ")
    place = str(package.folder)
    return manifest.name, manifest.version, products, package.identity.sha256[:12], created, place


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines) + "\n"


def _import(options: argparse.Namespace, folder: Path, interrupt: Interrupt) -> int:
    from uniad_desktop.engine.import_checkpoint import import_checkpoint
    from uniad_desktop.engine.weights_file import WeightsError

    if options.mask and "none" in options.mask and len(options.mask) > 1:
        raise CommandError("--mask none stands alone; leave the other masks out.")
    try:
        package = import_checkpoint(
            options.checkpoint,
            options.out or folder / "models",
            name=options.name,
            version=options.version,
            title=options.title,
            change=lambda settings: _changed(settings, options),
            backbone_file=options.backbone_weights,
            cache=folder / "weights",
            offline=options.offline,
            stop=interrupt.is_asked,
        )
    except WeightsError as error:
        raise CommandError(str(error), EXIT_MODEL) from error
    sys.stdout.write(_summary(package))
    return EXIT_OK


def _changed(settings: AuthorsSettings, options: argparse.Namespace) -> AuthorsSettings:
    from uniad_desktop.uniad.config import Attention, ScoreKind

    if options.backbone:
        settings = replace(settings, backbone=options.backbone)
    if options.heads:
        settings = replace(settings, heads=options.heads)
    if options.neighbour:
        settings = replace(settings, neighbour=options.neighbour)
    if options.mask:
        places = frozenset(Attention(one) for one in options.mask if one != "none")
        settings = replace(settings, masked=places)
    if options.score:
        settings = replace(settings, score=ScoreKind(options.score))
    return settings


def _summary(package: ModelPackage) -> str:
    manifest = package.manifest
    config = manifest.architecture
    masks = ", ".join(sorted(config.masked)) or "none"
    assumed = (
        ""
        if manifest.training.get("settings_in_file")
        else "  The file does not say heads, masks and neighbour size: these are the published "
        "values or yours.\n"
    )
    return (
        f"Imported {manifest.name} {manifest.version} into {package.folder}\n"
        f"  backbone {config.backbone.name}, padded as for {config.backbone.padded_for} pixels\n"
        f"  input {config.input_height} x {config.input_width}, {config.encoder_layers} + "
        f"{config.decoder_layers} layers of {config.hidden}, {config.heads} heads\n"
        f"  neighbour mask {config.neighbour_height} x {config.neighbour_width} in: {masks}\n"
        f"{assumed}"
        "It has no product with limits yet, so the station refuses it. Next:\n"
        f"  uniad-desktop evaluate {package.folder} DATA   how well it tells parts apart\n"
        f"  uniad-desktop calibrate {package.folder} PRODUCT DATA --title …   sets a limit from "
        "normal parts\n"
    )
