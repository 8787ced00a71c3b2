from __future__ import annotations

import errno
import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.inspection.fakes import wait_for
from tests.records.make import shown
from uniad_desktop.files import write_flushed
from uniad_desktop.inspection.types import InspectedFrame, Limits, Verdict
from uniad_desktop.records import audit, recorder
from uniad_desktop.records.check import check_records
from uniad_desktop.records.database import (
    Records,
    RecordsError,
    UnstorableError,
    database_file,
    open_records,
)
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.heatmaps import decode_heatmap
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.query import Order, heatmap_path, image_path, matching_ids, page, shifts
from uniad_desktop.records.record import Record
from uniad_desktop.records.recorder import MOST_PICTURES, MOST_ROWS, Recorder
from uniad_desktop.records.sampling import Sampling
from uniad_desktop.records.schema import ImageState
from uniad_desktop.records.writer import InspectionWriter

NO_PASSES = RecordsOptions(station="line 1", pass_share=0.0)
Read = Callable[[], list[Record]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "RETRY_S", 0.02)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Records]:
    records = open_records(tmp_path)
    yield records
    records.close()


@pytest.fixture
def read(opened: Records) -> Read:
    return lambda: page(opened, RecordFilter(), Order.OLDEST)


def refuse(path: Path, data: bytes) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def test_every_decision_is_on_record_and_rejects_with_image_and_heatmap(
    tmp_path: Path, opened: Records, read: Read
) -> None:
    keeping = Recorder(tmp_path, NO_PASSES)
    reject = shown(Verdict.FAIL, 1)
    for one in (reject, shown(Verdict.PASS, 2, 10.0), shown(Verdict.ERROR, 3, float("nan"))):
        keeping.take(one)
    assert keeping.close() == 0
    state = keeping.state()
    assert (state.recorded, state.written, state.waiting) == (3, 2, 0)
    failed, passed, error = read()
    assert passed.image_state is ImageState.NONE and not passed.image
    assert error.score != error.score and not error.heatmap
    picture, heatmap = image_path(opened, failed), heatmap_path(opened, failed)
    assert picture is not None and heatmap is not None and reject.prediction is not None
    assert reject.frame is not None
    back = cv2.cvtColor(cv2.imread(str(picture)), cv2.COLOR_BGR2RGB)
    assert np.array_equal(back, reject.frame.image)
    assert hashlib.sha256(picture.read_bytes()).hexdigest() == failed.image_sha256
    values, inspected = decode_heatmap(heatmap.read_bytes())
    assert inspected.all()
    assert np.abs(values - reject.prediction.anomaly_map).max() <= 2.0 / 508 + 1e-6
    assert failed.brightness is not None and 100 < failed.brightness < 155
    assert failed.image.startswith("records/images/20") and "\\" not in failed.image
    assert not list(tmp_path.rglob("*.tmp"))
    assert check_records(opened).whole


def test_a_share_of_passes_is_kept_evenly() -> None:
    sampling = Sampling(0.1)
    taken = [n for n in range(1000) if sampling.wants("flange")]
    assert taken == list(range(0, 1000, 10))
    assert Sampling(0.1).wants("label")
    assert not any(Sampling(0.0).wants("a") for _ in range(9))
    assert all(Sampling(1.0).wants("a") for _ in range(9))


@pytest.mark.parametrize("image_format", ["png", "webp", "jpeg"])
def test_image_formats(tmp_path: Path, opened: Records, read: Read, image_format: str) -> None:
    options = RecordsOptions.model_validate({"image_format": image_format})
    keeping = Recorder(tmp_path, options)
    reject = shown(Verdict.FAIL, product="标签 ../x:\\y")
    keeping.take(reject)
    assert keeping.close() == 0
    picture = image_path(opened, read()[0])
    assert picture is not None and reject.frame is not None
    back = cv2.cvtColor(cv2.imread(str(picture)), cv2.COLOR_BGR2RGB)
    assert np.array_equal(back, reject.frame.image) == (image_format != "jpeg")


def test_a_full_disk_is_an_alarm_and_nothing_is_lost_when_it_empties(
    tmp_path: Path, read: Read
) -> None:
    full = threading.Event()
    full.set()

    def write(path: Path, data: bytes) -> None:
        if full.is_set() and "heatmap" in path.name:  # the image itself still found room
            refuse(path, data)
        write_flushed(path, data)

    keeping = Recorder(tmp_path, NO_PASSES, write=write)
    for number in range(3):
        keeping.take(shown(Verdict.FAIL, number + 1))
    wait_for(lambda: "No space left on device" in keeping.state().problem)
    assert "No space left" in keeping.cannot_store()
    assert read() == [] and keeping.state().waiting == 3
    full.clear()
    wait_for(lambda: keeping.state().recorded == 3)
    assert keeping.state().problem == "" and keeping.cannot_store() == ""
    assert keeping.close() == 0
    assert len(read()) == 3 == len([p for p in tmp_path.rglob("*_FAIL.png")])


def test_what_finds_no_place_is_counted_and_on_record_without_its_image(
    tmp_path: Path, read: Read
) -> None:
    blocked = threading.Event()

    def write(path: Path, data: bytes) -> None:
        assert blocked.wait(10)
        write_flushed(path, data)

    keeping = Recorder(tmp_path, RecordsOptions(pass_share=1.0), write=write)
    for number in range(MOST_PICTURES):  # passes take half of the places only
        keeping.take(shown(Verdict.PASS, number, 10.0))
    assert keeping.state().not_written == 0
    for number in range(MOST_PICTURES // 2 + 3):
        keeping.take(shown(Verdict.FAIL, 100 + number))
    assert keeping.state().not_written == 3
    wait_for(lambda: "cannot keep up" in keeping.cannot_store())
    blocked.set()
    assert keeping.close() == 3
    states = [one.image_state for one in read() if one.verdict is Verdict.FAIL]
    assert states.count(ImageState.LOST) == 3
    assert states.count(ImageState.KEPT) == MOST_PICTURES // 2


def test_a_decision_that_loses_picture_and_row_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> Records:
        raise RecordsError("The database does not answer.")

    monkeypatch.setattr(recorder, "open_records", unreachable)
    keeping = Recorder(tmp_path, NO_PASSES)
    count = MOST_PICTURES + 8
    for number in range(count):
        keeping.take(shown(Verdict.FAIL, number))
    wait_for(lambda: bool(keeping.state().problem))
    assert keeping.state().not_written == 8
    assert keeping.close() == count


def test_what_finds_no_place_at_all_is_counted(tmp_path: Path, opened: Records) -> None:
    keeping = Recorder(tmp_path, NO_PASSES, write=refuse)
    keeping.take(shown(Verdict.FAIL, 0))
    wait_for(lambda: bool(keeping.state().problem))
    for number in range(MOST_ROWS + 5):
        keeping.take(shown(Verdict.PASS, 1 + number, 10.0))
    assert keeping.state().not_written == 5
    assert keeping.close() == 6
    # The picture alone found no room on the disk; the rows that waited behind it did.
    assert len(matching_ids(opened, RecordFilter())) == MOST_ROWS


def test_a_lag_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LAG_S", 0.01)
    blocked = threading.Event()
    keeping = Recorder(tmp_path, NO_PASSES, write=lambda path, data: blocked.wait(10) and None)
    keeping.take(shown(Verdict.FAIL, 1))
    wait_for(lambda: "behind" in keeping.state().problem)
    assert keeping.state().lag_s > 0
    blocked.set()
    keeping.close()


def test_a_locked_database_is_waited_for(
    tmp_path: Path, opened: Records, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uniad_desktop.records.database.BUSY_S", 0.05)
    keeping = Recorder(tmp_path, NO_PASSES)
    wait_for(lambda: keeping.station_id is not None)
    other = sqlite3.connect(database_file(tmp_path), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        keeping.take(shown(Verdict.FAIL, 1))
        wait_for(lambda: "locked" in keeping.state().problem)
        assert read() == []
        other.execute("ROLLBACK")
    finally:
        other.close()
    wait_for(lambda: keeping.state().recorded == 1)
    assert keeping.close() == 0 and len(read()) == 1


def test_a_newer_or_damaged_database_is_a_sentence_not_a_stop(tmp_path: Path) -> None:
    database_file(tmp_path).parent.mkdir(parents=True)
    database_file(tmp_path).write_bytes(b"this is no database at all, but a letter" * 99)
    keeping = Recorder(tmp_path, NO_PASSES)
    keeping.take(shown(Verdict.FAIL, 1))
    wait_for(lambda: "is damaged" in keeping.state().problem)
    assert "backup" in keeping.cannot_store()
    assert keeping.close() == 1


def test_one_that_the_database_never_takes_does_not_stop_the_others(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = InspectionWriter.store

    def picky(self, entries):
        if any(one.inspection.number == 2 for one in entries):
            raise UnstorableError("no twos")
        return store(self, entries)

    monkeypatch.setattr(InspectionWriter, "store", picky)
    keeping = Recorder(tmp_path, NO_PASSES)
    for number in range(1, 5):
        keeping.take(shown(Verdict.FAIL, number))
    assert keeping.close() == 1
    assert [one.number for one in read()] == [1, 3, 4]


def test_pictures_that_no_format_takes_are_on_record_without(tmp_path: Path, read: Read) -> None:
    wide = shown(Verdict.FAIL, 1)
    assert wide.frame is not None
    image = np.zeros((1, 70_000, 3), np.uint8)  # WebP ends at 16383
    frame = type(wide.frame)(image, 1, 5, 6, "S", wide.frame.kind, "RGB8")
    keeping = Recorder(tmp_path, RecordsOptions(image_format="webp"))
    keeping.take(InspectedFrame(wide.inspection, frame, None))
    assert keeping.close() == 1
    assert read()[0].image_state is ImageState.LOST


def test_what_a_crash_left_is_tidied_up(tmp_path: Path, read: Read) -> None:
    first = Recorder(tmp_path, NO_PASSES)
    first.take(shown(Verdict.FAIL, 1))
    assert first.close() == 0
    (kept,) = tmp_path.rglob("*_FAIL.png")
    half, orphan = kept.with_name(".x.png.1.tmp"), kept.with_name("000000-000000_9_x_FAIL.png")
    half.write_bytes(b"half")
    orphan.write_bytes(b"whole")
    assert Recorder(tmp_path, NO_PASSES).close() == 0
    assert kept.exists() and not half.exists() and not orphan.exists()
    (aside,) = (tmp_path / "records" / "recovered").rglob("*.png")
    assert aside.read_bytes() == b"whole" and len(read()) == 1


def test_changes_of_what_decides_are_on_the_audit_trail(tmp_path: Path, opened: Records) -> None:
    keeping = Recorder(tmp_path, NO_PASSES, operator="Eva")
    keeping.take(shown(Verdict.PASS, 1, 10.0))
    keeping.take(shown(Verdict.PASS, 2, 10.0))
    keeping.take(shown(Verdict.PASS, 3, 10.0, limits=Limits(1.0, 2.0)))
    keeping.take(shown(Verdict.PASS, 4, 10.0, product="label"))
    keeping.begin_shift(5.0)
    assert keeping.close() == 0
    assert Recorder(tmp_path, NO_PASSES.model_copy(update={"mandatory": True})).close() == 0
    found = [one for one in audit.entries(opened) if one.action != "shift"][::-1]
    assert [(one.action, one.subject) for one in found] == [
        ("records-options", ""),
        ("product", ""),
        ("in-force", "flange"),
        ("in-force", "flange"),
        ("product", ""),
        ("in-force", "label"),
        ("records-options", ""),
    ]
    limits = found[3]
    assert (limits.old["reject"], limits.new["reject"], limits.who) == (1.0, 2.0, "Eva")
    assert limits.new["from"]["number"] == 3
    assert (found[-1].old["mandatory"], found[-1].new["mandatory"]) == (False, True)
    assert audit.verify(opened).first_broken is None
    assert len(shifts(opened)) == 3


def test_cameras_side_by_side_are_no_change_of_product_with_every_part(
    tmp_path: Path, opened: Records, read: Read
) -> None:
    keeping = Recorder(tmp_path, NO_PASSES, operator="Eva")
    for number in range(1, 5):
        keeping.take(shown(Verdict.PASS, number, 10.0))
        other = shown(Verdict.PASS, number, 10.0, product="label")
        keeping.take(replace(other, inspection=replace(other.inspection, camera=2)))
    assert keeping.close() == 0
    found = [one for one in audit.entries(opened) if one.action == "product"][::-1]
    assert [(one.subject, one.new["product"]) for one in found] == [
        ("", "flange"),
        ("camera 2", "label"),
    ]
    assert len(read()) == 8


def test_values_that_no_database_takes_cost_only_their_own_row(tmp_path: Path, read: Read) -> None:
    keeping = Recorder(tmp_path, NO_PASSES)
    odd = shown(Verdict.PASS, 2)
    odd = replace(odd, inspection=replace(odd.inspection, latency_ms=float("nan")))
    for one in (shown(Verdict.PASS, 1), odd, shown(Verdict.PASS, 3)):
        keeping.take(one)
    assert keeping.close() == 1
    assert [one.number for one in read()] == [1, 3]


def test_a_recorder_that_died_looks_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(self: object, batch: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Recorder, "_store", fault)
    keeping = Recorder(tmp_path, NO_PASSES)
    keeping.take(shown(Verdict.FAIL, 1))
    wait_for(lambda: "a fault of ours" in keeping.cannot_store())
    assert keeping.close() == 1
