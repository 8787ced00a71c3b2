"""`uniad-desktop record`: raw frames of the simulated camera, saved and played again."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from uniad_desktop.camera_opener import CameraOpener
from uniad_desktop.cameras.recordings.reader import Recording
from uniad_desktop.cli import main
from uniad_desktop.commands import record_camera
from uniad_desktop.simulator.camera import SimulatedCamera

pytest.importorskip("genicam", reason="GenICam is not available on this system")


def test_frames_are_saved_for_so_long(tmp_path, capsys):
    folder = tmp_path / "rec"
    given = ["record", "--camera", "sim", "--seconds", "1", "--frame-rate", "20", str(folder)]
    assert main(given) == 0
    told = capsys.readouterr().out
    assert f"--camera replay:{folder}" in told
    recording = Recording(folder)
    assert recording.camera.kind == "SIMULATED"
    assert len(recording.frames) >= 2
    assert f"{len(recording.frames)} frames" in told
    recording.close()

    assert main(given) == 1
    assert "is there already" in capsys.readouterr().err


def test_each_software_trigger_gives_a_frame(tmp_path, capsys):
    given = ["record", "--camera=sim", "--seconds=1.2", "--frame-rate=20"]
    trigger = ["--trigger=software", "--trigger-every=0.3"]
    assert main([*given, *trigger, str(tmp_path / "rec")]) == 0
    assert "less than" not in capsys.readouterr().err
    recording = Recording(tmp_path / "rec")
    assert 2 <= len(recording.frames) <= 4
    recording.close()


def test_what_a_hardware_line_triggers_is_saved(tmp_path, capsys, monkeypatch):
    as_it_is = CameraOpener.open

    def with_pulses(opener):
        source = as_it_is(opener)
        source.write_feature("SimLine1PulseRate", 10.0)
        return source

    monkeypatch.setattr(CameraOpener, "open", with_pulses)
    given = ["record", "--camera=sim", "--seconds=1.5", "--trigger=hardware:Line1"]
    assert main([*given, str(tmp_path / "rec")]) == 0
    assert "less than" not in capsys.readouterr().err
    recording = Recording(tmp_path / "rec")
    assert len(recording.frames) >= 2
    recording.close()


def test_a_hardware_line_is_waited_for(tmp_path, capsys):
    given = ["record", "--camera=sim", "--seconds=1", str(tmp_path / "rec")]
    assert main([*given, "--trigger=hardware:Line0"]) == 3
    assert "No frame was triggered within 1 s; check the line" in capsys.readouterr().err
    assert main([*given, "--trigger=hardware:Line99"]) == 3
    assert "Line99" in capsys.readouterr().err
    assert not (tmp_path / "rec").exists()


def test_without_a_folder_only_the_running_station_saves(capsys):
    assert main(["record", "--camera=sim"]) == 2
    assert "Name the folder" in capsys.readouterr().err


def test_too_little_memory_is_told(tmp_path, capsys):
    given = ["record", "--camera=sim", "--seconds=3", "--megabytes=5", "--frame-rate=20"]
    assert main([*given, str(tmp_path / "rec")]) == 0
    assert "less than was asked for" in capsys.readouterr().err
    recording = Recording(tmp_path / "rec")
    assert len(recording.frames) == 2
    recording.close()


def test_files_send_no_raw_frames(tmp_path, capsys):
    folder = tmp_path / "images"
    folder.mkdir()
    assert cv2.imwrite(str(folder / "a.png"), np.zeros((8, 8, 3), np.uint8))
    assert main(["record", "--camera", f"folder:{folder}", str(tmp_path / "rec")]) == 3
    assert "no GenICam camera" in capsys.readouterr().err
    assert not (tmp_path / "rec").exists()


def test_the_time_begins_with_the_first_part_of_the_simulated_line(tmp_path, capsys, monkeypatch):
    waiting, asked = 5, []

    def slow(line):
        asked.append(line)
        return len(asked) > waiting

    monkeypatch.setattr(SimulatedCamera, "has_parts", property(slow))
    given = ["record", "--camera=sim", "--seconds=0.5", "--frame-rate=20"]
    assert main([*given, str(tmp_path / "rec")]) == 0
    assert len(asked) == waiting + 1
    # A line that draws nothing is not waited for for ever: what the camera says then is told.
    asked.clear()
    waiting = 10**9
    monkeypatch.setattr(record_camera, "_FIRST_PART_S", 0.3)
    assert main([*given, str(tmp_path / "rec2")]) == 0
    assert asked
