"""The frame: one picture and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

_CLOCK_ERROR_NS = 2_000_000
_LONGEST_WAY_NS = 10_000_000_000


class SourceKind(StrEnum):
    """Whether a frame shows the real line; printed wherever a frame is shown or kept."""

    LIVE = "LIVE"
    SIMULATED = "SIMULATED"
    FILE = "FILE"


@dataclass(frozen=True, slots=True)
class Chunks:
    """What the camera itself says of a frame (SFNC ChunkDataControl); None: it does not say.

    Attributes:
        timestamp_ns: ChunkTimestamp, in ticks of the camera, ns with all but old ones.
        frame_id: ChunkFrameID, which does not wrap as block ids do.
        exposure_us: ChunkExposureTime in µs.
        gain: ChunkGain, as a rule in dB.
        line_status: ChunkLineStatusAll, one bit per line.
    """

    timestamp_ns: int | None = None
    frame_id: int | None = None
    exposure_us: float | None = None
    gain: float | None = None
    line_status: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture with its identity.

    Attributes:
        image: (H, W) or (H, W, 3) uint8, RGB order; an owned copy that nobody writes to again.
        id: block id of the camera (GenTL BUFFER_INFO_FRAMEID), or the running number of a file.
        timestamp_ns: clock of the camera in ns, as the camera gives it; 0 where there is none.
        received_ns: monotonic clock of this machine (``time.monotonic_ns``) at reception.
        source: serial number of the camera, or the path of the file.
        kind: live, simulated or file.
        pixel_format: PFNC name as the camera sent it, for example ``Mono8``; files: ``RGB8``
            or ``Mono8``.
        chunks: what the camera says of it; None where it sends no chunk data.
        stamped_ns: `timestamp_ns` on the clock of `received_ns`; 0 where the camera does not tell
            what its clock shows.
        lost_before: frames between the former one of this acquisition and this one that never
            came, or came damaged.
    """

    image: NDArray[np.uint8]
    id: int
    timestamp_ns: int
    received_ns: int
    source: str
    kind: SourceKind
    pixel_format: str
    chunks: Chunks | None = None
    stamped_ns: int = 0
    lost_before: int = 0


def on_host_clock(timestamp_ns: int, offset_ns: int, received_ns: int) -> int:
    """A time of the camera's clock on this machine's monotonic clock.

    Args:
        timestamp_ns: of the frame, on the camera's clock.
        offset_ns: this machine's clock minus the camera's.
        received_ns: when the frame arrived, on this machine's clock.

    Returns:
        Nanoseconds, or 0 where that cannot be: after the reception, or more than ten seconds
        before it, as when the frame's clock is not the one that was read.
    """
    stamped = timestamp_ns + offset_ns
    if received_ns < stamped <= received_ns + _CLOCK_ERROR_NS:
        return received_ns
    return stamped if received_ns - _LONGEST_WAY_NS <= stamped <= received_ns else 0
