"""Teach one model the normal look of parts, of all products together.

Only pictures of good parts are learnt from. The features of the frozen backbone are computed once
into a cache; the network is trained from it, the limit of each product is set on parts that were
held out, and the result is written as the next version of a model package. Ctrl-C stops after the
current step, and the same command goes on from there.

With --tiles and --region every picture is cut up, and the line cuts up its frames in the same way.

The default recipe is fast; "paper" is the published one to the letter. Several GPUs or machines:
  torchrun --nproc-per-node 2 -m uniad_desktop train DATA ...
where --batch is that of each process.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.outcome import EXIT_FAILED, EXIT_MODEL, EXIT_OK, CommandError
from uniad_desktop.commands.packages import open_named_package
from uniad_desktop.commands.train_options import add_train_arguments, layout_of
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    import torch

    from uniad_desktop.engine.layout import Layout
    from uniad_desktop.training.datasets import DataSet
    from uniad_desktop.training.distributed import Group
    from uniad_desktop.training.train_plan import TrainPlan
    from uniad_desktop.uniad.config import UniADConfig

_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_train_arguments(parser)


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Trains; see the module's docstring."""
    import torch

    from uniad_desktop.engine.detector import choose_device
    from uniad_desktop.training.distributed import group_from_environment, joined

    if options.source and not options.decoder:
        raise CommandError("--from builds on a package with --decoder only; add --decoder.")
    layout = layout_of(options)
    if options.source and (layout.regions or layout.mm_per_pixel or options.least_area):
        raise CommandError(
            "With --from the package's own regions and tiles are used; leave out --tiles, "
            "--region, --mm-per-pixel and --least-area."
        )
    group = group_from_environment()
    if not group.leads:
        logging.getLogger("uniad_desktop").setLevel(logging.WARNING)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    if device.type == "cuda" and group.size > 1:
        device = torch.device("cuda", group.local_rank)
    with joined(group, device):
        return _train(options, interrupt, group, device, layout)


def _train(
    options: argparse.Namespace,
    interrupt: Interrupt,
    group: Group,
    device: torch.device,
    layout: Layout,
) -> int:
    from uniad_desktop.settings import default_data_folder
    from uniad_desktop.training.decoder import add_decoder
    from uniad_desktop.training.train_package import leader_first, train_package
    from uniad_desktop.training.train_plan import describe
    from uniad_desktop.uniad.config import VisualisationConfig

    folder: Path = options.data_dir or default_data_folder()
    data = leader_first(group, lambda: _open_data(options, folder, interrupt))
    source = open_named_package(options.source, folder) if options.source else None
    config = source.manifest.architecture if source is not None else _config(options)
    plan = _plan(options, folder, data, config, device, layout=layout)
    _check_version(plan)
    if options.dry_run:
        if group.leads:
            sys.stdout.write(describe(plan, group.size) + "\n")
        return EXIT_OK
    if source is not None:
        package = None
        if group.leads:
            package = add_decoder(plan, source, VisualisationConfig(), interrupt.is_asked)
        group.wait()
    else:
        if group.leads:
            _check_checkpoint(options, plan)
        package = train_package(plan, group, interrupt.is_asked)
    if package is not None:
        words = " ".join(options.data)
        sys.stdout.write(
            f"{package.folder} is ready; measure it with: uniad-desktop evaluate "
            f"{package.folder} {words}\n"
        )
    return EXIT_OK


def _open_data(options: argparse.Namespace, folder: Path, interrupt: Interrupt) -> DataSet:
    from uniad_desktop.training.datasets import open_data

    data = open_data(
        options.data,
        products=options.product,
        work=folder / "work",
        report=lambda done, count: interrupt.raise_if_asked(),
    )
    for note in data.notes:
        _log.info("%s", note)
    data.require_training()
    return data


def _config(options: argparse.Namespace) -> UniADConfig:
    from uniad_desktop.training.recipes import RecipeName, make_recipe
    from uniad_desktop.training.train_config import make_config

    changes: dict[str, Any] = {
        "alignment": options.alignment,
        "hidden": options.hidden,
        "heads": options.heads,
        "encoder_layers": options.layers,
        "decoder_layers": options.layers,
        "dropout": options.dropout,
        "jitter_scale": options.jitter,
        "spread": options.spread or None,
    }
    for name, size in (("input", options.input), ("neighbour", options.neighbour)):
        if size is not None:
            changes[f"{name}_height"], changes[f"{name}_width"] = size
    return make_config(
        make_recipe(RecipeName(options.recipe), 1).config,
        file=options.config,
        changes={name: value for name, value in changes.items() if value is not None},
        backbone=options.backbone,
        stages=options.stages,
    )


def _plan(
    options: argparse.Namespace,
    folder: Path,
    data: DataSet,
    config: UniADConfig,
    device: torch.device,
    *,
    layout: Layout,
) -> TrainPlan:
    from uniad_desktop.training.datasets import product_key
    from uniad_desktop.training.recipes import (
        Precision,
        RecipeName,
        choose_precision,
        make_recipe,
    )
    from uniad_desktop.training.train_plan import TrainPlan
    from uniad_desktop.uniad.config import VisualisationConfig

    first = str(options.data[0])
    name = options.name or product_key(
        "simulated" if first.startswith("simulated:") else Path(first).resolve().stem
    )
    recipe = RecipeName(options.recipe)
    precision = choose_precision(Precision(options.precision), device, recipe)
    runs = Path("runs") if os.access(Path.cwd(), os.W_OK) else folder / "runs"
    make = partial(
        make_recipe,
        recipe,
        epochs=options.epochs,
        steps=options.steps,
        batch=options.batch,
        rate=options.rate,
        precision=precision,
        seed=options.seed,
    )
    try:
        make(1, 1)
    except ValueError as error:
        raise CommandError(str(error)) from error
    return TrainPlan(
        data=data,
        config=config,
        recipe=make,
        hold_out=options.hold_out,
        false_reject_rate=options.false_reject_rate,
        layout=layout,
        least_area=options.least_area,
        models=options.out or folder / "models",
        name=name,
        version=options.version or "",
        title=options.title,
        run=options.run or runs / name,
        must_resume=options.resume,
        cache=None if options.no_cache else options.cache or folder / "cache",
        limit_bytes=int(options.cache_limit * 1e9),
        weights_cache=folder / "weights",
        weights_file=options.backbone_weights,
        offline=options.offline,
        device=device,
        precision=precision,
        visualisation=VisualisationConfig() if options.decoder else None,
        decoder_steps=options.decoder_steps,
        seed=options.seed,
        strict=options.strict,
        tensorboard=options.tensorboard,
    )


def _check_version(plan: TrainPlan) -> None:
    """Says before the training what would otherwise be said after it."""
    folder = plan.models / plan.name / plan.version
    if plan.version and folder.exists():
        raise CommandError(
            f"{folder} exists already; versions are never overwritten, choose a new version or "
            "leave out --version for the next free one.",
            EXIT_MODEL,
        )


def _check_checkpoint(options: argparse.Namespace, plan: TrainPlan) -> None:
    """Obeys --fresh and --resume."""
    from uniad_desktop.training.checkpoints import load_checkpoint, set_aside

    if options.fresh:
        set_aside(plan.checkpoint)
    elif options.resume and load_checkpoint(plan.checkpoint) is None:
        raise CommandError(
            f"There is no checkpoint in {plan.run} to go on from; leave out --resume, or name the "
            "folder of that training with --run.",
            EXIT_FAILED,
        )
