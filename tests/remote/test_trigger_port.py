"""The command that triggers a running station, and the port at which the station listens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.source import TriggerMode, TriggerSettings
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import StationState
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.remote import port as port_module
from uniad_desktop.remote import protocol
from uniad_desktop.remote.client import NoStationError, RefusedError, TriggerClient
from uniad_desktop.remote.port import TriggerPort
from uniad_desktop.remote.protocol import TriggerRequest, address_of

SOFTWARE = TriggerSettings(TriggerMode.SOFTWARE)
Listen = Callable[..., tuple[Station, FakeSource]]
POSIX = sys.platform != "win32"


def threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("trigger-")]


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Listen]:
    """A station that runs and listens in `tmp_path`."""
    stations: list[Station] = []
    ports: list[TriggerPort] = []

    def build(
        trigger: TriggerSettings = SOFTWARE, *, start: bool = True
    ) -> tuple[Station, FakeSource]:
        source = FakeSource()
        values = iter(range(1, 1000))
        source.on_trigger = lambda camera: camera.push(next(values))
        station = Station(
            open_source=lambda: source,
            load_detector=FakeDetector,
            products=PRODUCTS,
            product="flange",
            model=MODEL,
            trigger_mode=trigger,
        )
        stations.append(station)
        if start:
            station.start()
            wait_for(lambda: station.state is StationState.RUNNING)
        ports.append(TriggerPort(tmp_path, [station]))
        return station, source

    yield build
    for one in ports:
        assert one.close()
    for station in stations:
        assert station.close(5.0)
    assert threads() == []
    assert [path.name for path in tmp_path.iterdir()] == []


def command(folder: Path, *arguments: str) -> int:
    return run_command("trigger", ["--data-dir", str(folder), *arguments], Interrupt())


def test_the_decision_of_each_trigger_is_printed(listen, tmp_path, capsys):
    station, _ = listen()
    assert command(tmp_path, "--wait", "--count", "12") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12 and station.counters().triggered == 12
    assert "✓ PASS" in lines[0] and "SIMULATED" in lines[0]
    assert "✕ FAIL" in lines[11]  # the eleventh part is above the limit


def test_as_json_it_is_what_the_records_hold(listen, tmp_path, capsys):
    listen()
    assert command(tmp_path, "--wait", "--json") == 0
    decision = json.loads(capsys.readouterr().out)
    assert decision["verdict"] == "PASS" and decision["number"] == 1
    assert decision["latency_from"] == "trigger"


def test_without_waiting_it_only_fires(listen, tmp_path, capsys):
    station, _ = listen()
    assert command(tmp_path, "--count", "2", "--every", "0.01") == 0
    wait_for(lambda: station.counters().inspected == 2)
    assert capsys.readouterr().out == ""


def test_each_frame_of_a_burst_is_printed(listen, tmp_path, capsys):
    _, source = listen(TriggerSettings(TriggerMode.SOFTWARE, burst=3))

    def burst(camera: FakeSource) -> None:
        for value in (1, 20, 2):
            camera.push(value)

    source.on_trigger = burst
    assert command(tmp_path, "--wait") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_no_station_is_a_sentence_and_a_code_of_its_own(tmp_path, capsys):
    assert command(tmp_path) == 7
    assert f"No station runs with the data folder {tmp_path}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (TriggerSettings(), "runs free"),
        (TriggerSettings(TriggerMode.HARDWARE), "waits for its hardware line"),
    ],
)
def test_in_another_mode_nothing_is_fired(listen, tmp_path, capsys, settings, words):
    station, _ = listen(settings)
    assert command(tmp_path) == 8
    said = capsys.readouterr().err
    assert words in said and "--trigger software" in said
    assert station.counters().triggered == 0


def test_a_station_that_is_stopped_says_so(listen, tmp_path, capsys):
    station, _ = listen(start=False)
    assert command(tmp_path, "--wait") == 8
    assert "inspects nothing (stopped)" in capsys.readouterr().err
    assert station.counters().triggered == 0


def test_a_camera_that_it_does_not_have(listen, tmp_path, capsys):
    listen()
    assert command(tmp_path, "--camera", "2") == 8
    assert "no camera 2; it has one camera" in capsys.readouterr().err


def test_while_parts_are_collected_there_is_no_decision_to_wait_for(listen, tmp_path, capsys):
    station, _ = listen()
    taken: list[object] = []
    station.begin_collecting("Bolt", taken.append)
    wait_for(lambda: station.state is StationState.COLLECTING)
    assert command(tmp_path, "--wait") == 8
    assert "collects parts" in capsys.readouterr().err
    assert command(tmp_path) == 0
    wait_for(lambda: len(taken) == 1)


def test_a_camera_that_ignores_the_trigger_still_gets_a_decision(
    listen, tmp_path, capsys, monkeypatch
):
    from uniad_desktop.inspection import trigger_service

    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.2)
    _, source = listen()
    source.on_trigger = lambda camera: None
    assert command(tmp_path, "--wait") == 0
    assert "! ERROR" in capsys.readouterr().out


def test_too_many_programs_are_sent_away(listen, tmp_path, monkeypatch):
    monkeypatch.setattr(port_module, "MOST_CLIENTS", 2)
    listen()
    with (
        TriggerClient(tmp_path),
        TriggerClient(tmp_path),
        pytest.raises(RefusedError, match="busy"),
    ):
        TriggerClient(tmp_path)


def test_programs_that_say_nothing_or_nonsense_harm_nobody(listen, tmp_path, monkeypatch):
    monkeypatch.setattr(port_module, "ANSWER_LIMIT_S", 0.3)
    station, _ = listen()
    key = (tmp_path / protocol.KEY_FILE).read_bytes()
    silent = Client(address_of(tmp_path))
    with pytest.raises((AuthenticationError, EOFError, OSError)):
        Client(address_of(tmp_path), authkey=b"guessed")
    for nonsense in (
        b"\x80\x04N.",
        b"[]",
        b'{"version": 1, "do": "trigger", "camera": true, "wait": 1}',
        b"[" * 4000,
    ):
        with Client(address_of(tmp_path), authkey=key) as known:
            known.send_bytes(nonsense)
            with pytest.raises((EOFError, ConnectionError)):
                known.recv_bytes()
    # It may be sent away before all was sent.
    with (
        Client(address_of(tmp_path), authkey=key) as known,
        pytest.raises((EOFError, ConnectionError)),
    ):
        known.send_bytes(b"x" * 100_000)
        known.recv_bytes()
    with TriggerClient(tmp_path) as client:
        assert len(client.trigger(TriggerRequest(wait=True))) == 1
    wait_for(lambda: "trigger-client" not in threads())  # the silent one was given up
    silent.close()
    assert station.counters().triggered == 1


@pytest.mark.skipif(not POSIX, reason="file modes of POSIX")
def test_key_and_socket_are_for_this_user_alone(listen, tmp_path):
    listen()
    for name in (protocol.KEY_FILE, protocol.SOCKET_FILE):
        path = tmp_path / name
        if path.exists() or name == protocol.KEY_FILE:
            assert path.stat().st_mode & 0o777 == 0o600


def test_an_open_connection_does_not_hold_up_closing(tmp_path):
    port = TriggerPort(tmp_path, [])
    with TriggerClient(tmp_path) as client:
        assert port.close() and threads() == []
        with pytest.raises(RefusedError, match="was closed before"):
            client.trigger(TriggerRequest())
    assert port.close()
    assert list(tmp_path.iterdir()) == []


def test_a_deep_data_folder_listens_elsewhere(tmp_path, capsys):
    if not POSIX:
        pytest.skip("pipes have short names")
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    station = Station(
        open_source=FakeSource,
        load_detector=FakeDetector,
        products=PRODUCTS,
        product="flange",
        model=MODEL,
        trigger_mode=SOFTWARE,
    )
    station.start()
    port = TriggerPort(folder, [station])
    place = Path(address_of(folder))
    try:
        wait_for(lambda: station.state is StationState.RUNNING)
        assert len(os.fsencode(place)) < 104 and place.exists() and folder not in place.parents
        assert command(folder, "--wait") == 0
    finally:
        assert port.close()
        assert station.close(5.0)
    assert not place.exists() and list(folder.iterdir()) == []


_LEFT = """
import sys, time
from pathlib import Path
from uniad_desktop.remote.port import TriggerPort
TriggerPort(Path(sys.argv[1]), [])
print("listening", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not POSIX, reason="sockets that outlive their process")
def test_what_a_killed_station_left_behind_is_no_station_and_is_replaced(listen, tmp_path, capsys):
    killed = subprocess.Popen(
        [sys.executable, "-c", _LEFT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert killed.stdout is not None and killed.stdout.readline() == "listening\n"
    finally:
        killed.kill()
        killed.communicate(timeout=20)
    assert Path(address_of(tmp_path)).exists()
    assert command(tmp_path) == 7
    listen()
    assert command(tmp_path, "--wait") == 0


def test_a_station_that_does_not_answer_is_given_up(tmp_path, monkeypatch):
    from uniad_desktop.remote import client

    monkeypatch.setattr(client, "ANSWER_LIMIT_S", 0.2)
    port = TriggerPort(tmp_path, [])
    try:
        port._serve = lambda connection: time.sleep(0.5)
        with pytest.raises((RefusedError, NoStationError)):
            TriggerClient(tmp_path)
    finally:
        assert port.close()
