"""What every source of frames can do, whatever is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

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
    HARDWARE = "hardware"


@dataclass(frozen=True, slots=True)
class TriggerSettings:
    """What starts exposures (SFNC AcquisitionControl); the mode says which of it applies.

    Attributes:
        mode: free running, software or hardware trigger.
        source: TriggerSource, a line of the camera such as ``Line1``; hardware trigger only.
            Empty: the line that the camera is set to, else its first one.
        activation: TriggerActivation such as ``RisingEdge``; hardware trigger only. Empty: as the
            camera is set.
        delay_us: TriggerDelay in microseconds; None: as the camera is set.
        burst: frames for each trigger, each a part of its own (AcquisitionBurstFrameCount with
            TriggerSelector FrameBurstStart where it is more than one).

    Raises:
        CameraError: `burst` is below 1 or `delay_us` below 0.
    """

    mode: TriggerMode = TriggerMode.FREE_RUNNING
    source: str = ""
    activation: str = ""
    delay_us: float | None = None
    burst: int = 1

    def __post_init__(self) -> None:
        """Refuses what no camera can do."""
        if self.burst < 1:
            raise CameraError(f"A trigger gives at least one frame, not {self.burst}.")
        if self.delay_us is not None and not self.delay_us >= 0:
            raise CameraError(f"A trigger cannot be delayed by {self.delay_us:g} us.")

    @property
    def triggered(self) -> bool:
        """Whether every frame belongs to a trigger, so that each is a part to decide on."""
        return self.mode is not TriggerMode.FREE_RUNNING


def trigger_settings(trigger: TriggerMode | TriggerSettings) -> TriggerSettings:
    """A mode alone stands for itself with everything else as the camera is set."""
    return trigger if isinstance(trigger, TriggerSettings) else TriggerSettings(trigger)


def software_only(trigger: TriggerMode | TriggerSettings, source: str) -> TriggerMode:
    """The mode, for sources that have neither lines nor bursts.

    Args:
        trigger: what `FrameSource.start` was asked for.
        source: the source, as a sentence begins: ``The folder /parts``.

    Raises:
        CameraError: for a hardware trigger or a burst.
    """
    settings = trigger_settings(trigger)
    if settings.mode is TriggerMode.HARDWARE:
        raise CameraError(
            f"{source} has no lines and takes no hardware trigger; use the software trigger or let "
            "it run free."
        )
    if settings.triggered and settings.burst > 1:
        raise CameraError(f"{source} takes no burst; each trigger gives one image.")
    return settings.mode


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
        trigger_sources: what may start an exposure by hardware (entries of TriggerSource), lines
            first; empty where there is no hardware trigger.
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
    trigger_sources: tuple[str, ...] = ()


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

    def start(self, trigger: TriggerMode | TriggerSettings) -> None:
        """Starts acquisition.

        Raises:
            CameraError: there is no such trigger; the message names what there is.
            CameraLostError: the camera is gone.
        """
        ...

    def next_frame(self, timeout_s: float) -> Frame | None:
        """The next frame, or None after `timeout_s` seconds without one.

        Free running: the newest frame that has arrived; older ones are counted as passed over.
        Software and hardware trigger: every frame, oldest first.

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


@runtime_checkable
class TellsSilence(Protocol):
    """A source that knows how long what is beneath it has given no sign of life."""

    def seconds_silent(self) -> float:
        """Seconds since the driver returned from a call or was found waiting; any thread."""
        ...


class EndOfFrames(Exception):  # noqa: N818 - it is an end, not an error
    """A finite source (a folder that is not looped) has no further frame."""
