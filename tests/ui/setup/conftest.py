"""A Setup page over a station without threads and a camera without hardware."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.fake_station import FakeStation
from tests.ui.review.conftest import Asked
from tests.ui.setup.features import FakeCamera
from uniad_desktop.cameras.discovery import Access, DeviceDescription, DeviceList
from uniad_desktop.cameras.feature_set import FeatureSet
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.ui.pages.setup import SetupPage
from uniad_desktop.ui.settings import FAVOURITES
from uniad_desktop.ui.setup.context import ProductCamera, SetupContext

LIMIT_S = 30.0


def device(serial: str, access: Access = Access.FREE, **more: object) -> DeviceDescription:
    arguments: dict[str, object] = {
        "index": 0,
        "vendor": "Maker",
        "model": "X1",
        "serial": serial,
        "user_id": "",
        "device_id": serial,
        "producer": Path("maker.cti"),
        "simulated": False,
        "access": access,
    }
    return DeviceDescription(**(arguments | more))  # type: ignore[arg-type]


class Desk:
    """The page with everything that it was given, and what it asked for."""

    def __init__(self, station: FakeStation, camera: FakeCamera | None, over: QWidget) -> None:
        self.station, self.camera = station, camera
        station.camera_features = camera
        self.asked = Asked()
        self.said: list[str] = []
        self.remembered: list[tuple[str, ...]] = []
        self.kept: dict[str, FeatureSet] = {}
        self.changed: list[str] = []
        self.index: int | None = None
        self.held: frozenset[str] = frozenset()
        self.devices = DeviceList((device("SIM-0001"), device("4711")))
        self.looked = 0
        self.added: list[Path] = []
        self.refusal = ""
        self.page = SetupPage(
            SetupContext(
                station=station,
                ask=self.asked,  # type: ignore[arg-type]
                say=self.said.append,
                title_of=str.title,
                favourites=FAVOURITES,
                remember=self.remembered.append,
                products=ProductCamera(self.kept.get, self.kept.__setitem__, lambda _: None),
                change_camera=self.changed.append,
                held_here=lambda: self.held,
                camera_index=lambda: self.index,
                list_cameras=self._list,
                add_producer=self._add,
            ),
            over,
        )
        self.list, self.rows = self.page.features.list, self.page.features.rows

    def _list(self) -> DeviceList:
        self.looked += 1
        return self.devices

    def _add(self, file: Path) -> None:
        if self.refusal:
            raise CameraError(self.refusal)
        self.added.append(file)

    def until(self, condition: Callable[[], object]) -> None:
        """Beats until something is so; fails when that takes too long."""
        end = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            self.page.beat()
            QCoreApplication.processEvents()
            time.sleep(0.005)

    def ready(self) -> Desk:
        """The features are there."""
        self.until(lambda: self.page.features.list.isVisible() and self.rows.listed)
        return self

    def all(self) -> Desk:
        """Every feature is listed."""
        self.page.features.switch_favourites()
        self.page.features.next_level()
        self.page.features.next_level()
        return self

    def open(self, name: str):
        """Opens a line; its editor."""
        self.list.open_line(name)
        assert self.list.open == name
        return self.list.editor


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(app: QApplication) -> Iterator[MakeDesk]:
    made: list[Desk] = []
    window = QWidget()

    def make(camera: FakeCamera | None = None, size: tuple[int, int] = (1280, 594), **more) -> Desk:
        station = FakeStation(more.pop("kind", SourceKind.LIVE))
        desk = Desk(station, camera, window)
        for name, value in more.items():
            setattr(station, name, value)
        window.resize(*size)
        desk.page.resize(*size)
        window.show()
        desk.page.show()
        app.processEvents()
        made.append(desk)
        return desk

    yield make
    for desk in made:
        if desk.camera is not None:
            desk.camera.go.set()
        desk.page.close_down()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    made.clear()


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk(FakeCamera())
