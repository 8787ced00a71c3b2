"""Measure a model on images of known truth.

Per class and on average: AUROC, average precision and best F1 of images and of pixels, AU-PRO up
to 30 % false positives and, where the model has limits, the share of good parts that they reject
and of defects that they catch. A table goes to standard output; files and pictures of the worst
and best cases go to the folder of --out, which index.html shows.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.arguments import count, whole
from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_OK, CommandError, writing
from uniad_desktop.commands.packages import PACKAGE_HELP, open_named_package
from uniad_desktop.engine.runtimes.names import RUNTIME_NAMES, TORCH
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    from tqdm import tqdm

    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.training.datasets import ImageReader
    from uniad_desktop.training.evaluation.appearance import Paint
    from uniad_desktop.training.evaluation.figures import Evaluation
    from uniad_desktop.training.evaluation.pictures import Shown

_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add = parser.add_argument
    add(
        "package",
        metavar="PACKAGE",
        help=PACKAGE_HELP,
    )
    add(
        "data",
        nargs="+",
        metavar="DATA",
        help="folder of images (MVTec AD, VisA, BTAD, plain), list (CSV, JSON lines) or simulated",
    )
    add(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="where the files go; a former evaluation there is replaced "
        "(default: evaluation-NAME-VERSION)",
    )
    add("--product", action="append", default=[], metavar="P", help="only this one; repeatable")
    add("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    add(
        "--runtime",
        choices=RUNTIME_NAMES,
        default=TORCH,
        help=f"what computes (default: {TORCH}, the reference); auto is what the line would take",
    )
    add("--strict", action="store_true", help="end at the first image that cannot be read")
    add("--batch", type=count, default=8, metavar="N", help="images at a time (default: 8)")
    add(
        "--at-input-size",
        action="store_true",
        help="count pixels at the network's input with masks scaled to it, as the authors do, "
        "not at the resolution of the images; with tiles at the resolution of the whole map",
    )
    add(
        "--pictures",
        type=whole,
        default=8,
        metavar="N",
        help="pictures per class: worst and best in equal parts (default: 8; 0: none)",
    )
    add("--json", action="store_true", help="JSON instead of the table")
    add("--data-dir", type=Path, metavar="FOLDER", help="where models and rendered parts lie")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Evaluates; see the module's docstring."""
    from uniad_desktop.training.datasets import DataError

    try:
        return _run(options, interrupt)
    except DataError as error:
        raise CommandError(str(error), EXIT_DATA) from error


def _run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.settings import default_data_folder
    from uniad_desktop.training.datasets import ImageReader, open_data
    from uniad_desktop.training.datasets.sample import counted
    from uniad_desktop.training.evaluation.appearance import expected_appearance
    from uniad_desktop.training.evaluation.folder import prepare_folder, write_figures
    from uniad_desktop.training.evaluation.report import as_json, json_text, table
    from uniad_desktop.training.evaluation.run import EvaluationSettings, evaluate_data

    folder = options.data_dir or default_data_folder()
    package = open_named_package(options.package, folder)
    out = options.out or Path(f"evaluation-{package.identity.name}-{package.identity.version}")
    problem = prepare_folder(out)
    if problem:
        raise CommandError(problem)
    data = open_data(
        options.data,
        products=options.product,
        work=folder / "work",
        report=lambda done, all_: interrupt.raise_if_asked(),
    )
    data.require_test()
    for note in data.notes:
        _log.info("%s", note)
    reader = ImageReader(options.strict)
    interrupt.raise_if_asked()
    detector = Detector(package, options.device, runtime=options.runtime)
    paint = expected_appearance(package, options.device) if options.pictures else None
    interrupt.raise_if_asked()
    count = len(data.test())
    products = counted(len(data.products), "product")
    _log.info("Measuring %s of %s.", counted(count, "image"), products)
    with _progress(count, "images") as bar:
        evaluation = evaluate_data(
            detector,
            data,
            reader,
            EvaluationSettings(options.batch, options.at_input_size, options.strict),
            check=interrupt.raise_if_asked,
            done=bar.update,
        )
    with writing(out):
        write_figures(evaluation, out)
    sys.stdout.write(json_text(as_json(evaluation)) if options.json else f"{table(evaluation)}\n")
    sys.stdout.flush()
    with writing(out):
        _draw(
            evaluation,
            detector,
            reader,
            out,
            number=options.pictures,
            paint=paint,
            interrupt=interrupt,
        )
    _log.info("Everything is in %s.", out)
    return EXIT_OK


def _draw(
    evaluation: Evaluation,
    detector: Detector,
    reader: ImageReader,
    out: Path,
    *,
    number: int,
    paint: Paint | None,
    interrupt: Interrupt,
) -> None:
    """Pictures, `number` per class, and the page that shows them."""
    from uniad_desktop.training.evaluation.folder import write_page
    from uniad_desktop.training.evaluation.pictures import cases_of, draw_pictures

    shown: list[Shown] = []
    if number:
        chosen = cases_of(evaluation, number)
        with _progress(sum(len(cases) for _, cases in chosen), "pictures") as bar:
            shown = draw_pictures(
                chosen,
                detector,
                reader,
                paint,
                out,
                check=interrupt.raise_if_asked,
                done=bar.update,
            )
    write_page(evaluation, shown, out)


def _progress(total: int, unit: str) -> tqdm[Any]:
    """A bar on standard error, none where that is no terminal."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # or it leaves a thread behind
    return tqdm(total=total, unit=f" {unit}", disable=None, leave=False, file=sys.stderr)
