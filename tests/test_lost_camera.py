"""A camera that is lost, hangs or loses frames: what the station says, decides and counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.helpers import make_tiny_package
from tests.inspection.fakes import wait_for
from uniad_desktop.app import RunningStation, build_station, open_model
from uniad_desktop.cameras.source import CameraError, TriggerMode, TriggerSettings
from uniad_desktop.inspection import acquisition, inspector, trigger_service
from uniad_desktop.inspection.types import InspectedFrame, Reason, StationState, Verdict
from uniad_desktop.several import build_stations
from uniad_desktop.simulator.camera import SimulatedCamera
from uniad_desktop.station_options import StationOptions

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from uniad_desktop.cameras.genicam import process, source

SECONDS = 60.0  # for a machine that does much else
SERIAL = "SIM0001"
FREE = TriggerSettings(TriggerMode.FREE_RUNNING)
SOFTWARE = TriggerSettings(TriggerMode.SOFTWARE)
LINE = TriggerSettings(TriggerMode.HARDWARE, "Line1", "RisingEdge", delay_us=50.0)
NO_ANSWER = "The camera SIM0001 no longer answers; check its cable and power."


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_package(tmp_path_factory.mktemp("models"))


class Bench:
    """A running station in front of a simulated line, and what it decided."""

    def __init__(self, running: RunningStation, decisions: list[InspectedFrame]) -> None:
        self.running, self.decisions = running, decisions
        self.station = running.station
        self._writers: list[threading.Thread] = []

    @property
    def line(self) -> SimulatedCamera:
        simulator = self.running.choices[0].simulator
        assert simulator is not None
        return simulator

    @property
    def camera(self):
        source = self.station._inspector.source
        assert source is not None
        return source

    def child(self) -> psutil.Process:
        own = self.camera._process
        return psutil.Process(own.pid)

    def has(self, state: StationState) -> None:
        wait_for(lambda: self.station.state is state, SECONDS)

    def write(self, name: str, value: float | bool) -> None:
        """On another thread, as the Setup page does; what goes wrong is the point of it."""

        def work() -> None:
            with suppress(CameraError):
                self.camera.write_feature(name, value)

        self._writers.append(threading.Thread(target=work, name=f"write-{name}"))
        self._writers[-1].start()

    def fire(self) -> None:
        """One trigger of the mode in force."""
        if self.station.trigger_mode is TriggerMode.SOFTWARE:
            self.station.trigger()
        else:
            self.line.pulse(SERIAL, 1)

    def judged(self, since: int = 0) -> list[InspectedFrame]:
        return [
            shown
            for shown in self.decisions[since:]
            if shown.inspection.verdict is not Verdict.ERROR
        ]

    def reasons(self, since: int = 0) -> Counter[Reason]:
        return Counter(
            shown.inspection.reason
            for shown in self.decisions[since:]
            if shown.inspection.verdict is Verdict.ERROR
        )

    def close(self) -> None:
        assert self.running.close()
        for writer in self._writers:
            writer.join(SECONDS)


Build = Callable[..., Bench]


@pytest.fixture
def build(model: Path, tmp_path: Path) -> Iterator[Build]:
    before = psutil.Process().children(recursive=True)
    made: list[Bench] = []

    def make(trigger: TriggerSettings = FREE) -> Bench:
        options = StationOptions(
            "sim", tmp_path, model=str(model), seed=3, frame_rate=20.0, trigger_mode=trigger
        )
        decisions: list[InspectedFrame] = []
        running = build_station(options, open_model(options), [decisions.append])
        made.append(Bench(running, decisions))
        running.station.start()
        made[-1].has(StationState.RUNNING)
        # A picture that needs no part: triggers are answered however busy the machine is.
        made[-1].camera.write_feature("TestPattern", "GreyHorizontalRamp")
        made[-1].camera.write_feature("ExposureTime", 1234.0)
        return made[-1]

    yield make
    for one in made:
        one.close()
    left = [child for child in psutil.Process().children(recursive=True) if child not in before]
    assert [child.cmdline() for child in left] == []


def channels() -> int:
    """Open pipes, sockets and shared memory; files of records come and go meanwhile."""
    count = 0
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # gone since it was listed
            count += str(entry.readlink()).startswith(("pipe:", "socket:", "/memfd:"))
    return count


def unplug(bench: Bench) -> None:
    bench.line.unplug(SERIAL)


def plug_in(bench: Bench) -> None:
    bench.line.plug_in(SERIAL)


def nothing(bench: Bench) -> None:
    """It comes back by itself."""


FAULTS = {
    "vanishes": (lambda bench: bench.write("SimVanish", 1.0), nothing, NO_ANSWER),
    "stops answering": (lambda bench: bench.write("SimStopAnswering", 30.0), nothing, NO_ANSWER),
    "unplugged": (unplug, plug_in, NO_ANSWER),
    "killed": (lambda bench: bench.child().kill(), nothing, "its process was ended by SIGKILL."),
    "stopped": (
        lambda bench: bench.child().send_signal(signal.SIGSTOP),
        nothing,
        "was lost: its driver hangs.",
    ),
    "crashes": (
        lambda bench: bench.write("SimCrash", True),
        nothing,
        "its process was ended by SIGABRT.",
    ),
}


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="POSIX signals")
@pytest.mark.parametrize("name", list(FAULTS))
def test_a_loss_is_said_decided_once_and_over_with_the_former_settings(
    build: Build, name: str
) -> None:
    fault, remedy, sentence = FAULTS[name]
    bench = build()
    wait_for(lambda: len(bench.judged()) >= 2, SECONDS)
    station, counted = bench.station, bench.station.camera_counters()
    fault(bench)
    bench.has(StationState.CAMERA_LOST)
    assert sentence in station.problem and SERIAL in station.problem
    wait_for(lambda: bench.reasons() == {Reason.CAMERA_LOST: 1}, SECONDS)
    decided = len(bench.decisions)
    assert bench.decisions[-1].frame is None
    assert sentence in bench.decisions[-1].inspection.detail
    assert bench.decisions[-1].inspection.source == SERIAL
    remedy(bench)
    bench.has(StationState.RUNNING)
    wait_for(lambda: len(bench.judged(decided)) >= 2, SECONDS)
    assert station.problem == "" and bench.reasons() == {Reason.CAMERA_LOST: 1}
    info = station.source_info
    assert info is not None and info.serial == SERIAL
    assert station.trigger_mode is TriggerMode.FREE_RUNNING
    assert bench.camera.read_feature("ExposureTime") == 1234.0
    assert bench.camera.read_feature("TestPattern") == "GreyHorizontalRamp"
    now = station.camera_counters()
    assert now.acquired > counted.acquired
    assert (now.incomplete, now.missed) == (0, 0)  # a loss is no gap


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="POSIX signals")
@pytest.mark.parametrize("name", ["unplugged", "stopped", "killed"])
@pytest.mark.parametrize("trigger", [SOFTWARE, LINE], ids=["software", "hardware"])
def test_triggers_around_a_loss_get_one_decision_each(
    build: Build, name: str, trigger: TriggerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", SECONDS)
    fault, remedy, _ = FAULTS[name]
    bench = build(trigger)
    station = bench.station
    bench.fire()
    wait_for(lambda: len(bench.decisions) == 1, SECONDS)
    fault(bench)
    bench.has(StationState.CAMERA_LOST)
    wait_for(lambda: len(bench.decisions) == 2, SECONDS)  # the loss itself is on record
    asked = 0
    if trigger is SOFTWARE:  # pulses of a line are not seen while nobody sees the camera
        for asked in (1, 2):
            station.trigger()
            wait_for(lambda: len(bench.decisions) == 2 + asked, SECONDS)  # noqa: B023
        details = {one.inspection.detail for one in bench.decisions[2:]}
        assert details == {"A trigger came while the camera was lost."}
    assert bench.reasons() == {Reason.CAMERA_LOST: 1 + asked}
    remedy(bench)
    bench.has(StationState.RUNNING)
    assert station.trigger_settings == trigger
    for more in (1, 2):
        bench.fire()
        wait_for(lambda: len(bench.decisions) == 2 + asked + more, SECONDS)  # noqa: B023
    assert len(bench.judged()) == 3 and len(bench.judged(2 + asked)) == 2
    assert [one.inspection.number for one in bench.decisions] == list(range(1, 5 + asked))
    assert station.counters().triggered == 3 + asked
    if trigger is LINE:
        assert bench.camera.read_feature("TriggerSource") == "Line1"
        assert bench.camera.read_feature("TriggerDelay") == 50.0


def test_triggers_during_a_hang_get_one_decision_each_and_never_that_of_another_part(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.4)
    bench = build(SOFTWARE)
    bench.write("SimHang", 1.5)
    begin = time.monotonic()
    asked = 0
    while time.monotonic() - begin < 1.2:
        bench.station.trigger()
        asked += 1
        time.sleep(0.2)
    wait_for(lambda: len(bench.decisions) == asked, SECONDS)
    late = [one for one in bench.judged() if one.inspection.latency_ms > 400 + 400]
    assert late == []
    assert bench.reasons()[Reason.CAMERA_TIMEOUT] >= 1
    assert bench.station.state is not StationState.CAMERA_LOST
    assert bench.camera.read_feature("SimHang") == 0.0  # is over, and not written again by a return


@pytest.mark.parametrize("trigger", [FREE, SOFTWARE], ids=["free", "software"])
def test_a_driver_that_hangs_for_ever_cannot_hang_the_end(
    build: Build, trigger: TriggerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (process, source):
        monkeypatch.setattr(module, "NODE_LIMIT_S", 2 * SECONDS)
    bench = build(trigger)
    child = bench.child()
    bench.write("SimHang", -1.0)
    wait_for(lambda: bench.camera.seconds_silent() > 0.5, SECONDS)  # the call is under way
    bench.station.trigger()
    bench.close()  # in time, and the writer has ended
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_damaged_and_skipped_frames_are_counted_and_free_running_goes_on(build: Build) -> None:
    bench = build()
    wait_for(lambda: len(bench.judged()) >= 2, SECONDS)
    bench.camera.write_feature("SimIncompletePermille", 500)
    wait_for(lambda: bench.station.camera_counters().incomplete >= 3, SECONDS)
    bench.camera.write_feature("SimIncompletePermille", 0)
    assert bench.station.camera_counters().missed == 0
    bench.camera.write_feature("SimSkipIds", 7)
    wait_for(lambda: bench.station.camera_counters().missed == 7, SECONDS)
    bench.camera.write_feature("SimDropPermille", 500)
    wait_for(lambda: bench.station.camera_counters().missed >= 10, SECONDS)
    bench.camera.write_feature("SimDropPermille", 0)
    assert bench.reasons() == {} and bench.station.state is StationState.RUNNING
    # They are told once more after the camera came back: the counts go on.
    counted = bench.station.camera_counters()
    bench.child().kill()
    bench.has(StationState.CAMERA_LOST)
    assert bench.station.camera_counters().missed == counted.missed


def test_a_camera_without_frames_that_answers_is_not_lost(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquisition, "SILENCE_LIMIT_S", 0.5)
    bench = build()
    bench.camera.write_feature("AcquisitionFrameRate", 0.1)
    wait_for(lambda: "has sent no frame for" in bench.station.problem, SECONDS)
    assert "It answers, so check its trigger settings, its exposure time" in bench.station.problem
    assert bench.station.state is StationState.RUNNING and bench.reasons() == {}
    bench.camera.write_feature("AcquisitionFrameRate", 20.0)


def test_a_trigger_without_a_frame_is_a_time_out_and_no_loss(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = build(SOFTWARE)
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.5)
    bench.camera.write_feature("SimDropPermille", 1000)
    bench.station.trigger()
    wait_for(lambda: len(bench.decisions) == 1, SECONDS)
    assert bench.reasons() == {Reason.CAMERA_TIMEOUT: 1}
    assert bench.decisions[0].inspection.detail == "No frame within 0.5 s of the trigger."
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", SECONDS)
    wait_for(lambda: bench.station._inspector._acquisition.running, SECONDS)  # afresh
    assert bench.station.state is StationState.RUNNING and bench.station.problem == ""
    bench.camera.write_feature("SimDropPermille", 0)
    bench.station.trigger()
    wait_for(lambda: len(bench.decisions) == 2, SECONDS)
    assert len(bench.judged()) == 1


def test_a_driver_that_hangs_for_a_while_is_told_before_it_is_a_loss(build: Build) -> None:
    bench = build()
    bench.write("SimHang", 4.0)
    wait_for(lambda: "has given no sign of life for" in bench.station.problem, SECONDS)
    assert SERIAL in bench.station.problem and bench.station.state is StationState.RUNNING
    wait_for(lambda: bench.station.problem == "", SECONDS)
    assert bench.station.state is StationState.RUNNING and bench.reasons() == {}


def test_a_slow_camera_is_not_lost(build: Build) -> None:
    bench = build()
    bench.write("SimNodeDelay", 60)
    lost = []
    end = time.monotonic() + 4.0
    while time.monotonic() < end:
        lost += [bench.station.problem] if bench.station.state is not StationState.RUNNING else []
        time.sleep(0.01)
    decided = len(bench.decisions)
    wait_for(lambda: len(bench.decisions) > decided, SECONDS)
    assert lost == [] and bench.reasons() == {}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts of /proc")
def test_losses_in_a_row_leave_nothing_behind(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspector, "BACK_OFF_S", (0.05,))
    bench = build()
    ways = ["killed", "unplugged", "crashes"]
    held = []
    for number in range(12):
        decided = len(bench.judged())
        wait_for(lambda: len(bench.judged()) >= decided + 2, SECONDS)  # noqa: B023
        own = psutil.Process()
        writers = sum(thread.name.startswith("write-") for thread in threading.enumerate())
        # Threads of this interpreter: those of numeric libraries come and go as they like.
        held.append((threading.active_count() - writers, channels(), len(own.children())))
        fault, remedy, _ = FAULTS[ways[number % len(ways)]]
        fault(bench)
        # The state alone may be over before anyone looks: a killed process is back at once.
        wait_for(lambda: bench.reasons()[Reason.CAMERA_LOST] > number, SECONDS)  # noqa: B023
        remedy(bench)
        bench.has(StationState.RUNNING)
    assert set(held[1:]) == {held[1]}
    assert bench.reasons() == {Reason.CAMERA_LOST: 12}


def test_one_of_several_that_is_lost_leaves_the_others_inspecting(
    model: Path, tmp_path: Path
) -> None:
    options = StationOptions("sim", tmp_path, model=str(model), seed=3, frame_rate=10.0)
    decisions: list[InspectedFrame] = []
    running = build_stations(
        options, ["sim", "sim"], ["", ""], open_model(options), [decisions.append]
    )
    first, second = running.stations

    def judged(camera: int) -> int:
        return sum(
            one.inspection.camera == camera and one.inspection.verdict is not Verdict.ERROR
            for one in list(decisions)
        )

    try:
        for station in running.stations:
            station.start()
        wait_for(lambda: judged(1) >= 2 and judged(2) >= 2, SECONDS)
        line = running._opener._simulator
        assert line is not None
        line.unplug("SIM0002")
        wait_for(lambda: second.state is StationState.CAMERA_LOST, SECONDS)
        assert "SIM0002" in second.problem
        before = judged(1)
        wait_for(lambda: judged(1) >= before + 3, SECONDS)
        assert first.state is StationState.RUNNING and first.problem == ""
        assert second.state is StationState.CAMERA_LOST
        (lost,) = [one for one in decisions if one.inspection.verdict is Verdict.ERROR]
        assert lost.inspection.camera == 2 and lost.inspection.source == "SIM0002"
        line.plug_in("SIM0002")
        before = judged(2)
        wait_for(lambda: judged(2) >= before + 2, SECONDS)
    finally:
        assert running.close()


_PROGRAM = """
import sys
from uniad_desktop.cameras.genicam import process
spawn = process.spawn
process.spawn = lambda module, *more: spawn(
    module.replace("uniad_desktop.cameras.genicam.child", "tests.cameras.hanging_child"), *more
)
from uniad_desktop.cli import main
sys.exit(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("how", ["--headless", "--language=en"], ids=["headless", "window"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_ends_though_its_driver_hangs_in_opening(
    model: Path, tmp_path: Path, how: str, number: signal.Signals
) -> None:
    asked = ["--camera", "sim", "--model", str(model), "--data-dir", str(tmp_path), how]
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *asked],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        own = psutil.Process(program.pid)

        def hangs() -> bool:
            for one in own.children():
                with suppress(psutil.Error):  # one that has just ended tells nothing any more
                    if any("tests.cameras.hanging_child" in word for word in one.cmdline()):
                        return True
            return False

        wait_for(hangs, SECONDS)
        children = own.children(recursive=True)
        program.send_signal(number)
        assert program.wait(SECONDS) == 130
        wait_for(lambda: not any(child.is_running() for child in children), SECONDS)
    finally:
        program.kill()
        program.communicate()
