from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers import make_tiny_package
from tests.inspection.fakes import wait_for
from uniad_desktop import app, cli
from uniad_desktop.cli import build_parser, main
from uniad_desktop.records.database import open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, page
from uniad_desktop.records.station_lock import StationLock

LIMIT_S = 100


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_package(tmp_path_factory.mktemp("models"))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    noise = np.random.default_rng(0)
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), noise.integers(0, 255, (48, 64, 3), np.uint8))
    return folder


def run(*arguments: str, data: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    environment |= {"UNIAD_DATA_DIR": str(data)} | changes
    return subprocess.run(
        [sys.executable, "-m", "uniad_desktop", *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        env=environment,
        check=False,
    )


def assert_sentence(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_folder_headless_as_json(tmp_path: Path, model: Path, pictures: Path) -> None:
    done = run(
        "--camera", f"folder:{pictures}", "--json", "--headless", "--model", str(model),
        data=tmp_path / "data",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(records) == 3
    assert all(record["kind"] == "FILE" and not record["simulated"] for record in records)
    rejects = [record for record in records if record["verdict"] != "PASS"]
    kept = (tmp_path / "data" / "records" / "images").rglob("*.png")
    saved = [one for one in kept if not one.stem.endswith((".heatmap", "_PASS"))]
    assert len(saved) == len(rejects)
    with closing(open_records(tmp_path / "data")) as stored:
        assert [one.number for one in page(stored, RecordFilter(), Order.OLDEST)] == [1, 2, 3]


def test_wrong_camera_model_product_and_folder(tmp_path: Path, model: Path, pictures: Path) -> None:
    data = tmp_path / "data"
    fine = ("--camera", f"folder:{pictures}", "--headless")
    with_model = ("--model", str(model))
    missing = tmp_path / "nothing"
    assert_sentence(
        run("--camera", f"folder:{missing}", "--headless", *with_model, data=data), 3, str(missing)
    )
    assert_sentence(run(*fine, "--model", str(missing), data=data), 4, str(missing))
    assert_sentence(run(*fine, *with_model, "--product", "bolt", data=data), 4, "bolt", "flange")
    blocker = tmp_path / "file"
    blocker.write_text("x")
    assert_sentence(run(*fine, *with_model, data=blocker / "d"), 5, "--data-dir")


def test_corrupt_package_is_named(tmp_path: Path, pictures: Path) -> None:
    package = make_tiny_package(tmp_path / "models")
    weights = package / "weights.safetensors"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 0xFF
    weights.write_bytes(data)
    done = run(
        "--camera", f"folder:{pictures}", "--headless", "--model", str(package),
        data=tmp_path / "data",
    )  # fmt: skip
    assert_sentence(done, 4, "weights.safetensors")


def test_ctrl_c_ends_cleanly(tmp_path: Path, model: Path, pictures: Path) -> None:
    arguments = ["--camera", f"folder:{pictures}", "--loop", "--headless", "--model", str(model)]
    process = subprocess.Popen(
        [sys.executable, "-m", "uniad_desktop", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"UNIAD_DATA_DIR": str(tmp_path / "data")},
    )
    try:
        assert process.stdout is not None
        assert "frame" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "Traceback" not in errors and "ending" in errors


def test_the_window_inspects_and_ends_on_ctrl_c(
    tmp_path: Path, model: Path, pictures: Path
) -> None:
    data = tmp_path / "data"
    process = subprocess.Popen(
        [sys.executable, "-m", "uniad_desktop", "--camera", f"folder:{pictures}", "--loop",
         "--frame-rate", "20", "--model", str(model)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"UNIAD_DATA_DIR": str(data), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    try:
        # Noise is no normal part, so what was inspected is soon to be found among the rejects.
        wait_for(lambda: len(list(data.rglob("*_FAIL.png"))) >= 3, LIMIT_S)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "Traceback" not in errors and "QThread" not in errors
    assert (data / "settings.json").exists()


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path, model: Path, pictures: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "uniad_desktop", "--camera", f"folder:{pictures}", "--loop",
         "--headless", "--model", str(model)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"UNIAD_DATA_DIR": str(tmp_path / "data")},
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(LIMIT_S) == 0
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_help_does_not_load_torch() -> None:
    code = "import sys; from uniad_desktop import cli; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=LIMIT_S)


@pytest.mark.parametrize(
    "arguments",
    [["--frames", "0"], ["--defect-rate", "101"], ["--frame-rate", "-1"], ["teach"], ["--camera"]],
)
def test_wrong_arguments_are_usage_errors(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        build_parser().parse_args(arguments)
    assert raised.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--version"])
    assert raised.value.code == 0
    assert "uniad-desktop" in capsys.readouterr().out


def test_what_does_not_end_in_time_is_left_without_an_orderly_end(monkeypatch, tmp_path, capsys):
    class Running:
        station = None

        def close(self):
            return False

    left = []
    monkeypatch.setattr(app, "build_station", lambda *given: Running())
    monkeypatch.setattr(cli, "_run_headless", lambda *given: 0)
    monkeypatch.setattr(cli.os, "_exit", left.append)
    main(["--headless", "--camera", "sim", "--data-dir", str(tmp_path)])
    assert left == [0]
    assert "did not end in time and was left behind" in capsys.readouterr().err


def test_a_second_station_on_the_same_folder_is_refused(
    tmp_path: Path, model: Path, pictures: Path
) -> None:
    data = tmp_path / "data"
    lock = StationLock(data)
    try:
        done = run("--camera", f"folder:{pictures}", "--headless", "--model", str(model), data=data)
        assert_sentence(done, 5, "Another station", str(data), "--data-dir")
    finally:
        lock.release()
