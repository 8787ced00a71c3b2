"""Several cameras on one screen: each seen at a glance, one chosen, all started together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.inspection.fakes import wait_for
from tests.ui.fake_recorder import FakeRecorder
from tests.ui.fake_station import PRODUCTS, FakeStation
from tests.ui.fake_versions import FakeVersions, known
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.open import parse_camera
from uniad_desktop.cameras.remembered import CameraChangedError, CameraIdentity
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.types import Latency, Rates, ShiftCounters, StationState, Verdict
from uniad_desktop.settings import Settings, load_settings, save_settings
from uniad_desktop.several_cameras import CameraAtPlace
from uniad_desktop.ui import language
from uniad_desktop.ui.camera_question import CameraChoice
from uniad_desktop.ui.settings import UiSettings
from uniad_desktop.ui.setup.camera_cards import CameraFacts, Use
from uniad_desktop.ui.setup.context import CameraChanger
from uniad_desktop.ui.several import summary
from uniad_desktop.ui.several.window import SeveralWindow
from uniad_desktop.ui.surroundings import Surroundings
from uniad_desktop.ui.widgets.top_bar import Page
from uniad_desktop.window import run_stations_window

Make = Callable[..., SeveralWindow]


@pytest.fixture
def stations() -> list[FakeStation]:
    made = [FakeStation(kind=SourceKind.LIVE) for _ in range(4)]
    for number, (station, product) in enumerate(zip(made, PRODUCTS, strict=True), 1):
        assert station.source_info is not None
        station.source_info = replace(station.source_info, name=f"{number} · SimCam U5")
        station.product = product
    return made


@pytest.fixture
def make(app: QApplication, settings: UiSettings) -> Iterator[Make]:
    made: list[SeveralWindow] = []

    def build(
        stations: list[FakeStation],
        size: tuple[int, int] = (1280, 720),
        data_folder: Path | None = None,
        recordings: Path | None = None,
        changer: CameraChanger | None = None,
        cameras: Sequence[CameraChoice] = (),
    ) -> SeveralWindow:
        window = SeveralWindow(
            stations,
            settings,
            Surroundings(
                data_folder=data_folder, recordings=recordings, changer=changer, cameras=cameras
            ),
        )
        window._timer.stop()
        window.resize(*size)
        window.show()
        window.activateWindow()
        app.processEvents()
        made.append(window)
        return window

    yield build
    for window in made:
        window.close()
        assert not window.beating
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    made.clear()


def asked(stations: list[FakeStation]) -> list[list[str]]:
    return [station.asked for station in stations]


def key(window: SeveralWindow, name: Qt.Key) -> None:
    QTest.keyClick(window.focusWidget() or window, name)


def tap(window: SeveralWindow, place: int) -> None:
    """Touches a tile; whatever lies on it hands the touch on."""
    tile = window.grid.tiles[place]
    for widget in (tile.image, tile.verdict, tile.title, tile.score):
        at = widget.mapTo(tile, QPoint(5, 5))
        assert tile.childAt(at) is widget
    QTest.mouseClick(tile.verdict, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))


def test_each_camera_shows_its_own_verdict_and_a_stale_pass_is_grey(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations)
    stations[0].push(Verdict.PASS, 20.0)
    stations[1].push(Verdict.FAIL, 78.0)
    stations[2].push(Verdict.PASS, 30.0)
    stations[2].seconds = 9.0
    window.tick()
    faces = [tile.verdict.face for tile in window.grid.tiles]
    assert [face.verdict for face in faces] == [Verdict.PASS, Verdict.FAIL, Verdict.PASS, None]
    assert [face.stale for face in faces] == [False, False, True, False]
    assert [tile.verdict.ground_token() for tile in window.grid.tiles] == [
        "pass",
        "fail",
        "stale",
        "stale",
    ]
    assert faces[2].line == "No decision for 9 s" and "o'clock" in faces[1].line
    assert window.grid.tiles[1].score.text() == "Score 78 · limit 50"
    assert window.grid.tiles[1].product.text() == "Printed label"


def test_a_verdict_on_the_former_product_is_none_on_the_one_chosen_now(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    stations[1].push(Verdict.PASS)
    stations[1].product = PRODUCTS[3]
    window.tick()
    face = window.grid.tiles[1].verdict.face
    assert face.stale and face.line == "Waiting for the first part"


def test_a_lost_camera_is_alarming_on_its_tile_alone_and_below(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:3])
    for station in stations[:3]:
        station.push()
    stations[2].state, stations[2].problem = StationState.CAMERA_LOST, "It is unplugged."
    window.tick()
    window.refresh_bars()
    alarms = [tile.image.alarm for tile in window.grid.tiles]
    assert alarms == [("", ""), ("", ""), ("CAMERA LOST", "It is unplugged.")]
    assert window.grid.tiles[0].verdict.face.stale is False
    assert window.status.shown("camera").startswith("3 · SimCam U5")
    assert "lost" in window.status.shown("camera")


def test_frames_that_were_lost_are_told_on_the_tile_of_their_camera(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    for station in stations[:2]:
        station.push()
    stations[1].rate = Rates(lost_lately=12)
    window.tick()
    window.refresh_bars()
    states = [tile.state for tile in window.grid.tiles]
    assert [state.text() for state in states] == ["running", "running · △ 12 lost"]
    assert [state.token for state in states] == ["", "warn_text"]
    stations[0].state = StationState.STOPPED  # who needs a person is told below
    window.refresh_bars()
    assert "lost" not in window.status.shown("camera")


def test_a_camera_that_sends_nothing_is_alarming_on_its_tile_alone(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    for station in stations[:2]:
        station.push()
    stations[1].problem = "The camera has sent no frame for 7 s."
    window.tick()
    alarms = [tile.image.alarm for tile in window.grid.tiles]
    assert alarms == [("", ""), ("NOTHING IS INSPECTED", "The camera has sent no frame for 7 s.")]


def test_while_parts_are_collected_no_verdict_is_shown(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    stations[0].push(Verdict.PASS)
    stations[0].begin_collecting("Cap", lambda frame: None)
    window.tick()
    face = window.grid.tiles[0].verdict.face
    assert face.verdict is None and "Collecting parts of Cap" in face.line


def test_a_live_view_of_one_camera_is_told_and_has_no_verdict(
    make: Make, stations: list[FakeStation]
) -> None:
    for station in stations:
        station.push(Verdict.PASS, 20.0)
    window = make(stations)
    stations[2].state = StationState.PREVIEW
    window.tick()
    window.refresh_all()
    tile = window.grid.tiles[2]
    assert tile.verdict.face.verdict is None
    assert tile.verdict.face.line == "Live view; nothing is inspected"
    assert window.grid.tiles[0].verdict.face.verdict is Verdict.PASS


def test_the_picture_of_each_camera_comes_to_its_tile(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    shown = [station.push() for station in stations[:2]]
    tiles = window.grid.tiles

    def both() -> bool:
        window.tick()
        return all(tile.image.composed is not None for tile in tiles)

    wait_for(both)
    for tile, wanted in zip(tiles, shown, strict=True):
        assert tile.image.composed is not None
        assert tile.image.composed.order.shown is wanted


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("size", [(1280, 720), (1600, 900)])
def test_everything_fits(
    make: Make, stations: list[FakeStation], size: tuple[int, int], count: int
) -> None:
    window = make(stations[:count], size)
    for station in stations[:count]:
        station.push()
    window.tick()
    assert (window.width(), window.height()) == size
    assert len(window.grid.tiles) == count
    heights = {tile.height() for tile in window.grid.tiles}
    widths = {tile.width() for tile in window.grid.tiles}
    assert max(heights) - min(heights) <= 1 and max(widths) - min(widths) <= 1
    for tile in window.grid.tiles:
        assert tile.width() < size[0] / 2
        for figure in (tile.title, tile.product, tile.score, tile.state):
            assert not figure.is_cut(), figure.text()
    for button in (window.grid.start_stop, window.grid.trigger):
        assert button.minimumHeight() >= 64


def test_a_touch_chooses_and_another_one_opens_and_esc_leads_back(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations)
    tap(window, 2)
    assert window.place == 2 and window.shows_all
    assert [tile.property("chosen") for tile in window.grid.tiles] == [False, False, True, False]
    window.refresh_bars()
    assert window.top.product.value() == "3 · Woven fabric"
    tap(window, 2)
    assert not window.shows_all and window.page.isVisible() and window.shown is Page.INSPECT
    window.act("Esc")
    assert window.shows_all and window.place == 2


def test_keys_choose_and_enter_opens(make: Make, stations: list[FakeStation]) -> None:
    window = make(stations)
    key(window, Qt.Key.Key_2)
    assert window.place == 1 and window.shows_all
    key(window, Qt.Key.Key_Return)
    assert not window.shows_all
    key(window, Qt.Key.Key_4)  # another camera, still alone
    assert window.place == 3 and not window.shows_all
    key(window, Qt.Key.Key_Escape)
    assert window.shows_all
    key(window, Qt.Key.Key_4)
    assert not window.shows_all, "the key of the chosen camera opens it, as a second touch does"


def test_the_opened_camera_shows_nothing_of_another(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    stations[0].push(Verdict.FAIL, 90.0)
    window.open_chosen()

    def shown() -> bool:
        window.tick()
        return window.page.image.composed is not None

    wait_for(shown)
    window.page.freeze(stations[0].rejects()[0].shown)
    assert window.choose(1)
    assert not window.page.frozen
    assert window.page.image.composed is None and window.page.verdict.face.verdict is None
    assert window.page.image.message == "No image yet"


def test_the_opened_camera_tells_which_others_need_a_person(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations)
    for station in stations:
        station.push(Verdict.PASS)
    window.open_chosen()
    assert window.back.text() == "All cameras (Esc)"
    stations[0].push(Verdict.FAIL, 90.0)  # it is in sight itself
    stations[1].push(Verdict.FAIL, 90.0)
    stations[3].state = StationState.CAMERA_LOST
    window.refresh_bars()
    assert window.back.text() == "All cameras (Esc)\n2 ✕ FAIL · 4 camera lost"
    assert window.back.geometry().right() < window.page.image.width()


def test_space_starts_and_stops_all_or_the_one_that_is_opened(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    window.tick()
    key(window, Qt.Key.Key_Space)
    assert asked(stations[:2]) == [["start"], ["start"]]
    stations[1].state = StationState.RUNNING
    window.tick()
    assert "Stop all" in window.grid.start_stop.text()
    key(window, Qt.Key.Key_Space)
    assert asked(stations[:2]) == [["start", "stop"], ["start", "stop"]]
    window.choose(1)
    window.open_chosen()
    key(window, Qt.Key.Key_Space)
    assert asked(stations[:2]) == [["start", "stop"], ["start", "stop", "stop"]]


def test_t_triggers_all_that_take_one_or_the_one_that_is_opened(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations)
    window.tick()
    assert window.grid.trigger.isHidden()
    for station in stations[:3]:
        station.trigger_mode = TriggerMode.SOFTWARE
        station.state = StationState.RUNNING
    stations[2].state = StationState.CAMERA_LOST
    window.tick()
    assert window.grid.trigger.isVisible() and window.grid.trigger.isEnabled()
    key(window, Qt.Key.Key_T)
    assert asked(stations) == [["trigger"], ["trigger"], [], []]
    window.open_chosen()
    key(window, Qt.Key.Key_T)
    assert asked(stations) == [["trigger", "trigger"], ["trigger"], [], []]


def test_product_and_mode_are_those_of_the_chosen_camera(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    window.choose(1)
    window.questions.choose_product()
    assert window.sheet is not None
    window.sheet.close_with("board")
    window.questions.choose_mode()
    window.sheet.close_with("software")
    assert asked(stations[:2]) == [[], ["product board", "mode software"]]


def test_the_badge_is_live_only_where_every_camera_is(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    window.refresh_bars()
    assert window.top.badge.property("kind") == "LIVE"
    assert stations[1].source_info is not None
    stations[1].source_info = replace(stations[1].source_info, kind=SourceKind.SIMULATED)
    window.refresh_bars()
    assert window.top.badge.property("kind") == "SIMULATED"


def test_figures_below_are_those_of_all(make: Make, stations: list[FakeStation]) -> None:
    window = make(stations[:2])
    for number, station in enumerate(stations[:2], 1):
        station.rate = Rates(10.0 * number, 5.0 * number, 1.0)
        station.delay = Latency(10.0 * number, None, 20.0 * number)
        station.shift = ShiftCounters(1.0, inspected=10, passed=9, failed=1, error=number)
    window.refresh_bars()
    window.grid.refresh_slow()
    assert window.status.shown("acquired") == "30.0/s"
    assert window.status.shown("latency") == "20 / 40 ms"
    assert window.status.shown("not_inspected") == "3"
    assert [value.text() for value in window.grid._values] == [
        "20",
        "78.26\N{NO-BREAK SPACE}%",
        "2",
        "3",
    ]


def test_a_shift_begins_for_all_cameras(make: Make, stations: list[FakeStation]) -> None:
    window = make(stations[:2])
    window.questions.ask_reset()
    assert window.sheet is not None
    window.sheet.close_with("reset")
    assert asked(stations[:2]) == [["reset"], ["reset"]]


def test_no_other_camera_is_chosen_while_parts_are_collected_from_one(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    station = window._station
    station.begin_collecting("Cap", lambda frame: None)
    assert stations[0].state is StationState.COLLECTING
    assert not window.choose(1) and window.place == 0
    assert "from camera 1" in window.grid.news.sentence()
    window.act("Esc")
    assert not window.grid.news.sentence()
    station.end_collecting()
    assert window.choose(1)
    assert asked(stations[:2]) == [["collect Cap", "end collecting"], []]


def test_what_follows_a_camera_is_taken_from_that_camera_again(
    make: Make, stations: list[FakeStation]
) -> None:
    window = make(stations[:2])
    before = len(stations[0].sinks)
    taken: list[object] = []
    window._station.add_sink(taken.append)
    assert not window.choose(1), "decisions of one camera are being followed"
    window._station.remove_sink(taken.append)
    assert len(stations[0].sinks) == before and window.choose(1)


def test_other_pages_act_on_the_chosen_camera_and_inspect_leads_back(
    make: Make, stations: list[FakeStation], tmp_path: Path
) -> None:
    window = make(stations[:2], data_folder=tmp_path)
    window.choose(1)
    window.act("F2")
    assert window.shown is Page.TEACH and not window.shows_all
    window.tick()
    window.act("F1")
    assert window.shows_all and window.shown is Page.INSPECT


def test_words_follow_the_language_and_the_heatmap_its_switch(
    make: Make, stations: list[FakeStation], app: QApplication, settings: UiSettings
) -> None:
    window = make(stations[:2])
    language.apply(app, "zh_CN")
    app.processEvents()
    stations[0].push(Verdict.FAIL, 70.0)
    window.tick()
    assert window.grid.tiles[0].product.text() == "机加工法兰"
    window.act("H")
    assert [tile.strength for tile in window.grid.tiles] == [0.0, 0.0]
    assert settings.heatmap is False


def test_the_worst_state_is_told_and_of_equals_the_chosen_one(
    stations: list[FakeStation],
) -> None:
    for station in stations:
        station.state = StationState.RUNNING
    assert summary.worst_of(stations, 2) is stations[2]
    stations[3].state = StationState.FAILED
    stations[1].state = StationState.CAMERA_LOST
    assert summary.worst_of(stations, 2) is stations[3]


def test_a_version_has_to_know_the_products_of_all_cameras(
    app: QApplication, settings: UiSettings, stations: list[FakeStation]
) -> None:
    window = SeveralWindow(stations[:2], settings, Surroundings(versions=FakeVersions()))
    assert window.versions is not None
    assert not window.versions._knows_product(known("1.0.2", "c", products=("flange",)))
    assert "“Printed label”" in window.versions.problem  # that of the camera not chosen
    assert window.versions._knows_product(known("1.0.1", "d"))
    window.close()
    window.deleteLater()


def test_the_product_of_each_camera_is_remembered(
    app: QApplication, stations: list[FakeStation], tmp_path: Path
) -> None:
    names = ["serial:A", "serial:B"]
    settings = Settings(product="fabric", products={"serial:C": "board", "serial:A": "x"})
    save_settings(tmp_path, settings)
    code = run_stations_window(
        stations[:2],  # type: ignore[arg-type]
        names,
        settings,
        tmp_path,
        fullscreen=False,
        stop=lambda: True,
    )
    assert code == 0 and asked(stations[:2]) == [["start"], ["start"]]
    kept, problem = load_settings(tmp_path)
    assert not problem and kept.product == "fabric"
    assert kept.products == {"serial:A": "flange", "serial:B": "label", "serial:C": "board"}


def test_raw_frames_of_all_cameras_are_saved_at_a_glance_and_of_one_alone(make, stations, tmp_path):
    recorders = [FakeRecorder() for _ in stations]
    for station, recorder in zip(stations, recorders, strict=True):
        station.recorder = recorder
    stations[2].recorder = None
    window = make(stations, recordings=tmp_path)

    def until(condition: Callable[[], object]) -> None:
        end = time.monotonic() + 5.0
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            window.tick()
            window.refresh_bars()
            time.sleep(0.005)

    key(window, Qt.Key.Key_F9)
    until(lambda: [len(one.saved) for one in recorders] == [1, 1, 0, 1])
    folders = {one.saved[0][0] for one in recorders if one.saved}
    assert all(folder.parent == tmp_path / "recordings" for folder in folders)
    recorders[0].finish()
    recorders[1].fail("The disk is full.")
    recorders[3].finish()
    until(window.grid.notice.sentence)
    assert window.grid.notice.sentence().startswith("Camera 2: The disk is full.")
    told = window.grid.news.sentence()
    assert "Camera 1: 50 raw frames" in told and "Camera 4: 50 raw frames" in told
    window.acknowledge()
    window.acknowledge()
    window.choose(3)
    window.open_chosen()
    key(window, Qt.Key.Key_F9)
    until(lambda: len(recorders[3].saved) == 2)
    assert len(recorders[0].saved) == 1


def test_another_camera_takes_the_place_of_the_chosen_one(
    make: Make, stations: list[FakeStation]
) -> None:
    class Changer:
        def __init__(self) -> None:
            self.changed: list[tuple[str, int]] = []

        def change_camera(self, serial: str, place: int = 0) -> None:
            self.changed.append((serial, place))

        def camera_index(self, place: int = 0) -> int | None:
            return (5, 6, 7, None)[place]

    changer = Changer()
    window = make(stations, changer=changer)
    for place, words in ((2, "it will be camera 7"), (3, "start it with --camera 4711")):
        assert window.choose(place)
        window.setup.cameras.choose(CameraFacts("Maker X1", "4711", "", Use.FREE))
        assert window.sheet is not None
        shown = " ".join(label.text() for label in window.sheet.findChildren(QLabel))
        assert words in shown
        window.sheet.close_with("change")
        assert changer.changed[-1] == ("4711", place)


def test_of_each_camera_it_is_asked_whether_another_one_may_take_its_place(
    make: Make, stations: list[FakeStation]
) -> None:
    former, found = CameraIdentity("1", "Maker", "X1"), CameraIdentity("2", "Maker", "X1")
    choices = [CameraAtPlace(parse_camera(str(index)), index) for index in range(4)]
    for place in (1, 3):
        choices[place].changed = CameraChangedError(place, former, found)
        stations[place].state = StationState.FAILED
    window = make(stations, cameras=choices)
    for place in (1, 3):  # one after the other
        window.tick()
        assert window.sheet is not None
        shown = " ".join(label.text() for label in window.sheet.findChildren(QLabel))
        assert f"Camera {place + 1}: another one answers." in shown
        told = f"It was Maker X1, serial 1, by --camera {place}; now Maker X1, serial 2 answers."
        assert told in shown
        stations[place].asked.clear()
        window.sheet.close_with("use")
        assert stations[place].asked == ["start"]
        assert choices[place].changed is None and choices[place].take_accepted() is not None
