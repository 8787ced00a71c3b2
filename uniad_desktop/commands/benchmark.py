"""Measure how fast a model runs on this machine, in every runtime that there is.

From a frame in memory to its decision: latency, throughput, stages, memory, and the share of the
machine's measured peak. The runtimes take turns in one run, so that a busy machine slows all of
them alike: read the ratio to torch, which is the plain eager network. With --backbone any model of
timm is measured with untrained weights. docs/benchmark.md says what the numbers mean.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.arguments import count, numbers, positive, size
from uniad_desktop.commands.outcome import EXIT_OK, CommandError
from uniad_desktop.commands.packages import PACKAGE_HELP, SHIPPED, open_named_package
from uniad_desktop.engine.runtimes.names import RUNTIMES, TORCH
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.engine.speed.measure import Plan
    from uniad_desktop.uniad.config import UniADConfig

USUAL = (TORCH, "cuda", "openvino", "openvino-f32", "onnx")
MOST_SIZES = 6  # OpenVINO keeps a few batch sizes ready; more would be prepared while timed
LARGEST_BATCH = 256


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add = parser.add_argument
    add(
        "package",
        nargs="?",
        metavar="PACKAGE",
        help=f"{PACKAGE_HELP} (default: {SHIPPED})",
    )
    add(
        "--runtime",
        action="append",
        choices=RUNTIMES,
        metavar="NAME",
        help=f"only this one and {TORCH}; repeatable: {', '.join(RUNTIMES)} "
        f"(default: {', '.join(USUAL)})",
    )
    add("--json", type=Path, metavar="FILE", help="write everything that was measured to a file")
    add("--device", default="auto", help=f"of {TORCH}: auto, cpu or cuda (default: auto)")
    add(
        "--threads",
        type=count,
        metavar="N",
        help="processor threads (default: as many as there are processors for this process)",
    )
    add("--data-dir", type=Path, metavar="FOLDER", help="the data folder")
    _add_model(parser.add_argument_group("any backbone, untrained, in the paper's network"))
    _add_extent(parser.add_argument_group("what is measured, and how long"))


def _add_model(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--backbone", default="", metavar="NAME", help="timm model, instead of PACKAGE")
    add("--stages", type=numbers, metavar="0,1,2,3", help="feature stages of the backbone")
    add("--input", type=size, metavar="N|HxW", help="input in pixels (default: 224)")


def _add_extent(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--frame",
        type=size,
        default=(720, 960),
        metavar="HxW",
        help="height x width of the frames in pixels (default: 720x960)",
    )
    add("--grey", action="store_true", help="grey frames instead of RGB")
    add(
        "--batches",
        type=numbers,
        default=(1, 4, 8),
        metavar="1,4,8",
        help="batch sizes for the throughput (default: 1,4,8)",
    )
    length = group.add_mutually_exclusive_group()
    length.add_argument(
        "--seconds",
        type=positive,
        default=30.0,
        metavar="S",
        help="how long is timed; opening, profiling and the peak come on top (default: 30)",
    )
    length.add_argument(
        "--rounds", type=count, metavar="N", help="so many turns of every runtime instead"
    )


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Measures; see the module's docstring."""
    _check(options)
    from uniad_desktop.engine.speed.measure import measure
    from uniad_desktop.engine.speed.report import as_json, table
    from uniad_desktop.files import write_durably

    with ExitStack() as held:
        package = _package(options, held)
        report = measure(package, _plan(options), interrupt.raise_if_asked)
        sys.stdout.write(f"{table(report)}\n")
        sys.stdout.flush()
        if options.json is not None:
            text = json.dumps(as_json(report), indent=2, ensure_ascii=False, allow_nan=False)
            write_durably(options.json, f"{text}\n".encode())
    return EXIT_OK


def _check(options: argparse.Namespace) -> None:
    """Says what cannot be done before the work.

    Raises:
        CommandError: options do not fit together, or a value makes no sense.
    """
    if options.backbone and options.package is not None:
        raise CommandError(
            f"--backbone measures an untrained model instead of {options.package}; "
            "leave one of them out."
        )
    if not options.backbone and (options.stages is not None or options.input is not None):
        raise CommandError("--stages and --input belong to --backbone; add it or leave them out.")
    sizes = set(options.batches)
    if not all(1 <= one <= LARGEST_BATCH for one in sizes) or len(sizes) > MOST_SIZES:
        raise CommandError(
            f"--batches takes up to {MOST_SIZES} sizes from 1 to {LARGEST_BATCH}, like 1,4,8."
        )
    _check_frame(options.frame, grey=options.grey)
    if options.json is not None:
        _check_file(options.json)


def _check_frame(frame: tuple[int, int], *, grey: bool) -> None:
    import numpy as np

    from uniad_desktop.engine.preprocess import ImageError, check_image

    try:  # a view of one pixel: no memory is taken for a frame that may be far too large
        check_image(np.broadcast_to(np.uint8(0), frame if grey else (*frame, 3)))
    except (ImageError, ValueError) as error:
        sentence = str(error) if isinstance(error, ImageError) else "The frame is too large."
        raise CommandError(f"{sentence} Choose another --frame.") from error


def _check_file(path: Path) -> None:
    """Raises CommandError where a file cannot be written; nothing is left behind."""
    there = path.exists()
    try:
        with path.open("ab"):
            pass
        if not there:
            path.unlink()
    except OSError as error:
        raise CommandError(
            f"{path} cannot be written ({error.strerror or error}); choose another file with "
            "--json."
        ) from error


def _plan(options: argparse.Namespace) -> Plan:
    from uniad_desktop.engine.speed.machine import usable_processors
    from uniad_desktop.engine.speed.measure import Plan
    from uniad_desktop.engine.speed.timing import Budget

    return Plan(
        names=tuple(options.runtime or USUAL),
        device=options.device,
        threads=options.threads or usable_processors(),
        frame=options.frame,
        grey=options.grey,
        batches=options.batches,
        budget=Budget(options.seconds, options.rounds),
        untrained=bool(options.backbone),
    )


def _package(options: argparse.Namespace, held: ExitStack) -> ModelPackage:
    if options.backbone:
        from uniad_desktop.engine.speed.untrained import write_untrained

        config = _config(options)
        folder = tempfile.TemporaryDirectory(prefix="uniad-benchmark-", ignore_cleanup_errors=True)
        return write_untrained(config, Path(held.enter_context(folder)))
    from uniad_desktop.settings import default_data_folder

    data = options.data_dir or default_data_folder()
    return open_named_package(options.package or SHIPPED, data)


def _config(options: argparse.Namespace) -> UniADConfig:
    """The paper's network on the backbone that was asked for; may raise TrainingError."""
    from uniad_desktop.training.recipes import RecipeName, make_recipe
    from uniad_desktop.training.train_config import make_config

    changes = {}
    if options.input is not None:
        changes = {"input_height": options.input[0], "input_width": options.input[1]}
    return make_config(
        make_recipe(RecipeName.PAPER, 1).config,
        changes=changes,
        backbone=options.backbone,
        stages=options.stages,
    )
