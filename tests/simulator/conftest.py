"""A simulated camera open in a process of its own, for the tests of what it can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.simulator.host import CameraHost
from uniad_desktop.simulator.camera import SimulatedCamera

SERIAL = "SIM0001"
FRAME_S = 20.0  # bounds the waits; a frame takes milliseconds on a machine that is not busy


@dataclass
class OpenCamera:
    """One camera; what `CameraHost` does with a serial number is done with this one."""

    host: CameraHost
    line: SimulatedCamera

    def __getattr__(self, method: str) -> Any:
        return lambda *arguments: self.host.call(method, SERIAL, *arguments)

    def write(self, **features: Any) -> None:
        for name, value in features.items():
            self.set(name, value)

    def frame(self) -> dict[str, Any]:
        """A buffer as it lies in memory; the camera runs only for it."""
        self.start()
        try:
            raw = self.fetch_raw(FRAME_S)
        finally:
            self.stop()
        assert raw is not None
        return raw

    def part(self, frame: dict[str, Any]) -> Any:
        """The part that a frame shows."""
        return next(s.part for s in self.line.shown(SERIAL) if s.time_ns == frame["time_ns"])


@pytest.fixture(scope="module")
def one_line() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(seed=11, frame_rate=60.0) as simulated:
        yield simulated


@pytest.fixture(scope="module")
def one_host(one_line: SimulatedCamera) -> Iterator[CameraHost]:
    host = CameraHost(str(one_line.producer), one_line.environment)
    yield host
    host.close()


@pytest.fixture
def camera(one_host: CameraHost, one_line: SimulatedCamera) -> Iterator[OpenCamera]:
    """Open, with the settings of the user set Default."""
    one_host.discover()
    one_host.open(SERIAL, 8)
    opened = OpenCamera(one_host, one_line)
    opened.write(UserSetSelector="Default")
    opened.execute("UserSetLoad")
    opened.write(AcquisitionFrameRate=60.0)
    yield opened
    opened.close_camera()
