"""What a training shows while it runs and leaves behind: bar or lines, CSV, TensorBoard."""

from __future__ import annotations

import csv
import io
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from tqdm import tqdm

from uniad_desktop.files import write_durably
from uniad_desktop.training.errors import TrainingError

_log = logging.getLogger(__name__)

COLUMNS = ("step", "epoch", "loss", "rate", "images_per_s", "elapsed_s")
_MOST_ROWS = 5000
_LINE_EVERY_S = 10.0


class _Bar(tqdm):  # type: ignore[misc]
    monitor_interval = 0  # no thread only for a bar


class TrainingLog:
    """Reports every step of a training; a context manager.

    Args:
        title: what is trained, for the bar.
        steps: steps in all.
        per_epoch: steps per epoch.
        images: pictures per step, over all processes.
        table: the CSV file, or None for none. Of a training that was resumed, the rows before the
            first step reported are kept.
        board: folder of TensorBoard's events, or None for none.

    Raises:
        TrainingError: TensorBoard is asked for and not installed.
    """

    def __init__(
        self,
        title: str,
        steps: int,
        per_epoch: int,
        images: int,
        *,
        table: Path | None = None,
        board: Path | None = None,
    ) -> None:
        self._title, self._steps, self._per_epoch, self._images = title, steps, per_epoch, images
        self._table, self._board = table, board
        self._every = max(1, steps // _MOST_ROWS)
        self._file: io.TextIOWrapper | None = None
        self._writer: Any = _summary_writer() if board is not None else None
        self._events: Any = None
        self._bar: _Bar | None = None
        self._losses: list[float] = []
        self._first, self._before = -1, 0.0
        self._began = self._row_at = self._line_at = time.monotonic()

    def __enter__(self) -> TrainingLog:
        """Nothing is opened before the first step."""
        self._began = self._row_at = self._line_at = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes bar and files."""
        for one in (self._bar, self._file, self._events):
            if one is not None:
                one.close()

    def __call__(self, step: int, loss: float, rate: float) -> None:
        """Takes a step (from 0), its loss and its learning rate.

        Raises:
            TrainingError: the disk is full or refuses.
        """
        done = step + 1
        try:
            if self._first < 0:
                self._open(step)
            self._losses.append(loss)
            if done % self._every == 0 or done == self._steps:
                self._write(done, rate)
        except OSError as error:
            raise self._unwritable(error) from error
        now = time.monotonic()
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {loss:.4g}, rate {rate:.2e}", refresh=False)
            self._bar.update()
        elif now - self._line_at >= _LINE_EVERY_S or done == self._steps:
            self._line_at = now
            pace = (done - self._first) / max(now - self._began, 1e-9)
            left = (self._steps - done) / pace
            _log.info(
                "%s: step %d of %d, loss %.4g, rate %.2e, %.1f images/s, %s left",
                self._title,
                done,
                self._steps,
                loss,
                rate,
                pace * self._images,
                tqdm.format_interval(left),
            )

    def _unwritable(self, error: OSError) -> TrainingError:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what could not be written cannot be flushed either
                file.close()
        return TrainingError(
            f"The log {self._table or self._board} cannot be written: {error.strerror or error}. "
            "Free space or check the rights and start the same command again; the training goes "
            "on from the last checkpoint."
        )

    def _open(self, step: int) -> None:
        self._first = step
        if self._table is not None:
            kept = _rows_up_to(self._table, step)
            self._before = float(kept[-1][-1]) if kept else 0.0
            self._table.parent.mkdir(parents=True, exist_ok=True)
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([COLUMNS, *kept])
            write_durably(self._table, text.getvalue().encode())
            # Line by line: what was reported before a kill is there afterwards.
            self._file = self._table.open("a", encoding="utf-8", newline="", buffering=1)
        if self._writer is not None:
            self._events = self._writer(str(self._board), purge_step=step)
        if sys.stderr.isatty():
            self._bar = _Bar(
                total=self._steps, initial=step, desc=self._title, unit="step", dynamic_ncols=True
            )

    def _write(self, done: int, rate: float) -> None:
        now = time.monotonic()
        loss = sum(self._losses) / len(self._losses)
        pace = len(self._losses) * self._images / max(now - self._row_at, 1e-9)
        self._losses.clear()
        self._row_at = now
        if self._file is not None:
            epoch = (done - 1) // self._per_epoch + 1
            elapsed = self._before + now - self._began
            row = (done, epoch, f"{loss:.6g}", f"{rate:.6g}", f"{pace:.1f}", f"{elapsed:.2f}")
            csv.writer(self._file, lineterminator="\n").writerow(row)
        if self._events is not None:
            for name, value in (("loss", loss), ("rate", rate), ("images_per_s", pace)):
                self._events.add_scalar(name, value, done)


@contextmanager
def progress_bar(title: str) -> Iterator[Any]:
    """A function of pictures done and pictures in all that shows a bar, or a line now and then."""
    bar: _Bar | None = None
    said = time.monotonic()

    def progress(done: int, count: int) -> None:
        nonlocal bar, said
        if sys.stderr.isatty():
            if bar is None:
                bar = _Bar(total=count, desc=title, unit="image", dynamic_ncols=True)
            bar.update(done - bar.n)
        elif time.monotonic() - said >= _LINE_EVERY_S or done == count:
            said = time.monotonic()
            _log.info("%s: %d of %d", title, done, count)

    try:
        yield progress
    finally:
        if bar is not None:
            bar.close()


def _rows_up_to(table: Path, step: int) -> list[list[str]]:
    """The whole rows of a table up to a step; none where there is no such table."""
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return []
    kept: list[list[str]] = []
    for row in rows[1:]:
        try:
            number, _ = int(row[0]), [float(one) for one in row]
        except (ValueError, IndexError):
            continue
        if len(row) == len(COLUMNS) and number <= step:
            kept.append(row)
    return kept if rows[:1] == [list(COLUMNS)] else []


def _summary_writer() -> Any:  # noqa: ANN401 - a class of an optional package
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise TrainingError(
            "TensorBoard is not installed; install it with: pip install "
            "uniad-desktop[tensorboard]. The CSV file is written without it."
        ) from error
    return SummaryWriter
