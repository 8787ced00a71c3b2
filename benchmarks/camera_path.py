"""How fast frames come through the camera process, and how late they are.

    python benchmarks/camera_path.py [--camera sim] [--rate 50] [--seconds 5] [--triggers 100]

Reported are frames per second at the parent, the time from reception in the camera process to the
finished `Frame` in the parent (wake-up, conversion and copy), and the time from a software trigger
to its frame. The times include whatever else the machine does.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import time

import psutil

from uniad_desktop.cameras.open import CameraKind, open_source, parse_camera
from uniad_desktop.cameras.producers import SimulatorProducer
from uniad_desktop.cameras.source import CameraError, FrameSource, TriggerMode
from uniad_desktop.simulator.camera import SimulatedCamera


def spread(times_ns: list[int]) -> str:
    """Median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(times_ns)
    p99 = ordered[int(0.99 * (len(ordered) - 1))]
    values = (statistics.median(ordered), p99, ordered[-1])
    return "median {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms".format(*(v / 1e6 for v in values))


def free_running(source: FrameSource, seconds: float) -> None:
    """Takes frames as fast as they come."""
    before = source.counters()
    used = psutil.Process().cpu_times()
    source.start(TriggerMode.FREE_RUNNING)
    source.next_frame(10.0)
    late: list[int] = []
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        frame = source.next_frame(1.0)
        if frame is not None:
            late.append(time.monotonic_ns() - frame.received_ns)
    elapsed = time.monotonic() - begin
    source.stop()
    now, after = psutil.Process().cpu_times(), source.counters()
    cpu = (now.user + now.system - used.user - used.system) / elapsed
    print(f"free running: {len(late) / elapsed:.1f} frames/s, parent {100 * cpu:.0f} % of a core")
    print(f"  received -> Frame in the parent: {spread(late)}")
    print(
        f"  passed over {after.passed_over - before.passed_over}, "
        f"missed {after.missed - before.missed}, incomplete {after.incomplete - before.incomplete}"
    )


def triggered(source: FrameSource, count: int) -> None:
    """One trigger at a time."""
    try:
        source.start(TriggerMode.SOFTWARE)
    except CameraError as error:
        print(error)
        return
    times: list[int] = []
    for _ in range(count):
        begin = time.monotonic_ns()
        source.trigger()
        if source.next_frame(5.0) is None:
            print("a trigger got no frame within 5 s")
            break
        times.append(time.monotonic_ns() - begin)
    source.stop()
    if times:
        print(f"trigger -> Frame, {len(times)} times (exposure included): {spread(times)}")


def main() -> None:
    """Runs both modes on one camera."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--camera", default="sim")
    parser.add_argument("--rate", type=float, help="AcquisitionFrameRate in Hz, if it is to change")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--triggers", type=int, default=100)
    options = parser.parse_args()
    spec = parse_camera(options.camera)
    with contextlib.ExitStack() as stack:
        simulator = None
        if spec.kind is CameraKind.SIMULATED:
            line = stack.enter_context(SimulatedCamera(seed=1))
            simulator = SimulatorProducer(line.producer, line.environment)
        begin = time.monotonic()
        source = open_source(spec, simulator=simulator)
        stack.callback(source.close)
        info = source.info
        print(
            f"{info.vendor} {info.name}, {info.width} x {info.height} {info.pixel_format}, "
            f"{info.kind}; opened in {time.monotonic() - begin:.2f} s"
        )
        if options.rate is not None:
            source.write_feature("AcquisitionFrameRate", options.rate)
        free_running(source, options.seconds)
        triggered(source, options.triggers)


if __name__ == "__main__":
    main()
