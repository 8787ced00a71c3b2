"""Set the limits of a product from normal parts, without any training.

  uniad-desktop calibrate shipped flange good-parts --why "new lamp"
  uniad-desktop calibrate b4-mvtec bottle mvtec/bottle --title Bottle
  uniad-desktop calibrate unified flange --activate --why "new lot"      from collected parts
  uniad-desktop calibrate unified flange --limit 25.5 --why "agreed with the customer"

Without DATA it takes the collected parts that are never trained on, and measures the challenge
images of defects. With a limit by hand and no DATA nothing is inspected.

The limit for a wished false-reject rate comes from the good pictures of DATA, training and test,
which should be none that the model was trained on; pictures of defects are measured only. A product
that the model does not have yet is added with --title. The result is the next version of the
package; the former one stays. docs/limits.md says what a limit promises.
"""

from __future__ import annotations

import argparse
import getpass
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.calibrate_data import Pictures, layout_wished, pictures_of
from uniad_desktop.commands.calibrate_options import (
    STANDARD_OUTPUT,
    add_arguments,
    by_hand,
    check_options,
)
from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_OK, CommandError, writing
from uniad_desktop.commands.packages import keep_active, open_named_package
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.teaching.calibrate import CalibratedProduct, CalibrationSettings
    from uniad_desktop.teaching.calibration_package import Origin
    from uniad_desktop.training.datasets import ImageReader

__all__ = ["add_arguments", "run"]

_log = logging.getLogger(__name__)


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Calibrates; see the module's docstring."""
    from uniad_desktop.teaching.calibrate import set_by_hand
    from uniad_desktop.teaching.calibration_package import Origin
    from uniad_desktop.teaching.calibration_report import as_json, table
    from uniad_desktop.training.datasets import ImageReader
    from uniad_desktop.training.evaluation.report import json_text

    check_options(options)
    folder: Path = options.data_dir or default_data_folder()
    package = open_named_package(options.package, folder)
    product = _product(options.product, package)
    settings = _settings(options, package, product)
    reader = ImageReader(options.strict)
    origin = Origin(options.who or _login(), options.why)
    more: dict[str, Any] = {}
    if options.data or not by_hand(options):
        pictures = pictures_of(options, folder, package, product, interrupt)
        calibrated, runtime = _calibrated(
            options, package, product, pictures, (settings, reader, interrupt)
        )
        origin = Origin(options.who or _login(), options.why, pictures.sources, runtime)
        more = _keys(package, product, pictures, runtime)
    else:
        calibrated = set_by_hand(package, product, settings.by_hand, settings.accept_by_hand)
    written = None
    if not options.dry_run:
        written = _write_version(options, folder, package, (calibrated, reader, origin))
    values = {**as_json(calibrated, written), **more, "active": _active(options, written)}
    if options.events:
        _tell("result", values)
    elif options.json == STANDARD_OUTPUT:
        sys.stdout.write(json_text(values))
    else:
        sys.stdout.write(f"{table(calibrated)}\n")
    sys.stdout.flush()
    if options.json and options.json != STANDARD_OUTPUT:
        _write(options.json, json_text(values))
    _log.info("%s", _ending(written, options))
    return EXIT_OK


def _write_version(
    options: argparse.Namespace,
    folder: Path,
    package: ModelPackage,
    what: tuple[CalibratedProduct, ImageReader, Origin],
) -> ModelPackage:
    """Writes the next version; with --activate it is the active one at once."""
    from uniad_desktop.teaching.calibration_package import write_calibrated
    from uniad_desktop.teaching.limit_change import activate_changed, refuse_worse

    calibrated, reader, origin = what
    if options.activate:
        refuse_worse(folder, package)
    if options.out is None and package.manifest.products:
        why = f"in use before '{calibrated.product}' was calibrated"
        keep_active(package, folder, who=origin.who, why=why)
    models = options.out or folder / "models"
    written = write_calibrated(package, models, calibrated, reader, origin)
    if options.activate:
        activate_changed(folder, written, who=origin.who, why=origin.why)
    return written


def _active(options: argparse.Namespace, written: ModelPackage | None) -> bool:
    return bool(options.activate and written is not None)


def _keys(package: ModelPackage, product: str, pictures: Pictures, runtime: str) -> dict[str, Any]:
    """What the scores of collected parts hold for, so that they can be kept."""
    from uniad_desktop.teaching.stored_scores import network_key

    if not pictures.parts_key or product not in package.manifest.products:
        return {}
    return {
        "network_key": network_key(package, product),
        "parts_key": pictures.parts_key,
        "runtime": runtime,
    }


def _tell(event: str, values: dict[str, Any]) -> None:
    """A line for the program that started this one."""
    line = {"event": event, **values}
    sys.stdout.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
    sys.stdout.flush()


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
    present = package.manifest.products.get(product)
    if options.no_review_band and by_hand is None and not options.data and present is not None:
        by_hand = present.reject  # T1 follows
    return CalibrationSettings(
        limits=LimitSettings(options.false_reject_rate, options.review_rate, options.margin),
        by_hand=by_hand,
        accept_by_hand=options.accept_limit,
        drop_outliers=options.drop_outliers,
        strict=options.strict,
        batch=options.batch,
    )


def _calibrated(
    options: argparse.Namespace,
    package: ModelPackage,
    product: str,
    pictures: Pictures,
    tools: tuple[CalibrationSettings, ImageReader, Interrupt],
) -> tuple[CalibratedProduct, str]:
    """The calibrated product, and what computed its scores."""
    from tqdm import tqdm

    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.teaching.calibrate import calibrate_product, prepare
    from uniad_desktop.training.datasets.sample import counted

    samples = pictures.samples
    settings, reader, interrupt = tools
    ready = prepare(
        package,
        product,
        title=options.title,
        layout=layout_wished(options, package, product),
        least_area=options.least_area,
    )
    interrupt.raise_if_asked()
    inspected = [0]
    if options.events:
        import torch

        from uniad_desktop.app import inference_threads

        torch.set_num_threads(inference_threads())  # a station may be inspecting beside it
        _tell("progress", {"done": 0, "parts": len(samples)})
    detector = Detector(ready, options.device, runtime=options.runtime)
    for remark in detector.remarks:
        _log.warning("%s", remark)
    _log.info("Inspecting %s with %s.", counted(len(samples), "picture"), detector.runtime)
    tqdm.monitor_interval = 0  # or it leaves a thread behind
    try:
        with tqdm(
            total=len(samples), unit=" pictures", disable=None, leave=False, file=sys.stderr
        ) as bar:

            def done(count: int) -> None:
                bar.update(count)
                if options.events:
                    inspected[0] += count
                    _tell("progress", {"done": inspected[0], "parts": len(samples)})

            calibrated = calibrate_product(
                package,
                detector,
                product,
                samples,
                reader=reader,
                settings=settings,
                check=interrupt.raise_if_asked,
                done=done,
            )
    finally:
        detector.close()
    return calibrated, detector.runtime


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _write(path: Path, text: str) -> None:
    from uniad_desktop.files import write_durably

    with writing(path):
        write_durably(path, text.encode())


def _ending(written: ModelPackage | None, options: argparse.Namespace) -> str:
    if written is None:
        return "Nothing was written, as --dry-run asks."
    identity = written.identity
    if options.activate:
        return f"{identity.name} {identity.version} is active; the former version stays."
    words = (
        f"{written.folder} is ready; the former version stays. Use it with: uniad-desktop versions "
        f"activate {identity.name} {identity.version} --why …"
    )
    if options.data:
        words += (
            f" Measure it with: uniad-desktop evaluate {written.folder} {' '.join(options.data)}"
        )
    return words
