"""Producers for the tests: viky.cti, which comes with the genicam package."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import FrameSource


@pytest.fixture(scope="session")
def viky() -> Path:
    """A producer of three simulated cameras with serial numbers 0, 1 and 2, without trigger."""
    spec = importlib.util.find_spec("genicam")
    if spec is None or spec.origin is None:
        pytest.skip("genicam is not installed here")
    return Path(spec.origin).parent / "viky.cti"


@pytest.fixture
def no_child_left() -> Iterator[None]:
    """Fails the test that leaves a process behind."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    left = [c for c in psutil.Process().children(recursive=True) if c.pid not in before]
    assert not left, f"processes left behind: {left}"


def first_frame(source: FrameSource, limit_s: float = 10.0) -> Frame:
    """The next frame, waited for with a limit."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        frame = source.next_frame(0.5)
        if frame is not None:
            return frame
    raise AssertionError(f"no frame within {limit_s} s")


def until(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    """Waits, with a limit, for something another process or thread does."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {limit_s} s"
        time.sleep(0.01)
