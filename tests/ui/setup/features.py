"""Cameras with features of every kind, without a camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from uniad_desktop.cameras.feature_set import (
    ApplyReport,
    EntryProblem,
    FeatureEntry,
    FeatureSet,
)
from uniad_desktop.cameras.feature_tree import (
    EnumEntry,
    Feature,
    FeatureAccess,
    FeatureKind,
    FeatureValue,
    Representation,
    Visibility,
)
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.ui.setup.taught import as_written, typed

K, V, A, R = FeatureKind, Visibility, FeatureAccess, Representation


def feature(
    name: str,
    kind: FeatureKind,
    value: FeatureValue | None,
    category: str = "Acquisition Control",
    **more: object,
) -> Feature:
    words = "".join(f" {one.lower()}" if one.isupper() else one for one in name).strip()
    arguments: dict[str, object] = {
        "display_name": words[:1].upper() + words[1:],
        "category": (category,),
        "visibility": V.BEGINNER,
        "access": A.READ_WRITE,
        "tooltip": f"What {name} does.",
        "description": f"{name} is described here in a sentence that needs some room.",
    }
    return Feature(name=name, kind=kind, value=value, **(arguments | more))  # type: ignore[arg-type]


def entries(*names: str) -> tuple[EnumEntry, ...]:
    return tuple(EnumEntry(one, one, f"About {one}.") for one in names)


def usual(locked: bool = False) -> list[Feature]:
    """One of every kind, and what the favourites name."""
    held: dict[str, object] = {"access": A.READ_ONLY, "locked": True} if locked else {}
    image = "Image Format Control"
    return [
        feature(
            "DeviceVendorName",
            K.STRING,
            "UniAD (simulated)",
            "Device Control",
            access=A.READ_ONLY,
            length=64,
        ),
        feature("DeviceUserID", K.STRING, "line 3", "Device Control", length=16),
        feature(
            "DeviceTemperature",
            K.FLOAT,
            41.5,
            "Device Control",
            access=A.READ_ONLY,
            unit="C",
            visibility=V.EXPERT,
        ),
        feature(
            "Width",
            K.INTEGER,
            960,
            image,
            minimum=16,
            maximum=960,
            increment=4,
            unit="px",
            streamable=True,
            **held,
        ),
        feature(
            "Height",
            K.INTEGER,
            720,
            image,
            minimum=16,
            maximum=720,
            increment=4,
            unit="px",
            streamable=True,
            **held,
        ),
        feature(
            "PixelFormat",
            K.ENUMERATION,
            "Mono12p",
            image,
            entries=entries("Mono8", "Mono12p", "BayerRG8"),
            streamable=True,
            **held,
        ),
        feature("ReverseX", K.BOOLEAN, False, image),
        feature(
            "ExposureTime",
            K.FLOAT,
            1250.0,
            minimum=10.0,
            maximum=1_000_000.0,
            unit="us",
            representation=R.LOGARITHMIC,
            streamable=True,
        ),
        feature("ExposureAuto", K.ENUMERATION, "Off", entries=entries("Off", "Once", "Continuous")),
        feature("AcquisitionFrameRate", K.FLOAT, 20.0, minimum=0.1, maximum=200.0, unit="Hz"),
        feature("TriggerMode", K.ENUMERATION, "Off", entries=entries("Off", "On")),
        feature(
            "TriggerSource", K.ENUMERATION, "Line1", entries=entries("Software", "Line0", "Line1")
        ),
        feature("TriggerSoftware", K.COMMAND, None, access=A.WRITE_ONLY),
        feature(
            "Gain",
            K.FLOAT,
            3.0,
            "Analog Control",
            minimum=-12.0,
            maximum=24.0,
            increment=0.1,
            unit="dB",
            streamable=True,
        ),
        feature(
            "GevCurrentIPAddress",
            K.INTEGER,
            0xC0A80304,
            "Transport Layer Control",
            minimum=0,
            maximum=0xFFFFFFFF,
            increment=1,
            representation=R.IPV4_ADDRESS,
            visibility=V.EXPERT,
        ),
        feature(
            "GevMACAddress",
            K.INTEGER,
            0x0030531A2B3C,
            "Transport Layer Control",
            access=A.READ_ONLY,
            representation=R.MAC_ADDRESS,
            visibility=V.GURU,
        ),
        feature(
            "DeviceRegistersMask",
            K.INTEGER,
            0x1F,
            "Device Control",
            minimum=0,
            maximum=0xFFFF,
            increment=1,
            representation=R.HEX_NUMBER,
            visibility=V.GURU,
        ),
        feature("LUTValueAll", K.REGISTER, "00FF10", "LUT Control", length=3, visibility=V.GURU),
        feature("Gamma", K.FLOAT, None, "Analog Control", access=A.NOT_AVAILABLE),
    ]


def many(count: int = 200) -> list[Feature]:
    """As a large camera has them."""
    found = usual()
    for number in range(count - len(found)):
        kind = (K.INTEGER, K.FLOAT, K.BOOLEAN, K.ENUMERATION, K.STRING)[number % 5]
        value: FeatureValue = (number, number / 7, number % 2 == 0, "On", f"text {number}")[
            number % 5
        ]
        found.append(
            feature(
                f"VendorFeature{number:03d}",
                kind,
                value,
                f"Vendor Control {number // 25}",
                visibility=Visibility(number % 3),
                minimum=0 if number % 5 < 2 else None,
                maximum=5000 if number % 5 < 2 else None,
                increment=1 if number % 5 == 0 else None,
                entries=entries("Off", "On") if number % 5 == 3 else (),
            )
        )
    return found


class FakeCamera:
    """Keeps `HasFeatures`; a test says how long it takes and what it refuses."""

    def __init__(self, features: Sequence[Feature] | None = None) -> None:
        self.known = {one.name: one for one in (features if features is not None else usual())}
        self.written: list[tuple[str, FeatureValue]] = []
        self.refreshed: list[tuple[str, ...]] = []
        self.read_all = 0
        self.refuses: dict[str, str] = {}
        self.fails: CameraError | None = None
        self.go = threading.Event()
        """While it is cleared every node takes its time, five seconds at most."""
        self.go.set()

    def put(self, name: str, **changes: object) -> None:
        self.known[name] = replace(self.known[name], **changes)  # type: ignore[arg-type]

    def features(self) -> tuple[Feature, ...]:
        self._wait()
        self.read_all += 1
        return tuple(self.known.values())

    def refresh(self, names: Sequence[str]) -> tuple[Feature, ...]:
        self._wait()
        self.refreshed.append(tuple(names))
        return tuple(self.known[one] for one in names if one in self.known)

    def write_feature(self, name: str, value: FeatureValue) -> None:
        self._wait()
        if name in self.refuses:
            raise CameraError(self.refuses[name])
        self.written.append((name, value))
        if self.known[name].kind is not FeatureKind.COMMAND:
            self.put(name, value=value)

    @property
    def set_in_force(self) -> FeatureSet | None:
        return None

    def read_set(self) -> FeatureSet:
        self._wait()
        return FeatureSet(
            tuple(
                FeatureEntry(one.name, as_written(one.value))
                for one in self.known.values()
                if one.streamable and one.value is not None
            ),
            "UniAD (simulated)",
            "SimCam",
            "SIM0001",
        )

    def apply_set(self, wanted: FeatureSet) -> ApplyReport:
        self._wait()
        problems, written = [], 0
        for entry in wanted.entries:
            one = self.known.get(entry.name)
            if one is None or entry.name in self.refuses:
                told = self.refuses.get(entry.name, f"The camera has no feature {entry.name}.")
                problems.append(EntryProblem(entry, None, told))
            elif as_written(one.value) != entry.value:  # type: ignore[arg-type]
                self.put(entry.name, value=typed(one, entry.value))
                written += 1
        unchanged = len(wanted.entries) - written - len(problems)
        return ApplyReport(written, unchanged, tuple(problems))

    def _wait(self) -> None:
        self.go.wait(5.0)
        if self.fails is not None:
            raise self.fails


def wait_for(condition, seconds: float = 5.0) -> None:
    """Fails after `seconds` without the condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
