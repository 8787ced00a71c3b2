"""Reading and writing GenICam features (SFNC names) with errors that name the way out.

Runs in the camera process. Nodes are those of `genicam.genapi`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from genicam import genapi, gentl

from uniad_desktop.cameras.source import CameraError

Node: TypeAlias = Any  # of genicam.genapi, which has no types
NodeMap: TypeAlias = Any
Value: TypeAlias = str | int | float | bool

_READABLE = (genapi.EAccessMode.RO, genapi.EAccessMode.RW)
_WRITABLE = (genapi.EAccessMode.WO, genapi.EAccessMode.RW)
_ADDRESSES = (genapi.ERepresentation.IPV4Address, genapi.ERepresentation.MACAddress)
_HAS_VALUE = (
    genapi.IInteger,
    genapi.IFloat,
    genapi.IBoolean,
    genapi.IEnumeration,
    genapi.IString,
)
# The camera changes the value by itself while the other one is not Off (SFNC).
AUTO_OF = {
    **dict.fromkeys(("ExposureTime", "ExposureTimeAbs", "ExposureTimeRaw"), "ExposureAuto"),
    **dict.fromkeys(("Gain", "GainAbs", "GainRaw"), "GainAuto"),
    **dict.fromkeys(("BlackLevel", "BlackLevelAbs", "BlackLevelRaw"), "BlackLevelAuto"),
    **dict.fromkeys(("BalanceRatio", "BalanceRatioAbs", "BalanceRatioRaw"), "BalanceWhiteAuto"),
}
# Every error that the reference implementation or a producer can raise.
DRIVER_ERRORS = (genapi.GenericException, gentl.GenericException)


def find(node_map: NodeMap, name: str) -> Node:
    """The node called `name`, or None where the device does not have it."""
    return node_map.get_node(name) if node_map.has_node(name) else None


def is_writable(node: Node) -> bool:
    """Whether the node is there and can be written or executed right now."""
    return node is not None and node.get_access_mode() in _WRITABLE


def names(node_map: NodeMap) -> frozenset[str]:
    """Names of the features with a value, or commands, that the device has now."""
    return frozenset(
        node.node.name
        for node in node_map.nodes
        if isinstance(node, (*_HAS_VALUE, genapi.ICommand))
        and node.node.is_feature()
        and node.get_access_mode() in (*_READABLE, *_WRITABLE)
    )


def entries(node: Node) -> tuple[str, ...]:
    """Entries of an enumeration that are available now."""
    return tuple(
        entry.symbolic
        for entry in node.entries
        if entry.get_access_mode() not in (genapi.EAccessMode.NI, genapi.EAccessMode.NA)
    )


def set_if_possible(node_map: NodeMap, name: str, entry: str) -> None:
    """Sets an enumeration where the device has it, can take it now and knows the entry."""
    node = find(node_map, name)
    if is_writable(node) and entry in entries(node):
        node.value = entry


def read(node_map: NodeMap, name: str) -> Value:
    """Value of the feature `name`.

    Raises:
        CameraError: it does not exist, has no value, or cannot be read now.
    """
    node = _existing(node_map, name)
    if not isinstance(node, _HAS_VALUE):
        raise CameraError(f"The feature {name} has no value that can be read.")
    if node.get_access_mode() not in _READABLE:
        raise CameraError(f"The feature {name} cannot be read in the camera's present state.")
    try:
        value: Value = node.value
    except DRIVER_ERRORS as error:
        raise CameraError(f"The feature {name} could not be read: {first_line(error)}") from error
    return value


def write(node_map: NodeMap, name: str, value: Value) -> bool:
    """Sets the feature `name`; a command is executed by writing True, a register takes hexadecimal.

    Returns:
        Whether the camera keeps the value; False for a command.

    Raises:
        CameraError: naming the range, the step or the entries that the camera accepts, or the
            automatic mode that has to be off.
    """
    node = _existing(node_map, name)
    automatic = automatic_mode(node_map, name)
    if automatic:
        mode, state = automatic
        raise CameraError(
            f"{name} cannot be changed while {mode} is {state}, as the camera sets it by itself; "
            f"write Off to {mode} first."
        )
    if node.get_access_mode() not in _WRITABLE:
        raise CameraError(
            f"The feature {name} cannot be changed now: it is read-only, or locked while the "
            "camera acquires."
        )
    try:
        _setter(node, name)(node, name, value)
    except DRIVER_ERRORS as error:
        raise CameraError(
            f"The camera refused {name} = {value}: {first_line(error)}{_accepted(node)}"
        ) from error
    return not isinstance(node, genapi.ICommand)


def automatic_mode(node_map: NodeMap, name: str) -> tuple[str, str] | None:
    """The feature by which the camera sets `name` itself just now, and its value; else None."""
    node = find(node_map, AUTO_OF.get(name, ""))
    if node is None or node.get_access_mode() not in _READABLE:
        return None
    try:
        state = str(node.value)
    except DRIVER_ERRORS:
        return None  # it cannot be known; the camera itself refuses then
    return None if state == "Off" else (AUTO_OF[name], state)


def fresh_value(node: Node) -> Value:
    """Value of a node, asked of the camera past the cache of the node map. Raises DRIVER_ERRORS."""
    value: Value = node.get_value(False, True)  # not verified, cache ignored
    return value


def text(node: Node, *, fresh: bool = False) -> str:
    """Value of a node as a feature set holds it, see `FeatureEntry`. Raises DRIVER_ERRORS.

    Args:
        node: with a value.
        fresh: ask the camera past the cache of the node map.
    """
    if isinstance(node, genapi.IFloat):
        # GenApi itself writes six digits.
        return repr(float(fresh_value(node) if fresh else node.value))
    return str(node.to_string(False, fresh))


def is_readable(node: Node) -> bool:
    """Whether the node is there and has a value that can be read right now."""
    return node is not None and node.get_access_mode() in _READABLE


def _existing(node_map: NodeMap, name: str) -> Node:
    node = find(node_map, name)
    if node is None or node.get_access_mode() == genapi.EAccessMode.NI:
        raise CameraError(f"The camera has no feature called {name}.")
    return node


def _setter(node: Node, name: str) -> Callable[[Node, str, Value], None]:
    for kind, setter in (
        (genapi.IInteger, _set_integer),
        (genapi.IFloat, _set_float),
        (genapi.IBoolean, _set_boolean),
        (genapi.IEnumeration, _set_enumeration),
        (genapi.IString, _set_string),
        (genapi.ICommand, _execute),
        (genapi.IRegister, _set_register),
    ):
        if isinstance(node, kind):
            return setter
    raise CameraError(f"The feature {name} cannot be written from here.")


def _set_integer(node: Node, name: str, value: Value) -> None:
    if isinstance(value, str) and node.representation in _ADDRESSES and set(value) & set(".:"):
        node.from_string(value)
        return
    try:
        number = int(value, 0) if isinstance(value, str) else int(value)
        if not isinstance(value, str) and number != value:
            raise ValueError
    except (ValueError, OverflowError):
        raise CameraError(f"{name} takes a whole number, not {value}{_accepted(node)}") from None
    if not node.min <= number <= node.max or (node.inc > 1 and (number - node.min) % node.inc):
        raise CameraError(f"{name} cannot be {value}{_accepted(node)}")
    node.value = number


def _set_float(node: Node, name: str, value: Value) -> None:
    try:
        number = float(value)
    except ValueError:
        raise CameraError(f"{name} takes a number, not {value}{_accepted(node)}") from None
    # Written so that NaN fails too.
    if not node.min <= number <= node.max:
        raise CameraError(f"{name} cannot be {value}{_accepted(node)}")
    node.value = number


def _set_boolean(node: Node, name: str, value: Value) -> None:
    word = str(value).strip().lower()
    if word not in ("true", "false", "1", "0", "on", "off"):
        raise CameraError(f"{name} is a switch: write true or false, not {value}.")
    node.value = word in ("true", "1", "on")


def _set_enumeration(node: Node, name: str, value: Value) -> None:
    if value not in entries(node):
        raise CameraError(f"{name} cannot be {value}{_accepted(node)}")
    node.value = value


def _set_string(node: Node, name: str, value: Value) -> None:
    text = str(value)
    if len(text) > node.max_length:
        raise CameraError(f"{name} takes at most {node.max_length} characters, not {len(text)}.")
    node.value = text


def _execute(node: Node, name: str, value: Value) -> None:
    if value is not True:
        raise CameraError(f"{name} is a command: write True to execute it.")
    node.execute()


def _set_register(node: Node, name: str, value: Value) -> None:
    digits = "".join(str(value).split()).removeprefix("0x")
    try:
        data = bytes.fromhex(digits)
    except ValueError:
        raise CameraError(
            f"{name} takes {node.length} bytes in hexadecimal, two digits each, not {value}."
        ) from None
    if len(data) != node.length:
        raise CameraError(
            f"{name} takes {node.length} bytes in hexadecimal, two digits each, not {len(data)}."
        )
    node.from_string(f"0x{data.hex()}")


def _accepted(node: Node) -> str:
    """The end of a sentence that says which values the node accepts."""
    if isinstance(node, genapi.IEnumeration):
        return f"; the camera accepts: {', '.join(entries(node))}."
    if isinstance(node, genapi.IInteger):
        step = f" in steps of {node.inc}" if node.inc > 1 else ""
        return f"; the camera accepts {node.min} to {node.max}{step}."
    if isinstance(node, genapi.IFloat):
        unit = f" {node.unit}" if node.unit else ""
        return f"; the camera accepts {node.min:g} to {node.max:g}{unit}."
    return "."


def first_line(error: BaseException) -> str:
    """The part of a driver's error text that says something to a person."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text.split(" : ")[0].removeprefix("GenTL exception: ").strip()
