"""The whole station without a window, over time: rates, latency, memory, threads, processes.

``python benchmarks/station.py --minutes 30`` is the soak run: a line a minute, and at the end how
much memory, threads and open files grew between the first minute and the last.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil

from uniad_desktop.app import build_station, open_model
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.station import Station
from uniad_desktop.station_options import StationOptions


def main() -> int:
    """Runs the station and prints what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two lines")
    parser.add_argument("--frame-rate", type=float, default=100.0)
    parser.add_argument("--camera", default="sim")
    parser.add_argument("--product", default="")
    parser.add_argument("--trigger-rate", type=float, help="software triggers per second")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options = StationOptions(
            camera=arguments.camera,
            data_folder=Path(folder),
            product=arguments.product,
            frame_rate=arguments.frame_rate,
            seed=1,
            trigger_mode=(
                TriggerMode.SOFTWARE if arguments.trigger_rate else TriggerMode.FREE_RUNNING
            ),
        )
        running = build_station(options, open_model(options))
        try:
            watch(running.station, arguments)
        finally:
            running.close()
    return 0


def watch(station: Station, arguments: argparse.Namespace) -> None:
    """Prints a line per interval and the growth at the end."""
    station.start()
    began = time.monotonic()
    end = began + arguments.minutes * 60
    next_line = began + min(arguments.every, arguments.minutes * 60)
    first: tuple[float, int, int] | None = None
    last = (0.0, 0, 0)
    before = 0
    print("minute  inspected/s  acquired/s  passed over/s  p50 ms  p99 ms  MB  threads  files")
    while time.monotonic() < end:
        if arguments.trigger_rate:
            station.trigger()
            time.sleep(1 / arguments.trigger_rate)
        else:
            time.sleep(0.05)
        if time.monotonic() < next_line:
            continue
        next_line += arguments.every
        last = usage()
        first = first or last
        rates, latency, counters = station.rates(), station.latency(), station.counters()
        print(
            f"{(time.monotonic() - began) / 60:6.1f}  "
            f"{(counters.inspected - before) / arguments.every:11.1f}  {rates.acquired:10.1f}  "
            f"{rates.passed_over:13.1f}  {latency.p50 or 0:6.1f}  {latency.p99 or 0:6.1f}  "
            f"{last[0]:.0f}  {last[1]}  {last[2]}",
            flush=True,
        )
        before = counters.inspected
    counters = station.counters()
    print(f"decisions: {counters}")
    if first is not None:
        print(
            f"growth from the first line to the last: {last[0] - first[0]:+.1f} MB, "
            f"{last[1] - first[1]:+d} threads, {last[2] - first[2]:+d} files"
        )


def usage() -> tuple[float, int, int]:
    """Resident megabytes, threads and open files of this process and its children."""
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    memory = threads = files = 0
    for process in family:
        try:
            memory += process.memory_info().rss
            threads += process.num_threads()
            files += process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
        except psutil.NoSuchProcess:
            continue
    return memory / 1e6, threads, files


if __name__ == "__main__":
    sys.exit(main())
