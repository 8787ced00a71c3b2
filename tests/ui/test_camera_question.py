"""The question whether another camera may take the place of the remembered one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from uniad_desktop.cameras.remembered import CameraChangedError, CameraIdentity
from uniad_desktop.inspection.types import StationState
from uniad_desktop.ui.widgets.touch_button import TOUCH

K = Qt.Key
FORMER = CameraIdentity("40012345", "Maker", "acA2440-20gm", "/opt/maker.cti")
FOUND = CameraIdentity("40067890", "Maker", "acA2440-20gm", "/opt/maker.cti")


class FakeOpener:
    def __init__(self):
        self.changed = CameraChangedError(0, FORMER, FOUND)
        self.accepted = 0

    def accept(self):
        self.changed = None
        self.accepted += 1


@pytest.fixture
def opener():
    return FakeOpener()


@pytest.fixture
def window(make_window, station, opener):
    station.state, station.problem = StationState.FAILED, str(opener.changed)
    shown = make_window(station, camera=opener)
    shown.tick()
    return shown


def words(window):
    return " ".join(label.text() for label in window.sheet.findChildren(QLabel))


def test_both_cameras_are_named_and_yes_starts_with_the_new_one(qtbot, window, station, opener):
    told = words(window)
    assert "Another camera answers. Use it from now on?" in told
    assert "Camera 0 was Maker acA2440-20gm, serial 40012345; now Maker" in told
    assert "serial 40067890 answers" in told
    (button,) = window.sheet.buttons.values()
    assert button.height() >= TOUCH
    station.asked.clear()
    qtbot.keyClick(window.sheet, K.Key_Return)
    assert opener.accepted == 1 and window.sheet is None
    assert station.asked == ["start"]


def test_no_changes_nothing_and_it_is_asked_again_at_the_next_attempt_only(
    qtbot, window, station, opener
):
    window.escape()
    for _ in range(3):
        window.tick()
    assert window.sheet is None and opener.accepted == 0
    opener.changed = CameraChangedError(0, FORMER, FOUND)  # started once more
    window.tick()
    assert window.sheet is not None


def test_it_waits_for_another_question_and_for_the_station(window, station, opener):
    window.escape()
    opener.changed = CameraChangedError(0, FORMER, FOUND)
    station.state = StationState.STARTING
    window.tick()
    assert window.sheet is None
    station.state = StationState.FAILED
    window.questions.choose_mode()
    asked = window.sheet
    window.tick()
    assert window.sheet is asked
    window.escape()
    window.tick()
    assert "Another camera answers" in words(window)
