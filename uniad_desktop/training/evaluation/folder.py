"""The folder of an evaluation: figures as soon as they are known, pictures and page after them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from uniad_desktop.files import write_durably
from uniad_desktop.training.evaluation.figures import Evaluation
from uniad_desktop.training.evaluation.page import page
from uniad_desktop.training.evaluation.pictures import Shown, remove_pictures
from uniad_desktop.training.evaluation.report import (
    as_json,
    figures_csv,
    json_text,
    scores_csv,
)

FIGURES: Final = "evaluation.json"
TABLE: Final = "evaluation.csv"
SCORES: Final = "scores.csv"
PAGE: Final = "index.html"


def prepare_folder(folder: Path) -> str:
    """Tries whether an evaluation can be written to a folder, and leaves nothing there.

    Only an empty folder or one with a former evaluation is taken, as pictures are replaced.

    Returns:
        A sentence for the user, empty if all is well.
    """
    probe = folder / f".probe.{os.getpid()}"
    try:
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / FIGURES).is_file():
            return (
                f"{folder} holds other files; name a new or empty folder with --out, or one with "
                "a former evaluation."
            )
        probe.write_bytes(b"uniad-desktop")
        probe.unlink()
        if made:
            folder.rmdir()
    except OSError as error:
        return (
            f"{folder} cannot be written ({error.strerror or error}); choose another folder with "
            "--out."
        )
    return ""


def write_figures(evaluation: Evaluation, folder: Path) -> None:
    """Writes the figures, each file whole or not at all, in place of a former evaluation.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (PAGE, TABLE, SCORES):
        (folder / name).unlink(missing_ok=True)
    remove_pictures(folder)
    write_durably(folder / FIGURES, _bytes(json_text(as_json(evaluation))))
    write_durably(folder / TABLE, _bytes(figures_csv(evaluation)))
    write_durably(folder / SCORES, _bytes(scores_csv(evaluation)))


def write_page(evaluation: Evaluation, shown: Sequence[Shown], folder: Path) -> None:
    """Writes ``index.html``, last of all. Raises OSError as `write_figures` does."""
    write_durably(folder / PAGE, _bytes(page(evaluation, shown)))


def _bytes(text: str) -> bytes:
    """UTF-8; bytes of a name that are no text are escaped."""
    return text.encode("utf-8", errors="backslashreplace")
