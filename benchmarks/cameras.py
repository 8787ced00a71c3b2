"""One, two and four cameras: one shared model against a detector or a process for each.

    python benchmarks/cameras.py [--device cuda] [--seconds 6] [--cameras 1,2,4] [--line]

Cameras give the frames of simulated parts from memory, as fast as they are taken or at
``--frame-rate``; with ``--line`` they are simulated GenICam cameras, each in its process (shared
model only, since a line of its own for each process would be measured with it). All ways see the
same frames in turn, in one run, so that a busy machine slows them all: read the ratios. Where other
programs compete for the processors, more threads get a larger share; then only the processor time
of a frame can be compared. The shared model has all processors but one as its threads, the others
have that many divided by the cameras, one at least. Prints one table; needs nobody.

Ways:
    shared     one model on a thread of its own, all cameras in one process (what the station does)
    own        a detector for each camera, in one process
    processes  a process for each camera with a detector of its own
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from uniad_desktop.app import inference_threads, open_model, product_list
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import (
    CameraError,
    SourceCounters,
    SourceInfo,
    TriggerMode,
    TriggerSettings,
    trigger_settings,
)
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.inspection.batching import SharedModel
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import CameraPlace, InspectedFrame
from uniad_desktop.several import build_stations
from uniad_desktop.simulator.parts import PRODUCTS, render_part
from uniad_desktop.station_options import StationOptions

PARTS = 4
WARM = 5
LIMIT_S = 120.0
WAYS = ("shared", "own", "processes")


class MemorySource:
    """The frames of simulated parts, over and over."""

    def __init__(self, images: Sequence[NDArray[np.uint8]], serial: str, rate: float) -> None:
        height, width = images[0].shape[:2]
        kind = SourceKind.SIMULATED
        self.info = SourceInfo("Memory", "UniAD", serial, kind, width, height, "RGB8")
        self.trigger_mode = TriggerMode.FREE_RUNNING
        self._images = itertools.cycle(images)
        self._period = 1.0 / rate if rate else 0.0
        self._next = time.monotonic()
        self._count = 0

    def start(self, trigger: TriggerMode | TriggerSettings) -> None:
        """Frames come from now on."""
        self.trigger_mode = trigger_settings(trigger).mode

    def next_frame(self, timeout_s: float) -> Frame | None:
        """The next part, at the frame rate at most."""
        wait = self._next - time.monotonic()
        if wait > timeout_s:
            time.sleep(timeout_s)
            return None
        if wait > 0:
            time.sleep(wait)
        now = time.monotonic()
        # As a camera that runs freely: what was not taken in time is passed over.
        self._next = max(self._next + self._period, now)
        self._count += 1
        stamp = time.monotonic_ns()
        source = self.info.serial
        kind = SourceKind.SIMULATED
        return Frame(next(self._images), self._count, stamp, stamp, source, kind, "RGB8")

    def trigger(self) -> None:
        """Nothing is triggered here."""

    def counters(self) -> SourceCounters:
        """Frames given so far."""
        return SourceCounters(acquired=self._count)

    def read_feature(self, name: str) -> str:
        """There is none. Raises CameraError."""
        raise CameraError(f"Frames from memory have no feature {name}.")

    def write_feature(self, name: str, value: object) -> None:
        """There is none. Raises CameraError."""
        raise CameraError(f"Frames from memory have no feature {name}.")

    def stop(self) -> None:
        """Nothing runs."""

    def reopen(self) -> None:
        """It is never lost."""

    def close(self) -> None:
        """Nothing to give back."""


class Log:
    """Latencies of the decisions of each camera while it is on."""

    def __init__(self, cameras: int) -> None:
        self.latencies: list[list[float]] = [[] for _ in range(cameras)]
        self.seen = [0] * cameras
        self.errors = 0
        self.on = False

    def take(self, shown: InspectedFrame) -> None:
        """Takes a decision."""
        place = shown.inspection.camera - 1
        self.seen[place] += 1
        if self.on:
            self.latencies[place].append(shown.inspection.latency_ms)
            self.errors += shown.prediction is None


@dataclass(frozen=True)
class Result:
    """What was seen of some cameras.

    Attributes:
        rate: decisions per second of all.
        p50, p99: latency in ms, of the camera with the longest.
        busy: processors that were busy.
        memory: resident MB of all processes that took part.
        batch: frames judged in one run at most.
    """

    rate: float
    p50: float
    p99: float
    busy: float
    memory: float
    batch: int


def main() -> int:
    """Measures and prints the table."""
    options = parse()
    if options.worker:
        return work(options)
    package = package_of(options)
    counts = [int(one) for one in options.cameras.split(",")]
    ways = ("shared",) if options.line else WAYS
    found: dict[tuple[int, str], list[Result]] = {}
    for _ in range(options.rounds):
        for count, way in itertools.product(counts, ways):
            found.setdefault((count, way), []).append(measure(options, package, count, way))
    print(f"{package.identity.name} {package.identity.version}, {describe(options, package)}")
    print(
        "cameras  way        frames/s  ratio  each  p50 ms  p99 ms  processors  "
        "processor ms/frame    MB  batch"
    )
    for (count, way), results in found.items():
        one = Result(*(float(np.median(values)) for values in zip(*map(row, results), strict=True)))  # type: ignore[arg-type]
        shared = float(np.median([other.rate for other in found[count, "shared"]]))
        print(
            f"{count:7d}  {way:9}  {one.rate:8.1f}  {one.rate / shared:5.2f}  "
            f"{one.rate / count:4.0f}  {one.p50:6.1f}  {one.p99:6.1f}  {one.busy:10.2f}  "
            f"{one.busy / one.rate * 1e3:18.1f}  {one.memory:4.0f}  {one.batch:5.0f}"
        )
    return 0


def row(result: Result) -> tuple[float, ...]:
    """The values of a result."""
    return result.rate, result.p50, result.p99, result.busy, result.memory, result.batch


def parse() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cameras", default="1,2,4")
    parser.add_argument("--seconds", type=float, default=6.0, help="per way and count")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--runtime", default="auto")
    parser.add_argument("--model", default="")
    parser.add_argument("--frame-rate", type=float, default=0.0, help="of each; 0: as they come")
    parser.add_argument("--line", action="store_true", help="simulated GenICam cameras")
    parser.add_argument("--worker", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def package_of(options: argparse.Namespace) -> ModelPackage:
    """The model that was asked for."""
    with tempfile.TemporaryDirectory() as folder:
        return open_model(StationOptions(camera="", data_folder=Path(folder), model=options.model))


def describe(options: argparse.Namespace, package: ModelPackage) -> str:
    """What computes."""
    with ExitStack() as stack:
        detector = Detector.open(package, runtime=options.runtime, device=options.device)
        stack.callback(detector.close)
        return f"{detector.runtime}, {psutil.cpu_count()} processors"


def measure(options: argparse.Namespace, package: ModelPackage, count: int, way: str) -> Result:
    """Some cameras in one way."""
    if way == "processes":
        return measure_processes(options, count)
    if options.line:
        return measure_line(options, package, count)
    with ExitStack() as stack:
        threads = inference_threads()
        if way == "shared":
            shared = SharedModel(
                lambda: Detector.open(
                    package, runtime=options.runtime, device=options.device, threads=threads
                ),
                count,
            )
            stack.callback(shared.close)
            load: Callable[[], Any] = shared.attach
            batch: Callable[[], int] = lambda: shared.largest_batch  # noqa: E731
        else:
            each = max(1, threads // count)

            def load() -> Detector:
                return Detector.open(
                    package, runtime=options.runtime, device=options.device, threads=each
                )

            def batch() -> int:
                return 1

        log = Log(count)
        stations = memory_stations(options, package, range(1, count + 1), load, log)
        for station in stations:
            stack.callback(station.close)
        return watch(stations, log, options.seconds, batch)


def memory_stations(
    options: argparse.Namespace,
    package: ModelPackage,
    numbers: Sequence[int],
    load: Callable[[], Any],
    log: Log,
) -> list[Station]:
    """Stations whose cameras give frames from memory; each shows another product."""
    products = product_list(package)
    known = [one.key for one in products if one.key in PRODUCTS] or [products[0].key]
    made = []
    for number in numbers:
        key = known[(number - 1) % len(known)]
        shows = key if key in PRODUCTS else PRODUCTS[0]
        images = [np.asarray(render_part(shows, seed).image) for seed in range(PARTS)]
        source = MemorySource(images, f"MEM{number}", options.frame_rate)
        made.append(
            Station(
                open_source=lambda source=source: source,  # type: ignore[misc]
                load_detector=load,
                products=products,
                product=key,
                model=package.identity,
                sinks=[log.take],
                place=CameraPlace(number if len(numbers) > 1 else 1, max(2, len(numbers))),
            )
        )
    return made


def measure_line(options: argparse.Namespace, package: ModelPackage, count: int) -> Result:
    """Simulated GenICam cameras, with records, as a whole station."""
    log = Log(count)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        asked = StationOptions(
            camera="",
            data_folder=Path(folder),
            device=options.device,
            runtime=options.runtime,
            frame_rate=options.frame_rate or 100.0,
            seed=1,
        )
        running = build_stations(
            asked, ["sim"] * count, list(PRODUCTS[:count]), package, [log.take]
        )
        stack.callback(running.close)
        return watch(running.stations, log, options.seconds, lambda: running.shared.largest_batch)


def watch(
    stations: Sequence[Station], log: Log, seconds: float, batch: Callable[[], int]
) -> Result:
    """Starts the stations, waits until all of them decide, and measures for some seconds."""
    for station in stations:
        station.start()
    wait_until(lambda: min(log.seen) >= WARM, stations)
    before, began = busy_seconds(), time.monotonic()
    log.on = True
    time.sleep(seconds)
    log.on = False
    took, busy = time.monotonic() - began, busy_seconds() - before
    if log.errors:
        raise SystemExit(f"{log.errors} frames were not judged: {stations[0].problem}")
    return result(log.latencies, took, busy, batch())


def resident() -> float:
    """Resident MB of this process and its children."""
    total = 0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


def result(latencies: Sequence[Sequence[float]], took: float, busy: float, batch: int) -> Result:
    """Figures of all cameras; latency of the one that has the longest."""
    return Result(
        sum(len(one) for one in latencies) / took,
        max(float(np.percentile(one, 50)) for one in latencies),
        max(float(np.percentile(one, 99)) for one in latencies),
        busy / took,
        resident(),
        batch,
    )


def wait_until(condition: Callable[[], bool], stations: Sequence[Station]) -> None:
    """Ends the program where it takes too long."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"Nothing is decided: {[one.problem for one in stations]}")
        time.sleep(0.01)


def busy_seconds() -> float:
    """Processor seconds of this process and its children so far."""
    total = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


# --- a process for each camera


def measure_processes(options: argparse.Namespace, count: int) -> Result:
    """Starts a process per camera, has all of them measure at the same time, adds up."""
    threads = max(1, inference_threads() // count)
    command = [sys.executable, __file__, "--threads", str(threads)]
    for name in ("seconds", "device", "runtime", "model", "frame_rate"):
        command += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    with ExitStack() as stack:
        workers = []
        for number in range(1, count + 1):
            process = subprocess.Popen(
                [*command, "--worker", str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.kill)
            workers.append(process)
        # A worker that hangs must not keep the machine.
        timer = threading.Timer(LIMIT_S + options.seconds, lambda: [one.kill() for one in workers])
        timer.start()
        stack.callback(timer.cancel)
        for worker in workers:
            line(worker)
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        results = [Result(**json.loads(line(worker))) for worker in workers]
        for worker in workers:
            worker.wait(30)
    return Result(
        sum(one.rate for one in results),
        max(one.p50 for one in results),
        max(one.p99 for one in results),
        sum(one.busy for one in results),
        sum(one.memory for one in results),
        1,
    )


def line(worker: subprocess.Popen[str]) -> str:
    """The next line of a worker."""
    assert worker.stdout is not None
    text = worker.stdout.readline()
    if not text:
        raise SystemExit("A process ended before it had measured.")
    return text


def work(options: argparse.Namespace) -> int:
    """One camera in this process; tells when it decides, measures when told to."""
    package = package_of(options)
    log = Log(1)

    def load() -> Detector:
        return Detector.open(
            package, runtime=options.runtime, device=options.device, threads=options.threads
        )

    (station,) = memory_stations(options, package, [options.worker], load, log)
    try:
        station.start()
        wait_until(lambda: log.seen[0] >= WARM, [station])
        print("ready", flush=True)
        sys.stdin.readline()
        found = watch([station], log, options.seconds, lambda: 1)
        print(json.dumps(found.__dict__), flush=True)
    finally:
        station.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
