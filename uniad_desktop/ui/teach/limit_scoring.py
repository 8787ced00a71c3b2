"""Scores of the collected parts, computed by a process of its own. No Qt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.teaching.child import CommandRun
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.stored_scores import save_scores, scores_of_result
from uniad_desktop.training.calibration import CalibrationError
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.teach.limit_desk import Loaded


class PartScoring:
    """``calibrate --dry-run --events`` of one product, with the version that is shown.

    Args:
        data_folder: of the station.
        package: gives the scores.
        product: key.

    Raises:
        OSError: no process can be started.
    """

    def __init__(self, data_folder: Path, package: ModelPackage, product: str) -> None:
        self.package, self.product = package, product
        self.done, self.parts = 0, 0
        self._folder = data_folder
        self._result: dict[str, Any] | None = None
        name = f"{package.identity.name}@{package.identity.version}"
        self._run = CommandRun(
            ["calibrate", name, product, "--dry-run", "--events", "--data-dir", str(data_folder)]
        )

    def beat(self) -> bool:
        """Takes what the process said; whether it has ended. Returns at once."""
        ended = not self._run.running
        for line in self._run.lines():
            event = _event(line)
            if event.get("event") == "progress":
                self.done, self.parts = int(event["done"]), int(event["parts"])
            elif event.get("event") == "result":
                self._result = event
        return ended

    @property
    def problem(self) -> str:
        """Why there is no result, a sentence; empty where there is one or it was stopped."""
        if self._result is not None or self._run.stopped:
            return ""
        return self._run.sentence

    @property
    def finished(self) -> bool:
        """Whether there is a result."""
        return self._result is not None

    def save(self) -> None:
        """Keeps the scores; not for the Qt thread.

        Raises:
            StoreError: the disk refuses.
            CalibrationError: the result cannot be understood.
        """
        if self._result is not None:
            save_scores(self._folder, scores_of_result(self.package, self._result))

    def stop(self) -> None:
        """Asks the process to end."""
        self._run.stop()

    def close(self) -> bool:
        """Ends the process and waits for it; whether it ended by itself. Not for the Qt thread."""
        return self._run.close()


class ScoreKeeper:
    """Has parts scored where their scores are not kept, one product at a time.

    Args:
        data_folder: of the station.
        background: starts and ends processes and writes.
        kept: told that there are new scores.
        say: told of a problem, a sentence.
    """

    def __init__(
        self,
        data_folder: Path,
        background: Background,
        kept: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._folder, self._background = data_folder, background
        self._kept, self._say = kept, say
        self._scoring: PartScoring | None = None
        self._wanted = ""
        self._tried: tuple[str, str, str] | None = None
        self._made: list[PartScoring] = []  # processes that may still live
        self._closing = False

    @property
    def busy(self) -> bool:
        """Whether parts are being scored, or will be in a moment."""
        return bool(self._wanted)

    @property
    def progress(self) -> tuple[int, int]:
        """How many pictures were inspected, and of how many; of 0 while it begins."""
        return (self._scoring.done, self._scoring.parts) if self._scoring else (0, 0)

    def offer(self, loaded: Loaded) -> None:
        """Begins where there is something to score; what failed is not tried again by itself."""
        key = (loaded.package.identity.sha256, loaded.product, loaded.parts.key)
        done = loaded.entry is None or loaded.scores is not None or not loaded.parts.good
        if done or self.busy or key == self._tried:
            return
        self._tried, self._wanted = key, loaded.product

        def begin() -> PartScoring:
            scoring = PartScoring(self._folder, loaded.package, loaded.product)
            self._made.append(scoring)
            if self._closing:
                scoring.close()
            return scoring

        def started(scoring: PartScoring) -> None:
            if self._wanted == loaded.product and self._scoring is None:
                self._scoring = scoring
            else:
                self._end(scoring)

        def failed(sentence: str) -> None:
            self._wanted = ""
            self._say(sentence)

        self._background.run(begin, started, failed, (OSError,))

    def beat(self) -> None:
        """Takes what the process said; returns at once."""
        scoring = self._scoring
        if scoring is None or not scoring.beat():
            return
        self._scoring = None
        if scoring.problem:
            self._say(scoring.problem)

        def work() -> None:
            self._close(scoring)
            scoring.save()

        def saved() -> None:
            self._wanted = ""
            if scoring.finished:
                self._kept()

        def failed(sentence: str) -> None:
            self._wanted = ""
            self._say(sentence)

        self._background.run(
            work, lambda _: saved(), failed, (StoreError, CalibrationError, OSError)
        )

    def stop(self) -> None:
        """Gives up what is being scored; it may begin anew."""
        self._wanted, self._tried = "", None
        scoring, self._scoring = self._scoring, None
        if scoring is not None:
            self._end(scoring)

    def close(self) -> bool:
        """At the end of the window: waits for processes; whether all ended by themselves."""
        self._closing = True
        self._scoring = None
        made = list(self._made)
        for one in made:
            one.stop()
        return all([one.close() for one in made])

    def _end(self, scoring: PartScoring) -> None:
        scoring.stop()
        self._background.run(lambda: self._close(scoring))

    def _close(self, scoring: PartScoring) -> None:
        scoring.close()
        self._made.remove(scoring)


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
