"""Set the limits of a product from normal parts, without any training.

  uniad-desktop calibrate shipped flange good-parts --why "new lamp"
  uniad-desktop calibrate b4-mvtec bottle mvtec/bottle --title Bottle
  uniad-desktop calibrate unified flange --limit 25.5 --why "agreed with the customer"

The limit for a wished false-reject rate comes from the good pictures of DATA, training and test,
which should be none that the model was trained on; pictures of defects are measured only. A product
that the model does not have yet is added with --title. The result is the next version of the
package; the former one stays. docs/limits.md says what a limit promises.
"""

from __future__ import annotations

import argparse
import getpass
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.arguments import count, not_negative, positive, rate
from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_OK, CommandError, writing
from uniad_desktop.commands.packages import PACKAGE_HELP, keep_active, open_named_package
from uniad_desktop.commands.train_options import add_layout_arguments, layout_of
from uniad_desktop.engine.runtimes.names import RUNTIME_NAMES, TORCH
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.engine.layout import Layout
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.teaching.calibrate import CalibratedProduct, CalibrationSettings
    from uniad_desktop.training.datasets import DataSet, ImageReader, Sample

_log = logging.getLogger(__name__)

_STANDARD_OUTPUT = Path("-")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add = parser.add_argument
    add("package", metavar="PACKAGE", help=PACKAGE_HELP)
    add("product", metavar="PRODUCT", help="key or title of a product")
    add(
        "data",
        nargs="*",
        metavar="DATA",
        help="folder of images (MVTec AD, VisA, BTAD, plain), list (CSV, JSON lines) or simulated; "
        "may be left out with --limit and --score-limit",
    )
    add("--data-product", metavar="P", help="what DATA calls it, where that is another name")
    add(
        "--parts",
        choices=["all", "train", "test"],
        default="all",
        help="which good pictures of DATA are used (default: all)",
    )
    add("--title", default="", help="add the product if the model has none such; its title")
    add("--strict", action="store_true", help="end at the first picture that cannot be used")
    add("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    add(
        "--runtime",
        choices=RUNTIME_NAMES,
        default=TORCH,
        help=f"what computes the scores (default: {TORCH}, the reference)",
    )
    add("--batch", type=count, default=8, metavar="N", help="images at a time (default: 8)")
    _add_limits(parser.add_argument_group("limits").add_argument)
    add_layout_arguments(
        parser.add_argument_group(
            "regions and tiles",
            "Left out, the product keeps its own; --tiles 1x1 alone is the whole picture at once.",
        ).add_argument
    )
    parser.set_defaults(tiles=None, overlap=None, least_area=None)
    add = parser.add_argument_group("what becomes of it").add_argument
    add("--why", default="", metavar="TEXT", help="the reason, kept in the package")
    add("--who", default="", metavar="NAME", help="who changes it (default: the login name)")
    add("--dry-run", action="store_true", help="show what would be done and write nothing")
    add("--json", type=Path, metavar="FILE", help="all figures and scores; - instead of the table")
    add("--out", type=Path, metavar="FOLDER", help="models (default: models in the data folder)")
    add("--data-dir", type=Path, metavar="FOLDER", help="the data folder")


def _add_limits(add: Any) -> None:  # noqa: ANN401 - argparse's bound method
    add(
        "--false-reject-rate",
        type=rate,
        default=0.005,
        metavar="RATE",
        help="wished share of good parts above the limit (default: 0.005)",
    )
    add(
        "--review-rate",
        type=rate,
        metavar="RATE",
        help="share of good parts that may go to review or worse (default: no review band)",
    )
    add(
        "--margin",
        type=not_negative,
        default=0.0,
        metavar="SHARE",
        help="raise the limits by this share of themselves (default: 0)",
    )
    add(
        "--drop-outliers",
        action="store_true",
        help="leave out good pictures that look like defects; else they are named and kept",
    )
    add("--limit", type=positive, metavar="RAW", help="set the reject limit by hand, raw score")
    add(
        "--score-limit",
        type=positive,
        metavar="SCORE",
        help="the same as a score on the present scale, where 50 is the present limit",
    )


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Calibrates; see the module's docstring."""
    from uniad_desktop.teaching.calibrate import set_by_hand
    from uniad_desktop.teaching.calibration_package import Origin, write_calibrated
    from uniad_desktop.teaching.calibration_report import as_json, table
    from uniad_desktop.training.datasets import ImageReader
    from uniad_desktop.training.evaluation.report import json_text

    _check(options)
    folder: Path = options.data_dir or default_data_folder()
    package = open_named_package(options.package, folder)
    product = _product(options.product, package)
    settings = _settings(options, package, product)
    reader = ImageReader(options.strict)
    origin = Origin(options.who or _login(), options.why)
    if options.data:
        data = _open_data(options, product, folder, interrupt)
        samples = _samples(options, data, package, product)
        calibrated, runtime = _calibrated(
            options, package, product, samples, (settings, reader, interrupt)
        )
        origin = replace(origin, sources=data.sources, runtime=runtime)
    else:
        calibrated = set_by_hand(package, product, settings.by_hand or 0.0)
    written = None
    if not options.dry_run:
        models = options.out or folder / "models"
        if options.out is None and package.manifest.products:
            why = f"in use before '{product}' was calibrated"
            keep_active(package, folder, who=origin.who, why=why)
        written = write_calibrated(package, models, calibrated, reader, origin)
    text = json_text(as_json(calibrated, written)) if options.json else ""
    if options.json == _STANDARD_OUTPUT:
        sys.stdout.write(text)
    else:
        sys.stdout.write(f"{table(calibrated)}\n")
    sys.stdout.flush()
    if options.json and options.json != _STANDARD_OUTPUT:
        _write(options.json, text)
    _log.info("%s", _ending(written, options))
    return EXIT_OK


def _check(options: argparse.Namespace) -> None:
    """Says before the work what would else be said after it."""
    by_hand = options.limit is not None or options.score_limit is not None
    new_layout = any(
        value is not None
        for value in (options.tiles, options.mm_per_pixel, options.least_area, options.overlap)
    )
    if options.limit is not None and options.score_limit is not None:
        raise CommandError("--limit and --score-limit say the same twice; give one of them.")
    if not options.data and not by_hand:
        raise CommandError(
            "No data were named; give pictures of normal parts, or a limit with --limit.", EXIT_DATA
        )
    if not options.data and (new_layout or options.region or options.title or options.review_rate):
        raise CommandError(
            "Without DATA only the limit of a product can be set; for regions, tiles, a title or a "
            "review band give pictures of normal parts.",
            EXIT_DATA,
        )
    if options.overlap is not None and options.tiles is None:
        raise CommandError("--overlap says how tiles meet; give --tiles with it.")
    if options.json and options.json != _STANDARD_OUTPUT:
        if options.dry_run:
            raise CommandError("--dry-run writes nothing; use --json - for standard output.")
        if options.json.is_dir() or not options.json.absolute().parent.is_dir():
            raise CommandError(
                f"{options.json} cannot be written; name a file in a folder that exists."
            )


def _product(name: str, package: ModelPackage) -> str:
    """The key of the product that is meant; that of a new one where the package has none such."""
    from uniad_desktop.training.datasets import product_key
    from uniad_desktop.training.evaluation.run import known_product

    products = package.manifest.products
    return name if name in products else known_product(name, products) or product_key(name)


def _settings(
    options: argparse.Namespace, package: ModelPackage, product: str
) -> CalibrationSettings:
    from uniad_desktop.teaching.calibrate import CalibrationSettings
    from uniad_desktop.teaching.limits import LimitSettings

    by_hand = options.limit
    if options.score_limit is not None:
        entry = package.manifest.products.get(product)
        if entry is None:
            raise CommandError(
                f"The model has no product '{product}' yet, so its scores have no scale; use "
                "--limit with a raw score.",
                EXIT_DATA,
            )
        by_hand = entry.reject * options.score_limit / 50.0
    return CalibrationSettings(
        limits=LimitSettings(options.false_reject_rate, options.review_rate, options.margin),
        by_hand=by_hand,
        drop_outliers=options.drop_outliers,
        strict=options.strict,
        batch=options.batch,
    )


def _open_data(
    options: argparse.Namespace, product: str, folder: Path, interrupt: Interrupt
) -> DataSet:
    from uniad_desktop.training.datasets import open_data
    from uniad_desktop.training.datasets.simulated_source import is_simulated

    wanted = options.data_product
    if wanted is None and all(is_simulated(one) for one in options.data):
        wanted = product  # what is not wanted is not rendered
    return open_data(
        options.data,
        products=[wanted] if wanted is not None else [],
        work=folder / "work",
        report=lambda done, all_: interrupt.raise_if_asked(),
    )


def _samples(
    options: argparse.Namespace, data: DataSet, package: ModelPackage, product: str
) -> tuple[Sample, ...]:
    """The pictures of the product; of several products in the data the one of the same name."""
    from uniad_desktop.training.datasets import Split, product_key
    from uniad_desktop.training.datasets.sample import listed

    names: Sequence[str] = data.products
    if len(names) > 1:
        entry = package.manifest.products.get(product)
        titles = set(entry.titles.values()) if entry is not None else set()
        meant = {options.product, options.title} | titles
        names = [one for one in names if one in meant or product_key(one) == product]
    if len(names) != 1:
        raise CommandError(
            f"The data show several products ({listed(data.products, 20)}), and which of them is "
            f"'{options.product}' cannot be told; name it with --data-product.",
            EXIT_DATA,
        )
    if names[0] != options.product:
        _log.info("The pictures of '%s' are taken for the product %s.", names[0], product)
    return tuple(
        one
        for one in data.samples
        if one.product == names[0]
        and not (one.split is Split.TRAIN and not one.good)
        and (not one.good or options.parts == "all" or one.split is Split(options.parts))
    )


def _calibrated(
    options: argparse.Namespace,
    package: ModelPackage,
    product: str,
    samples: tuple[Sample, ...],
    tools: tuple[CalibrationSettings, ImageReader, Interrupt],
) -> tuple[CalibratedProduct, str]:
    """The calibrated product, and what computed its scores."""
    from tqdm import tqdm

    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.teaching.calibrate import calibrate_product, prepare
    from uniad_desktop.training.datasets.sample import counted

    settings, reader, interrupt = tools
    ready = prepare(
        package,
        product,
        title=options.title,
        layout=_layout(options, package, product),
        least_area=options.least_area,
    )
    interrupt.raise_if_asked()
    detector = Detector(ready, options.device, runtime=options.runtime)
    for remark in detector.remarks:
        _log.warning("%s", remark)
    _log.info("Inspecting %s with %s.", counted(len(samples), "picture"), detector.runtime)
    tqdm.monitor_interval = 0  # or it leaves a thread behind
    try:
        with tqdm(
            total=len(samples), unit=" pictures", disable=None, leave=False, file=sys.stderr
        ) as bar:
            calibrated = calibrate_product(
                package,
                detector,
                product,
                samples,
                reader=reader,
                settings=settings,
                check=interrupt.raise_if_asked,
                done=bar.update,
            )
    finally:
        detector.close()
    return calibrated, detector.runtime


def _layout(options: argparse.Namespace, package: ModelPackage, product: str) -> Layout | None:
    """The new regions and tiles; None where the product keeps its own."""
    entry = package.manifest.products.get(product)
    if options.tiles is None and not options.region:
        if options.mm_per_pixel is None:
            return None
        if entry is not None:
            return replace(entry.layout, mm_per_pixel=options.mm_per_pixel)
    values = vars(options) | {
        "tiles": options.tiles or (1, 1),
        "overlap": 0.1 if options.overlap is None else options.overlap,
    }
    layout = layout_of(argparse.Namespace(**values))
    if entry is not None and options.mm_per_pixel is None:
        return replace(layout, mm_per_pixel=entry.layout.mm_per_pixel)
    return layout


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _write(path: Path, text: str) -> None:
    from uniad_desktop.records.files import write_durably

    with writing(path):
        write_durably(path, text.encode())


def _ending(written: ModelPackage | None, options: argparse.Namespace) -> str:
    if written is None:
        return "Nothing was written, as --dry-run asks."
    identity = written.identity
    words = (
        f"{written.folder} is ready; the former version stays. Use it with: uniad-desktop versions "
        f"activate {identity.name} {identity.version} --why …"
    )
    if options.data:
        words += (
            f" Measure it with: uniad-desktop evaluate {written.folder} {' '.join(options.data)}"
        )
    return words
