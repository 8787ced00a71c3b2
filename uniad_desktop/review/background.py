"""Work with a model beside a window: a command in a process of its own, and how it fares."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.source import ReviewSource, SourceKind
from uniad_desktop.teaching.child import CommandRun


@dataclass(frozen=True, slots=True)
class WorkState:
    """How it fares.

    Attributes:
        total: images that are to be judged; 0 until that is known.
        done: of these.
        running: whether the process lives.
        paused: whether it waits because it was told to.
        finished: whether all was done; false after a cancellation or a failure.
        rate: images per second lately; None where that cannot be told yet.
        seconds_left: likewise.
        counts: images by verdict.
        model: NAME@VERSION; empty until it is loaded, as is `runtime`.
        problem: why it ended early, as a sentence; empty: it did not.
        notes: sentences on what could not be looked at.
        missing: files on record that are gone (folders and zips).
    """

    total: int = 0
    done: int = 0
    running: bool = True
    paused: bool = False
    finished: bool = False
    rate: float | None = None
    seconds_left: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    model: str = ""
    runtime: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()
    missing: int = 0


class ChildWork:
    """A command that tells events; `beat` is called on a timer and returns at once.

    Args:
        arguments: of the command, its name first.
        log: file for its standard error.

    Raises:
        ReviewError: no process can be started.
    """

    def __init__(self, arguments: Sequence[str], log: Path | None = None) -> None:
        try:
            self._child = CommandRun(arguments, log)
        except OSError as error:
            raise ReviewError(
                f"No process can be started: {error.strerror or error}; close other programs."
            ) from error
        self._state = WorkState()
        self._closed = False

    def beat(self) -> WorkState:
        """Reads what it told since the last call."""
        ended = not self._child.running  # asked first: nothing comes after
        for line in self._child.lines():
            with contextlib.suppress(ValueError, TypeError, AttributeError):  # some other output
                self._take(json.loads(line))
        if ended and self._state.running:
            self._state = replace(self._state, running=False, paused=False)
            if not self._state.finished and not self._child.stopped:
                self._state = replace(self._state, problem=self._child.sentence)
        return self._state

    def pause(self) -> None:
        """Has it wait after the image in hand."""
        self._child.pause()

    def resume(self) -> None:
        """Has it go on."""
        self._child.resume()

    def cancel(self) -> None:
        """Has it end after the image in hand; what was judged stays."""
        self._child.stop()

    def close(self, timeout_s: float = 20.0) -> bool:
        """Cancels and waits; whether it ended by itself in time. Safe to call twice."""
        if self._closed:
            return True
        self._closed = True
        return self._child.close(timeout_s)

    def _take(self, told: dict[str, Any]) -> None:
        event, now = told["event"], self._state
        if event == "paused":
            self._state = replace(now, paused=True, rate=None, seconds_left=None)
        elif event == "resumed":
            self._state = replace(now, paused=False)
        elif event in {"found", "opened", "progress", "done"}:
            self._state = WorkState(
                total=int(told.get("images", now.total)),
                done=int(told.get("done", now.done)),
                paused=now.paused and event != "done",
                finished=event == "done",
                rate=told.get("per_second", now.rate),
                seconds_left=told.get("seconds_left"),
                counts=told.get("counts", now.counts),
                model=told.get("model", now.model),
                runtime=told.get("runtime", now.runtime),
                notes=tuple(told.get("notes", now.notes)),
                missing=int(told.get("missing", now.missing)),
            )


class FolderInspection(ChildWork):
    """Judges what is new in a folder or zip beside the window; records come as it goes on.

    Args:
        source: a folder or zip. For a station's own records nothing is to be done.
        data_folder: of this station.
        model: NAME, NAME@VERSION or folder; empty: what the station uses.
        product: key or title for all images; empty: by the names of folders.

    Raises:
        ReviewError: no process can be started.
    """

    def __init__(
        self, source: ReviewSource, data_folder: Path, *, model: str = "", product: str = ""
    ) -> None:
        if source.kind is SourceKind.STATION:
            raise ReviewError("The records of a station were judged already.")
        arguments = ["review", str(source.place), "--inspect", "--events"]
        arguments += ["--data-dir", str(data_folder)]
        arguments += ["--model", model] if model else []
        arguments += ["--product", product] if product else []
        super().__init__(arguments, data_folder / "logs" / "review.log")
