"""Labelled inspections go to teaching, and come back where that was a mistake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import PackageError
from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.to_teaching import Sent, send
from uniad_desktop.teaching.limit_change import open_in_use
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background


class Sending:
    """Copies images on a thread of its own.

    Args:
        data_folder: of the station.
        model: name of its model, which knows products that this station has no folder for.
        who: sends them.
        told: told what was done, in words.
        failed: told of a sentence for the user.
    """

    def __init__(
        self,
        data_folder: Path,
        model: str,
        who: str,
        told: Callable[[str], None],
        failed: Callable[[str], None],
    ) -> None:
        self._data_folder, self._model, self._who = data_folder, model, who
        self._told, self._failed = told, failed
        self._background = Background("review-teach")
        self._stop = False

    @property
    def busy(self) -> bool:
        """Whether images are being copied."""
        return self._background.busy

    def send(self, records: Records, ids: Sequence[int]) -> None:
        """Sends inspections; `told` follows."""
        chosen = tuple(ids)
        self._background.run(
            lambda: send(
                records,
                chosen,
                self._data_folder,
                self._who,
                known=self._known(),
                check=self._go_on,
            ),
            lambda sent: self._tell(sent, len(chosen)),
            self._failed,
            (RecordsError, ReviewError),
        )

    def _go_on(self) -> None:
        if self._stop:
            raise ReviewError("The window was closed.")

    def _known(self) -> dict[str, ProductEntry]:
        try:
            return dict(open_in_use(self._data_folder, self._model).manifest.products)
        except PackageError:
            return {}  # then only products of this station can be sent to

    def _tell(self, sent: Sent, asked: int) -> None:
        translate = QCoreApplication.translate
        parts = [
            (len(sent.parts), translate("Sending", "{n} to the good parts")),
            (len(sent.challenge), translate("Sending", "{n} to the challenge set")),
            (len(sent.there_already), translate("Sending", "{n} were there already")),
            (len(sent.problems), translate("Sending", "{n} not sent")),
        ]
        words = " · ".join(one.format(n=text.number(n)) for n, one in parts if n)
        self._told(words or text.number(asked))
        if sent.problems:
            # The same sentence is not said twice.
            reasons = list(dict.fromkeys(sent.problems.values()))[:3]
            self._failed(" ".join(reasons))

    def beat(self) -> None:
        """Takes what was done; returns at once."""
        self._background.beat()

    def close_down(self) -> None:
        """Ends the thread after the image in hand."""
        self._stop = True
        self._background.close_down()
