"""Raw frames in memory, on disk, and played again: byte for byte what the camera sent."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from tests.cameras.conftest import until
from uniad_desktop.cameras import pixel_formats
from uniad_desktop.cameras.conversion import to_image
from uniad_desktop.cameras.frame import Chunks, SourceKind
from uniad_desktop.cameras.recordings.files import RecordedCamera, RecordedFrame, write_recording
from uniad_desktop.cameras.recordings.reader import Recording
from uniad_desktop.cameras.recordings.replay import ReplaySource
from uniad_desktop.cameras.recordings.ring import (
    FrameRing,
    RecordingOptions,
    RecordingState,
    Saving,
)
from uniad_desktop.cameras.recordings.saving import is_written, new_folder, save_last
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    EndOfFrames,
    TriggerMode,
)

CAMERA = RecordedCamera("U5", "Maker", "4711", "LIVE", {"ExposureTime": 250.0, "Width": 8})
SECOND = 1_000_000_000


def frame(number: int, name: str = "Mono12p", *, at_s: float = 0.0) -> RecordedFrame:
    chunks = Chunks(timestamp_ns=number, line_status=3) if number % 2 else None
    return RecordedFrame(8, 4, name, number, 10 * number, round(at_s * SECOND), chunks)


def pixels(number: int, name: str = "Mono12p") -> np.ndarray:
    size = pixel_formats.by_name(name).frame_bytes(8, 4)
    return np.random.default_rng(number).integers(0, 256, size, np.uint8)


def record(folder: Path, count: int = 4, name: str = "Mono12p", step_s: float = 0.01) -> Path:
    kept = [(frame(n, name, at_s=n * step_s), pixels(n, name)) for n in range(count)]
    write_recording(folder, CAMERA, kept)
    return folder


def fill(ring: FrameRing, numbers: range, *, step_s: float = 1.0) -> None:
    for number in numbers:
        ring.add(frame(number, at_s=number * step_s), pixels(number).reshape(4, -1))


class Writer:
    """Takes what a ring writes; waits until it may go on."""

    def __init__(self, error: str = "") -> None:
        self.may_go = threading.Event()
        self.error = error
        self.written: list = []

    def __call__(self, kept, keep_on) -> None:
        self.may_go.wait(10)
        if self.error:
            raise CameraError(self.error)
        self.written = [(one.id, raw.copy()) for one, raw in kept]


def test_the_ring_keeps_what_is_young_enough_and_fits():
    ring = FrameRing(RecordingOptions(seconds=3.0, megabytes=1))
    fill(ring, range(10))
    assert (ring.state().frames, ring.state().seconds) == (4, 3.0)
    large = np.zeros((4, 100_000), np.uint8)
    for number in range(10, 15):
        ring.add(frame(number, at_s=10.0), large)
    assert ring.state().frames == 2
    ring.add(frame(15, at_s=10.0), np.zeros((4, 500_000), np.uint8))
    assert ring.state().frames == 2


def test_what_is_saved_is_what_came_in_and_not_what_comes_meanwhile():
    ring, writer = FrameRing(RecordingOptions(10.0, 1)), Writer()
    fill(ring, range(6))
    ring.save(writer, "here", seconds=2.5)
    assert ring.state().saving is Saving.WRITING
    fill(ring, range(6, 60))
    with pytest.raises(CameraError, match="is being written; wait"):
        ring.save(writer, "here", seconds=2.5)
    writer.may_go.set()
    until(lambda: ring.state().saving is Saving.DONE)
    assert [number for number, _ in writer.written] == [3, 4, 5]
    for number, raw in writer.written:
        np.testing.assert_array_equal(raw, pixels(number))
    state = ring.state()
    assert (state.saved_frames, state.saved_seconds, state.detail) == (3, 2.0, "here")
    ring.close()


def test_a_saving_that_fails_says_why_and_keeps_the_frames():
    ring, writer = FrameRing(RecordingOptions(10.0, 1)), Writer("The disk is full.")
    fill(ring, range(3))
    writer.may_go.set()
    ring.save(writer, "here", seconds=9.0)
    until(lambda: ring.state().saving is Saving.FAILED)
    assert (ring.state().detail, ring.state().frames) == ("The disk is full.", 3)
    again = Writer()
    again.may_go.set()
    ring.save(again, "there", seconds=9.0)
    until(lambda: ring.state().saving is Saving.DONE)
    assert len(again.written) == 3
    ring.close()


def test_nothing_can_be_saved_where_nothing_is_kept():
    with pytest.raises(CameraError, match=r"set recording\.megabytes"):
        FrameRing(RecordingOptions()).save(Writer(), "here", 1.0)
    with pytest.raises(CameraError, match="Nothing was recorded yet"):
        FrameRing(RecordingOptions(1.0, 1)).save(Writer(), "here", 1.0)


def test_a_recording_comes_back_byte_for_byte(tmp_path):
    opened = Recording(record(tmp_path / "deep" / "rec"))
    assert [kept.id for kept in opened.frames] == [0, 1, 2, 3]
    assert opened.camera.settings == {"ExposureTime": 250.0, "Width": 8}
    for number in (3, 0, 2):
        raw, pixel_format = opened.raw(number)
        np.testing.assert_array_equal(raw, pixels(number))
        assert pixel_format.name == "Mono12p"
    opened.close()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["rec"]


def test_a_recording_never_replaces_another(tmp_path):
    folder = record(tmp_path / "rec")
    with pytest.raises(CameraError, match="is there already; give the recording another name"):
        write_recording(folder, CAMERA, [(frame(9), pixels(9))])
    with pytest.raises(CameraError, match="Nothing was recorded yet"):
        write_recording(tmp_path / "empty", CAMERA, [])
    opened = Recording(folder)
    assert len(opened.frames) == 4
    opened.close()


def test_a_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("U", (), {"free": 1 << 20})())
    with pytest.raises(CameraError, match=r"needs 0 MB, but .* has 1 MB left; free space"):
        record(tmp_path / "rec")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(CameraError, match="could not be written: No space left on device"):
        record(tmp_path / "rec")
    assert list(tmp_path.iterdir()) == []


def test_giving_up_leaves_nothing_behind(tmp_path):
    with pytest.raises(CameraError, match="was given up"):
        write_recording(tmp_path / "rec", CAMERA, [(frame(1), pixels(1))], lambda: False)
    assert list(tmp_path.iterdir()) == []


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def unknown_format(folder: Path) -> None:
    index = folder / "frames.jsonl"
    index.write_text(index.read_text().replace("Mono12p", "Coord3D_C16"))


def newer(folder: Path) -> None:
    head = json.loads((folder / "recording.json").read_text())
    (folder / "recording.json").write_text(json.dumps({**head, "version": 2}))


def huge(folder: Path) -> None:
    index = folder / "frames.jsonl"
    index.write_text(index.read_text().replace('"width": 8', '"width": 80000000'))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: cut(folder / "frames.raw"), "do not belong together or were cut off"),
        (lambda folder: cut(folder / "frames.jsonl"), "is damaged"),
        (lambda folder: (folder / "frames.raw").unlink(), "is damaged"),
        (lambda folder: (folder / "recording.json").write_text("{}"), "is damaged"),
        (unknown_format, "Coord3D_C16, a pixel format not supported"),
        (newer, "newer version of this program"),
        (huge, "is damaged"),
    ],
)
def test_damage_is_a_sentence(tmp_path, damage, told):
    folder = record(tmp_path / "rec")
    damage(folder)
    with pytest.raises(CameraError, match=told):
        Recording(folder)


def test_no_recording_is_a_sentence(tmp_path):
    with pytest.raises(CameraNotFoundError, match=r"no recording at .* recording\.json in it"):
        ReplaySource(tmp_path)


def test_replay_gives_the_pictures_ids_and_chunks_of_that_day(tmp_path):
    source = ReplaySource(record(tmp_path / "rec", name="BayerRG12p"), loop=False)
    assert (source.info.kind, source.info.pixel_format) == (SourceKind.FILE, "BayerRG12p")
    source.start(TriggerMode.FREE_RUNNING)
    for number in range(4):
        got = source.next_frame(5.0)
        assert got is not None
        expected = to_image(pixels(number, "BayerRG12p"), pixel_formats.by_name("BayerRG12p"), 8, 4)
        np.testing.assert_array_equal(got.image, expected)
        assert (got.id, got.timestamp_ns, got.kind) == (number, 10 * number, SourceKind.FILE)
        assert (got.chunks is not None) == bool(number % 2)
    with pytest.raises(EndOfFrames):
        source.next_frame(0.1)
    assert source.counters().acquired == 4
    source.close()


def test_each_trigger_gives_one_frame_and_the_end_begins_again(tmp_path):
    source = ReplaySource(record(tmp_path / "rec", 2))
    source.start(TriggerMode.SOFTWARE)
    assert source.next_frame(0.01) is None
    for number in (0, 1, 0):
        source.trigger()
        got = source.next_frame(5.0)
        assert got is not None
        assert got.id == number
    source.close()


def test_a_recording_that_vanishes_while_it_plays_is_lost(tmp_path):
    folder = record(tmp_path / "rec")
    source = ReplaySource(folder)
    source.start(TriggerMode.FREE_RUNNING)
    with (folder / "frames.raw").open("wb") as file:
        file.truncate(10)
    with pytest.raises(CameraLostError, match="was cut off"):
        for _ in range(4):
            source.next_frame(1.0)
    source.close()


# saving


class Keeper:
    """Keeps a frame and is done after it was asked so often how far it is."""

    def __init__(self, *states: RecordingState) -> None:
        self.states = list(states)
        self.asked: list[tuple[Path, float]] = []

    def save_recording(self, folder: Path, seconds: float) -> None:
        self.asked.append((folder, seconds))

    def recording_state(self) -> RecordingState:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


WRITING = RecordingState(saving=Saving.WRITING)


def test_saving_waits_until_all_is_written(tmp_path):
    done = RecordingState(saving=Saving.DONE, saved_frames=3, detail=str(tmp_path))
    keeper, waited = Keeper(WRITING, WRITING, done), []
    assert save_last(keeper, tmp_path, 2.5, lambda: waited.append(1)) is done
    assert keeper.asked == [(tmp_path, 2.5)] and len(waited) == 2


def test_whoever_waits_may_stop_waiting(tmp_path):
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_last(Keeper(WRITING), tmp_path, 1.0, stop)


def test_a_saving_that_came_to_nothing_is_a_sentence(tmp_path):
    failed = RecordingState(saving=Saving.FAILED, detail="The disk is full.")
    with pytest.raises(CameraError, match="The disk is full"):
        is_written(failed, tmp_path)
    for state in (
        RecordingState(),  # of a camera that was opened anew
        RecordingState(saving=Saving.DONE, detail=str(tmp_path / "another")),
    ):
        with pytest.raises(CameraError, match="closed or lost before the recording"):
            is_written(state, tmp_path)


@pytest.mark.parametrize(
    ("serial", "name"),
    [
        ("DA1234567", "2026-11-26_07-08-09_DA1234567"),
        ("../a b/\u00e9:1", "2026-11-26_07-08-09_a-b-1"),
        ("...", "2026-11-26_07-08-09_camera"),
        ("", "2026-11-26_07-08-09_camera"),
        ("x" * 300, "2026-11-26_07-08-09_" + "x" * 64),
    ],
)
def test_a_recording_that_nobody_named_says_when_and_which_camera(tmp_path, serial, name):
    at = datetime(2026, 11, 26, 7, 8, 9)
    folder = new_folder(tmp_path, serial, at)
    assert folder == tmp_path / "recordings" / name
    folder.mkdir(parents=True)
    assert new_folder(tmp_path, serial, at).name == f"{name}_2"
    folder.with_name(f"{name}_2").symlink_to(tmp_path / "nowhere")
    assert new_folder(tmp_path, serial, at).name == f"{name}_3"
