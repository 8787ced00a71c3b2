r"""Makes the model that comes with the application, from rendered parts alone.

    python -m uniad_desktop.training.simulated --backbone runs/backbone/backbone.safetensors \
        --out models

Renders normal parts of the four simulated products, trains one network on all of them together,
sets each product's limit on held-out normal parts, measures the package on fresh parts and writes
it. Ctrl+C stops after the current step; ``--resume`` goes on from there to the very same package.

    python -m uniad_desktop.training.simulated --add-sample models/unified/1.0.0 --out models \
        --version 1.0.1

trains nothing: it writes a package again, with a few of its normal parts, on which runtimes prove
themselves, where it was made without.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

import torch

from uniad_desktop.engine.detector import DetectorError
from uniad_desktop.engine.package import PackageError, open_package, version_number
from uniad_desktop.training.calibration import CalibrationError
from uniad_desktop.training.errors import TrainingError, TrainingStopped
from uniad_desktop.training.evaluate import table
from uniad_desktop.training.package_build import PackageNaming
from uniad_desktop.training.simulated_data import Light
from uniad_desktop.training.simulated_model import SETTINGS, Amounts, Job, checkpoint_of, run
from uniad_desktop.training.simulated_sample import add_sample
from uniad_desktop.training.starter_backbone import BackboneError


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status: 0 done, 1 failed, 130 stopped by the user."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        if options.add_sample is not None:
            package = add_sample(
                open_package(options.add_sample),
                options.out,
                options.version,
                replace=options.replace,
            )
            sys.stdout.write(f"{package.folder}\n")
            return 0
        job = _job(options)
        if not options.resume:
            checkpoint_of(job).unlink(missing_ok=True)
        built = run(job, _stop_on_interrupt())
    except TrainingStopped as stopped:
        sys.stderr.write(f"{stopped} Go on with --resume.\n")
        return 130
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; nothing was written.\n")
        return 130
    except (
        BackboneError,
        TrainingError,
        CalibrationError,
        DetectorError,
        PackageError,
        OSError,
    ) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{table(built.figures)}\n{built.package.folder}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m uniad_desktop.training.simulated",
        description="Train, calibrate and measure the shipped model on rendered parts.",
    )
    amounts, settings = Amounts(), SETTINGS
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--backbone", type=Path, help="weights of the backbone to train with")
    task.add_argument(
        "--add-sample", type=Path, metavar="PACKAGE", help="write it again with a sample of parts"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of all models")
    parser.add_argument("--work", type=Path, default=Path("runs/network"), help="caches go here")
    parser.add_argument("--name", default="unified")
    parser.add_argument("--version", default="1.0.0", type=_version)
    parser.add_argument("--title", default="Simulated parts")
    parser.add_argument("--steps", type=int, default=settings.steps)
    parser.add_argument("--batch", type=int, default=settings.batch)
    parser.add_argument("--rate", type=float, default=settings.rate)
    parser.add_argument("--seed", type=int, default=settings.seed)
    parser.add_argument("--train-parts", type=int, default=amounts.train, help="per product")
    parser.add_argument("--calibration-parts", type=int, default=amounts.calibration)
    parser.add_argument("--test-good", type=int, default=amounts.test_good)
    parser.add_argument("--test-defects", type=int, default=amounts.test_defects, help="per kind")
    parser.add_argument("--false-reject-rate", type=float, default=0.005)
    parser.add_argument("--threads", type=int, default=1, help="0 for torch's own choice")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    parser.add_argument("--replace", action="store_true", help="replace the same version")
    return parser


def _version(text: str) -> str:
    if version_number(text) is None:
        raise argparse.ArgumentTypeError(f"'{text}' is no version like 1.0.0")
    return text


def _job(options: argparse.Namespace) -> Job:
    source, licence = _backbone_provenance(options.backbone)
    return Job(
        backbone=options.backbone,
        models=options.out,
        work=options.work,
        naming=PackageNaming(options.name, options.version, options.title, source, licence),
        amounts=Amounts(
            options.train_parts,
            options.calibration_parts,
            options.test_good,
            options.test_defects,
        ),
        settings=replace(
            SETTINGS,
            steps=options.steps,
            batch=options.batch,
            rate=options.rate,
            seed=options.seed,
        ),
        light=Light(0.98, 1.02),
        nominal=Light(),
        false_reject_rate=options.false_reject_rate,
        replace=options.replace,
    )


def _backbone_provenance(weights: Path) -> tuple[str, str]:
    """What the file beside the weights says of them: source and licence."""
    note = weights.with_suffix(".json")
    if not note.is_file():
        return f"weights file {weights.name}", "not stated"
    try:
        values = json.loads(note.read_text(encoding="utf-8"))
        teacher = values["teacher"]
        name, licence = str(teacher["name"]), str(teacher["licence"])
    except (ValueError, KeyError, TypeError) as error:
        raise BackboneError(
            f"{note} does not say where the weights come from ({error}); make them anew or "
            "remove that file."
        ) from error
    return f"distilled from {name} on pictures: {values.get('pictures', 'not stated')}", licence


def _stop_on_interrupt() -> threading.Event:
    """An event that the first Ctrl+C sets; the second one interrupts at once."""
    stop = threading.Event()

    def interrupted(_: int, __: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        sys.stderr.write("Stopping after this step; press Ctrl+C again to stop at once.\n")

    signal.signal(signal.SIGINT, interrupted)
    return stop


if __name__ == "__main__":
    sys.exit(main())
