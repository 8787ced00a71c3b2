"""Asks whether another camera may take the place of the remembered one."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject

from uniad_desktop.cameras.remembered import CameraChangedError, CameraIdentity
from uniad_desktop.inspection.types import StationState
from uniad_desktop.ui.asking import Asking
from uniad_desktop.ui.station_like import StationLike


class CameraChoice(Protocol):
    """Who opens the camera of the station."""

    @property
    def changed(self) -> CameraChangedError | None:
        """Why it was not opened last: another one is in its place; None where that is not so."""
        ...

    def accept(self) -> None:
        """The one that was found is used from the next opening on; returns at once."""
        ...


class CameraQuestion(QObject):
    """Opens a sheet, once for each attempt that found another camera.

    Args:
        station: started again where the other camera is accepted.
        camera: tells what was found.
        ask: opens the sheet.
        parent: the window.
        number: of the camera at this station, from 1; 0: it has one camera.
    """

    def __init__(
        self,
        station: StationLike,
        camera: CameraChoice,
        ask: Asking,
        parent: QObject | None = None,
        *,
        number: int = 0,
    ) -> None:
        super().__init__(parent)
        self._station, self._camera, self._ask = station, camera, ask
        self._number = number
        self._asked: CameraChangedError | None = None

    def beat(self) -> None:
        """Asks where there is something to be asked and nothing else is."""
        changed = self._camera.changed
        if (
            changed is None
            or changed is self._asked
            or self._station.state is not StationState.FAILED
            or self._ask.sheet is not None
        ):
            return
        self._asked = changed
        title = self.tr("Another camera answers. Use it from now on?")
        words = self.tr(
            "Camera {index} was {former}; now {found} answers. Limits, light and focus were set "
            "with the former one."
        )
        if self._number:  # the station counts them from 1, and the list of cameras from 0
            title = self.tr("Camera {n}: another one answers. Use it from now on?")
            words = self.tr(
                "It was {former}, by --camera {index}; now {found} answers. Limits, light and "
                "focus were set with the former one."
            )
        self._ask(
            title.format(n=self._number),
            words.format(
                index=changed.index,
                former=self._name(changed.remembered),
                found=self._name(changed.found),
            ),
            [("use", self.tr("Use {camera}").format(camera=self._name(changed.found)))],
            current=None,
            on_choice=lambda _: self._use(),
            main=True,
        )

    def close_down(self) -> None:
        """Nothing of it runs."""

    def _use(self) -> None:
        self._camera.accept()
        self._station.start()

    def _name(self, camera: CameraIdentity) -> str:
        name = " ".join(part for part in (camera.vendor, camera.model) if part)
        return self.tr("{name}, serial {serial}").format(name=name, serial=camera.serial)
