"""What the camera path stands: throughput, start and stop, a day of frames, losses in a row.

    python benchmarks/camera_endurance.py rate [--rate 60] [--seconds 600] [--format Mono8]
    python benchmarks/camera_endurance.py cycles [--count 1000]
    python benchmarks/camera_endurance.py day [--count 86400]
    python benchmarks/camera_endurance.py losses [--count 100]
    python benchmarks/camera_endurance.py station-losses [--count 100]

All of it runs with the simulated camera, through its GenTL producer, harvesters and the camera
process into frames that the parent owns. Memory (unique pages of this process and of the camera
process), threads, open files and child processes are told at even distances: they must not grow.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.open import open_source
from uniad_desktop.cameras.producers import SimulatorProducer
from uniad_desktop.cameras.source import CameraError, CameraLostError, FrameSource, TriggerMode
from uniad_desktop.simulator.camera import SimulatedCamera
from uniad_desktop.simulator.patterns import frame_number

CHILD = "uniad_desktop.cameras.genicam.child"
WAIT_S = 10.0
TELLINGS = 10


@contextmanager
def camera() -> Iterator[tuple[FrameSource, SimulatedCamera]]:
    """The simulated camera, open, not started."""
    with SimulatedCamera(seed=1) as line:
        source = open_source("sim", simulator=SimulatorProducer(line.producer, line.environment))
        try:
            yield source, line
        finally:
            source.close()


def child() -> psutil.Process:
    """The camera process."""
    return next(one for one in psutil.Process().children() if CHILD in one.cmdline())


def resources() -> str:
    """One line on what this process and the camera process hold."""
    gc.collect()
    own = psutil.Process()
    told = (
        f"{own.memory_full_info().uss >> 20} MB, {own.num_threads()} threads, {own.num_fds()} fds"
    )
    told += f", {len(own.children())} children"
    try:
        other = child()
        told += f"; camera process {other.memory_full_info().uss >> 20} MB, {other.num_fds()} fds"
    except (StopIteration, psutil.Error):
        pass
    return told


def set_up(source: FrameSource, **features: str | float | bool) -> None:
    """Writes features in their order."""
    for name, value in features.items():
        source.write_feature(name, value)


def next_frame(source: FrameSource, limit_s: float = WAIT_S) -> Frame:
    """A frame, waited for with a limit."""
    frame = source.next_frame(limit_s)
    if frame is None:
        raise CameraError(f"No frame came within {limit_s:g} s.")
    return frame


def rate(options: argparse.Namespace) -> None:
    """Frames of 5 megapixels at a fixed rate; counts what is lost."""
    with camera() as (source, _):
        set_up(
            source,
            SimSensor="FiveMegapixel",
            PixelFormat=options.format,
            TestPattern="FrameCounter" if options.format == "Mono8" else "GreyHorizontalRamp",
            ExposureTime=1000.0,
            AcquisitionFrameRate=options.rate,
        )
        source.start(TriggerMode.FREE_RUNNING)
        next_frame(source)
        before, processes = source.counters(), (psutil.Process(), child())
        used = [one.cpu_times() for one in processes]
        begin, taken, wrong, late = time.monotonic(), 0, 0, []
        bytes_per_frame = 0
        while (elapsed := time.monotonic() - begin) < options.seconds:
            frame = next_frame(source)
            late.append((time.monotonic_ns() - frame.received_ns) / 1e6)
            taken += 1
            bytes_per_frame = frame.image.nbytes
            if options.format == "Mono8":
                wrong += frame_number(frame.image) != frame.id & 0xFFFFFFFF
        after = source.counters()
        cpu = [
            (now.user + now.system - then.user - then.system) / elapsed
            for now, then in zip((one.cpu_times() for one in processes), used, strict=True)
        ]
        late.sort()
        rate_mb = taken * bytes_per_frame / elapsed / 1e6
        print(
            f"2448 x 2048 {options.format} at {options.rate:g} Hz for {elapsed:.0f} s: {taken} "
            f"frames, {taken / elapsed:.2f} frames/s, {rate_mb:.0f} MB/s owned; of a core: camera "
            f"process {100 * cpu[1]:.0f} %, parent {100 * cpu[0]:.0f} %"
        )
        print(
            f"  passed over {after.passed_over - before.passed_over}, missed "
            f"{after.missed - before.missed}, incomplete {after.incomplete - before.incomplete}, "
            f"wrong picture {wrong}; received -> owned: median {statistics.median(late):.2f}, p99 "
            f"{late[int(0.99 * (len(late) - 1))]:.2f}, longest {late[-1]:.2f} ms"
        )
        print(f"  {resources()}")


def told(count: int) -> Callable[[int], bool]:
    """Whether it is time for a line."""
    step = max(1, count // TELLINGS)
    return lambda number: number % step == 0 or number == 1


def cycles(options: argparse.Namespace) -> None:
    """Start, one frame, stop; again and again."""
    due, times = told(options.count), []
    with camera() as (source, _):
        set_up(source, TestPattern="GreyHorizontalRamp", AcquisitionFrameRate=200.0)
        for number in range(1, options.count + 1):
            begin = time.monotonic()
            source.start(TriggerMode.FREE_RUNNING)
            next_frame(source)
            source.stop()
            times.append(time.monotonic() - begin)
            if due(number):
                print(f"  {number} cycles: {resources()}", flush=True)
    times.sort()
    print(
        f"{options.count} cycles, each median {1e3 * statistics.median(times):.0f}, longest "
        f"{1e3 * times[-1]:.0f} ms"
    )


def day(options: argparse.Namespace) -> None:
    """As many frames as a line takes in 24 hours, as fast as they come, every one of them."""
    due, begin = told(options.count), time.monotonic()
    with camera() as (source, _):
        set_up(
            source,
            PixelFormat="Mono8",
            TestPattern="FrameCounter",
            Width=320,
            Height=240,
            ExposureTime=1000.0,
            AcquisitionFrameRateEnable=False,
        )
        source.start(TriggerMode.FREE_RUNNING)
        for number in range(1, options.count + 1):
            frame = next_frame(source)
            if frame_number(frame.image) != frame.id & 0xFFFFFFFF:
                raise CameraError(f"Frame {frame.id} shows another one.")
            if due(number):
                print(f"  {number} frames: {resources()}", flush=True)
        counted = source.counters()
        elapsed = time.monotonic() - begin
        print(
            f"{options.count} frames in {elapsed:.0f} s ({options.count / elapsed:.0f} frames/s), "
            f"passed over {counted.passed_over}, missed {counted.missed}, incomplete "
            f"{counted.incomplete}"
        )


def lose(source: FrameSource) -> float:
    """Takes frames until the loss is told; seconds that took."""
    begin = time.monotonic()
    try:
        while time.monotonic() - begin < WAIT_S:
            source.next_frame(WAIT_S)
    except CameraLostError:
        return time.monotonic() - begin
    raise CameraError(f"No loss was told within {WAIT_S:g} s.")


def fall_silent(source: FrameSource, seconds: float) -> None:
    """Has it answer no more; it does not answer that either."""
    with suppress(CameraError):
        source.write_feature("SimStopAnswering", seconds)


def come_back(source: FrameSource) -> float:
    """Opens it again until a frame comes; seconds that took."""
    begin = time.monotonic()
    while time.monotonic() - begin < WAIT_S:
        try:
            source.reopen()
        except CameraError:
            time.sleep(0.05)
            continue
        source.start(TriggerMode.FREE_RUNNING)
        next_frame(source)
        return time.monotonic() - begin
    raise CameraError(f"It did not come back within {WAIT_S:g} s.")


def losses(options: argparse.Namespace) -> None:
    """Lost in four ways in turn, each time until a frame comes again with the former features."""
    due = told(options.count)
    noticed: dict[str, list[float]] = {}
    back: dict[str, list[float]] = {}
    with camera() as (source, line):
        serial = line.serials[0]
        ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "unplugged": (lambda: line.unplug(serial), lambda: line.plug_in(serial)),
            "process killed": (lambda: child().kill(), lambda: None),
            "process stopped": (lambda: os.kill(child().pid, signal.SIGSTOP), lambda: None),
            "does not answer": (lambda: fall_silent(source, 4.0), lambda: time.sleep(3.0)),
        }
        set_up(source, TestPattern="GreyHorizontalRamp", ExposureTime=1234.0)
        set_up(source, AcquisitionFrameRate=100.0)
        source.start(TriggerMode.FREE_RUNNING)
        next_frame(source)
        print(f"  before: {resources()}")
        for number in range(1, options.count + 1):
            name, (fault, remedy) = list(ways.items())[number % len(ways)]
            fault()
            noticed.setdefault(name, []).append(lose(source))
            remedy()
            back.setdefault(name, []).append(come_back(source))
            if source.read_feature("ExposureTime") != 1234.0:
                raise CameraError("A feature was not brought back.")
            if due(number):
                print(f"  {number} losses: {resources()}", flush=True)
    tell_times(noticed, back)
    print(f"  after closing: {resources()}")


def station_losses(options: argparse.Namespace) -> None:
    """The same at a whole station with model and records, which opens the camera again itself."""
    from uniad_desktop.app import RunningStation, build_station, open_model
    from uniad_desktop.inspection.types import InspectedFrame, Reason, StationState, Verdict
    from uniad_desktop.station_options import StationOptions

    due = told(options.count)
    noticed: dict[str, list[float]] = {}
    back: dict[str, list[float]] = {}
    decisions: Counter[str] = Counter()

    def take(shown: InspectedFrame) -> None:
        inspection = shown.inspection
        judged = inspection.verdict is not Verdict.ERROR
        decisions["judged" if judged else str(inspection.reason)] += 1

    def wait(condition: Callable[[], bool], what: str) -> float:
        begin = time.monotonic()
        while not condition():
            if time.monotonic() - begin > 3 * WAIT_S:
                raise CameraError(f"{what} took longer than {3 * WAIT_S:g} s.")
            time.sleep(0.002)
        return time.monotonic() - begin

    with tempfile.TemporaryDirectory() as folder:
        asked = StationOptions("sim", Path(folder), seed=1, frame_rate=20.0)
        running: RunningStation = build_station(asked, open_model(asked), [take])
        station, line = running.station, running.choices[0].simulator
        try:
            station.start()
            wait(lambda: decisions["judged"] > 2, "Starting")
            source = station.camera_features
            assert source is not None and line is not None
            source.write_feature("ExposureTime", 1234.0)
            serial = line.serials[0]
            ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
                "unplugged": (lambda: line.unplug(serial), lambda: line.plug_in(serial)),
                "process killed": (lambda: child().kill(), lambda: None),
                "process stopped": (lambda: os.kill(child().pid, signal.SIGSTOP), lambda: None),
                "does not answer": (lambda: fall_silent(source, 4.0), lambda: None),
            }
            print(f"  before: {resources()}")
            for number in range(1, options.count + 1):
                name, (fault, remedy) = list(ways.items())[number % len(ways)]
                fault()
                lost = wait(lambda: station.state is StationState.CAMERA_LOST, "Noticing a loss")
                noticed.setdefault(name, []).append(lost)
                remedy()
                judged = decisions["judged"]
                again = wait(lambda: decisions["judged"] > judged, "Coming back")  # noqa: B023
                back.setdefault(name, []).append(again)
                if source.read_feature("ExposureTime") != 1234.0:
                    raise CameraError("A feature was not brought back.")
                if due(number):
                    print(f"  {number} losses: {resources()}", flush=True)
        finally:
            closed = running.close()
        tell_times(noticed, back)
        print(f"decisions: {dict(decisions)}; losses decided: {decisions[str(Reason.CAMERA_LOST)]}")
        print(f"  after closing (in time: {closed}): {resources()}")


def tell_times(noticed: dict[str, list[float]], back: dict[str, list[float]]) -> None:
    """A line for each way."""
    for name, times in noticed.items():
        print(
            f"{name:16} {len(times):3} times: noticed after median {statistics.median(times):.2f}, "
            f"longest {max(times):.2f} s; back after median {statistics.median(back[name]):.2f}, "
            f"longest {max(back[name]):.2f} s"
        )


def main() -> None:
    """Does one of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    one = actions.add_parser("rate")
    one.add_argument("--rate", type=float, default=60.0)
    one.add_argument("--seconds", type=float, default=600.0)
    one.add_argument("--format", default="Mono8")
    for name, count in (("cycles", 1000), ("day", 86400), ("losses", 100), ("station-losses", 100)):
        actions.add_parser(name).add_argument("--count", type=int, default=count)
    options = parser.parse_args()
    what = {
        "rate": rate,
        "cycles": cycles,
        "day": day,
        "losses": losses,
        "station-losses": station_losses,
    }
    what[options.action](options)


if __name__ == "__main__":
    main()
