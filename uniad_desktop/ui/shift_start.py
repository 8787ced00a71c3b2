"""The start of a shift: does the model still judge right, is the camera as it was at teaching?"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from uniad_desktop.teaching.camera_features import as_sentence, differences
from uniad_desktop.teaching.challenge import ChallengeError, ChallengeResult, ChallengeSet
from uniad_desktop.teaching.challenge_run import ChallengeReplay
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.ui import language
from uniad_desktop.ui.ask import Ask
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.station_like import StationLike
from uniad_desktop.ui.teach.context import login


class ShiftStart(QObject):
    """Offers the challenge images and compares the camera; `beat` takes what came of it.

    The camera is compared, too, whenever it was opened anew or the product was changed.

    Args:
        station: whose model and camera are looked at.
        data_folder: of the station.
        ask: opens a sheet.
        parent: the window.
    """

    def __init__(
        self, station: StationLike, data_folder: Path, ask: Ask, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._station, self._folder, self._ask = station, data_folder, ask
        self._background = Background("shift-start")
        self._replay: ChallengeReplay | None = None
        self._compared: object = None
        self.problem = ""
        self.news = ""

    def begin(self) -> None:
        """A shift begins: the camera is compared anew and the challenge images are offered."""
        self._compared = None
        product = self._station.product.key
        self._background.run(
            lambda: len(ChallengeSet(self._folder, product).images()),
            lambda count: self._offer(product, count),
            self._tell,
            (StoreError,),
        )

    def replay(self, product: str) -> None:
        """Replays the challenge images of a product now."""
        if self._replay is not None:
            return
        try:
            self._replay = ChallengeReplay(
                self._folder, self._station.model.name, product, who=login()
            )
        except OSError as error:
            self._tell(self.tr("No program can be started: {why}").format(why=error.strerror))
            return
        self.news = self.tr("Replaying the challenge images…")

    def acknowledge(self) -> None:
        """Takes away what was said, the problem first."""
        if self.problem:
            self.problem = ""
        elif self._replay is None:
            self.news = ""

    def beat(self) -> None:
        """Takes what is finished; returns at once."""
        self._background.beat()
        self._look_at_camera()
        if self._replay is None:
            return
        try:
            result = self._replay.result()
        except ChallengeError as error:
            self._end_replay()
            self._tell(str(error))
            return
        if result is not None:
            self._end_replay()
            self._show(result)

    def close_down(self) -> None:
        """Ends worker and replay."""
        self._background.close_down()
        self._end_replay()

    def _offer(self, product: str, count: int) -> None:
        if not count or product != self._station.product.key:
            return
        title = self._station.product.title(language.current())
        self._ask(
            self.tr("Replay the challenge images of {product}?").format(product=title),
            self.tr(
                "The active model judges {n} kept images beside the inspection; the result goes on "
                "record."
            ).format(n=count),
            [("replay", self.tr("Replay now"))],
            current=None,
            on_choice=lambda _: self.replay(product),
        )

    def _show(self, result: ChallengeResult) -> None:
        model = f"{result.model} {result.model_version}"
        if result.passed:
            self.news = self.tr(
                "{model} judged all {n} challenge images right; it is on record."
            ).format(model=model, n=len(result.cases))
            return
        self._tell(
            self.tr(
                "{model} judged challenge images wrongly: {missed} defects passed, {rejected} good "
                "parts rejected, {errors} not judged, of {n}. Stop and call the process engineer."
            ).format(
                model=model,
                missed=len(result.missed),
                rejected=len(result.rejected),
                errors=len(result.errors),
                n=len(result.cases),
            )
        )

    def _end_replay(self) -> None:
        if self._replay is not None:
            self._replay.close()
            self._replay = None
            self.news = ""

    def _look_at_camera(self) -> None:
        """Compares the camera once each time that it, or the product, is another."""
        info = self._station.source_info
        if info is None or not info.settings:
            return
        camera = info.settings
        product = self._station.product
        state = (product.key, camera)
        if state == self._compared:
            return
        self._compared = state
        code = language.current()
        self._background.run(
            lambda: differences(self._folder, product.key, camera),
            lambda found: self._tell(as_sentence(found, product.title(code))) if found else None,
            self._tell,
            (StoreError,),
        )

    def _tell(self, sentence: str) -> None:
        self.problem = sentence
