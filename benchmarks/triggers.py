"""From a trigger to its frame and to its decision, beside free running in the same run.

    python benchmarks/triggers.py [--parts 100] [--rounds 3] [--product flange] [--runtime auto]
        [--pause 0.1]

The shipped model judges the simulated camera, one part at a time: the next trigger comes a while
after the former part is decided, so that nothing waits in a queue and the next simulated part is
drawn. The modes take turns, so that what else the
machine does meets all of them. Measured are, in milliseconds, median and 99th percentile of

- free running: from reception of the frame to its decision,
- software: from asking for the trigger to its frame at the host, and to its decision,
- hardware: from the camera's timestamp of the frame of a pulse on Line1, put on the host's clock,
  to its reception and to its decision,

and the times of the triggered modes as multiples of free running. The exposure, 2 ms here, is
within a software trigger's time, but not in that of a hardware trigger, as the camera stamps the
end of the exposure.
"""

from __future__ import annotations

import argparse
import queue
import tempfile
import time
from pathlib import Path

import numpy as np

from uniad_desktop.app import load_detector, open_model, product_list
from uniad_desktop.cameras.open import open_source
from uniad_desktop.cameras.producers import SimulatorProducer
from uniad_desktop.cameras.source import FrameSource, TriggerMode, TriggerSettings
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import InspectedFrame, StationState, Verdict
from uniad_desktop.simulator.camera import SimulatedCamera
from uniad_desktop.station_options import StationOptions

LIMIT_S = 60.0
LINE = TriggerSettings(TriggerMode.HARDWARE, source="Line1", activation="RisingEdge")


def spread(times_ms: list[float]) -> str:
    """Median and 99th percentile in milliseconds."""
    p50, p99 = np.percentile(times_ms, (50, 99))
    return f"p50 {p50:8.2f} ms, p99 {p99:8.2f} ms"


def to_frame(source: FrameSource, line: SimulatedCamera, count: int, pause_s: float) -> None:
    """Without a model: a trigger's time to its frame at the host."""
    source.start(TriggerMode.SOFTWARE)
    software: list[float] = []
    for _ in range(count):
        time.sleep(pause_s)
        begin = time.monotonic_ns()
        source.trigger()
        frame = source.next_frame(LIMIT_S)
        assert frame is not None, "a trigger got no frame"
        software.append((time.monotonic_ns() - begin) / 1e6)
    source.start(LINE)
    hardware: list[float] = []
    stamped: list[float] = []
    for _ in range(count):
        time.sleep(pause_s)
        begin = time.monotonic_ns()
        line.pulse(line.serials[0], 1)
        frame = source.next_frame(LIMIT_S)
        assert frame is not None, "a pulse got no frame"
        hardware.append((time.monotonic_ns() - begin) / 1e6)
        if frame.stamped_ns:
            stamped.append((frame.received_ns - frame.stamped_ns) / 1e6)
    source.stop()
    print(f"software trigger -> frame            {spread(software)}")
    print(f"pulse on Line1 -> frame              {spread(hardware)}")
    if stamped:
        print(f"camera's timestamp -> reception      {spread(stamped)}")


class Decisions:
    """Takes decisions from the inspector thread."""

    def __init__(self) -> None:
        self._made: queue.SimpleQueue[InspectedFrame] = queue.SimpleQueue()
        self.errors = 0

    def take(self, shown: InspectedFrame) -> None:
        """The station's sink."""
        self._made.put(shown)

    def next_ms(self) -> float:
        """Latency of the next decision."""
        inspection = self._made.get(timeout=LIMIT_S).inspection
        self.errors += inspection.verdict is Verdict.ERROR
        return inspection.latency_ms

    def forget(self) -> None:
        """What was decided in another mode."""
        time.sleep(0.5)
        while not self._made.empty():
            self._made.get_nowait()


def settled(station: Station, trigger: TriggerSettings, decisions: Decisions) -> None:
    """Waits until the station runs in that mode."""
    station.set_trigger_mode(trigger)
    end = time.monotonic() + LIMIT_S
    while station.state is not StationState.RUNNING or station.trigger_settings != trigger:
        assert station.state is not StationState.FAILED, station.problem
        assert time.monotonic() < end, "the station did not start"
        time.sleep(0.02)
    decisions.forget()


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parts", type=int, default=100, help="of each mode in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--product", default="flange")
    parser.add_argument("--runtime", default="auto")
    parser.add_argument("--pause", type=float, default=0.1, help="seconds before each trigger")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatedCamera(product=arguments.product, seed=1) as line,
    ):
        producer = SimulatorProducer(line.producer, dict(line.environment))
        source = open_source("sim", simulator=producer)
        try:
            to_frame(source, line, arguments.parts, arguments.pause)
        finally:
            source.close()
        options = StationOptions("sim", Path(folder), runtime=arguments.runtime)
        package = open_model(options)
        decisions = Decisions()
        station = Station(
            open_source=lambda: open_source("sim", simulator=producer),
            load_detector=lambda: load_detector(package, options),
            products=product_list(package),
            product=arguments.product,
            model=package.identity,
            sinks=[decisions.take],
        )
        try:
            station.start()
            times = measure(station, line, decisions, arguments)
            print(f"model on {station.runtime}, {len(times['software'])} parts of each mode")
        finally:
            station.close()
    base = np.percentile(times["free running"], (50, 99))
    for name, latencies in times.items():
        ratios = np.percentile(latencies, (50, 99)) / base
        print(
            f"{name:12} -> decision             {spread(latencies)}, "
            f"{ratios[0]:.2f} and {ratios[1]:.2f} times free running"
        )
    print(f"decisions that were errors: {decisions.errors}")


def measure(
    station: Station, line: SimulatedCamera, decisions: Decisions, arguments: argparse.Namespace
) -> dict[str, list[float]]:
    """Latencies to the decision in milliseconds, by mode."""
    free = TriggerSettings()
    software = TriggerSettings(TriggerMode.SOFTWARE)
    times: dict[str, list[float]] = {"free running": [], "software": [], "hardware": []}
    parts = arguments.parts
    for _ in range(arguments.rounds):
        settled(station, free, decisions)
        times["free running"] += [decisions.next_ms() for _ in range(parts)]
        settled(station, software, decisions)
        for _ in range(parts):
            time.sleep(arguments.pause)
            station.trigger()
            times["software"].append(decisions.next_ms())
        settled(station, LINE, decisions)
        for _ in range(parts):
            time.sleep(arguments.pause)
            line.pulse(line.serials[0], 1)
            times["hardware"].append(decisions.next_ms())
    return times


if __name__ == "__main__":
    main()
