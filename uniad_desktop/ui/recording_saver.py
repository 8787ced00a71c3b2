"""Raw frames are saved at a key, on every page, and what became of it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from uniad_desktop.ui.recording_desk import RecordingDesk, Saved
from uniad_desktop.ui.station_like import StationLike


class RecordingSaver(QObject):
    """Saves what cameras keep in memory; `beat` takes what came of it.

    Args:
        stations: one per camera.
        folder: the data folder, where recordings go; None: nothing can be saved.
        tell: shows a sentence on the page that is shown; False where it has no room for one, and
            `news` has it then.
        parent: the window.
    """

    def __init__(
        self,
        stations: Sequence[StationLike],
        folder: Path | None,
        tell: Callable[[str], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desks = [RecordingDesk(one, folder) for one in stations] if folder else []
        self._tell = tell
        self._told: list[tuple[int, Saved]] = []
        self._words = ""
        self.problem = ""

    def desk(self, place: int) -> RecordingDesk | None:
        """That of a camera, counted from 0; None where nothing can be saved."""
        return self._desks[place] if self._desks else None

    @property
    def news(self) -> str:
        """What is going on, or came of it; empty where there is nothing to say."""
        return self.tr("Raw frames are being saved…") if self.writing else self._words

    @property
    def writing(self) -> bool:
        """Whether a saving goes on."""
        return any(desk.writing for desk in self._desks)

    def save(self, places: Iterable[int]) -> None:
        """Saves what these cameras keep, counted from 0; returns at once."""
        desks = [self._desks[place] for place in places] if self._desks else []
        if not desks or any(desk.writing for desk in desks):
            return
        self._words = ""
        able = [desk for desk in desks if desk.station.recorder is not None]
        for desk in able:
            desk.save()
        if not able:
            self._say(self._why_nothing(desks[0].station))

    def acknowledge(self) -> None:
        """Takes away what was said, the problem first."""
        if self.problem:
            self.problem = ""
        else:
            self._words = ""

    def beat(self) -> None:
        """Takes what is finished; returns at once."""
        for number, desk in enumerate(self._desks, 1):
            desk.beat()
            saved = desk.take()
            if saved is not None:
                self._told.append((number, saved))
        if self._told and not self.writing:
            told, self._told = self._told, []
            self._show(told)

    def close_down(self) -> None:
        """Ends workers."""
        for desk in self._desks:
            desk.close_down()

    def _show(self, told: Sequence[tuple[int, Saved]]) -> None:
        failed = [one for one in told if one[1].begun and one[1].folder is None]
        self.problem = " ".join(self._sentence(*one) for one in failed)
        words = " ".join(self._sentence(*one) for one in told if one not in failed)
        if words:
            self._say(words)

    def _say(self, words: str) -> None:
        if not self._tell(words):
            self._words = words

    def _sentence(self, number: int, saved: Saved) -> str:
        if saved.folder is not None:
            words = self.tr(
                "{n} raw frames of {s} s are saved: {name}. Play them with --camera replay:{folder}"
            ).format(
                n=saved.frames,
                s=f"{saved.seconds:.1f}",
                name=saved.folder.name,
                folder=saved.folder,
            )
        else:
            words = saved.problem
        if saved.kept:
            words += " " + self.tr(
                "Newer frames soon replace those in memory: stop (Space), make room, save again "
                "(F9)."
            )
        if len(self._desks) < 2:
            return words
        return self.tr("Camera {n}: {sentence}").format(n=number, sentence=words)

    def _why_nothing(self, station: StationLike) -> str:
        info = station.source_info
        if info is None:
            return self.tr("The camera is not open yet, so there is nothing to save.")
        return self.tr(
            "There are no raw frames of {source}: only GenICam cameras send them."
        ).format(source=info.name)
