"""`uniad-desktop record`: raw frames of the simulated camera, saved and played again."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from uniad_desktop.cameras.recordings.reader import Recording
from uniad_desktop.cli import main

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
