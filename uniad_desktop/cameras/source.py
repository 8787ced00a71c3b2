"""What every source of frames can do, whatever is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from uniad_desktop.cameras.frame import Frame, SourceKind


class CameraError(Exception):
    """Something is wrong with a camera or source; the message is a sentence for the user."""


class CameraNotFoundError(CameraError):
    """No camera answers to what was asked for; the message names what there is."""


class CameraLostError(CameraError):
    """The camera was there and is gone: unplugged, its process died, or it hangs."""


class TriggerMode(StrEnum):
    """How exposures start (SFNC TriggerMode and TriggerSource)."""

    FREE_RUNNING = "free-running"
    SOFTWARE = "software"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Who delivers the frames.

    Attributes:
        name: what a person calls it, for example ``SimCam U5``.
        vendor: DeviceVendorName.
        serial: DeviceSerialNumber, or the path for files.
        kind: live, simulated or file.
        width: image width in pixels.
        height: image height in pixels.
        pixel_format: PFNC name.
        features: names of the features that can be read and written here.
        settings: values of those that make a picture what it is, by their SFNC names, and of who
            the device is, as of the last start or writing; empty for files.
    """

    name: str
    vendor: str
    serial: str
    kind: SourceKind
    width: int
    height: int
    pixel_format: str
    features: frozenset[str] = frozenset()
    settings: Mapping[str, str | int | float | bool] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class SourceCounters:
    """What happened on the way from the sensor to the station since opening.

    Attributes:
        acquired: complete frames that arrived at the host.
        passed_over: frames dropped because the station took a newer one (free running).
        incomplete: frames that arrived damaged and were dropped.
        missed: frame numbers that never arrived (gaps in the block id).
    """

    acquired: int = 0
    passed_over: int = 0
    incomplete: int = 0
    missed: int = 0


class FrameSource(Protocol):
    """A source of frames. One thread at a time uses it, except `trigger`, which any may call."""

    @property
    def info(self) -> SourceInfo:
        """Who delivers the frames; valid from construction on."""
        ...

    @property
    def trigger_mode(self) -> TriggerMode:
        """The mode in force."""
        ...

    def start(self, trigger_mode: TriggerMode) -> None:
        """Starts acquisition. Raises CameraError, CameraLostError."""
        ...

    def next_frame(self, timeout_s: float) -> Frame | None:
        """The next frame, or None after `timeout_s` seconds without one.

        Free running: the newest frame that has arrived; older ones are counted as passed over.
        Software trigger: every frame, oldest first.

        Raises:
            CameraLostError: the camera is gone.
            StopIteration: never; a finite source that is at its end raises `EndOfFrames`.
        """
        ...

    def trigger(self) -> None:
        """Fires one software trigger (SFNC TriggerSoftware). Raises CameraError."""
        ...

    def counters(self) -> SourceCounters:
        """Counts since opening; cheap, any thread."""
        ...

    def read_feature(self, name: str) -> str | int | float | bool:
        """Value of a feature by its SFNC name. Raises CameraError."""
        ...

    def write_feature(self, name: str, value: str | int | float | bool) -> None:
        """Sets a feature by its SFNC name. Raises CameraError naming the range or entries."""
        ...

    def stop(self) -> None:
        """Stops acquisition; bounded in time, never raises for a lost camera."""
        ...

    def reopen(self) -> None:
        """Opens the very same device again after a loss (by serial), with the features written.

        Afterwards it is stopped; call `start`. Raises CameraError while it cannot be opened.
        """
        ...

    def close(self) -> None:
        """Gives everything back; bounded in time; safe to call twice."""
        ...


class EndOfFrames(Exception):  # noqa: N818 - it is an end, not an error
    """A finite source (a folder that is not looped) has no further frame."""
