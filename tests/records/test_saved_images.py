from __future__ import annotations

import errno
import json
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.inspection.fakes import MODEL, wait_for
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.inspection.types import (
    InspectedFrame,
    Inspection,
    Limits,
    Reason,
    Region,
    Verdict,
)
from uniad_desktop.records import saved_images
from uniad_desktop.records.files import check_writable, write_durably
from uniad_desktop.records.saved_images import RejectSaver, describe


def shown(verdict: Verdict, number: int = 1, score: float = 75.0) -> InspectedFrame:
    image = np.random.default_rng(number).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    frame = Frame(image, number, 5, 6, "SIM0001", SourceKind.SIMULATED, "RGB8")
    inspection = Inspection(
        number=number,
        frame_id=number,
        timestamp_ns=5,
        decided_at=time.time(),
        source="SIM0001",
        kind=SourceKind.SIMULATED,
        verdict=verdict,
        reason=Reason.ABOVE_LIMIT,
        detail="",
        score=score,
        raw_score=score / 50,
        regions=(Region(1, 2, 3, 4, 10, 80.0),),
        limits=Limits(1.0, 1.0),
        product="flange",
        model=MODEL,
        runtime="torch cpu f32",
        latency_ms=30.0,
        pixel_format="RGB8",
    )
    return InspectedFrame(inspection, frame, None)


def test_rejects_are_written_lossless_with_their_json(tmp_path: Path) -> None:
    saver = RejectSaver(tmp_path / "rejects")
    reject = shown(Verdict.FAIL)
    saver.take(shown(Verdict.PASS, 7))
    saver.take(reject)
    saver.take(shown(Verdict.ERROR, 2, float("nan")))
    assert saver.close() == 0
    pictures = sorted((tmp_path / "rejects").rglob("*.png"))
    assert len(pictures) == 2 and saver.state().written == 2
    assert reject.frame is not None
    read = cv2.imread(str(pictures[0]))
    assert np.array_equal(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), reject.frame.image)
    record = json.loads(pictures[0].with_suffix(".json").read_text())
    assert record["verdict"] == "FAIL" and record["simulated"] is True
    assert record["image"] == pictures[0].name and record["regions"][0]["area"] == 10
    assert record["model"]["sha256"] == MODEL.sha256
    error = json.loads(pictures[1].with_suffix(".json").read_text())
    assert error["score"] is None
    assert not list((tmp_path / "rejects").rglob("*.tmp"))


def test_a_full_disk_is_an_alarm_and_nothing_is_lost_when_it_empties(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_images, "RETRY_S", 0.02)
    full = True

    def write(path: Path, data: bytes) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_durably(path, data)

    saver = RejectSaver(tmp_path, write)
    for number in range(3):
        saver.take(shown(Verdict.FAIL, number + 1))
    wait_for(lambda: "No space left on device" in saver.state().problem)
    full = False
    wait_for(lambda: saver.state().written == 3)
    assert saver.state().problem == "" and saver.close() == 0


def test_what_cannot_be_written_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_images, "RETRY_S", 0.02)

    def write(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    saver = RejectSaver(tmp_path, write)
    total = saved_images.QUEUE_LENGTH + 5
    for number in range(total):
        saver.take(shown(Verdict.FAIL, number))
    assert saver.state().not_written >= 4
    assert saver.close() == total


def test_failed_write_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.json"
    write_durably(path, b"old")

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_unwritable_folder_is_named_with_the_way_out(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    sentence = check_writable(blocker / "data")
    assert str(blocker / "data") in sentence and "--data-dir" in sentence
    assert check_writable(tmp_path / "data") == ""


def test_a_record_has_millimetres_only_where_a_scale_is_set() -> None:
    inspection = shown(Verdict.FAIL).inspection
    (plain,) = describe(inspection)["regions"]
    assert set(plain) == {"x", "y", "width", "height", "area", "peak"}
    (region,) = inspection.regions
    scaled = replace(inspection, regions=(replace(region, mm_per_pixel=0.1),))
    (measured,) = describe(scaled)["regions"]
    assert plain.items() <= measured.items()
    assert {name: measured[name] for name in set(measured) - set(plain)} == pytest.approx(
        {"x_mm": 0.1, "y_mm": 0.2, "width_mm": 0.3, "height_mm": 0.4, "area_mm2": 0.1}
    )
