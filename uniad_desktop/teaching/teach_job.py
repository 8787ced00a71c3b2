"""A teaching in the background: ``uniad-desktop teach --events`` and what it says.

Knows no Qt and loads no torch. `unfinished_job`, `discard_job`, `last_result` and
`dismiss_result` read and write a few small files; the window calls them from its worker.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from uniad_desktop.teaching.child import CommandRun
from uniad_desktop.teaching.teach_events import LossPoint, Stage
from uniad_desktop.teaching.teach_record import (
    CheckResult,
    JobError,
    JobRecord,
    TeachResult,
    UnfinishedJob,
    busy,
    discard_job,
    dismiss_result,
    is_teaching,
    last_result,
    unfinished_job,
)

__all__ = [
    "CheckResult",
    "JobError",
    "JobRecord",
    "LossPoint",
    "Stage",
    "StageState",
    "TeachJob",
    "TeachResult",
    "TeachState",
    "UnfinishedJob",
    "discard_job",
    "dismiss_result",
    "is_teaching",
    "last_result",
    "teach_arguments",
    "unfinished_job",
]

_LOG: Final = "teach.log"
_LARGEST_LOG: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class StageState:
    """A stage of the teaching.

    Attributes:
        stage: which one.
        fraction: how much of it is done, 0 to 1; of limits and checks only whether they are.
        seconds: that it has taken; None where it has not begun.
    """

    stage: Stage
    fraction: float = 0.0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TeachState:
    """How far a teaching is.

    Attributes:
        product: key of what is taught.
        model: name of the model.
        version: that it goes on from; empty until the process has opened it.
        stage: the one that runs; None before the first.
        stages: all of them, in order.
        step, steps: of the network's training; 0 before it.
        eta_s: seconds that the training will take on; None where that is not known.
        losses: points of both curves, also those from before a stop.
        result: what it ended with; None where it has not, or not as wished.
        problem: why it failed, a sentence; empty where it did not.
        running: whether the process is there.
        stopped: whether it was stopped, and can go on.
    """

    product: str
    model: str
    version: str = ""
    stage: Stage | None = None
    stages: tuple[StageState, ...] = tuple(map(StageState, Stage))
    step: int = 0
    steps: int = 0
    eta_s: float | None = None
    losses: tuple[LossPoint, ...] = ()
    result: TeachResult | None = None
    problem: str = ""
    running: bool = True
    stopped: bool = False

    def progress(self, stage: Stage) -> StageState:
        """How far a stage is."""
        return next(one for one in self.stages if one.stage is stage)


def teach_arguments(
    model: str, product: str, *, who: str = "", augment: int = 0, more: Sequence[str] = ()
) -> tuple[str, ...]:
    """Arguments that teach what was collected of a product.

    Args:
        model: NAME, or NAME@VERSION.
        product: key.
        who: goes on record; empty: the login name.
        augment: varied copies of each part.
        more: further arguments of the command; folders of parts come first.
    """
    words = [model, product, *more]
    if who:
        words.append(f"--who={who}")
    if augment:
        words.append(f"--augment={augment}")
    return tuple(words)


class TeachJob:
    """A teaching in a process of its own; all methods return at once but `close`.

    Args:
        arguments: of ``uniad-desktop teach``, MODEL and PRODUCT first; see `teach_arguments`.
        data_folder: of the station.
        model: name of the model, where the first argument is a folder.
        clock: seconds.

    Raises:
        JobError: another teaching runs, or no process can be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        data_folder: Path,
        *,
        model: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if is_teaching(data_folder):
            raise JobError(busy(data_folder))
        self._clock = clock
        name = model or arguments[0].partition("@")[0]
        self._state = TeachState(arguments[1], name)
        self._losses: list[LossPoint] = []
        self._since: float | None = None  # the start of the stage that runs
        self._told_stop = False
        command = ["teach", *arguments, "--events", f"--data-dir={data_folder}"]
        try:
            self._run = CommandRun(command, _log_file(data_folder))
        except OSError as error:
            raise JobError(
                f"The teaching could not be started: {error.strerror or error}; end other "
                "programs and try again."
            ) from error

    @classmethod
    def go_on(cls, job: UnfinishedJob, data_folder: Path) -> TeachJob:
        """Goes on with one that was stopped, killed or failed, from the version it began with.

        Raises:
            JobError: as above.
        """
        return cls(job.record.arguments, data_folder, model=job.record.model)

    @property
    def state(self) -> TeachState:
        """How far it was at the last `beat`."""
        return self._state

    def beat(self) -> TeachState:
        """Takes in what the process said since the last call; call it a few times a second."""
        if not self._state.running:
            return self._state
        running = self._run.running  # before its lines, so that the last ones are taken in
        for line in self._run.lines():
            self._take(line)
        if self._since is not None and self._state.stage is not None:
            self._set_stage(self._state.stage, seconds=self._clock() - self._since)
        if not running:
            self._end()
        return self._state

    def cancel(self) -> None:
        """Asks it to stop at its next safe moment; what was computed is kept."""
        self._run.stop()

    def close(self) -> None:
        """Stops it and waits for it, with a limit; what was computed is kept."""
        self._run.close()
        self.beat()

    def _take(self, line: str) -> None:
        try:
            told = json.loads(line)
            take = self._TAKERS.get(told["event"])
        except (ValueError, TypeError, KeyError):
            return  # a library's own word
        if take is not None:
            try:
                take(self, told)
            except (KeyError, TypeError, ValueError) as error:  # ValidationError is a ValueError
                words = f"The teaching said what cannot be understood: {line[:200]} ({error})."
                self._state = replace(self._state, problem=words)

    def _take_start(self, told: dict[str, Any]) -> None:
        self._state = replace(
            self._state, model=told["model"], version=told["version"], product=told["product"]
        )

    def _take_stage(self, told: dict[str, Any]) -> None:
        self._finish_stage()
        self._since = self._clock()
        self._state = replace(self._state, stage=Stage(told["stage"]))

    def _take_features(self, told: dict[str, Any]) -> None:
        self._set_stage(Stage.FEATURES, fraction=told["done"] / max(1, told["count"]))

    def _take_training(self, told: dict[str, Any]) -> None:
        self._state = replace(
            self._state, step=told["step"], steps=told["steps"], eta_s=told["eta_s"]
        )
        self._set_stage(Stage.TRAINING, fraction=told["fraction"])

    def _take_loss(self, told: dict[str, Any]) -> None:
        self._losses.append(LossPoint(told["step"], told["new"], told["former"]))
        self._state = replace(self._state, losses=tuple(self._losses))

    def _take_done(self, told: dict[str, Any]) -> None:
        self._finish_stage()
        result = TeachResult.model_validate({**told, "losses": tuple(self._losses)})
        self._state = replace(self._state, stage=None, result=result)

    def _take_stopped(self, told: dict[str, Any]) -> None:
        self._told_stop = True

    def _take_failed(self, told: dict[str, Any]) -> None:
        self._state = replace(self._state, problem=str(told["sentence"]))

    _TAKERS: Final[dict[str, Callable[[TeachJob, dict[str, Any]], None]]] = {
        "start": _take_start,
        "stage": _take_stage,
        "features": _take_features,
        "training": _take_training,
        "loss": _take_loss,
        "done": _take_done,
        "stopped": _take_stopped,
        "failed": _take_failed,
    }

    def _finish_stage(self) -> None:
        if self._state.stage is not None and self._since is not None:
            self._set_stage(self._state.stage, fraction=1.0, seconds=self._clock() - self._since)
        self._since = None
        self._state = replace(self._state, eta_s=None)

    def _set_stage(
        self, stage: Stage, *, fraction: float | None = None, seconds: float | None = None
    ) -> None:
        """Changes what is given of a stage."""

        def changed(one: StageState) -> StageState:
            return StageState(
                stage,
                one.fraction if fraction is None else fraction,
                one.seconds if seconds is None else seconds,
            )

        stages = tuple(changed(one) if one.stage is stage else one for one in self._state.stages)
        self._state = replace(self._state, stages=stages)

    def _end(self) -> None:
        """The process is gone, with or without a last word."""
        state = replace(self._state, running=False, stage=None, eta_s=None)
        if state.result is not None:
            state = replace(state, problem="")
        elif not state.problem:
            if self._told_stop or self._run.stopped:
                state = replace(state, stopped=True)
            else:
                state = replace(state, problem=self._unexpected())
        self._state = state

    def _unexpected(self) -> str:
        code = self._run.code or 0
        kept = "What was computed is kept, and the teaching can go on from there."
        if code == -getattr(signal, "SIGKILL", 9):
            return (
                "The teaching was ended from outside, perhaps because the computer's memory ran "
                f"out. End other programs first. {kept}"
            )
        last = self._run.last_words.splitlines()
        words = f" It last said: {last[-1]}" if last else ""
        return f"The teaching ended without a result (code {code}).{words} {kept}"


def _log_file(data_folder: Path) -> Path | None:
    """The file for its own words; None where it is large and cannot be emptied."""
    path = data_folder / "logs" / _LOG
    try:
        if path.stat().st_size > _LARGEST_LOG:
            path.replace(path.with_name(_LOG + ".1"))
    except FileNotFoundError:
        return path
    except OSError:
        return None
    return path
