"""The list of features: what it shows, how values are changed, and what never gets lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QPushButton

from tests.ui.setup.conftest import Desk
from tests.ui.setup.features import FakeCamera, many, usual
from uniad_desktop.cameras.feature_set import FeatureEntry, FeatureSet
from uniad_desktop.cameras.feature_tree import FeatureAccess, Visibility
from uniad_desktop.cameras.source import CameraLostError
from uniad_desktop.inspection.types import StationState
from uniad_desktop.ui.settings import FAVOURITES
from uniad_desktop.ui.setup import feature_desk
from uniad_desktop.ui.setup.editors import StopEditor, editor_kind, make_editor
from uniad_desktop.ui.setup.feature_desk import Tree
from uniad_desktop.ui.setup.feature_rows import ROW, Doing, FeatureRow
from uniad_desktop.ui.widgets.touch_button import TOUCH

K = Qt.Key


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_desk, "REFRESH_S", 0.02)
    monkeypatch.setattr(feature_desk, "RETRY_S", 0.02)


def row(desk: Desk, name: str) -> FeatureRow:
    found = desk.rows.place(name).data(ROW)
    assert isinstance(found, FeatureRow)
    return found


def below(desk: Desk, name: str) -> str:
    one = row(desk, name)
    return desk.list.itemDelegate()._below(one, one.feature)[0]


def headings(desk: Desk) -> list[str]:
    found = (desk.rows.index(at).data(ROW) for at in range(desk.rows.rowCount()))
    return [one.heading for one in found if one.heading]


# what is listed


def test_favourites_stand_there_first(desk):
    desk.ready()
    assert desk.rows.listed == len(FAVOURITES)
    assert headings(desk) == ["Image Format Control", "Acquisition Control", "Analog Control"]


def test_visibility_and_search(desk):
    desk.ready()
    panel = desk.page.features
    panel.switch_favourites()
    beginner = desk.rows.listed
    assert not desk.rows.place("DeviceTemperature").isValid()
    panel.next_level()
    assert desk.rows.shown.visibility is Visibility.EXPERT
    assert desk.rows.place("DeviceTemperature").isValid()
    panel.next_level()
    assert desk.rows.listed == len(usual()) > beginner
    panel.search.setText("exposure")
    assert [one for one in desk.list.visible_names()] == ["ExposureTime", "ExposureAuto"]
    panel.search.setText("what gain does")  # the tool tip
    assert desk.list.visible_names() == ("Gain",)
    panel.search.setText("nowhere")
    desk.until(lambda: "is called that" in panel.message.text())


def test_a_search_leaves_the_favourites_and_says_where_more_is(desk):
    desk.ready()
    panel = desk.page.features
    panel.search.setText("LUT")
    desk.until(panel.message.isVisible)
    assert "1 among all" in panel.message.text()
    panel.next_level()
    panel.next_level()
    desk.until(desk.list.isVisible)
    assert desk.list.visible_names() == ("LUTValueAll",)


def test_a_star_is_remembered(qtbot, desk):
    desk.ready()
    rect = desk.list.visualRect(desk.rows.place("Width"))
    qtbot.mouseClick(
        desk.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.topLeft() + QPoint(20, 20)
    )
    assert desk.remembered == [tuple(one for one in FAVOURITES if one != "Width")]
    assert not desk.rows.place("Width").isValid()


def test_a_tap_opens_a_line_and_another_closes_it(qtbot, desk):
    desk.ready()
    place = desk.list.visualRect(desk.rows.place("Width")).topLeft() + QPoint(120, 20)
    qtbot.mouseClick(desk.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.list.open == "Width" and desk.list.editor is not None
    assert "Width is described here" in desk.page.features.help.text()
    assert "16 … 960" in desk.page.features.help.text()
    qtbot.mouseClick(desk.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.list.open == "" and desk.list.editor is None


def test_arrows_and_enter_reach_every_feature(qtbot, desk):
    desk.ready()
    desk.list.setCurrentIndex(desk.rows.place("Width"))
    qtbot.keyClick(desk.list, K.Key_Down)
    qtbot.keyClick(desk.list, K.Key_Return)
    assert desk.list.open == "Height"


def test_every_line_is_high_enough_for_a_finger(desk):
    desk.ready().all()
    for one in usual():
        assert desk.list.visualRect(desk.rows.place(one.name)).height() >= TOUCH
    for name in ("ExposureTime", "PixelFormat", "ReverseX", "TriggerSoftware", "LUTValueAll"):
        editor = desk.open(name)
        desk.page.beat()
        QCoreApplication.processEvents()
        assert all(
            button.height() >= TOUCH and button.width() >= TOUCH
            for button in editor.findChildren(QPushButton)
        )


# changing values


def test_a_number_is_typed(qtbot, desk):
    desk.ready()
    editor = desk.open("ExposureTime")
    assert editor.field.text() == "1250.0"
    editor.take_focus()
    qtbot.keyClicks(editor.field, "2000,5")
    qtbot.keyClick(editor.field, K.Key_Return)
    desk.until(lambda: desk.camera.written)
    assert desk.camera.written == [("ExposureTime", 2000.5)]
    desk.until(lambda: row(desk, "ExposureTime").feature.value == 2000.5)
    desk.until(lambda: editor.field.text() == "2000.5")
    assert editor is desk.list.editor


def test_steps_follow_each_other_before_the_camera_answered(qtbot, desk):
    desk.ready()
    editor = desk.open("Width")
    qtbot.mouseClick(editor.less, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(editor.less, Qt.MouseButton.LeftButton)
    qtbot.keyClick(editor.field, K.Key_Down)
    desk.until(lambda: len(desk.camera.written) == 3)
    assert [value for _, value in desk.camera.written] == [956, 952, 948]


def test_the_slider_writes_when_it_is_let_go(desk):
    desk.ready()
    slider = desk.open("ExposureTime").slider
    slider.setSliderDown(True)
    slider.setSliderPosition(1000)
    assert desk.list.editor.field.text() == "1000000.0" and desk.list.editor.dirty
    slider.setSliderDown(False)
    desk.until(lambda: desk.camera.written == [("ExposureTime", 1_000_000.0)])


def test_a_switch_an_entry_a_command_a_text_a_register(qtbot, desk):
    desk.ready().all()
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(desk.open("ReverseX").on, left)
    qtbot.mouseClick(desk.open("TriggerMode").button, left)
    assert [one.key for one in desk.asked.rows] == ["Off", "On"]
    desk.asked.answer("On")
    qtbot.mouseClick(desk.open("TriggerSoftware").button, left)
    editor = desk.open("DeviceUserID")
    editor.take_focus()
    qtbot.keyClicks(editor.field, "line 4")
    qtbot.mouseClick(editor.send, left)
    editor = desk.open("LUTValueAll")
    editor.take_focus()
    qtbot.keyClicks(editor.field, "00 11 22")
    qtbot.mouseClick(editor.send, left)
    desk.until(lambda: len(desk.camera.written) == 5)
    assert desk.camera.written == [
        ("ReverseX", True),
        ("TriggerMode", "On"),
        ("TriggerSoftware", True),
        ("DeviceUserID", "line 4"),
        ("LUTValueAll", "001122"),
    ]


def test_a_refresh_never_overwrites_an_edit(qtbot, desk):
    desk.ready()
    editor = desk.open("ExposureTime")
    editor.take_focus()
    qtbot.keyClicks(editor.field, "77")
    desk.camera.put("ExposureTime", value=999.0)
    desk.until(lambda: row(desk, "ExposureTime").feature.value == 999.0)
    assert editor.field.text() == "77" and editor is desk.list.editor


def test_what_is_no_value_is_told_at_the_row_and_not_sent(qtbot, desk):
    desk.ready()
    editor = desk.open("Width")
    editor.take_focus()
    qtbot.keyClicks(editor.field, "wide")
    qtbot.keyClick(editor.field, K.Key_Return)
    assert "“wide” is not understood" in below(desk, "Width")
    assert not desk.camera.written
    qtbot.keyClicks(editor.field, "1")
    assert "not understood" not in below(desk, "Width")


def test_a_refused_value_shows_the_sentence_and_the_old_value(qtbot, desk):
    desk.ready()
    desk.camera.refuses["ExposureTime"] = "ExposureTime takes 10 to 1000000 us."
    editor = desk.open("ExposureTime")
    editor.take_focus()
    qtbot.keyClicks(editor.field, "5")
    qtbot.keyClick(editor.field, K.Key_Return)
    desk.until(lambda: below(desk, "ExposureTime") == "ExposureTime takes 10 to 1000000 us.")
    assert editor.field.text() == "1250.0" and not editor.dirty
    assert "takes 10 to 1000000" in desk.page.features.help.text()
    desk.camera.refuses.clear()
    qtbot.mouseClick(editor.more, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.camera.written)
    desk.until(lambda: "takes 10" not in below(desk, "ExposureTime"))


def test_a_slow_node_leaves_the_page_alive(desk, monkeypatch):
    monkeypatch.setattr(feature_desk, "SLOW_S", 0.0)
    desk.ready()
    desk.until(lambda: not desk.page.features.desk.busy)
    desk.camera.go.clear()
    desk.page.features.desk.write("Gain", 5.0)
    assert below(desk, "Gain") == "writing…"
    desk.page.beat()
    desk.page.features.search.setText("gain")
    assert desk.list.visible_names() == ("Gain",)
    desk.camera.go.set()
    desk.until(lambda: row(desk, "Gain").feature.value == 5.0)
    desk.until(lambda: row(desk, "Gain").doing is not Doing.WRITING)
    desk.camera.go.clear()
    desk.until(lambda: below(desk, "Gain") == "reading…")


def test_only_what_is_in_sight_is_read_again(make_desk):
    desk = make_desk(FakeCamera(many(300))).ready().all()
    desk.camera.refreshed.clear()
    desk.until(lambda: len(desk.camera.refreshed) > 2)
    assert all(len(names) < 12 for names in desk.camera.refreshed)
    last = list(desk.camera.known)[-1]
    desk.list.scrollToBottom()
    desk.camera.put(last, value="other")
    desk.until(lambda: row(desk, last).feature.value == "other")
    assert desk.camera.read_all == 1


def test_a_held_feature_offers_to_stop(qtbot, make_desk):
    held = usual(locked=True)
    desk = make_desk(FakeCamera(held)).ready()
    desk.station.push()
    assert below(desk, "Width") == "stop to change"
    editor = desk.open("Width")
    assert isinstance(editor, StopEditor)
    qtbot.mouseClick(editor.button, Qt.MouseButton.LeftButton)
    assert desk.station.asked == [] and desk.asked.title == "Stop inspection?"
    desk.asked.answer("stop")
    assert desk.station.asked == ["stop"]
    desk.station.state = StationState.STOPPED
    desk.camera.put("Width", access=FeatureAccess.READ_WRITE, locked=False)
    desk.until(lambda: not isinstance(desk.list.editor, StopEditor))
    assert desk.list.open == "Width"


def test_a_live_view_is_stopped_without_a_question(qtbot, make_desk):
    desk = make_desk(FakeCamera(usual(locked=True))).ready()
    desk.station.state = StationState.PREVIEW
    qtbot.mouseClick(desk.open("Width").button, Qt.MouseButton.LeftButton)
    assert desk.station.asked == ["stop"] and desk.asked.title == ""


def test_what_cannot_be_changed_has_no_editor(desk):
    desk.ready().all()
    for name in ("DeviceVendorName", "Gamma"):
        assert desk.open(name) is None
    assert below(desk, "Gamma") == "not available with the present settings"
    assert below(desk, "DeviceVendorName") == "read only"


def test_there_is_an_editor_for_every_kind(qtbot):
    for one in usual():
        if one.writable:
            editor = make_editor(one)
            qtbot.addWidget(editor)
            assert editor.feature is one and not editor.dirty
            assert editor_kind(one)[0] is one.kind


# the product's set


def test_values_unlike_the_product_s_are_marked(desk):
    desk.kept["flange"] = FeatureSet(
        (
            FeatureEntry("ExposureTime", "1000"),
            FeatureEntry("Gain", "3"),
            FeatureEntry("ReverseX", "0"),
            FeatureEntry("Width", "640", (("TriggerMode", "On"),)),
        )
    )
    desk.camera.put("Width", selected_by=("TriggerMode",))
    desk.ready()
    desk.until(lambda: desk.rows.different == 1)
    assert below(desk, "ExposureTime") == "taught 1\u00a0000.0"
    assert "1 unlike" in desk.page.features.count.text()
    desk.camera.put("TriggerMode", value="On")  # now the other one of two is seen
    desk.until(lambda: below(desk, "Width") == "taught 640")
    desk.station.product = desk.station.products[1]
    desk.until(lambda: desk.rows.different == 0)


# no camera, no features, lost


def test_files_have_no_features(make_desk):
    desk = make_desk(None)
    desk.until(lambda: "come from files" in desk.page.features.message.text())
    desk.station.source_info = None
    desk.until(lambda: "No camera is open" in desk.page.features.message.text())


def test_a_lost_camera_is_told_and_comes_back_by_itself(desk):
    desk.ready()
    desk.station.state = StationState.CAMERA_LOST
    desk.station.problem = "The camera X1 was unplugged."
    panel = desk.page.features
    desk.until(lambda: "X1 was unplugged" in panel.message.text())
    assert "by themselves" in panel.message.text() and not desk.list.isVisible()
    desk.station.state, desk.station.problem = StationState.RUNNING, ""
    desk.until(desk.list.isVisible)
    assert desk.rows.listed == len(FAVOURITES)


def test_a_camera_that_is_lost_while_nothing_runs(desk):
    desk.ready()
    desk.camera.fails = CameraLostError("The camera X1 does not answer.")
    desk.until(lambda: desk.page.features.desk.tree is Tree.LOST)
    desk.until(lambda: "Start the live view" in desk.page.features.message.text())
    desk.camera.fails = None
    desk.until(desk.list.isVisible)


def test_another_camera_is_read_anew(desk):
    desk.ready()
    other = FakeCamera(usual()[:5])
    desk.station.camera_features = other
    desk.until(lambda: other.read_all == 1)
    desk.until(lambda: desk.rows.total == 5)
