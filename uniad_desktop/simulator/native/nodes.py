"""What one feature of the simulated camera is, and short ways to write one down.

Only the standard library is used here, because the table is read while a wheel is being built.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

TEXT_BYTES = 64
"""Length of every string register, with the final zero."""


class Kind(StrEnum):
    """Interface type of a feature (GenApi)."""

    STRING = "String"
    INTEGER = "Integer"
    FLOAT = "Float"
    ENUMERATION = "Enumeration"
    BOOLEAN = "Boolean"
    COMMAND = "Command"
    REGISTER = "Register"
    SWISS_KNIFE = "SwissKnife"
    CONVERTER = "Converter"


COMPUTED = (Kind.SWISS_KNIFE, Kind.CONVERTER)
"""Kinds that the host computes from other features; no register lies behind them."""


@dataclass(frozen=True)
class Feature:
    """One feature and its register.

    Attributes:
        name: SFNC name.
        kind: interface type.
        tip: one line for the tool tip of a viewer.
        default: value after power-up; a tuple where there is one for each entry of the selector.
        low: smallest value, or None for the range of the register.
        high: largest value, a number or the name of the feature that gives it.
        step: increment of an integer, a number or the name of the feature that gives it.
        unit: SFNC unit.
        writable: the host may write it.
        volatile: the camera changes it by itself, so a host must not cache it.
        locked: it cannot change while TLParamsLocked is set.
        entries: names and values of an enumeration.
        size: bytes of one value in the register.
        selector: enumeration that says of which value this is; there is one for each entry.
        banks: number of values, that of the selector's entries.
        lock: feature that makes this one read-only while it is not zero.
        available: feature without which this one is not there while it is zero.
        description: longer explanation; the tip again where there is none.
        display: name for people; made from the feature's name where there is none.
        visibility: Beginner, Expert or Guru.
        representation: how a number is meant to be shown (GenApi ERepresentation).
        streamable: it belongs into a stored feature set.
        variables: of a computed feature, the features that its formula names.
        formula: from the register to the value, for a computed feature.
        inverse: from the value to the feature behind a converter.
        behind: the feature behind a converter.
        chunk: id of the chunk that the value comes from, 0 for a register of the camera.
    """

    name: str
    kind: Kind
    tip: str
    default: float | tuple[float, ...] = 0
    low: float | None = None
    high: float | str | None = None
    step: int | str = 1
    unit: str = ""
    writable: bool = True
    volatile: bool = False
    locked: bool = False
    entries: tuple[tuple[str, int], ...] = ()
    size: int = 4
    selector: str = ""
    banks: int = 1
    lock: str = ""
    available: str = ""
    description: str = ""
    display: str = ""
    visibility: str = "Beginner"
    representation: str = ""
    streamable: bool = True
    variables: tuple[tuple[str, str], ...] = ()
    formula: str = ""
    inverse: str = ""
    behind: str = ""
    chunk: int = 0

    @property
    def stride(self) -> int:
        """Bytes from one bank to the next: multiples of 8, so that doubles lie well."""
        return (self.size + 7) // 8 * 8

    @property
    def extent(self) -> int:
        """Bytes that it takes in the register map; 0 if no register lies behind it."""
        return 0 if self.kind in COMPUTED or self.chunk else self.stride * self.banks

    @property
    def defaults(self) -> tuple[float, ...]:
        """The default of every bank."""
        if isinstance(self.default, tuple):
            return self.default
        return (self.default,) * self.banks


Categories = dict[str, tuple[Feature, ...]]


def text(name: str, tip: str, *, writable: bool = False, volatile: bool = False) -> Feature:
    """A string register of TEXT_BYTES bytes."""
    return Feature(name, Kind.STRING, tip, writable=writable, volatile=volatile, size=TEXT_BYTES)


def integer(
    name: str,
    tip: str,
    default: int = 0,
    low: int | None = None,
    high: int | str | None = None,
    *,
    step: int | str = 1,
    unit: str = "",
    writable: bool = True,
    volatile: bool = False,
    locked: bool = False,
    size: int = 4,
) -> Feature:
    """An unsigned integer of 4 or 8 bytes."""
    return Feature(
        name,
        Kind.INTEGER,
        tip,
        default,
        low,
        high,
        step,
        unit,
        writable=writable,
        volatile=volatile,
        locked=locked,
        size=size,
    )


def real(
    name: str,
    tip: str,
    default: float,
    low: float | None = None,
    high: float | None = None,
    *,
    unit: str = "",
    writable: bool = True,
    volatile: bool = False,
) -> Feature:
    """A double."""
    return Feature(
        name,
        Kind.FLOAT,
        tip,
        default,
        low,
        high,
        unit=unit,
        writable=writable,
        volatile=volatile,
        size=8,
    )


def choice(
    name: str,
    tip: str,
    entries: tuple[tuple[str, int], ...],
    *,
    default: int = 0,
    locked: bool = False,
    writable: bool = True,
    volatile: bool = False,
) -> Feature:
    """An enumeration."""
    return Feature(
        name,
        Kind.ENUMERATION,
        tip,
        default,
        locked=locked,
        entries=entries,
        writable=writable,
        volatile=volatile,
    )


def numbered(*names: str) -> tuple[tuple[str, int], ...]:
    """Entries of an enumeration with the values 0, 1, 2 and so on."""
    return tuple((name, index) for index, name in enumerate(names))


def switch(name: str, tip: str, *, default: bool, locked: bool = False) -> Feature:
    """A boolean."""
    return Feature(name, Kind.BOOLEAN, tip, int(default), locked=locked)


def command(name: str, tip: str) -> Feature:
    """A command: writing 1 executes it."""
    return Feature(name, Kind.COMMAND, tip, volatile=True)


def per(selector: Feature, *features: Feature) -> tuple[Feature, ...]:
    """Features that have one value for each entry of `selector`, after the selector itself."""
    banks = len(selector.entries)
    own = (replace(feature, selector=selector.name, banks=banks) for feature in features)
    return (selector, *own)


def expert(*features: Feature) -> tuple[Feature, ...]:
    """Features for experts."""
    return tuple(replace(feature, visibility="Expert") for feature in features)


def guru(*features: Feature) -> tuple[Feature, ...]:
    """Features for those who know the camera from within."""
    return tuple(replace(feature, visibility="Guru") for feature in features)


def passing(*features: Feature) -> tuple[Feature, ...]:
    """Features that belong into no stored feature set."""
    return tuple(replace(feature, streamable=False) for feature in features)
