"""Parts from a running camera: chosen, checked beside it, kept."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers import make_tiny_package
from tests.inspection.fakes import MODEL, PRODUCTS, wait_for
from tests.teaching.parts import part_image
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import SourceInfo, TriggerMode
from uniad_desktop.engine.package import PackageError, open_package
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.inspection.decisions import DecisionMaker
from uniad_desktop.inspection.scoreboard import Scoreboard
from uniad_desktop.teaching import image_folder, live_collector, part_checks
from uniad_desktop.teaching.checks import Reason
from uniad_desktop.teaching.collect_state import BY_HAND, ON_TRIGGER, Every, FrameChoice
from uniad_desktop.teaching.collection import PartCollection, State
from uniad_desktop.teaching.live_collector import MOST_WAITING, LiveCollector
from uniad_desktop.teaching.products import ProductStore

SECONDS = 30.0


class FakeStation:
    """Says what is asked of it; a test hands frames over itself."""

    def __init__(self) -> None:
        self.products = PRODUCTS
        self.product = PRODUCTS[0]
        self.trigger_mode = TriggerMode.FREE_RUNNING
        self.source_info = SourceInfo(
            "C", "V", "F1", SourceKind.LIVE, 80, 60, "RGB8", settings={"ExposureTime": 2000.0}
        )
        self.asked: list[str] = []
        self.sinks: list[object] = []

    def begin_collecting(self, title, take, product=""):
        self.asked.append(f"begin {title} {product}")

    def end_collecting(self):
        self.asked.append("end")

    def add_sink(self, sink):
        self.sinks.append(sink)

    def remove_sink(self, sink):
        self.sinks.remove(sink)


def frame(seed: int, image: np.ndarray | None = None) -> Frame:
    pixels = part_image(seed) if image is None else image
    now = time.monotonic_ns()
    return Frame(pixels, seed, now, now, "F1", SourceKind.LIVE, "RGB8")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return open_package(make_tiny_package(tmp_path_factory.mktemp("models")))


@pytest.fixture
def station():
    return FakeStation()


@pytest.fixture
def make(tmp_path, package, station):
    made = []

    def build(key="cap", open_model=None, **changes):
        store = ProductStore(tmp_path)
        product = store.create(key, {"en": key.capitalize()})
        parts = PartCollection(tmp_path, key)
        collector = LiveCollector(product, parts, open_model or (lambda: package), station)
        made.append(collector)
        return collector, parts

    yield build
    for one in made:
        assert one.close(SECONDS)


def done(collector, count):
    def reached():
        state = collector.snapshot()
        assert not state.problem, state.problem
        return state.taken + state.aside + state.duplicates >= count

    wait_for(reached, SECONDS)
    return collector.snapshot()


def test_the_rules():
    choice = FrameChoice()
    assert not choice.chooses(frame(0), triggered=True) and choice.seen == 0
    choice.start(Every(3))
    assert [choice.chooses(frame(n), triggered=False) for n in range(7)] == [
        True, False, False, True, False, False, True,
    ]  # fmt: skip
    choice.start(ON_TRIGGER)
    assert not choice.chooses(frame(0), triggered=False)
    assert choice.chooses(frame(0), triggered=True)
    choice.start(BY_HAND)
    early = frame(0)
    choice.ask(time.monotonic_ns())
    assert not choice.chooses(early, triggered=True), "it was there before somebody asked"
    assert choice.chooses(frame(1), triggered=False)
    assert not choice.chooses(frame(2), triggered=False)
    choice.ask(0)
    choice.stop()
    choice.start(BY_HAND)
    assert not choice.chooses(frame(3), triggered=False)


def test_frames_become_parts_with_origin_and_camera(make):
    collector, parts = make()
    collector.take(frame(1))
    assert collector.snapshot().seen == 0
    collector.start(Every(2))
    assert collector.snapshot().preparing
    for seed in range(2, 6):
        collector.take(frame(seed))
    state = done(collector, 2)
    collector.pause()
    assert (state.seen, state.taken + state.aside) == (4, 2)
    assert not state.preparing and state.frame.id == 5
    first = parts.parts()[0]
    assert first.origin.source == "F1" and first.origin.kind is SourceKind.LIVE
    assert first.origin.frame_id == 2 and first.camera == {"ExposureTime": 2000.0}
    wait_for(lambda: collector.snapshot().coverage.parts == state.taken, SECONDS)
    collector.take(frame(7))
    assert collector.snapshot().seen == 4


def test_doubtful_ones_are_counted_by_reason_and_copies_are_not_taken(make):
    collector, parts = make()
    collector.start(Every(1))
    image = part_image(1)
    for number, one in enumerate((image, image, np.full_like(image, 80))):
        collector.take(frame(number, one))
    state = done(collector, 3)
    assert state.duplicates == 1 and state.aside >= 1
    assert state.set_aside[Reason.FOCUS] == 1
    assert state.last.state is State.DOUBTFUL
    assert len(parts.parts()) == 2


def test_by_hand_takes_one(make):
    collector, parts = make()
    collector.take_one()
    collector.start(BY_HAND)
    collector.take(frame(1))
    collector.take_one()
    collector.take(frame(2))
    collector.take(frame(3))
    done(collector, 1)
    assert [part.origin.frame_id for part in parts.parts()] == [2]


def test_while_the_checks_are_busy_the_oldest_makes_room(make, package):
    gate, entered = threading.Event(), threading.Event()

    def slow():
        entered.set()
        assert gate.wait(SECONDS)
        return package

    collector, parts = make(open_model=slow)
    collector.start(Every(1))
    assert entered.wait(SECONDS)
    for seed in range(MOST_WAITING + 3):
        collector.take(frame(seed))
    state = collector.snapshot()
    assert state.preparing and state.busy_dropped == 3 and state.waiting == MOST_WAITING
    gate.set()
    done(collector, MOST_WAITING)
    assert sorted(part.origin.frame_id for part in parts.parts()) == [3, 4, 5, 6]


def test_a_product_in_force_is_collected_beside_its_inspection(make, station, package):
    collector, parts = make("flange")
    assert collector.attach("Flange")
    assert station.asked == [] and len(station.sinks) == 1
    board = Scoreboard()
    decisions = DecisionMaker(board, station.sinks, MODEL)
    collector.start(Every(1))
    limit = package.manifest.products["flange"].reject
    heat = np.zeros((4, 4), np.float32)
    high = Prediction(heat, limit * 2, MODEL, "fake")
    decisions.decide(frame(1), high, PRODUCTS[0], time.monotonic_ns())
    decisions.decide(frame(2), high, PRODUCTS[1], time.monotonic_ns())  # of another product
    state = done(collector, 1)
    assert state.seen == 1
    (part,) = parts.parts()
    assert part.figures["score"] == limit * 2
    assert Reason.UNUSUAL in [doubt.reason for doubt in part.doubts]
    collector.detach()
    assert station.sinks == []


def test_an_unknown_product_is_collected_instead(make, station):
    collector, _ = make()
    assert not collector.attach("Bottle cap")
    assert station.asked == ["begin Bottle cap cap"]
    assert not collector.attach("Bottle cap")  # it was stopped by the operator meanwhile
    assert station.asked[1:] == ["end", "begin Bottle cap cap"]
    collector.start(Every(1))
    collector.close(SECONDS)
    assert station.asked[-1] == "end"
    collector.take(frame(1))
    assert collector.snapshot().frame is None


def test_another_product_in_force_is_no_place_to_collect_beside(make, station):
    collector, _ = make("label")
    assert not collector.attach("Label")
    assert station.asked == ["begin Label label"]


def test_triggered_frames(make, station):
    collector, parts = make()
    collector.start(ON_TRIGGER)
    collector.take(frame(1))
    station.trigger_mode = TriggerMode.SOFTWARE
    collector.take(frame(2))
    done(collector, 1)
    assert [part.origin.frame_id for part in parts.parts()] == [2]


def test_a_full_disk_stops_collecting_and_nothing_is_lost(make, monkeypatch):
    collector, parts = make()
    collector.start(Every(1))
    collector.take(frame(1))
    done(collector, 1)
    real = image_folder.write_durably

    def full(path, data):
        if path.suffix == ".png":
            raise OSError(28, "No space left on device")
        real(path, data)

    monkeypatch.setattr(image_folder, "write_durably", full)
    collector.take(frame(2))
    wait_for(lambda: bool(collector.snapshot().problem), SECONDS)
    state = collector.snapshot()
    assert "No space left" in state.problem and not state.collecting and state.waiting == 1
    collector.take(frame(3))
    assert len(parts.parts()) == 1
    monkeypatch.setattr(image_folder, "write_durably", real)
    collector.start(BY_HAND)
    state = done(collector, 2)
    assert state.problem == ""
    assert sorted(part.origin.frame_id for part in parts.parts()) == [1, 2]


def test_a_model_that_cannot_be_opened_is_said_and_tried_again(make, package):
    answers = [PackageError("There is no model."), package]

    def open_model():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    collector, parts = make(open_model=open_model)
    collector.start(Every(1))
    collector.take(frame(1))
    wait_for(lambda: collector.snapshot().problem == "There is no model.", SECONDS)
    assert not collector.snapshot().preparing
    collector.start(Every(1))
    collector.take(frame(2))
    wait_for(lambda: len(parts.parts()) >= 1, SECONDS)


def test_an_unexpected_error_is_said(make, caplog):
    def broken():
        raise ZeroDivisionError("oops")

    collector, _ = make(open_model=broken)
    collector.start(Every(1))
    wait_for(lambda: "oops" in collector.snapshot().problem, SECONDS)
    assert "Collecting stopped" in caplog.text


def test_what_others_change_is_seen_after_refresh(make):
    collector, parts = make()
    collector.start(Every(1))
    for seed in range(1, 4):
        collector.take(frame(seed))
        done(collector, seed)
    parts.accept([part.id for part in parts.parts()])
    collector.refresh()
    wait_for(lambda: collector.snapshot().coverage.parts == 3, SECONDS)
    parts.delete([parts.parts()[0].id])
    collector.refresh()
    wait_for(lambda: collector.snapshot().coverage.parts == 2, SECONDS)


def write(folder: Path, seeds) -> list[Path]:
    folder.mkdir()
    paths = []
    for seed in seeds:
        paths.append(folder / f"part{seed}.png")
        cv2.imwrite(str(paths[-1]), cv2.cvtColor(part_image(seed), cv2.COLOR_RGB2BGR))
    return paths


def test_files_go_the_same_way(make, tmp_path):
    collector, parts = make()
    paths = write(tmp_path / "images", range(4))
    paths[1].write_bytes(b"torn")
    collector.collect_files([*paths, paths[0]])
    state = done(collector, 4)
    wait_for(lambda: collector.snapshot().files_done == 5, SECONDS)
    state = collector.snapshot()
    assert (state.files, state.unreadable, state.duplicates) == (5, 1, 1)
    assert not state.preparing and not state.collecting
    assert {part.origin.kind for part in parts.parts()} == {SourceKind.FILE}
    assert parts.parts()[0].camera == {}


def test_cancelling_files_keeps_what_was_taken(make, tmp_path, monkeypatch):
    gate, entered = threading.Event(), threading.Event()
    collector, parts = make()
    paths = write(tmp_path / "images", range(4))
    real = part_checks.PartIntake.take_file

    def slow(self, path):
        entered.set()
        assert gate.wait(SECONDS)
        return real(self, path)

    monkeypatch.setattr(part_checks.PartIntake, "take_file", slow)
    collector.collect_files(paths)
    assert entered.wait(SECONDS)
    collector.cancel_files()
    gate.set()
    wait_for(lambda: collector.snapshot().files_done == 1, SECONDS)
    assert collector.snapshot().files == 1
    assert len(parts.parts()) == 1


def test_closing_takes_what_waits(make):
    collector, parts = make()
    collector.start(Every(1))
    collector.take(frame(1))
    done(collector, 1)
    for seed in (2, 3):
        collector.take(frame(seed))
    assert collector.close(SECONDS)
    assert sorted(part.origin.frame_id for part in parts.parts()) == [1, 2, 3]
    assert list((parts.folder.parent / "features").glob("*.npz"))


def test_closing_what_was_never_started(make):
    collector, _ = make()
    assert collector.close(0.0)
    collector.start(Every(1))
    collector.collect_files([Path("a.png")])
    assert collector.snapshot().taken == 0


def test_a_camera_thread_never_waits_for_the_checks(make, monkeypatch):
    gate = threading.Event()
    collector, _ = make()
    real = part_checks.PartIntake.take

    def slow(self, *arguments):
        assert gate.wait(SECONDS)
        return real(self, *arguments)

    monkeypatch.setattr(part_checks.PartIntake, "take", slow)
    collector.start(Every(1))
    for seed in range(20):  # on this thread: it would hang if it waited
        collector.take(frame(seed))
    collector.snapshot()
    gate.set()
    wait_for(lambda: collector.snapshot().waiting == 0, SECONDS)
    assert collector.snapshot().busy_dropped >= 20 - 2 * MOST_WAITING - 1


CHILD = """
import sys, time
from pathlib import Path
from tests.teaching.test_live_collector import FakeStation, frame
from uniad_desktop.engine.package import open_package
from uniad_desktop.teaching.collect_state import Every
from uniad_desktop.teaching.collection import PartCollection
from uniad_desktop.teaching.live_collector import LiveCollector
from uniad_desktop.teaching.products import ProductStore

folder, model = Path(sys.argv[1]), sys.argv[2]
product = ProductStore(folder).create("cap", {"en": "Cap"})
collector = LiveCollector(
    product, PartCollection(folder, "cap"), lambda: open_package(model), FakeStation()
)
collector.start(Every(1))
for seed in range(10**6):
    while collector.snapshot().waiting:
        time.sleep(0.001)
    collector.take(frame(seed))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_kill_leaves_whole_parts(tmp_path, package):
    folder = tmp_path / "data"
    root = Path(live_collector.__file__).resolve().parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(folder), str(package.folder)], cwd=root
    )
    try:
        records = folder / "products" / "cap" / "parts"
        wait_for(lambda: len(list(records.glob("*.json"))) >= 8, 60.0)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(10)
    parts = PartCollection(folder, "cap")
    assert parts.problems() == () and len(parts.parts()) >= 7
    for part in parts.parts():
        assert parts.image(part).shape == (60, 80, 3)
        json.loads((records / f"{part.id}.json").read_text())
