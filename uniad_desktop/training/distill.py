"""Teach the starter backbone: reproduce a pretrained teacher's features on procedural pictures.

Knowledge distillation of feature maps (FitNets, Romero et al. 2015, arXiv 1412.6550) where every
picture comes from formulas, so that no photograph is needed or shipped. ``docs/backbone.md`` says
what it gives. Run it with ``python -m uniad_desktop.training.distill --help``.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

import safetensors.torch
import timm
import torch
from torch import nn

from uniad_desktop.training.distillation import Distillation, Settings
from uniad_desktop.training.procedural.pool import make_pool
from uniad_desktop.training.starter_backbone import (
    STARTER,
    BackboneError,
    Teacher,
    hash_state,
    load_teacher,
)

_log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"
LATEST = "student_latest.safetensors"
RESULT = "backbone.safetensors"
PROVENANCE = "backbone.json"


def run(
    distillation: Distillation,
    out: Path,
    save_every: int = 320,
    log_every: int = 40,
    stop: Sequence[int] = (),
) -> bool:
    """Train to the last step, saving on the way.

    Args:
        distillation: The run, fresh or restored.
        out: Folder for the checkpoint and the averaged student so far.
        save_every: Steps between two savings.
        log_every: Steps between two lines in the log.
        stop: A list that another (a signal handler) fills to end the run after the step.

    Returns:
        True if the end was reached, False if the run was stopped; either way it is saved.
    """
    settings = distillation.settings
    smooth: list[float] = []
    begun, first = time.monotonic(), distillation.step
    while distillation.step < settings.steps and not stop:
        errors = distillation.advance()
        smooth = [0.98 * s + 0.02 * e for s, e in zip(smooth or errors, errors, strict=True)]
        if distillation.step % log_every == 0:
            done = (distillation.step - first) * settings.batch
            _log.info(
                "%d of %d images, %.1f/s, unexplained variance %s",
                distillation.step * settings.batch,
                settings.images,
                done / (time.monotonic() - begun),
                " ".join(f"{value:.3f}" for value in smooth),
            )
        if distillation.step % save_every == 0:
            save(distillation, out)
    save(distillation, out)
    return distillation.step >= settings.steps


def save(distillation: Distillation, out: Path) -> None:
    """Write the checkpoint and the averaged student so far; each file is whole at any time."""
    temporary = out / f"{CHECKPOINT}.tmp"
    with temporary.open("wb") as file:
        torch.save(distillation.state(), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(out / CHECKPOINT)
    save_network(distillation.average, out / LATEST)


def save_network(network: nn.Module, path: Path) -> None:
    """Write a network's state dict as safetensors; the old file stays until the new is whole."""
    state = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(safetensors.torch.save(state))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def finish(distillation: Distillation, teacher: Teacher, out: Path) -> dict[str, Any]:
    """Settle the averaged student, measure it and write it with its provenance.

    Returns:
        The provenance, as written beside the weights.
    """
    settings = distillation.settings
    distillation.settle(min(64, settings.steps))
    unexplained = distillation.unexplained(min(256, settings.images))
    save_network(distillation.average, out / RESULT)
    provenance: dict[str, Any] = {
        "architecture": STARTER.name,
        "stages": list(STARTER.stages),
        "channels": list(STARTER.channels),
        "input": "RGB / 255, ImageNet mean and deviation",
        "teacher": {
            "name": teacher.name,
            "licence": teacher.licence,
            "sha256": teacher.sha256,
        },
        "pictures": "procedural (uniad_desktop.training.procedural), no photograph",
        "settings": asdict(settings),
        "unexplained_variance": [round(value, 4) for value in unexplained],
        "sha256": hash_state(distillation.average.state_dict()),
        "versions": {
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "timm": str(timm.__version__),
        },
    }
    temporary = out / f"{PROVENANCE}.tmp"
    temporary.write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")
    temporary.replace(out / PROVENANCE)
    return provenance


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr
    )
    stop: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        stop.append(number)

    before = {s: signal.signal(s, on_signal) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        return _distill(arguments, stop)
    except (BackboneError, OSError) as error:
        _log.error("%s", error)
        return 2
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _distill(arguments: argparse.Namespace, stop: list[int]) -> int:
    _check_machine(arguments)
    settings = Settings(
        images=arguments.images,
        seed=arguments.seed,
        pool=arguments.pool,
        size=arguments.size,
        pad_type=arguments.pad_type,
        compiled=arguments.compile,
    )
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    teacher = load_teacher(
        arguments.teacher, arguments.teacher_name, arguments.teacher_licence, settings.pad_type
    )
    pool = out / f"pool-{settings.pool}x{settings.size}-seed{settings.seed}.npy"
    resumed = _read_checkpoint(out / CHECKPOINT) if arguments.resume else None
    if not pool.is_file() and not make_pool(
        pool,
        settings.pool,
        settings.size,
        settings.seed,
        device=arguments.device,
        stop=stop,
    ):
        _log.info("Stopped while the pictures were made. Start the same command again.")
        return 130
    distillation = Distillation(settings, teacher, pool, arguments.device)
    if resumed is not None:
        distillation.restore(resumed)
    if not run(distillation, out, stop=stop):
        _log.info(
            "Stopped after %d of %d images. Go on with the same command and --resume.",
            distillation.step * settings.batch,
            settings.images,
        )
        return 130
    provenance = finish(distillation, teacher, out)
    _log.info("%s: unexplained variance %s", out / RESULT, provenance["unexplained_variance"])
    return 0


def _check_machine(arguments: argparse.Namespace) -> None:
    """Raise a sentence for what torch would only fail on later, with a traceback."""
    try:
        torch.empty(1, device=arguments.device)
    except (RuntimeError, AssertionError) as error:
        raise BackboneError(
            f"This machine cannot compute on --device {arguments.device}. Leave it out to use the "
            "processor."
        ) from error
    compilers = (os.environ.get("CXX", ""), "c++", "g++", "clang++", "cl")
    if arguments.compile and not any(name and shutil.which(name) for name in compilers):
        raise BackboneError("--compile needs a C++ compiler. Install one or leave it out.")


def _read_checkpoint(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise BackboneError(f"There is no {path} to resume. Leave out --resume.")
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        missing = {"settings", "teacher", "step", "student", "average"} - state.keys()
        if missing:
            raise KeyError(*missing)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise BackboneError(f"{path} is damaged. Start anew without --resume.") from error
    return state


def _parser() -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m uniad_desktop.training.distill",
        description="Teach a small backbone to reproduce a pretrained one, on procedural pictures.",
    )
    parser.add_argument(
        "--teacher", required=True, help="weights file, or timm name to fetch from the model hub"
    )
    parser.add_argument("--teacher-name", default="", help="what to call it in the provenance")
    parser.add_argument("--teacher-licence", default="", help="licence of the teacher's weights")
    parser.add_argument("--out", type=Path, required=True, help="folder for all results")
    parser.add_argument("--images", type=int, default=usual.images, help="pictures to show")
    parser.add_argument("--pool", type=int, default=usual.pool, help="pictures to make first")
    parser.add_argument("--size", type=int, default=usual.size, help="side in pixels")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--pad-type", default=usual.pad_type, help="padding of the networks")
    parser.add_argument("--device", default="cpu", help="torch device, such as cuda")
    parser.add_argument(
        "--compile", action="store_true", help="half as fast again, with a C++ compiler"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    return parser


if __name__ == "__main__":
    sys.exit(main())
