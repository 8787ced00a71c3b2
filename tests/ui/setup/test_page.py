"""Cameras, live picture, feature sets, and the page in its window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QPushButton

from tests.ui.setup.conftest import Desk, device
from tests.ui.setup.features import FakeCamera
from uniad_desktop.cameras.discovery import Access, DeviceList
from uniad_desktop.cameras.feature_set import FeatureEntry, FeatureSet, load, save
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import SourceCounters, TriggerMode
from uniad_desktop.inspection.types import Rates, StationState
from uniad_desktop.ui.setup.camera_cards import Use
from uniad_desktop.ui.setup.looking import (
    LookOrder,
    Marks,
    Sight,
    bits_of,
    box_of,
    look,
)
from uniad_desktop.ui.widgets.top_bar import Page
from uniad_desktop.ui.widgets.touch_button import TOUCH

K = Qt.Key


def frame(image: np.ndarray, pixel_format: str = "Mono12p") -> Frame:
    return Frame(image, 1, 0, 0, "SIM-0001", SourceKind.LIVE, pixel_format)


def checked(height: int = 60, width: int = 80) -> np.ndarray:
    image = np.full((height, width), 100, np.uint8)
    image[0, 0] = 255
    image[5, 5:9] = 0
    return image


# looking


def test_figures_are_of_all_of_the_frame():
    shown = look(LookOrder(frame(checked()), (800, 600), Sight(4.0, 0.9, 0.9), Marks.NONE))
    assert shown.saturated == 1 / 4800 and shown.black == 4 / 4800
    assert shown.histogram.sum() == 4800 and shown.histogram[100] == 4795


def test_a_single_clipped_pixel_is_marked_even_in_a_small_picture():
    image = np.full((600, 800), 100, np.uint8)
    image[300, 400] = 255
    shown = look(LookOrder(frame(image), (80, 60), Sight(), Marks.SATURATED))
    assert shown.pixels.shape == (60, 80, 4)
    red = shown.pixels[..., 2].astype(int) - shown.pixels[..., 1] > 100
    assert red.sum() == 1
    plain = look(LookOrder(frame(image), (80, 60), Sight(), Marks.NONE))
    assert not (plain.pixels[..., 2] > 200).any()


def test_colour_is_clipped_where_one_channel_is():
    image = np.full((10, 10, 3), 100, np.uint8)
    image[2, 2, 1] = 255
    image[3, 3] = 0
    image[4, 4, 0] = 0
    shown = look(LookOrder(frame(image, "RGB8"), (10, 10), Sight(), Marks.BOTH))
    assert (shown.saturated, shown.black) == (0.01, 0.01)
    assert tuple(shown.pixels[2, 2, :3]) == (38, 38, 230)
    assert tuple(shown.pixels[3, 3, :3]) == (230, 110, 40)
    assert tuple(shown.pixels[0, 0, :3]) == (100, 100, 100)


@pytest.mark.parametrize("scale", [None, 0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("place", [0.0, 0.31, 1.0])
def test_what_is_in_sight_lies_in_frame_and_room(scale, place):
    box = box_of(Sight(scale, place, place), (640, 480), (300, 200))
    assert box.x >= 0 and box.x + box.width <= 640
    assert box.y >= 0 and box.y + box.height <= 480
    assert box.left + box.width * box.scale <= 300 + box.scale
    if scale is not None and scale >= 1.0:  # nothing of the room stays empty
        assert box.left <= 0 and box.left + box.width * box.scale >= 300 - 1e-6


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("Mono8", 8),
        ("Mono12p", 12),
        ("BayerRG10Packed", 10),
        ("RGB8", 8),
        ("YUV422_8", 8),
        ("YCbCr422_8", 8),
        ("Other", None),
    ],
)
def test_bits(name, bits):
    assert bits_of(name) == bits


# the live picture


def test_the_live_view_shows_frames_and_nothing_is_inspected(desk: Desk):
    picture = desk.page.picture
    desk.until(lambda: "Start the live view (W)" in picture.view.message)
    desk.page.key_actions()["W"]()
    assert desk.station.asked == ["begin preview"]
    desk.station.take(frame(checked()))
    desk.until(lambda: picture.view.look is not None)
    assert picture.live.text() == "Stop (W)" and picture.view.note == ""
    assert picture.figures.histogram.caption == "shown 8 of 12 bit"
    desk.page.key_actions()["W"]()
    assert desk.station.asked[-1] == "end preview"
    desk.until(lambda: picture.view.note == "stopped; the last frame")


def test_a_frame_of_another_camera_is_never_shown(desk: Desk):
    picture = desk.page.picture
    picture.switch_live()
    desk.station.take(frame(checked()))
    desk.until(lambda: picture.view.look is not None)
    desk.station.source_info = replace(desk.station.source_info, serial="4711")
    desk.until(lambda: picture.view.message == "Waiting for the first frame")


def test_triggers_are_offered_in_software_trigger_only(desk: Desk):
    picture = desk.page.picture
    assert not picture.trigger.isVisible()
    desk.station.trigger_mode = TriggerMode.SOFTWARE
    desk.until(picture.trigger.isVisible)
    assert not picture.trigger.isEnabled()
    picture.switch_live()
    desk.until(lambda: picture.view.message == "Waiting for a trigger (T)")
    picture.trigger.click()
    assert desk.station.asked == ["begin preview", "trigger"]


def test_while_parts_are_inspected_their_frames_are_shown(desk: Desk):
    shown = desk.station.push()
    picture = desk.page.picture
    desk.until(lambda: picture.view.look is not None)
    assert picture.view.look.order.frame is shown.frame
    assert not picture.live.isEnabled()
    desk.page.key_actions()["W"]()
    assert desk.station.asked == []


def test_focus_is_held_at_its_best_until_reset(desk: Desk):
    figures = desk.page.picture.figures
    rng = np.random.default_rng(1)
    sharp = rng.integers(0, 200, (120, 160), dtype=np.uint8)
    dull = np.full((120, 160), 90, np.uint8)
    dull[:, 80:] = 100
    desk.page.picture.switch_live()
    desk.station.take(frame(sharp))
    desk.until(lambda: figures.best > 0)
    best = figures.best
    desk.station.take(frame(dull))
    desk.until(lambda: desk.page.picture.view.look.order.frame.image is dull)
    assert figures.best == best and "100" not in figures.focus.lines[1].text()
    figures.forget_best()
    assert figures.best < best and "100 %" in figures.focus.lines[1].text()


def test_losses_are_counted(desk: Desk):
    desk.station.source_counters = SourceCounters(100, 7, 2, 3)
    desk.station.rate = Rates(acquired=19.96)
    losses = desk.page.picture.figures.losses
    desk.until(lambda: losses.value.text() == "20.0 frames/s")
    assert [one.text() for one in losses.lines] == ["2 incomplete · 3 skipped ids", "7 passed over"]


def test_zoom_goes_through_its_levels_and_holds_what_is_under_the_finger(desk: Desk):
    view = desk.page.picture.view
    desk.station.push()
    desk.until(lambda: view.look is not None)
    seen = []
    for _ in range(4):
        desk.page.picture.zoom.click()
        seen.append(view.sight.scale)
    assert seen == [1.0, 2.0, 4.0, None]
    view.next_level()
    view.next_level()
    at = QPointF(view.width() * 0.6, view.height() * 0.55)
    before = view._place_of(at, view._box())
    view.zoom_by(1.5, at)
    assert view.sight.scale == 3.0
    assert view._place_of(at, view._box()) == pytest.approx(before, abs=0.5)
    middle = view.sight.x
    view.move_by(QPointF(30, 0))
    assert view.sight.x < middle
    view.zoom_by(1e-3)
    assert view.sight == Sight()


def test_marks_and_cross_hair_have_keys(desk: Desk):
    keys, picture = desk.page.key_actions(), desk.page.picture
    seen = []
    for _ in range(3):
        keys["K"]()
        seen.append(picture.marks)
    assert seen == [Marks.BOTH, Marks.NONE, Marks.SATURATED]
    keys["X"]()
    assert picture.view.cross and picture.cross.isChecked()


# cameras


def test_cards_say_who_has_a_camera(make_desk):
    desk = make_desk(FakeCamera())
    desk.devices = DeviceList(
        (
            device("SIM-0001", Access.IN_USE),
            device("4711", interface="U3V"),
            device("4712", Access.IN_USE, why_not="It is in use by another program."),
            device("4713", Access.NO_ACCESS, why_not="Set its address to 192.168.3.9."),
        )
    )
    cards = desk.page.cameras
    desk.until(lambda: len(cards.cards) == 4)
    assert [card.facts.use for card in cards.cards] == list(Use)
    assert cards.cards[1].lines[0].text() == "4711 · U3V"
    cards.cards[3].click()
    assert desk.said == ["Set its address to 192.168.3.9."]
    cards.cards[0].click()
    assert len(desk.said) == 1 and desk.changed == [] and desk.looked == 1
    desk.until(cards.refresh.isEnabled)
    cards.look()
    desk.until(lambda: desk.looked == 2)


def test_another_camera_of_this_station_is_never_free(desk: Desk):
    desk.held = frozenset({"4711"})
    cards = desk.page.cameras
    desk.until(lambda: len(cards.cards) == 2)
    assert cards.cards[1].facts.use is Use.ELSEWHERE
    assert cards.cards[1].lines[1].text() == "another camera of this station"
    cards.cards[1].click()
    assert desk.said == ["Maker X1 is another camera of this station."]


def test_another_camera_is_used_after_a_question(desk: Desk):
    cards = desk.page.cameras
    desk.until(lambda: len(cards.cards) == 2)
    desk.station.push()
    cards.cards[1].click()
    assert "4711" in desk.asked.title and "Inspection stops for it." in desk.asked.words
    assert desk.changed == []
    desk.asked.answer("change")
    assert desk.changed == ["4711"]
    assert desk.station.asked[-1] == "begin preview"  # it is opened, and seen
    desk.station.source_info = None
    desk.until(lambda: desk.looked == 2)  # who holds which camera is another now


def test_the_question_says_how_long_another_camera_is_used(desk: Desk):
    cards = desk.page.cameras
    desk.devices = DeviceList((device("4711"), device("SIM-7", simulated=True)))
    desk.until(lambda: len(cards.cards) == 3)
    cards.cards[1].click()
    assert "until the program ends; after that, start it with --camera 4711" in desk.asked.words
    desk.index = 0
    cards.cards[1].click()
    assert "from now on, at every start: it will be camera 0." in desk.asked.words
    cards.cards[2].click()
    assert "until the program ends; after that, start it with --camera SIM-7" in desk.asked.words


def test_a_producer_is_added_by_its_file(desk: Desk):
    cards = desk.page.cameras
    desk.until(lambda: desk.looked == 1 and cards.add.isEnabled())
    cards.choose_file = lambda then: then(Path("/opt/maker/maker.cti"))
    desk.page.key_actions()["G"]()
    desk.until(lambda: desk.looked == 2)
    assert desk.added == [Path("/opt/maker/maker.cti")]
    assert desk.said == ["maker.cti is asked for cameras from now on."]

    desk.refusal = "maker.cti is no usable GenTL producer: file too short."
    desk.until(cards.add.isEnabled)
    cards.add.click()
    desk.until(lambda: len(desk.said) == 2)
    assert desk.said[1] == desk.refusal and desk.looked == 2


def test_problems_of_the_search_are_told(desk: Desk):
    desk.devices = DeviceList(problems=("broken.cti could not be loaded.",))
    desk.until(lambda: desk.said)
    assert desk.said == ["broken.cti could not be loaded."]
    desk.until(lambda: desk.page.cameras.words.text() == "No other camera was found.")


# feature sets


def test_a_set_is_saved_and_applied(desk: Desk, tmp_path: Path):
    desk.ready()
    sets = desk.page.sets
    sets.choose_file = lambda saving, then: then(tmp_path / "line3")
    desk.until(sets.save.isEnabled)
    desk.page.key_actions()["S"]()
    desk.until(lambda: desk.said)
    assert "line3.pfs" in desk.said[0]
    stored = load(tmp_path / "line3.pfs")
    assert ("ExposureTime", "1250.0") in [(one.name, one.value) for one in stored.entries]

    desk.camera.put("ExposureTime", value=99.0)
    sets.choose_file = lambda saving, then: then(tmp_path / "line3.pfs")
    desk.until(sets.load.isEnabled)
    desk.page.key_actions()["O"]()
    desk.until(lambda: desk.asked.title)
    assert "line3.pfs" in desk.asked.title and "SimCam" in desk.asked.words
    assert desk.asked.choices == [("go", "Apply")]
    desk.asked.answer("go")
    desk.until(lambda: len(desk.said) == 2)
    assert "has all values: 1 changed" in desk.said[1]
    desk.until(lambda: desk.rows.feature("ExposureTime").value == 1250.0)


def test_values_that_were_not_taken_are_listed(desk: Desk, tmp_path: Path):
    desk.ready()
    desk.camera.refuses["Gain"] = "Gain takes -12 to 24 dB."
    save(tmp_path / "a.pfs", FeatureSet((FeatureEntry("Gain", "99"), FeatureEntry("Width", "64"))))
    desk.page.sets.choose_file = lambda saving, then: then(tmp_path / "a.pfs")
    desk.until(desk.page.sets.load.isEnabled)
    desk.page.sets.ask_load()
    desk.until(lambda: desk.asked.title)
    desk.asked.answer("go")
    desk.until(lambda: "not taken" in desk.asked.title)
    assert [one.detail for one in desk.asked.rows] == ["Gain takes -12 to 24 dB."]


def test_keeping_for_the_product_stops_the_camera_first(desk: Desk):
    desk.ready()
    desk.station.push()
    desk.until(desk.page.sets.keep.isEnabled)
    desk.page.key_actions()["N"]()
    assert "Flange" in desk.asked.title and "stopped" in desk.asked.words
    desk.asked.answer("go")
    desk.page.beat()
    assert desk.station.asked == ["stop"] and not desk.kept
    desk.station.state = StationState.STOPPED
    desk.until(lambda: "flange" in desk.kept)
    desk.until(lambda: desk.said)
    assert "kept for Flange" in desk.said[0]


def test_differences_are_a_list(desk: Desk):
    desk.ready()
    desk.until(desk.page.sets.compare.isEnabled)
    desk.page.sets.ask_compare()
    desk.asked.answer("product")
    desk.until(lambda: desk.said == ["No camera settings are kept for Flange yet."])
    desk.kept["flange"] = FeatureSet((FeatureEntry("Gain", "9.0"),))
    desk.until(desk.page.sets.compare.isEnabled)
    desk.page.sets.ask_compare()
    desk.asked.answer("product")
    desk.until(lambda: desk.asked.rows)
    gain = next(one for one in desk.asked.rows if one.title == "Gain")
    assert (gain.aside, gain.detail) == ("3.0", "9.0")


def test_without_a_camera_there_is_nothing_to_keep(make_desk):
    desk = make_desk(None)
    desk.page.beat()
    sets = desk.page.sets
    assert not any(one.isEnabled() for one in (sets.load, sets.save, sets.compare, sets.keep))
    for key in "OSCN":
        desk.page.key_actions()[key]()
    assert desk.asked.title == ""


# in the window


def test_f4_shows_the_page_and_its_keys_work_there_only(qtbot, make_window, station, tmp_path):
    station.camera_features = FakeCamera()
    window = make_window(station, data_folder=tmp_path)
    object.__setattr__(window.setup._context, "list_cameras", DeviceList)
    qtbot.keyClick(window, K.Key_W)
    assert station.asked == []
    qtbot.keyClick(window, K.Key_F4)
    assert window.shown is Page.SETUP and window.top.pages[Page.SETUP].isChecked()
    qtbot.keyClick(window, K.Key_W)
    qtbot.waitUntil(lambda: station.asked == ["begin preview"], timeout=20_000)
    qtbot.keyClick(window, K.Key_F1)
    assert window.page.image.message == "Live view; nothing is inspected"
    assert window.page.verdict.face.line == "Live view; nothing is inspected"
    assert window.page.controls.start_stop.text() == "Start inspection (Space)"


def test_favourites_are_settings(qtbot, make_window, station, settings, tmp_path):
    saved = []
    settings.on_change = lambda changed: saved.append(changed.favourites)
    window = make_window(station, data_folder=tmp_path)
    window.setup._context.remember(("Gain",))
    window.close()
    assert saved == [("Gain",)]


@pytest.mark.parametrize("size", [(1280, 720), (1600, 900)])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_there_is_room_for_everything(make_window, station, settings, tmp_path, size, language):
    settings.language = language
    station.camera_features = FakeCamera()
    window = make_window(station, size, data_folder=tmp_path)
    object.__setattr__(window.setup._context, "list_cameras", DeviceList)
    window.show_page(Page.SETUP)
    window.tick()
    for button in window.setup.findChildren(QPushButton):
        assert not button.isVisible() or min(button.width(), button.height()) >= 64, button.text()
    assert (window.width(), window.height()) == size
    assert window.setup.picture.view.height() > 250
    assert window.setup.features._stack.height() >= 4 * 64


@pytest.mark.parametrize("notices", [0, 1, 2])
def test_notices_leave_room_for_the_buttons_of_the_picture(make_window, station, tmp_path, notices):
    """With a software trigger there are five; they stand in two columns where height is short."""
    station.trigger_mode = TriggerMode.SOFTWARE
    window = make_window(station, (1280, 720), data_folder=tmp_path)
    object.__setattr__(window.setup._context, "list_cameras", DeviceList)
    window.show_page(Page.SETUP)
    window.tick()
    for banner in (window.setup.notice, window.setup.station_notice)[:notices]:
        banner.say("The camera is in use by another program.")
    QApplication.processEvents()
    picture = window.setup.picture
    buttons = (picture.live, picture.trigger, picture.zoom, picture.mark, picture.cross)
    for one, button in enumerate(buttons):
        assert button.isVisible() and min(button.width(), button.height()) >= TOUCH, button.text()
        assert picture.rect().contains(button.geometry()), button.text()
        for other in buttons[:one]:
            assert not button.geometry().intersects(other.geometry()), button.text()
    assert len({button.x() for button in buttons}) == (2 if notices else 1)
    assert not picture.view.geometry().intersects(picture.figures.geometry())
