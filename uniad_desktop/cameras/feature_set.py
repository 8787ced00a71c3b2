"""Settings of a camera to keep, to pass on and to compare: feature sets, without GenICam itself.

Files are those of the GenApi reference implementation (``CFeatureBag``), which the viewers of
camera makers write, too, such as the ``.pfs`` of pylon: tab-separated lines of a feature's name,
where selectors say of which of several it is ``{Selector=Entry}``, and its value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeAlias, runtime_checkable

from uniad_desktop.cameras.source import CameraError
from uniad_desktop.files import write_keeping_former

MAGIC: Final = "{05D8C294-F295-4dfb-9D01-096BD04049F4}"
_BAGGER: Final = "{4709CB3C-7322-4460-84C3-DA11DDA09939}"
_FORMAT: Final = "GenApi persistence file (version 3.5.0)"
_MOST_BYTES: Final = 8 << 20
ALIKE: Final = 0.01
"""Floats closer than this share are the same setting: cameras round what is written."""
WRITTEN_ALIKE: Final = 1e-5
"""The same of two files: viewers write six digits."""

Selectors: TypeAlias = tuple[tuple[str, str], ...]

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_SIMULATED: Final = re.compile(r"Sim[A-Z]")
# Who the device is, each in a comment line of its own.
_DEVICE: Final = {
    "DeviceVendorName": "vendor",
    "DeviceModelName": "model",
    "DeviceSerialNumber": "serial",
    "DeviceFirmwareVersion": "firmware",
}


class FeatureSetError(CameraError):
    """A file of a feature set cannot be read or written; the message names file and line."""


@dataclass(frozen=True, slots=True)
class FeatureEntry:
    """One value of a set.

    Attributes:
        name: SFNC name.
        value: as text, the way GenApi writes it; truth is ``1`` or ``0``, registers hexadecimal.
        selectors: name and value of the features that say of which of several it is, outermost
            first.
    """

    name: str
    value: str
    selectors: Selectors = ()

    @property
    def title(self) -> str:
        """Name and selectors as a person reads them."""
        return titled(self.name, self.selectors)


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Values of a camera's features in the order in which they are to be written.

    Attributes:
        entries: the values.
        vendor: DeviceVendorName of the camera that it was made from; empty: not known.
        model: DeviceModelName, likewise.
        serial: DeviceSerialNumber, likewise.
        firmware: DeviceFirmwareVersion, likewise.
        left_out: sentences on what could not be read when it was made; not in the file.
    """

    entries: tuple[FeatureEntry, ...] = ()
    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    left_out: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class SetDifference:
    """A value that two sets do not have in common; None: that set has no such value."""

    name: str
    selectors: Selectors
    first: str | None
    second: str | None

    def sentence(self, first: str = "the first set", second: str = "the second set") -> str:
        """For the user, with what the two are called."""
        title = titled(self.name, self.selectors)
        if self.first is None:
            return f"{title} is only in {second}: {self.second}."
        if self.second is None:
            return f"{title} is only in {first}: {self.first}."
        return f"{title} is {self.first} in {first} and {self.second} in {second}."


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """A value that the camera did not take.

    Attributes:
        entry: what was wanted.
        found: what the camera has now; None where it does not tell.
        sentence: why, for the user.
    """

    entry: FeatureEntry
    found: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of a set that was applied, each value read back.

    Attributes:
        written: values that were changed.
        unchanged: values that the camera had already.
        problems: values that it does not have now.
    """

    written: int
    unchanged: int
    problems: tuple[EntryProblem, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the camera has every value of the set."""
        return not self.problems

    def sentence(self, most: int = 4) -> str:
        """Which values it does not have, at most so many by name; empty where there are none."""
        if not self.problems:
            return ""
        shown = " ".join(one.sentence for one in self.problems[:most])
        more = len(self.problems) - most
        return f"{shown} ({more} more.)" if more > 0 else shown


@runtime_checkable
class HasFeatureSets(Protocol):
    """A source whose settings can be kept as a set; every call may take seconds."""

    @property
    def set_in_force(self) -> FeatureSet | None:
        """The set that was applied completely, None once something of it was written otherwise."""
        ...

    def read_set(self) -> FeatureSet:
        """The camera's settings now. Raises CameraError, also while it acquires."""
        ...

    def apply_set(self, wanted: FeatureSet) -> ApplyReport:
        """Writes a set and reads it back. Raises CameraError, also while the camera acquires."""
        ...


def is_of_simulated_line(name: str) -> bool:
    """Whether a feature is of the simulated line (``SimProduct``), which is no camera's setting."""
    return _SIMULATED.match(name) is not None


def titled(name: str, selectors: Selectors) -> str:
    """``Gain (GainSelector = Red)``; the plain name where nothing selects it."""
    if not selectors:
        return name
    return f"{name} ({', '.join(f'{one} = {value}' for one, value in selectors)})"


def save(path: Path, wanted: FeatureSet) -> None:
    """Writes a set durably; a former file of that name stays as ``NAME.previous.EXT``.

    Raises:
        FeatureSetError: a value cannot stand in such a file, or the disk refuses; what was there
            is still there.
    """
    data = text_of(wanted).encode()
    try:
        write_keeping_former(path, data)
    except OSError as error:
        raise FeatureSetError(
            f"{path} could not be written: {error.strerror or error}; free space, check the access "
            "rights or choose another folder."
        ) from error


def load(path: Path) -> FeatureSet:
    """Reads a set that this program or a viewer of a camera maker has written.

    Raises:
        FeatureSetError: the file cannot be read or is no such file; it names the line.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise FeatureSetError(
            f"{path} cannot be read: {error.strerror or error}; check its name and the access "
            "rights."
        ) from error
    if len(data) > _MOST_BYTES:
        raise FeatureSetError(
            f"{path} is larger than {_MOST_BYTES >> 20} MB, so it is no feature set; choose "
            "another file."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # what viewers write on Windows
    return parse(text, str(path))


def text_of(wanted: FeatureSet) -> str:
    """The contents of the file. Raises FeatureSetError for a value with a tab or line break."""
    lines = [f"# {MAGIC}", f"# {_FORMAT}"]
    if wanted.vendor or wanted.model:
        lines.append(f"# Device = {_plain(wanted.vendor)}::{_plain(wanted.model)}")
    for name, attribute in _DEVICE.items():
        if getattr(wanted, attribute):
            lines.append(f"# {name} = {_plain(getattr(wanted, attribute))}")
    for entry in wanted.entries:
        chosen = ", ".join(f"{name}={value}" for name, value in entry.selectors)
        fields = [entry.name, *([f"{{{chosen}}}"] if chosen else []), entry.value]
        if any(mark in one for one in fields for mark in "\t\r\n"):
            raise FeatureSetError(
                f"The value of {entry.title} has a tab or a line break, which a feature set cannot "
                "hold; change it first."
            )
        lines.append("\t".join(fields))
    return "\n".join(lines) + "\n"


def parse(text: str, name: str) -> FeatureSet:
    """Reads the contents of a file called `name`. Raises FeatureSetError naming file and line."""
    lines = text.splitlines()
    first = lines[0] if lines else ""
    if _BAGGER in first:
        raise FeatureSetError(
            f"{name}, line 1: this file holds several sets (user or sequencer sets); save the "
            "camera's present settings alone in the viewer."
        )
    if MAGIC.lower() not in first.lower():
        raise FeatureSetError(
            f"{name}, line 1: this is no feature set; it should begin with # {MAGIC}, as the files "
            "that viewers of camera makers save."
        )
    device = dict.fromkeys(_DEVICE.values(), "")
    entries: list[FeatureEntry] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            what, equals, value = line[1:].partition("=")
            if equals and what.strip() in _DEVICE:
                device[_DEVICE[what.strip()]] = value.strip()
        elif line.strip():
            entries.append(_entry(line, f"{name}, line {number}"))
    return FeatureSet(
        tuple(entries), device["vendor"], device["model"], device["serial"], device["firmware"]
    )


def _entry(line: str, place: str) -> FeatureEntry:
    feature, tab, rest = line.partition("\t")
    if not tab or not _NAME.fullmatch(feature.strip()):
        raise FeatureSetError(
            f"{place}: '{line[:60]}' is not the name of a feature, a tab and a value; correct it "
            "or save the file again."
        )
    chosen: Selectors = ()
    if rest.startswith("{") and "}\t" in rest:
        inside, _, rest = rest[1:].partition("}\t")
        pairs = [one.partition("=") for one in inside.split(",")]
        if not all(equals and _NAME.fullmatch(one.strip()) for one, equals, _ in pairs):
            raise FeatureSetError(
                f"{place}: {{{inside}}} is not a list of selectors like {{GainSelector=All}}; "
                "correct it or save the file again."
            )
        chosen = tuple((one.strip(), value.strip()) for one, _, value in pairs)
    return FeatureEntry(feature.strip(), rest.rstrip("\r"), chosen)


def compare(first: FeatureSet, second: FeatureSet) -> tuple[SetDifference, ...]:
    """What differs, in the order of the first set and then of what only the second has."""
    one, other = dict(_keyed(first.entries)), dict(_keyed(second.entries))
    found = []
    for key in (*one, *(key for key in other if key not in one)):
        here, there = one.get(key), other.get(key)
        if here is None or there is None or not alike(here, there, WRITTEN_ALIKE):
            found.append(SetDifference(key[0], key[1], here, there))
    return tuple(found)


def _keyed(entries: Iterable[FeatureEntry]) -> Iterator[tuple[tuple[str, Selectors, int], str]]:
    """A name may come again, in older files after another value of its selector."""
    seen: dict[tuple[str, Selectors], int] = {}
    for entry in entries:
        number = seen[entry.name, entry.selectors] = seen.get((entry.name, entry.selectors), 0) + 1
        yield (entry.name, entry.selectors, number), entry.value


def alike(wanted: str, found: str, share: float) -> bool:
    """Whether two texts of a value mean the same; numbers with a point may differ by `share`."""
    if wanted.strip() == found.strip():
        return True
    one, other = _number(wanted), _number(found)
    if one is None or other is None:
        return _truth(wanted) is not None and _truth(wanted) == _truth(found)
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    return math.isclose(one, other, rel_tol=share, abs_tol=1e-9)


def _number(text: str) -> int | float | None:
    for kind in (lambda value: int(value, 0), float):
        try:
            number: int | float = kind(text.strip())
        except ValueError:
            continue
        return number if math.isfinite(number) else None
    return None


def _truth(text: str) -> bool | None:
    return {"1": True, "true": True, "0": False, "false": False}.get(text.strip().lower())


def _plain(text: str) -> str:
    return " ".join(text.split())
