"""Fixtures of the window: nothing may be left open, and every test gets its own window."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication

from tests.ui.fake_station import FakeStation
from uniad_desktop.ui import in_step, language, theme
from uniad_desktop.ui.application import create_application
from uniad_desktop.ui.camera_question import CameraChoice
from uniad_desktop.ui.main_window import MainWindow
from uniad_desktop.ui.settings import UiSettings
from uniad_desktop.ui.surroundings import Surroundings
from uniad_desktop.ui.versions_like import ModelVersions


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return QApplication


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application in English and dark, whatever the test before did."""
    yield create_application([], UiSettings(language="en", theme="dark"))
    language.apply(qapp, "en")
    theme.apply(qapp, "dark")


@pytest.fixture(autouse=True)
def _nothing_left(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves a top-level widget or a running timer behind."""
    before = set(map(id, qapp.topLevelWidgets()))
    yield
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()
    left = [widget for widget in qapp.topLevelWidgets() if id(widget) not in before]
    running = [
        timer for widget in left for timer in widget.findChildren(QTimer) if timer.isActive()
    ]
    assert not running, f"{request.node.name} left timers running: {running}"
    assert not left, f"{request.node.name} left windows behind: {left}"


@pytest.fixture
def waits_for_pictures() -> float:
    """How long a verdict waits for its picture, in seconds; the product's value where it matters.

    No time for the others: they push parts faster than pictures are drawn.
    """
    return 0.0


@pytest.fixture(autouse=True)
def _verdict_waits(monkeypatch: pytest.MonkeyPatch, waits_for_pictures: float) -> None:
    monkeypatch.setattr(in_step, "LONGEST_S", waits_for_pictures)


@pytest.fixture
def station() -> FakeStation:
    return FakeStation()


@pytest.fixture
def settings() -> UiSettings:
    return UiSettings(language="en", theme="dark")


MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def make_window(app: QApplication, settings: UiSettings) -> Iterator[MakeWindow]:
    """Makes shown windows whose timer is stopped: a test beats with `window.tick()`."""
    made: list[MainWindow] = []

    def make(
        station: FakeStation,
        size: tuple[int, int] = (1280, 720),
        versions: ModelVersions | None = None,
        data_folder: Path | None = None,
        camera: CameraChoice | None = None,
        recordings: Path | None = None,
    ) -> MainWindow:
        window = MainWindow(
            station,
            settings,
            Surroundings(
                versions=versions,
                data_folder=data_folder,
                cameras=() if camera is None else (camera,),
                recordings=recordings,
            ),
        )
        window.resize(*size)
        window.show()
        window.activateWindow()
        app.processEvents()
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()
        assert not window.beating, "the window's timers go on after closing"
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    made.clear()


@pytest.fixture
def window(make_window: MakeWindow, station: FakeStation) -> MainWindow:
    return make_window(station)
