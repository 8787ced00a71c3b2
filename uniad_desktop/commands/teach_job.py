"""``uniad-desktop teach --events``: tells another program all that happens, and keeps a record.

JSON lines on standard output, one object each: ``start``, ``stage``, ``features``, ``training``,
``loss``, and at the end ``done``, ``stopped`` or ``failed``; see ``docs/teaching.md``.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uniad_desktop.commands.outcome import (
    EXIT_DATA,
    EXIT_INTERRUPTED,
    EXIT_OK,
    CommandError,
    known_errors,
)
from uniad_desktop.commands.packages import keep_active, open_named_package
from uniad_desktop.commands.teach_plan import again, be_gentle, plan_of, who
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.teach_events import EventWriter, LossPoint, Pace, Stage
from uniad_desktop.teaching.teach_record import (
    CheckResult,
    JobRecord,
    TeachResult,
    one_at_a_time,
    read_job,
    remove_job,
    remove_run,
    write_job,
    write_result,
)

if TYPE_CHECKING:
    from uniad_desktop.teaching.teach_plan import Taught, TeachPlan
    from uniad_desktop.training.network import Report
    from uniad_desktop.training.recipes import TrainSettings

_log = logging.getLogger(__name__)

_SPREAD_WORK: Final = 0.4
"""What a step of the spread head costs, in steps of the network: no gradient goes through it."""


def run_as_job(
    options: argparse.Namespace,
    folder: Path,
    interrupt: Interrupt,
    defaults: Callable[[str], Any],
) -> int:
    """Teaches, tells what happens, and remembers it in the data folder.

    Args:
        options: of the command.
        folder: data folder.
        interrupt: asked at every safe moment.
        defaults: gives the default of an option.

    Raises:
        CommandError: it cannot be done, or was stopped; that has been told as an event, too.
    """
    events = EventWriter(sys.stdout)
    with _told(events), one_at_a_time(folder):
        return _Job(options, folder, interrupt, events).run(defaults)


@contextmanager
def _told(events: EventWriter) -> Iterator[None]:
    """Tells how it ended where that was not as wished."""
    from uniad_desktop.teaching.teach_plan import TeachError

    try:
        try:
            with known_errors():
                yield
        except (TeachError, StoreError) as error:
            raise CommandError(str(error), EXIT_DATA) from error
    except CommandError as error:
        stopped = error.code == EXIT_INTERRUPTED
        events.emit("stopped" if stopped else "failed", sentence=str(error))
        raise
    except KeyboardInterrupt:
        events.emit("stopped", sentence="Stopped before anything was computed.")
        raise


class _Job:
    """One run of a teaching: its record, its events and its result."""

    def __init__(
        self,
        options: argparse.Namespace,
        folder: Path,
        interrupt: Interrupt,
        events: EventWriter,
    ) -> None:
        self._options, self._folder, self._interrupt = options, folder, interrupt
        self._events = events
        self._losses: list[LossPoint] = []
        self._began = time.monotonic()

    def run(self, defaults: Callable[[str], Any]) -> int:
        """Teaches."""
        options, folder = self._options, self._folder
        package = open_named_package(options.package, folder)
        plan = plan_of(options, folder, package, self._interrupt)
        record = JobRecord(
            id=uuid.uuid4().hex,
            model=package.identity.name,
            version=package.identity.version,
            sha256=package.identity.sha256,
            product=plan.key,
            arguments=again(options, defaults, package, plan.run),
            run=plan.run.resolve(),
            who=who(options),
            since=_now(),
        )
        other = read_job(folder)
        if other is not None and other.run != record.run:
            _log.warning(
                "The unfinished teaching of '%s' is no longer remembered; its checkpoint stays in "
                "%s.",
                other.product,
                other.run,
            )
        write_job(folder, record)
        self._events.emit(
            "start",
            model=record.model,
            version=record.version,
            sha256=record.sha256,
            product=record.product,
            run=str(record.run),
        )
        be_gentle(options.threads)
        why = f"in use before '{plan.key}' was taught"
        keep_active(package, folder, who=record.who, why=why)
        taught = self._teach(plan, record)
        result = self._result(plan, record, taught)
        try:
            write_result(folder, result)
            remove_run(plan.run)
            remove_job(folder)
        except StoreError as error:  # the version is there, and its checks are in it
            _log.warning("%s", error)
        told = result.model_dump(mode="json", exclude={"losses", "schema_version"})
        self._events.emit("done", **told)
        return EXIT_OK

    def _teach(self, plan: TeachPlan, record: JobRecord) -> Taught:
        from uniad_desktop.teaching.teach import CHECKPOINT, teach
        from uniad_desktop.training.errors import TrainingStopped

        with ExitStack() as stack:
            progress = _Progress(plan, self._events, stack)
            try:
                return teach(
                    plan,
                    stop=self._interrupt.is_asked,
                    stage=self._stage,
                    progress=progress.features,
                    started=progress.started,
                    fitted=progress.fitted,
                    watched=self._watched,
                )
            except (TrainingStopped, KeyboardInterrupt):
                raise
            except Exception as error:
                if (plan.run / CHECKPOINT).exists():
                    self._note(record.model_copy(update={"problem": str(error)}))
                else:  # nothing that could go on
                    remove_job(self._folder)
                raise

    def _note(self, record: JobRecord) -> None:
        try:
            write_job(self._folder, record)
        except StoreError as error:  # a full disk; the former record is there
            _log.warning("%s", error)

    def _stage(self, stage: Stage) -> None:
        self._events.emit("stage", stage=stage.value)

    def _watched(self, point: LossPoint) -> None:
        self._losses.append(point)
        self._events.emit("loss", **asdict(point))

    def _result(self, plan: TeachPlan, record: JobRecord, taught: Taught) -> TeachResult:
        identity = taught.package.identity
        entry = taught.package.manifest.products[plan.key]
        checks = [{**asdict(one), "worse": one.worse} for one in taught.checks]
        return TeachResult(
            id=record.id,
            model=identity.name,
            product=plan.key,
            version=identity.version,
            sha256=identity.sha256,
            package=taught.package.folder.resolve(),
            former=record.version,
            former_sha256=record.sha256,
            checks=tuple(CheckResult.model_validate(one) for one in checks),
            odd=tuple(map(str, taught.odd)),
            notes=taught.notes,
            limit=entry.reject,
            accept=entry.accept,
            note=entry.calibration.note,
            seconds=round(time.monotonic() - self._began, 1),
            who=record.who,
            finished=_now(),
            losses=tuple(self._losses),
        )


class _Progress:
    """Features and steps as events, and the log of the steps as ever."""

    def __init__(self, plan: TeachPlan, events: EventWriter, stack: ExitStack) -> None:
        self._plan, self._events, self._stack = plan, events, stack
        self._steps, self._work = 0, 0.0
        self._pace = Pace(0.0)

    def features(self, done: int, count: int) -> None:
        """Takes rows of features done and wanted."""
        self._events.emit_seldom("features", done == count, done=done, count=count)

    def started(self, settings: TrainSettings) -> Report:
        """Takes the settings; gives what is told of every step."""
        from uniad_desktop.teaching.teach import SPREAD_STEPS
        from uniad_desktop.training.training_log import TrainingLog

        self._steps = settings.steps
        has_spread = self._plan.package.manifest.architecture.spread
        self._work = self._steps + (_SPREAD_WORK * SPREAD_STEPS if has_spread else 0.0)
        self._pace = Pace(self._work)
        table = self._plan.run / "teach.csv"
        log = self._stack.enter_context(
            TrainingLog("Teaching", settings.steps, settings.steps, settings.batch, table=table)
        )

        def report(step: int, loss: float, rate: float) -> None:
            log(step, loss, rate)
            self._trained(step + 1, step + 1, step + 1 == self._steps)

        return report

    def fitted(self, steps: int) -> None:
        """Takes the steps of the spread head's training."""
        from uniad_desktop.teaching.teach import SPREAD_STEPS

        work = self._steps + _SPREAD_WORK * steps
        self._trained(self._steps, work, steps == SPREAD_STEPS)

    def _trained(self, step: int, work: float, last: bool) -> None:
        rate, left = self._pace.take(work)
        self._events.emit_seldom(
            "training",
            last,
            step=step,
            steps=self._steps,
            fraction=round(work / self._work, 4),
            rate=None if rate is None else round(rate, 3),
            eta_s=None if left is None else round(left, 1),
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
