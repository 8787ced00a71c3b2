"""The Setup page says how much is in memory and saves it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from tests.ui.fake_recorder import FakeRecorder
from tests.ui.setup.conftest import Desk
from uniad_desktop.cameras.recordings.ring import RecordingState
from uniad_desktop.ui.recording_desk import RecordingDesk
from uniad_desktop.ui.setup.recording_button import RecordingButton


@pytest.fixture
def recorder() -> FakeRecorder:
    return FakeRecorder()


@pytest.fixture
def kept(desk: Desk, recorder: FakeRecorder, tmp_path):
    """The page with a camera that keeps frames, and what the window does for it."""
    desk.station.recorder = recorder
    memory = RecordingDesk(desk.station, tmp_path)
    context = desk.page._context
    object.__setattr__(context, "recording", lambda: memory)
    desk.page.picture.recording.button.clicked.connect(memory.save)

    beat = desk.page.beat

    def beat_all() -> None:
        memory.beat()
        beat()

    desk.page.beat = beat_all
    yield desk
    recorder.go.set()
    memory.close_down()


def button(desk: Desk) -> str:
    return desk.page.picture.recording.button.text()


def test_the_button_says_what_it_would_save(kept: Desk, recorder: FakeRecorder):
    kept.page.beat()
    assert button(kept) == "Save last\nseconds (F9)"
    kept.until(lambda: button(kept) == "Save last\n9.8 s (F9)\n50 frames")
    recorder.state = RecordingState(3, 0.4)
    kept.until(lambda: button(kept) == "Save last\n0.4 s (F9)\n3 frames")


def test_while_it_is_written_it_cannot_be_pressed_again(kept: Desk, recorder: FakeRecorder):
    shown = kept.page.picture.recording.button
    kept.page.beat()
    shown.click()
    kept.until(lambda: button(kept) == "Writing…\n50 frames")
    assert not shown.isEnabled()
    recorder.finish()
    kept.until(shown.isEnabled)
    assert button(kept).startswith("Save last\n9.8 s")


def test_a_camera_that_does_not_answer_is_waited_for_elsewhere(kept: Desk, recorder: FakeRecorder):
    recorder.go.clear()
    for _ in range(5):
        kept.page.beat()
    assert button(kept) == "Save last\nseconds (F9)"
    recorder.go.set()
    kept.until(lambda: "9.8 s" in button(kept))
    recorder.lost = "It is lost."
    kept.until(lambda: button(kept) == "Save last\nseconds (F9)")


def test_a_page_out_of_sight_asks_nothing(kept: Desk, recorder: FakeRecorder):
    kept.page.hide()
    for _ in range(5):
        kept.page.beat()
    assert recorder.looks == 0


def test_files_are_told_why_there_is_no_button(kept: Desk):
    panel: RecordingButton = kept.page.picture.recording

    def seen(widget: QWidget) -> bool:
        kept.page.beat()
        return widget.isVisible()

    assert seen(panel.button) and not seen(panel.why)
    kept.station.recorder = None
    assert not seen(panel.button) and seen(panel.why)
    assert panel.why.text() == "Only GenICam cameras keep raw frames"
    kept.station.source_info = None  # before it is known what the source is
    assert not seen(panel.button) and not seen(panel.why)


def test_where_nothing_can_be_saved_nothing_is_offered(desk: Desk):
    desk.page.beat()
    panel = desk.page.picture.recording
    assert not panel.button.isVisible() and not panel.why.isVisible()
