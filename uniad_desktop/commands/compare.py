"""Train variants of a model side by side on the same data and show what the differences give.

CONFIG is a TOML or JSON file with a [base] and a list of [[variant]], or a built-in comparison:

  shortcut    UniAD, plain transformer, MLP and CNN: the paper's identical shortcut
  masks       where the neighbour mask applies
  neighbours  size of the masked neighbourhood
  queries     learned queries of the decoder
  jitter      scale and probability of the feature jitter
  separate    one model for all products against one for each
  layers      layers of encoder and decoder
  positions   position embedding

Without --data the built-in ones render simulated parts and take minutes on a processor. All
variants of a comparison train from the same cached features. Ctrl-C stops after the current step;
the same command goes on from there, and what is finished is not trained again.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.arguments import count, numbers, positive, size
from uniad_desktop.commands.outcome import EXIT_FAILED, EXIT_OK, CommandError
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    import torch

    from uniad_desktop.training.compare.material import Places
    from uniad_desktop.training.compare.output import Compared
    from uniad_desktop.training.compare.variants import Suite

_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add = parser.add_argument
    add("config", nargs="+", metavar="CONFIG", help="built-in comparison, TOML or JSON file")
    add(
        "--data",
        nargs="+",
        metavar="SOURCE",
        help="folder of images (MVTec AD, VisA, BTAD, plain), list (CSV, JSON lines) or simulated",
    )
    add("--product", action="append", metavar="P", help="only this one; repeatable")
    add("--strict", action="store_true", help="end at the first image that cannot be read")
    add(
        "--size",
        choices=["small", "full"],
        help="base to begin with: built-in comparisons are "
        "small, files full (the paper's architecture)",
    )
    add("--input", type=size, metavar="N|HxW", help="input in pixels")
    add("--backbone", metavar="NAME", help="timm model (default: the shipped starter)")
    add("--backbone-weights", type=Path, metavar="FILE", help="safetensors or a state dict")
    add("--stages", type=numbers, metavar="0,1,2,3", help="feature stages that are looked at")
    add("--offline", action="store_true", help="do not fetch weights")
    add("--steps", type=count, metavar="N", help="optimiser steps of every training")
    add("--batch", type=count, metavar="N", help="images per step")
    add("--rate", type=positive, metavar="R", help="peak learning rate")
    add("--every", type=count, metavar="N", help="steps between evaluations (default: a 20th)")
    add(
        "--seed",
        "--seeds",
        type=numbers,
        metavar="N,N",
        help="every variant is trained with each of these (default: 0)",
    )
    add("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    add("--threads", type=count, metavar="N", help="processor threads (default: torch's choice)")
    add(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="take over what a former comparison in the same folder trained (default)",
    )
    add("--out", type=Path, metavar="FOLDER", help="(default: comparison-NAME of the first CONFIG)")
    add("--cache", type=Path, metavar="FOLDER", help="caches (default: cache in the data folder)")
    add("--cache-limit", type=positive, default=20.0, metavar="GB", help="(default: 20)")
    add("--data-dir", type=Path, metavar="FOLDER", help="the data folder")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Compares; see the module's docstring."""
    import torch

    from uniad_desktop.engine.detector import choose_device
    from uniad_desktop.files import check_writable
    from uniad_desktop.training.compare.output import write_all, write_suite
    from uniad_desktop.training.compare.suite_file import read_suites
    from uniad_desktop.training.compare.variants import CompareError

    try:
        suites = read_suites(options.config, _overrides(options))
    except CompareError as error:
        raise CommandError(str(error), EXIT_FAILED) from error
    if options.threads:
        torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    out: Path = options.out or Path(f"comparison-{suites[0].name}")
    if check_writable(out):
        raise CommandError(f"{out} cannot be written; choose another folder with --out.")
    compared: list[Compared] = []
    for suite in suites:
        compared.append(_compare(suite, options, out, device, interrupt))
        sys.stdout.write(write_suite(compared[-1], out) + "\n")
        sys.stdout.flush()
        write_all(compared, out)
    _log.info("Everything is in %s.", out)
    return EXIT_OK


def _compare(
    suite: Suite,
    options: argparse.Namespace,
    out: Path,
    device: torch.device,
    interrupt: Interrupt,
) -> Compared:
    from uniad_desktop.settings import default_data_folder
    from uniad_desktop.training.compare.material import load_material
    from uniad_desktop.training.compare.output import RUNS, Compared
    from uniad_desktop.training.compare.runner import train_suite
    from uniad_desktop.training.compare.tables import Row
    from uniad_desktop.training.datasets import ImageReader, open_data
    from uniad_desktop.training.training_log import progress_bar

    folder = options.data_dir or default_data_folder()
    with progress_bar("Data") as progress:

        def told(done: int, count: int) -> None:
            interrupt.raise_if_asked()
            progress(done, count)

        data = open_data(suite.data, products=suite.products, work=folder / "work", report=told)
    for note in data.notes:
        _log.info("%s", note)
    material = load_material(
        suite,
        data,
        ImageReader(options.strict),
        _places(options, folder, device),
        progress=progress_bar,
        stop=interrupt.is_asked,
    )
    if material.remark:
        _log.warning("%s", material.remark)
    rows: dict[str, Row] = {}
    trained = train_suite(
        suite,
        material,
        out / RUNS,
        device=device,
        resume=options.resume,
        stop=interrupt.is_asked,
    )
    for variant, curve in trained:
        before = rows[variant.name].curves if variant.name in rows else ()
        rows[variant.name] = Row(variant, (*before, curve))
        interrupt.raise_if_asked()
    return Compared(suite, data, material, tuple(rows.values()))


def _places(options: argparse.Namespace, folder: Path, device: torch.device) -> Places:
    from uniad_desktop.training.compare.material import Places

    return Places(
        cache=options.cache or folder / "cache",
        limit_bytes=int(options.cache_limit * 1e9),
        weights_cache=folder / "weights",
        weights_file=options.backbone_weights,
        offline=options.offline,
        device=device,
    )


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    """Fields of the base that the command line sets."""
    given = {
        "data": options.data,
        "products": options.product,
        "size": options.size,
        "input": options.input,
        "backbone": options.backbone,
        "stages": options.stages,
        "steps": options.steps,
        "batch": options.batch,
        "rate": options.rate,
        "every": options.every,
        "seeds": options.seed,
    }
    return {name: value for name, value in given.items() if value is not None}
