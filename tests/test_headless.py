from __future__ import annotations

import json
import threading
import time

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource
from uniad_desktop.cameras.source import CameraNotFoundError, EndOfFrames, TriggerMode
from uniad_desktop.headless import DecisionPrinter, Ending, run_headless
from uniad_desktop.inspection.station import Station


def build(printer: DecisionPrinter, **changes: object) -> Station:
    arguments: dict[str, object] = {
        "open_source": FakeSource,
        "load_detector": FakeDetector,
        "products": PRODUCTS,
        "product": "flange",
        "model": MODEL,
        "sinks": [printer.take],
    }
    return Station(**(arguments | changes))  # type: ignore[arg-type]


def never() -> bool:
    return False


def test_json_lines_hold_what_scripts_need(capsys: pytest.CaptureFixture[str]) -> None:
    source = FakeSource()
    printer = DecisionPrinter(as_json=True)
    source.push(5)
    source.push(20)
    source.frames.put(EndOfFrames())
    station = build(printer, open_source=lambda: source)
    assert run_headless(station, printer, stop=never) == (Ending.DONE, "")
    assert station.close()
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["verdict"] for record in records] == ["PASS", "FAIL"]
    for key in ("frame_id", "verdict", "score", "product", "simulated", "latency_ms"):
        assert key in records[0]
    assert records[0]["simulated"] is True


def test_ends_after_the_wished_number(capsys: pytest.CaptureFixture[str]) -> None:
    source = FakeSource()
    for _ in range(10):
        source.push(5)
    printer = DecisionPrinter(as_json=False)
    station = build(printer, open_source=lambda: source)
    assert run_headless(station, printer, stop=never, frames=3) == (Ending.DONE, "")
    assert station.close()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "✓ PASS" in lines[0] and "limit 50" in lines[0] and "SIMULATED" in lines[0]


def test_triggers_at_the_wished_interval(capsys: pytest.CaptureFixture[str]) -> None:
    printer = DecisionPrinter(as_json=True)
    station = build(printer, trigger_mode=TriggerMode.SOFTWARE)
    ending = run_headless(station, printer, stop=never, frames=4, trigger_every_s=0.01)
    assert ending == (Ending.DONE, "")
    assert station.close()
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_missing_camera_ends_with_its_sentence() -> None:
    def open_source() -> FakeSource:
        raise CameraNotFoundError("There is no camera 7; there is 1: F1.")

    printer = DecisionPrinter(as_json=True)
    station = build(printer, open_source=open_source)
    ending = run_headless(station, printer, stop=never)
    assert ending == (Ending.CAMERA, "There is no camera 7; there is 1: F1.")
    assert station.close()


def test_bad_model_ends_with_its_sentence() -> None:
    def load() -> FakeDetector:
        raise ValueError("no weights")

    printer = DecisionPrinter(as_json=True)
    station = build(printer, load_detector=load)
    ending, sentence = run_headless(station, printer, stop=never)
    assert ending is Ending.MODEL and "no weights" in sentence
    assert station.close()


def test_stops_when_asked() -> None:
    asked = threading.Event()
    printer = DecisionPrinter(as_json=True)
    station = build(printer)
    timer = threading.Timer(0.2, asked.set)
    timer.start()
    began = time.monotonic()
    ending, _ = run_headless(station, printer, stop=asked.is_set)
    assert ending is Ending.INTERRUPTED and time.monotonic() - began < 10
    assert station.close()
