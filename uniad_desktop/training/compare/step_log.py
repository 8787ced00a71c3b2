"""The losses and figures of a training so far, on disk, so that a resumed one knows them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from uniad_desktop.files import write_durably
from uniad_desktop.training.compare.measure import Figures


class StepLog:
    """One line per step: its loss and, where it was evaluated, the figures of the products.

    A context manager. Lines are with the system at once, so a kill loses none.

    Args:
        path: the file; a former one is read as far as it is whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.losses: list[float] = []
        self.figures: dict[int, dict[str, Figures]] = {}
        self._file: io.TextIOWrapper | None = None
        self._read()

    def __enter__(self) -> StepLog:
        """Nothing is written before the first step."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()

    def add(self, step: int, loss: float, figures: dict[str, Figures] | None) -> None:
        """Takes a step, counted from 0, and what was measured after it.

        Raises:
            ValueError: a step before it is missing.
            OSError: the disk is full, and so on.
        """
        if self._file is None:
            self._open(step)
        if self._file is None or step != len(self.losses):
            raise ValueError(f"Step {step} does not follow {len(self.losses)} steps.")
        self._file.write(_line(loss, figures))
        self.losses.append(loss)
        if figures is not None:
            self.figures[step] = figures

    def _open(self, step: int) -> None:
        """Keeps the lines before the first step that is reported, and goes on behind them."""
        del self.losses[step:]
        self.figures = {one: each for one, each in self.figures.items() if one < step}
        text = "".join(_line(one, self.figures.get(at)) for at, one in enumerate(self.losses))
        write_durably(self._path, text.encode())
        self._file = self._path.open("a", encoding="utf-8", newline="", buffering=1)

    def _read(self) -> None:
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return
        for line in lines:
            try:
                loss, products = json.loads(line)
                figures = (
                    {name: Figures(*pair) for name, pair in products.items()}
                    if products is not None
                    else None
                )
                self.losses.append(float(loss))
            except (ValueError, TypeError, AttributeError):
                return
            if figures is not None:
                self.figures[len(self.losses) - 1] = figures


def _line(loss: float, figures: dict[str, Figures] | None) -> str:
    products: Any = None
    if figures is not None:
        products = {name: (one.image, one.pixel) for name, one in figures.items()}
    return json.dumps([loss, products]) + "\n"
