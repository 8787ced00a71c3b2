"""What a camera process and its parent say to each other (pickled over pipes)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from uniad_desktop.cameras.feature_set import ApplyReport, FeatureEntry
from uniad_desktop.cameras.feature_tree import Feature
from uniad_desktop.cameras.frame import Chunks
from uniad_desktop.cameras.recordings.ring import RecordingOptions


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Which device to open.

    Attributes:
        producer: path of the ``.cti`` file.
        serial: DeviceSerialNumber; empty when the device has none or any will do.
        device_id: GenTL device id, used where `serial` is empty; empty means the first device.
        recording: how many raw frames are kept in memory.
    """

    producer: str
    serial: str = ""
    device_id: str = ""
    recording: RecordingOptions = field(default_factory=RecordingOptions)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Size and format of the frames that the camera is set to send."""

    width: int
    height: int
    pixel_format: str


@dataclass(frozen=True, slots=True)
class Written:
    """A feature was written.

    Attributes:
        geometry: what the camera is now set to send.
        lasting: whether the camera keeps the value, unlike a command that was executed.
        settings: what makes a picture what it is, and the feature itself.
        entry: what the camera made of it, with the selectors in force; None where it keeps nothing.
    """

    geometry: Geometry
    lasting: bool
    settings: dict[str, str | int | float | bool]
    entry: FeatureEntry | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """Some features as they are now.

    Attributes:
        handled: how many of the names that were asked for, from the first on; at least one.
        features: those of them that the camera has.
    """

    handled: int
    features: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """Values were written and read back; `geometry` and `settings` as in `Written`."""

    geometry: Geometry
    settings: dict[str, str | int | float | bool]
    report: ApplyReport


@dataclass(frozen=True, slots=True)
class DeviceDetails:
    """The device that was opened; texts are empty where the device has none.

    `trigger_sources` are those of the hardware, see `SourceInfo`.
    """

    vendor: str
    model: str
    serial: str
    device_id: str
    user_id: str
    geometry: Geometry
    features: frozenset[str]
    trigger_sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamLayout:
    """The ring of a stream that has started.

    Attributes:
        slots: number of slots.
        slot_bytes: bytes of each.
        generation: running number of the stream.
        geometry: what the frames look like.
        settings: what makes them so.
    """

    slots: int
    slot_bytes: int
    generation: int
    geometry: Geometry
    settings: dict[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class FrameNotice:
    """A frame lies in slot `slot`, rows without padding, until the parent takes the next one.

    Attributes:
        slot: index in the ring.
        width: pixels per row.
        height: rows.
        format_code: PFNC 32-bit value.
        frame_id: BUFFER_INFO_FRAMEID.
        timestamp_ns: camera clock in ns, 0 where the device has none.
        received_ns: ``time.monotonic_ns`` (same clock in every process) at reception.
        chunks: what the camera sent with it.
        lost_before: frames since the former one that never arrived, or arrived damaged.
    """

    slot: int
    width: int
    height: int
    format_code: int
    frame_id: int
    timestamp_ns: int
    received_ns: int
    chunks: Chunks | None = None
    lost_before: int = 0


class FailureKind(Enum):
    """Which exception the parent raises for a failure."""

    ERROR = "error"
    NOT_FOUND = "not-found"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed; `message` is a sentence for the user."""

    kind: FailureKind
    message: str


class Command(StrEnum):
    """Requests on the control pipe; each is answered by exactly one message."""

    OPEN = "open"
    START = "start"
    STOP = "stop"
    TRIGGER = "trigger"
    READ = "read"
    WRITE = "write"
    SAVE_RECORDING = "save-recording"
    RECORDING_STATE = "recording-state"
    FEATURES = "features"
    REFRESH = "refresh"
    READ_SET = "read-set"
    APPLY = "apply"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Request:
    """A command with its arguments."""

    command: Command
    arguments: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Subnet:
    """An address with its mask, IPv4 as 32-bit numbers; 0 where it is not known."""

    address: int
    mask: int


@dataclass(frozen=True, slots=True)
class ScannedDevice:
    """A device that a producer lists.

    Attributes:
        vendor: DeviceVendorName; the texts are empty where the device has none.
        model: DeviceModelName.
        serial: DeviceSerialNumber.
        device_id: GenTL device id.
        user_id: DeviceUserID.
        access: GenTL DEVICE_ACCESS_STATUS.
        tl_type: technology, such as GEV, U3V, CXP (GenTL INTERFACE_INFO_TLTYPE).
        interface: what the producer calls the interface (INTERFACE_INFO_DISPLAYNAME).
        address: GevDeviceIPAddress and GevDeviceSubnetMask, None where nobody tells.
        host: GevInterfaceSubnetIPAddress and GevInterfaceSubnetMask of every subnet.
    """

    vendor: str
    model: str
    serial: str
    device_id: str
    user_id: str
    access: int
    tl_type: str = ""
    interface: str = ""
    address: Subnet | None = None
    host: tuple[Subnet, ...] = ()


@dataclass(frozen=True, slots=True)
class ProducerDetails:
    """Who a producer is (GenTL TL_INFO); texts are empty where it does not tell."""

    vendor: str = ""
    model: str = ""
    version: str = ""
    gentl_version: str = ""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What one producer lists, and what went wrong while it was asked.

    Attributes:
        devices: its devices.
        problems: a sentence for each thing that went wrong.
        producer: who it is; None where it could not be loaded.
    """

    devices: tuple[ScannedDevice, ...] = ()
    problems: tuple[str, ...] = field(default=())
    producer: ProducerDetails | None = None
