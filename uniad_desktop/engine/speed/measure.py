"""The whole measurement: opens the runtimes, warms them up, times them in turns."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.detector import DetectorError, load_model
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.runtimes import choice
from uniad_desktop.engine.runtimes.base import RuntimeFailedError
from uniad_desktop.engine.runtimes.names import TORCH
from uniad_desktop.engine.speed.machine import describe_machine, load_average
from uniad_desktop.engine.speed.memory import resident_mb, settled_mb
from uniad_desktop.engine.speed.peak import PRECISIONS, matrix_rate, picture_flops, place_of
from uniad_desktop.engine.speed.runners import NotUsedError, Runner, open_runner
from uniad_desktop.engine.speed.stages import Stages, stages_of
from uniad_desktop.engine.speed.timing import Budget, Timed, time_in_turns, warm_up

_log = logging.getLogger(__name__)

_FRAMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured.

    Attributes:
        names: of runtimes; torch is always measured.
        device: torch device of the reference.
        threads: of the processor.
        frame: rows and columns of the frames in pixels.
        grey: one channel instead of three.
        batches: sizes for the throughput; 1 is always measured.
        budget: how long.
        untrained: whether the weights are random.
    """

    names: tuple[str, ...]
    device: str = "auto"
    threads: int = 1
    frame: tuple[int, int] = (720, 960)
    grey: bool = False
    batches: tuple[int, ...] = (1, 4, 8)
    budget: Budget = field(default_factory=Budget)
    untrained: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """Batch sizes, rising, each once."""
        return tuple(sorted({1, *self.batches}))


@dataclass(frozen=True, slots=True)
class Measured:
    """One runtime and what was found."""

    runner: Runner
    label: str
    timed: Timed
    stages: Stages


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was measured.

    Attributes:
        package: the model.
        plan: what was asked for.
        measured: by name, torch first.
        unavailable: why others were not, by name.
        flops: floating-point operations per picture.
        peaks: FLOP per second by device type and precision.
        machine: JSON values.
        resident_mb: of the process before and after the timed runs.
    """

    package: ModelPackage
    plan: Plan
    measured: Mapping[str, Measured]
    unavailable: Mapping[str, str]
    flops: int
    peaks: Mapping[tuple[str, str], float]
    machine: Mapping[str, Any]
    resident_mb: tuple[float, float]


def measure(package: ModelPackage, plan: Plan, check: Callable[[], None]) -> Report:
    """Measures a package.

    Args:
        package: the model.
        plan: what is measured.
        check: called often; may raise to end.

    Raises:
        DetectorError: the reference fails, or a runtime does after its warm-up.
        PackageError: the package cannot be used.
    """
    threads_before = torch.get_num_threads()
    torch.set_num_threads(plan.threads)
    try:
        with ExitStack() as held:
            return _measure(package, plan, check, held)
    finally:
        torch.set_num_threads(threads_before)


def _measure(
    package: ModelPackage, plan: Plan, check: Callable[[], None], held: ExitStack
) -> Report:
    workplace = None
    if plan.untrained:
        temporary = tempfile.TemporaryDirectory(
            prefix="uniad-benchmark-", ignore_cleanup_errors=True
        )
        workplace = Path(held.enter_context(temporary))
    frames = _frames(plan)
    load_before = load_average()

    def opened(name: str) -> Runner:
        check()
        return open_runner(
            name, package, device=plan.device, threads=plan.threads, workplace=workplace
        )

    runners, unavailable = _open_all(opened, plan, frames, held)
    flops = picture_flops(load_model(package))
    peaks = _peaks({place_of(runner.detector.runtime) for runner in runners})
    entry = next(iter(package.manifest.products.values()), None)
    _log.info("Measuring %s.", ", ".join(runner.name for runner in runners))
    before = resident_mb()
    timed = time_in_turns(
        runners,
        frames,
        plan.sizes,
        plan.budget,
        limit=float("inf") if entry is None else entry.reject,
        check=check,
    )
    after = resident_mb()
    for place, rate in _peaks(set(peaks)).items():  # once more: the machine may be quieter now
        peaks[place] = max(peaks[place], rate)
    machine = {
        **describe_machine(plan.threads),
        "load_before": load_before,
        "load_after": load_average(),
    }
    _log.info("Looking into the stages.")
    measured = {}
    for runner in runners:
        check()
        stages = Stages()
        with suppress(RuntimeFailedError, ValueError):  # no profile: no stages; the times hold
            stages = stages_of(runner, package, frames[0], timed[runner.name])
        label = runner.detector.runtime
        measured[runner.name] = Measured(runner, label, timed[runner.name], stages)
    return Report(
        package=package,
        plan=plan,
        measured=measured,
        unavailable=unavailable,
        flops=flops,
        peaks=peaks,
        machine=machine,
        resident_mb=(before, after),
    )


def _frames(plan: Plan) -> list[NDArray[np.uint8]]:
    """Frames of noise: no network is faster on them, and no file is needed."""
    generator = np.random.default_rng(0)
    shape = plan.frame if plan.grey else (*plan.frame, 3)
    return [generator.integers(0, 256, shape, dtype=np.uint8) for _ in range(_FRAMES)]


def _open_all(
    opened: Callable[[str], Runner],
    plan: Plan,
    frames: list[NDArray[np.uint8]],
    held: ExitStack,
) -> tuple[list[Runner], dict[str, str]]:
    """The runtimes, warmed up, and why others are missing."""
    runners: list[Runner] = []
    unavailable: dict[str, str] = {}
    names = [TORCH, *(name for name in dict.fromkeys(plan.names) if name != TORCH)]
    for name in names:
        try:
            if name != TORCH:  # exported and checked first, so that loading alone is weighed
                opened(name).detector.close()
            before = settled_mb()
            with _quietly():
                runner = opened(name)
            held.callback(runner.detector.close)
            warm_up(runner, frames, (1,))
            runner = replace(runner, memory_mb=settled_mb() - before)
            warm_up(runner, frames, plan.sizes)
        except NotUsedError as error:
            unavailable[name] = str(error)
            continue
        except DetectorError as error:
            if name == TORCH:
                raise
            unavailable[name] = str(error)
            continue
        runners.append(runner)
    return runners, unavailable


@contextmanager
def _quietly() -> Iterator[None]:
    """What was said when a runtime was opened first need not be said again."""
    log = logging.getLogger(choice.__name__)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def _peaks(places: set[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """Peaks of what the runtimes use, and of f32 and bf16 on the processor in any case."""
    wanted = {place for place in places if place[1] in PRECISIONS}
    wanted |= {("cpu", "f32"), ("cpu", "bf16")}
    return {
        (device, precision): matrix_rate(precision, torch.device(device))
        for device, precision in sorted(wanted)
    }
