"""The Qt thread's longest block while the real station runs in its real window.

A precise 2 ms timer in the Qt thread measures how late it is called: what lies between two calls
beyond 2 ms is time in which the window could not react. Needs a display (xvfb-run will do).
``python benchmarks/qt_thread.py --minutes 5``
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer

from uniad_desktop.app import build_station, open_model
from uniad_desktop.station_options import StationOptions
from uniad_desktop.ui.application import create_application
from uniad_desktop.ui.main_window import run_window
from uniad_desktop.ui.settings import UiSettings

PROBE_MS = 2
SETTLE_S = 15.0


class Probe:
    """How late a timer of the Qt thread is called, in milliseconds."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.began = time.perf_counter()
        self._last = self.began
        self.timer = QTimer()
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(PROBE_MS)
        self.timer.timeout.connect(self._called)
        self.timer.start()

    def _called(self) -> None:
        now = time.perf_counter()
        # Start-up (imports, model, first layout) is measured elsewhere.
        if now - self.began > SETTLE_S:
            self.late.append((now - self._last) * 1000 - PROBE_MS)
        self._last = now


def main() -> int:
    """Runs the window and prints the distribution."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--frame-rate", type=float, default=10.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options = StationOptions(
            camera="sim", data_folder=Path(folder), frame_rate=arguments.frame_rate, seed=1
        )
        running = build_station(options, open_model(options))
        settings = UiSettings(language="en")
        create_application(sys.argv[:1], settings)
        probe = Probe()
        end = time.monotonic() + arguments.minutes * 60 + SETTLE_S
        try:
            running.station.start()
            run_window(running.station, settings, stop=lambda: time.monotonic() > end)
            probe.timer.stop()
            counters, latency = running.station.counters(), running.station.latency()
        finally:
            running.close()
    late = np.sort(np.asarray(probe.late))
    print(f"{arguments.minutes} minutes, {counters.inspected} parts, latency {latency}")
    print(
        f"late by: p50 {np.percentile(late, 50):.2f}, p99 {np.percentile(late, 99):.2f}, "
        f"p99.99 {np.percentile(late, 99.99):.2f}, longest {late[-5:].round(1).tolist()} ms; "
        f"{int((late > 16).sum())} of {late.size} calls late by more than 16 ms"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
