"""Collecting on the page: from the camera, from folders, and what is done with the parts."""

from __future__ import annotations

import errno
import threading
import time

import numpy as np
from PySide6.QtWidgets import QFileDialog

from tests.teaching.test_teach import picture
from tests.ui.teach.conftest import Bench, collect, part_pictures
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.inspection.types import StationState
from uniad_desktop.teaching import image_folder
from uniad_desktop.teaching.challenge import ChallengeSet, Label
from uniad_desktop.teaching.collection import PartCollection, State
from uniad_desktop.teaching.coverage import Coverage
from uniad_desktop.ui.teach.collect_control import CollectControl
from uniad_desktop.ui.teach.context import TeachContext


def frame(number: int, image: np.ndarray | None = None) -> Frame:
    pixels, now = picture(number) if image is None else image, time.monotonic_ns()
    return Frame(pixels, number, now, now, "F1", SourceKind.LIVE, "RGB8")


def give(bench: Bench, number: int) -> None:
    """The camera gives a frame, and the checks take it."""
    before = bench.collect.state
    assert bench.station.take is not None
    bench.station.take(frame(number))
    bench.until(
        lambda: bench.collect.state.taken + bench.collect.state.aside > before.taken + before.aside
    )


# from the camera


def test_a_product_that_the_model_does_not_know_is_collected_instead(bench: Bench):
    bench.teach_product("Bolt")
    bench.window.act("C")
    assert "The station inspects “Old part”" in bench.sheet_words()
    bench.answer("every")
    assert bench.station.asked == ["collect bolt"]  # and it is not told to inspect afterwards
    train = bench.train
    bench.window.tick()
    assert train.live.isVisible() and train.live.take.isHidden()
    assert train.live.picture.message == "No image yet"
    assert train.from_camera.text() == "Stop collecting (C)"
    assert "Collecting · 0 taken in" in bench.page.state.text()
    for number in range(3):
        give(bench, number)
    bench.settle()
    assert bench.counts == (3, 0, 0) and not train.live.picture.empty
    assert train.live.last.text().startswith("✓ Taken in: part ")
    bench.window.act("C")
    assert bench.station.asked[-1] == "end collecting" and not bench.collect.collecting
    bench.window.tick()
    assert train.training.isVisible() and bench.page.state.text() == ""
    bench.window.act("C")
    bench.answer("every")
    bench.window.tick()
    assert train.live.picture.message == "No image yet", "the former picture is not the camera's"
    bench.collect.stop()


def test_by_hand(bench: Bench):
    bench.teach_product("Bolt")
    bench.window.act("C")
    bench.answer("hand")
    bench.window.tick()
    assert bench.train.live.take.isVisible() and bench.train.live.rule.text() == "Those I tap on"
    bench.station.take(frame(0))
    bench.window.act("I")
    bench.train.live.take.click()
    give(bench, 1)
    bench.station.take(frame(2))
    bench.settle()
    assert bench.counts == (1, 0, 0)
    bench.train.live.stop.click()
    assert not bench.collect.collecting


def test_what_the_station_inspects_is_collected_beside_it(bench: Bench):
    others = list(bench.station.sinks)  # the drift watch of the window
    bench.window.act("C")
    assert "Inspection goes on" in bench.sheet_words()
    bench.answer("second")
    assert bench.station.asked == ["start"] and len(bench.station.sinks) == len(others) + 1
    for number in range(3):
        bench.station.push(image=picture(number))
    bench.until(lambda: bench.counts[0] + bench.counts[1] == 2)
    bench.window.act("C")
    assert bench.station.sinks == others and bench.station.asked == ["start"]


def test_a_doubtful_frame_says_why(bench: Bench):
    bench.teach_product("Bolt")
    bench.collect.ask()
    bench.answer("every")
    give(bench, 0)
    bench.station.take(frame(2, np.full((48, 64, 3), 255, np.uint8)))
    bench.until(lambda: bench.collect.state.aside == 1)
    bench.window.tick()
    assert bench.train.live.last.text().startswith("△ Set aside for a look: ")
    bench.station.state = StationState.CAMERA_LOST
    bench.window.tick()
    assert "camera gives no frames now: camera lost" in bench.train.live.last.text()
    bench.settle()
    bench.collect.stop()


def test_another_product_ends_collecting(bench: Bench):
    collect(bench.data, "cap", good=2)
    bench.teach_product("Bolt")
    bench.collect.ask()
    bench.answer("every")
    give(bench, 0)
    bench.show("cap")
    assert bench.station.asked == ["collect bolt", "end collecting"]
    assert bench.counts == (2, 0, 0) and not bench.collect.collecting
    assert bench.collect.state.taken == 0
    bench.show("bolt")
    assert bench.counts == (1, 0, 0)


def test_the_last_product_that_was_chosen_counts(bench: Bench):
    collect(bench.data, "cap", good=2)
    collect(bench.data, "bolt", good=3)
    for key in ("cap", "bolt", "cap", "bolt"):
        bench.page.take_product(key)
    bench.settle()
    assert bench.counts == (3, 0, 0) and bench.page.product.value() == "Bolt"


def test_coverage_of_another_product_is_not_taken(bench: Bench, monkeypatch):
    collect(bench.data, "bolt", good=3)
    collect(bench.data, "cap", good=0)
    found = Coverage(parts=3, covered=(0.5,), gain=None, lacks=())
    context = TeachContext(bench.station, bench.data, "tiny", lambda *_, **__: None, print)
    control = CollectControl(context)
    monkeypatch.setattr(control, "_measured", lambda product: found)
    control.show_product("bolt", "Bolt")
    bench.until(lambda: (control.beat(), control.parts.counts.accepted == 3)[1])
    control.show_product("cap", "Cap")
    bench.until(lambda: (control.beat(), not control.busy)[1])
    assert control.coverage is None
    control.close_down()


# from files


def test_a_folder_with_a_broken_image(bench: Bench, tmp_path):
    bench.teach_product("Bolt")
    folder = part_pictures(tmp_path / "good", 3)
    (folder / "broken.png").write_bytes(b"no picture")
    bench.collect.add_folder(folder)
    bench.settle()
    assert bench.counts == (3, 0, 0)
    assert "1 image could not be read" in bench.notice and "broken.png" in bench.notice
    bench.window.escape()
    assert bench.notice == ""
    bench.collect.add_folder(part_pictures(tmp_path / "more", 2, first=10))
    bench.settle()
    assert bench.counts == (5, 0, 0) and bench.notice == "", "it was said once"


def test_an_empty_folder_and_none(bench: Bench, tmp_path, monkeypatch):
    bench.teach_product("Bolt")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    bench.window.act("O")
    assert not bench.busy
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "empty"))
    bench.window.act("O")
    bench.settle()
    assert "holds no images" in bench.notice
    bench.collect.add_folder(tmp_path / "nowhere")
    bench.settle()
    assert "does not exist" in bench.notice


def test_a_full_disk_is_said_each_time_and_collecting_goes_on_afterwards(
    bench: Bench, tmp_path, monkeypatch
):
    bench.teach_product("Bolt")
    folder = part_pictures(tmp_path / "good", 3)
    real = image_folder.write_durably

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(image_folder, "write_durably", full)
    for _ in range(2):
        bench.collect.add_folder(folder)
        bench.until(lambda: bench.notice)
        bench.settle()
        assert "No space left on device" in bench.notice
        assert bench.page.state.text() == "", "nothing is being taken in"
        bench.window.escape()
    monkeypatch.setattr(image_folder, "write_durably", real)
    bench.collect.add_folder(folder)
    bench.settle()
    assert bench.counts == (3, 0, 0) and bench.notice == ""


def test_a_model_that_cannot_be_opened_is_said(bench: Bench, tmp_path):
    collect(bench.data, "bolt", good=3)
    (bench.data / "models" / "tiny" / "1.0.0" / "manifest.json").write_text("{")
    bench.page.train.show_product("bolt", "Bolt")
    bench.settle()
    assert bench.notice and bench.counts == (3, 0, 0)


# with the parts


def test_doubtful_parts_one_after_the_other(bench: Bench):
    collect(bench.data, "bolt", good=1, doubtful=3)
    bench.show("bolt")
    parts, train = bench.train.parts, bench.train
    assert train.look.text() == "Look at 3\ndoubtful (B)"
    bench.window.act("B")
    seen = []
    for key in ("Y", "Delete", "Y"):
        (part,) = parts.chosen()
        seen.append(part.id)
        bench.window.act(key)
        bench.settle()
    assert len(set(seen)) == 3 and bench.counts == (3, 0, 1)
    assert parts.chosen() == [] and train.training.isVisible() and not train.look.isEnabled()
    for _ in range(3):
        bench.window.act("Ctrl+Z")
    bench.settle()
    assert bench.counts == (1, 3, 0)


def test_a_part_with_a_defect_goes_to_the_challenge_set(bench: Bench):
    collect(bench.data, "bolt", good=2, doubtful=1)
    bench.show("bolt")
    bench.window.act("B")
    bench.window.act("N")
    bench.type("scratch on the rim")
    bench.settle()
    assert "Note: scratch on the rim" in bench.train.preview.words.text()
    bench.window.act("J")
    bench.settle()
    assert bench.counts == (2, 0, 1) and bench.notice == ""
    (kept,) = ChallengeSet(bench.data, "bolt").images()
    assert (kept.label, kept.note) == (Label.DEFECT, "scratch on the rim")


def test_counts_are_tapped_on(bench: Bench):
    collect(bench.data, "bolt", good=2, doubtful=1)
    bench.show("bolt")
    parts = bench.train.parts
    parts.counts[State.DOUBTFUL].click()
    assert [one.id for one in parts.grid.model.items] == [
        part.id for part in bench.collect.parts.of(State.DOUBTFUL)
    ]
    assert parts.counts[State.DOUBTFUL].isChecked()
    assert not parts.counts[State.ACCEPTED].isChecked()
    assert "Doubtful: 1 " in parts.words.text()
    parts.counts[State.ACCEPTED].click()
    assert len(parts.grid.model.items) == 2


def test_a_part_whose_image_is_broken(bench: Bench):
    collection = collect(bench.data, "bolt", good=1)
    bench.show("bolt")
    (part,) = collection.parts()
    collection.path(part).write_bytes(b"no picture")
    bench.train.parts.grid.choose([part.id])
    bench.settle()
    preview = bench.train.preview
    assert preview.picture.empty and part.id in preview.picture.message
    assert not preview.accept.isEnabled() and preview.delete.isEnabled()


def test_the_preview_is_as_sharp_as_there_is_room(bench: Bench):
    collection = collect(bench.data, "bolt", good=1)
    bench.show("bolt")
    bench.train.parts.grid.choose([collection.parts()[0].id])
    bench.settle()
    picture_shown = bench.train.preview.picture
    image, (width, height) = picture_shown._image, picture_shown.room()
    assert image.width() == width or image.height() == height


def test_what_was_collected_is_still_there_after_closing(bench: Bench):
    bench.teach_product("Bolt")
    bench.collect.ask()
    bench.answer("every")
    give(bench, 0)
    bench.window.close()
    assert bench.station.asked == ["collect bolt", "end collecting"]
    assert len(PartCollection(bench.data, "bolt").parts()) == 1


def test_closing_right_after_another_product_was_chosen_leaves_no_thread(bench: Bench):
    """The check is the fixture that looks for threads."""
    collect(bench.data, "cap", good=0)
    bench.teach_product("Bolt")
    bench.collect.ask()
    bench.answer("every")
    give(bench, 0)
    gate = threading.Event()
    bench.collect._background.run(lambda: gate.wait(30.0))  # nothing of what follows is done
    bench.collect.show_product("cap", "Cap")
    bench.window.close()
    gate.set()


def test_other_products_keep_the_station_at_rest(bench: Bench, monkeypatch):
    """It takes what it is told to its own thread, so that it still stands still for a moment."""
    bench.teach_product("Bolt")
    monkeypatch.setattr(bench.station, "begin_collecting", lambda *_: None)
    for rule in ("every", "tenth", "trigger"):
        bench.collect.start(rule)
        bench.collect.stop()
    assert "start" not in bench.station.asked
