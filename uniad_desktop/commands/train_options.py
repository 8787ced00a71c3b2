"""The arguments of ``uniad-desktop train``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.arguments import (
    count,
    key,
    not_negative,
    numbers,
    positive,
    rate,
    rectangle,
    share,
    size,
    tiles,
    version,
    whole,
)
from uniad_desktop.commands.outcome import CommandError

if TYPE_CHECKING:
    from uniad_desktop.engine.layout import Layout


def add_train_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds them to a parser."""
    add = parser.add_argument
    add(
        "data",
        nargs="+",
        metavar="DATA",
        help="folder of images (MVTec AD, VisA, BTAD, plain), list (CSV, JSON lines) or simulated",
    )
    add("--product", action="append", default=[], metavar="P", help="only this one; repeatable")
    add("--strict", action="store_true", help="end at the first image that cannot be read")
    add("--dry-run", action="store_true", help="show what would be done and end")
    _add_model(parser.add_argument_group("model").add_argument)
    add_layout_arguments(
        parser.add_argument_group(
            "regions and tiles",
            "One layout for all products of this training; it becomes theirs in the package.",
        ).add_argument
    )
    _add_training(parser.add_argument_group("training").add_argument)
    _add_places(parser.add_argument_group("places").add_argument)


def _add_model(add: Any) -> None:  # noqa: ANN401 - argparse's bound method
    add("--backbone", default="", metavar="NAME", help="timm model (default: the shipped starter)")
    add("--stages", type=numbers, metavar="0,1,2,3", help="feature stages of the backbone")
    add("--backbone-weights", type=Path, metavar="FILE", help="safetensors or a state dict")
    add("--offline", action="store_true", help="do not fetch weights")
    add(
        "--input",
        type=size,
        metavar="N|HxW",
        help="input in pixels: 224, or height x width as 256x320 (default: 224)",
    )
    add(
        "--alignment",
        choices=["bilinear", "area"],
        help="how stages come to one grid (default: bilinear)",
    )
    add("--hidden", type=count, metavar="N", help="width of the network (default: 256)")
    add("--heads", type=count, metavar="N", help="attention heads (default: 8)")
    add("--layers", type=count, metavar="N", help="layers of encoder and decoder (default: 4)")
    add("--neighbour", type=size, metavar="N|HxW", help="masked square in tokens (default: 7)")
    add("--dropout", type=share, metavar="P", help="dropout (fast: 0, paper: 0.1)")
    add("--jitter", type=not_negative, metavar="A", help="jitter scale (fast: 10, paper: 20)")
    add("--spread", action="store_true", help="learn how far off each place typically is, too")
    add("--config", type=Path, metavar="FILE", help="TOML or JSON with fields of the architecture")
    add("--decoder", action="store_true", help="train the visualisation decoder as well")
    add("--decoder-steps", type=count, default=600, metavar="N", help="its steps (default: 600)")
    add(
        "--from",
        dest="source",
        metavar="PACKAGE",
        help="with --decoder: folder or name of a model; only the decoder is trained and added",
    )


def add_layout_arguments(add: Any) -> None:  # noqa: ANN401 - argparse's bound method
    """Adds regions and tiles."""
    add(
        "--tiles",
        type=tiles,
        default=(1, 1),
        metavar="ROWSxCOLUMNS",
        help="cut each region into so many, each scaled to the input (default: 1x1)",
    )
    add(
        "--overlap",
        type=share,
        default=0.1,
        metavar="SHARE",
        help="of a tile's side that neighbours have in common, to 0.45 (default: 0.1)",
    )
    add(
        "--region",
        type=rectangle,
        action="append",
        default=[],
        metavar="X,Y,WIDTH,HEIGHT",
        help="what is looked at, in pixels of the pictures; repeatable (default: all of it)",
    )
    add(
        "--mm-per-pixel",
        type=positive,
        metavar="F",
        help="scale of the pictures, to give sizes in millimetres too",
    )
    add(
        "--least-area",
        type=not_negative,
        default=0.0,
        metavar="PIXELS",
        help="smaller marked regions are not reported; no verdict depends on it (default: 0)",
    )


def layout_of(options: argparse.Namespace) -> Layout:
    """The regions and tiles that were asked for; none where that is the whole picture at once.

    Raises:
        CommandError: they make no sense.
    """
    from uniad_desktop.engine.layout import Box, Layout, LayoutError, RegionOfInterest

    rows, columns = options.tiles
    try:
        boxes: list[Box | None] = [Box(*one) for one in options.region]
        if not boxes and rows * columns > 1:
            boxes = [None]
        regions = [
            RegionOfInterest(box=box, rows=rows, columns=columns, overlap=options.overlap)
            for box in boxes
        ]
        return Layout(tuple(regions), options.mm_per_pixel)
    except LayoutError as error:
        raise CommandError(str(error)) from error


def _add_training(add: Any) -> None:  # noqa: ANN401 - argparse's bound method
    add("--recipe", choices=["fast", "paper"], default="fast", help="(default: fast)")
    add("--epochs", type=count, metavar="N", help="length of the training, instead of the recipe's")
    add("--steps", type=count, metavar="N", help="the same in steps")
    add("--batch", type=count, metavar="N", help="images per step and process (default: 8)")
    add("--rate", type=positive, metavar="R", help="peak learning rate")
    add("--seed", type=whole, default=0, help="of all random numbers (default: 0)")
    add(
        "--hold-out",
        type=share,
        metavar="SHARE",
        help="share of the good images kept for the limits (default: 0.1, at least one; paper: 0)",
    )
    add(
        "--false-reject-rate",
        type=rate,
        default=0.005,
        metavar="RATE",
        help="wished share of good parts above the limit (default: 0.005)",
    )
    add("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    add(
        "--precision",
        choices=["auto", "f32", "bf16"],
        default="auto",
        help="auto: bf16 where the device computes in it, f32 with the published recipe",
    )
    add("--threads", type=count, metavar="N", help="processor threads (default: torch's choice)")
    add("--fresh", action="store_true", help="start over even where a checkpoint fits")
    add("--resume", action="store_true", help="insist on a checkpoint to go on from")
    add("--tensorboard", action="store_true", help="write TensorBoard events besides the CSV file")


def _add_places(add: Any) -> None:  # noqa: ANN401 - argparse's bound method
    add("--name", type=key, help="of the model (default: that of the first DATA)")
    add("--version", type=version, help="of the package (default: the next free one)")
    add("--title", default="", help="what a person reads in a list (default: the name)")
    add("--out", type=Path, metavar="FOLDER", help="models (default: models in the data folder)")
    add("--run", type=Path, metavar="FOLDER", help="checkpoint and log (default: runs/NAME)")
    add("--cache", type=Path, metavar="FOLDER", help="caches (default: cache in the data folder)")
    add("--cache-limit", type=positive, default=20.0, metavar="GB", help="(default: 20)")
    add("--no-cache", action="store_true", help="compute features anew for every step; slow")
    add("--data-dir", type=Path, metavar="FOLDER", help="the data folder")
