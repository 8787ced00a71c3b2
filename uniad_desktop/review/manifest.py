"""The manifest of an exported zip, where one lies among the images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from uniad_desktop.records.pictures import inside
from uniad_desktop.review.described import LARGEST, Described, from_manifest
from uniad_desktop.review.folder_scan import NO_FILE

MANIFEST: Final = "manifest.jsonl"
MOST_LINES: Final = 2_000_000


@dataclass(slots=True)
class Manifest:
    """What it tells; empty where there is none.

    Attributes:
        root: the folder it lies in, where its paths start.
        of_image: decisions by the path of their image.
        without_image: the others, by a name made from their line.
    """

    root: Path
    of_image: dict[str, Described] = field(default_factory=dict)
    without_image: dict[str, Described] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, check: Callable[[], None] = lambda: None) -> Manifest:
        """Reads that of a folder; lines that are not understood are left out."""
        made = cls(root)
        try:
            with (root / MANIFEST).open("rb") as file:
                for number in range(1, MOST_LINES + 1):
                    check()
                    line = file.readline(LARGEST)
                    if not line:
                        break
                    made._take(number, line)
        except OSError:
            return cls(root)
        return made

    def heatmap_of(self, told: Described) -> Path | None:
        """The heatmap of a decision, or None where there is none."""
        path = self._path(told.heatmap)
        return path if path is not None and path.is_file() else None

    def _take(self, number: int, line: bytes) -> None:
        told = from_manifest(line.decode("utf-8", "replace"))
        if told is None:
            return
        if not told.image:
            self.without_image[f"{NO_FILE}line/{number}"] = told
        elif self._path(told.image) is not None:
            self.of_image[told.image] = told

    def _path(self, name: str) -> Path | None:
        try:
            return inside(self.root, name) if name else None
        except ValueError:
            return None
