"""What a camera's features are, as its own description tells (GenICam GenApi), without its library.

The camera process makes these from the node map; whoever shows or stores features reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol, TypeAlias, runtime_checkable

FeatureValue: TypeAlias = str | int | float | bool


class FeatureKind(StrEnum):
    """Interface type of a node (GenApi EInterfaceType)."""

    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    ENUMERATION = "enumeration"
    STRING = "string"
    COMMAND = "command"
    REGISTER = "register"


class Visibility(IntEnum):
    """For whom a feature is meant (GenApi EVisibility); invisible ones are left out."""

    BEGINNER = 0
    EXPERT = 1
    GURU = 2


class FeatureAccess(StrEnum):
    """What can be done with a feature now (GenApi EAccessMode)."""

    READ_WRITE = "read and write"
    READ_ONLY = "read only"
    WRITE_ONLY = "write only"
    NOT_AVAILABLE = "not available"


class Representation(StrEnum):
    """How a number is meant to be shown (GenApi ERepresentation)."""

    LINEAR = "linear"
    LOGARITHMIC = "logarithmic"
    BOOLEAN = "boolean"
    PURE_NUMBER = "pure number"
    HEX_NUMBER = "hex number"
    IPV4_ADDRESS = "IPv4 address"
    MAC_ADDRESS = "MAC address"


@dataclass(frozen=True, slots=True)
class EnumEntry:
    """One value of an enumeration that the camera offers now.

    Attributes:
        name: symbolic name, which is what is read and written.
        display_name: what a person calls it.
        tooltip: a line of explanation; empty where the camera has none.
    """

    name: str
    display_name: str
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature with its value and what may be done with it, at one moment.

    Attributes:
        name: SFNC name.
        display_name: what the camera calls it for people.
        category: display names of the categories above it, outermost first, without Root.
        kind: interface type.
        visibility: for whom it is meant.
        access: what can be done with it now.
        locked: it could be written if the camera did not acquire.
        value: None where it has none or cannot be read; of a register its bytes in hexadecimal.
        tooltip: the camera's own line of explanation.
        description: the camera's own longer explanation.
        unit: the camera's, such as ``us``.
        minimum: smallest value of a number, None for others.
        maximum: largest value of a number, None for others.
        increment: step of a number from its minimum on, None where any value is accepted.
        representation: how a number is meant to be shown.
        precision: digits after the point of a float.
        entries: of an enumeration, those that are offered now.
        length: bytes of a register, longest text of a string; 0 for others.
        selected_by: names of the features that say of which of several the value is, outermost
            first.
        streamable: it belongs into a stored feature set (GenApi Streamable).
        trouble: a sentence where it could not be read, else empty.
    """

    name: str
    display_name: str
    category: tuple[str, ...]
    kind: FeatureKind
    visibility: Visibility
    access: FeatureAccess
    locked: bool = False
    value: FeatureValue | None = None
    tooltip: str = ""
    description: str = ""
    unit: str = ""
    minimum: int | float | None = None
    maximum: int | float | None = None
    increment: int | float | None = None
    representation: Representation = Representation.LINEAR
    precision: int = 6
    entries: tuple[EnumEntry, ...] = ()
    length: int = 0
    selected_by: tuple[str, ...] = ()
    streamable: bool = False
    trouble: str = ""

    @property
    def writable(self) -> bool:
        """Whether it can be written or executed right now."""
        return self.access in (FeatureAccess.READ_WRITE, FeatureAccess.WRITE_ONLY)


@runtime_checkable
class HasFeatures(Protocol):
    """A source whose features can be looked at and changed; every call may take seconds.

    Any thread may call; none of these stops the flow of frames for longer than the camera itself
    takes to answer. All raise CameraError (its kinds included) with a sentence for the user.
    """

    def features(self) -> tuple[Feature, ...]:
        """Every visible feature, in the order of the camera's description."""
        ...

    def refresh(self, names: Sequence[str]) -> tuple[Feature, ...]:
        """Some features as they are now; names that the camera does not have are left out."""
        ...

    def write_feature(self, name: str, value: FeatureValue) -> None:
        """Sets a feature; a command is executed by writing True, a register takes hexadecimal.

        Raises:
            CameraError: naming the range, step or entries that the camera accepts.
        """
        ...
