"""Features as the camera's own description tells them (GenApi). Runs in the camera process.

Whatever a node raises is told of that one feature; it never breaks the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from genicam import genapi

from uniad_desktop.cameras.feature_tree import (
    EnumEntry,
    Feature,
    FeatureAccess,
    FeatureKind,
    FeatureValue,
    Representation,
    Visibility,
)
from uniad_desktop.cameras.genicam.features import (
    DRIVER_ERRORS,
    Node,
    NodeMap,
    find,
    first_line,
    fresh_value,
    text,
)

T = TypeVar("T")

_KINDS: Final = (
    (genapi.IEnumeration, FeatureKind.ENUMERATION),
    (genapi.IBoolean, FeatureKind.BOOLEAN),
    (genapi.ICommand, FeatureKind.COMMAND),
    (genapi.IInteger, FeatureKind.INTEGER),
    (genapi.IFloat, FeatureKind.FLOAT),
    (genapi.IString, FeatureKind.STRING),
    (genapi.IRegister, FeatureKind.REGISTER),
)
_ACCESS: Final = {
    genapi.EAccessMode.RW: FeatureAccess.READ_WRITE,
    genapi.EAccessMode.RO: FeatureAccess.READ_ONLY,
    genapi.EAccessMode.WO: FeatureAccess.WRITE_ONLY,
    genapi.EAccessMode.NA: FeatureAccess.NOT_AVAILABLE,
}
_REPRESENTATIONS: Final = {
    genapi.ERepresentation.Linear: Representation.LINEAR,
    genapi.ERepresentation.Logarithmic: Representation.LOGARITHMIC,
    genapi.ERepresentation.Boolean: Representation.BOOLEAN,
    genapi.ERepresentation.PureNumber: Representation.PURE_NUMBER,
    genapi.ERepresentation.HexNumber: Representation.HEX_NUMBER,
    genapi.ERepresentation.IPV4Address: Representation.IPV4_ADDRESS,
    genapi.ERepresentation.MACAddress: Representation.MAC_ADDRESS,
}
_GONE: Final = (genapi.EAccessMode.NI, genapi.EAccessMode.NA)
_READABLE: Final = (genapi.EAccessMode.RO, genapi.EAccessMode.RW)
_WRITABLE: Final = (genapi.EAccessMode.WO, genapi.EAccessMode.RW)
_LOCK: Final = "TLParamsLocked"
_DEEPEST: Final = 8


class FeatureTree:
    """The features below Root.

    Args:
        node_map: of the remote device.
    """

    def __init__(self, node_map: NodeMap) -> None:
        self._nodes: dict[str, tuple[Node, tuple[str, ...]]] = {}
        for node, path in _walk(find(node_map, "Root"), (), set()):
            self._nodes.setdefault(node.node.name, (node, path))
        self._lockable = _lockable(node_map, [node for node, _ in self._nodes.values()])
        self._writable_when_stopped: set[str] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """Features in the order of the description, also those that the camera lacks just now."""
        return tuple(self._nodes)

    def node(self, name: str) -> Node | None:
        """The node of a feature, None where there is none below Root."""
        return self._nodes[name][0] if name in self._nodes else None

    def streamable(self, name: str) -> bool:
        """Whether the description puts it into stored sets (GenApi Streamable)."""
        node = self.node(name)
        return node is not None and bool(node.node.is_streamable())

    def describe(self, name: str, *, streaming: bool) -> Feature | None:
        """A feature as it is now; None where the camera does not have it."""
        if name not in self._nodes:
            return None
        node, path = self._nodes[name]
        looked = _Looked()
        mode = looked.at(node.get_access_mode, genapi.EAccessMode.NA)
        if mode == genapi.EAccessMode.NI:
            return None
        if not streaming and mode in _WRITABLE:
            self._writable_when_stopped.add(name)
        kind = kind_of(node)
        assert kind is not None  # _walk gives no others
        readable = mode in _READABLE
        return Feature(
            name=name,
            display_name=looked.at(lambda: str(node.node.display_name), "") or name,
            category=path,
            kind=kind,
            visibility=Visibility(int(looked.at(lambda: node.node.visibility, 0))),
            access=_ACCESS.get(mode, FeatureAccess.NOT_AVAILABLE),
            locked=streaming
            and mode not in _WRITABLE
            and (name in self._lockable or name in self._writable_when_stopped),
            value=looked.at(lambda: _value(node, kind), None) if readable else None,
            tooltip=looked.at(lambda: str(node.node.tooltip), ""),
            description=looked.at(lambda: str(node.node.description), ""),
            selected_by=looked.at(lambda: selectors_of(node), ()),
            streamable=looked.at(lambda: bool(node.node.is_streamable()), False),
            **_limits(node, kind, looked) if mode not in _GONE else {},
            trouble=looked.trouble,
        )


class _Looked:
    """Asks a node for one thing after another and keeps the first trouble."""

    def __init__(self) -> None:
        self.trouble = ""

    def at(self, ask: Callable[[], T], otherwise: T) -> T:
        try:
            return ask()
        except (*DRIVER_ERRORS, AttributeError, ValueError, UnicodeError) as error:
            self.trouble = self.trouble or f"It could not be read: {first_line(error)}."
            return otherwise


def kind_of(node: Node) -> FeatureKind | None:
    """Interface type; None for categories, ports and the like."""
    for interface, kind in _KINDS:
        if isinstance(node, interface):
            return kind
    return None


def selectors_of(node: Node) -> tuple[str, ...]:
    """Names of the features that say of which of several the value is, outermost first."""
    found: dict[str, None] = {}

    def follow(one: Node, above: tuple[str, ...]) -> None:
        for selector in one.node.selecting_features:
            name = selector.node.name
            if name not in above and len(above) < _DEEPEST:
                follow(selector, (*above, name))
                found.setdefault(name)

    follow(node, (node.node.name,))
    return tuple(found)


def _walk(
    node: Node | None, path: tuple[str, ...], seen: set[str]
) -> Iterator[tuple[Node, tuple[str, ...]]]:
    if not isinstance(node, genapi.ICategory) or node.node.name in seen:
        return
    seen.add(node.node.name)
    for member in node.features:
        try:
            if member.node.visibility > Visibility.GURU:
                continue
            if isinstance(member, genapi.ICategory):
                name = str(member.node.display_name) or str(member.node.name)
                yield from _walk(member, (*path, name), seen)
            elif kind_of(member) is not None:
                yield member, path
        except DRIVER_ERRORS:
            continue  # not even its name is known


def _lockable(node_map: NodeMap, nodes: Sequence[Node]) -> frozenset[str]:
    """Features that the description locks while the host streams (SFNC TLParamsLocked).

    Their pIsLocked, or that of the node their value comes from, is TLParamsLocked or is computed
    from it.
    """
    lock = find(node_map, _LOCK)
    if lock is None:
        return frozenset()
    by_lock = {_LOCK, *_property(lock, "pDependent")}

    def locked(node: Node | None, depth: int = 0) -> bool:
        if node is None or depth > _DEEPEST:
            return False
        if by_lock.intersection(_property(node, "pIsLocked")):
            return True
        return any(locked(find(node_map, value), depth + 1) for value in _property(node, "pValue"))

    return frozenset(node.node.name for node in nodes if locked(node))


def _property(node: Node, name: str) -> list[str]:
    """Names that a property of the description holds; none where the node has no such one."""
    try:
        if name not in node.node.property_names:
            return []
        return [one for one in str(node.node.get_property(name)[0]).split("\t") if one]
    except (*DRIVER_ERRORS, IndexError):
        return []


def _value(node: Node, kind: FeatureKind) -> FeatureValue | None:
    if kind is FeatureKind.COMMAND:
        return None
    if kind is FeatureKind.REGISTER:
        return text(node, fresh=True).removeprefix("0x").lower()
    return fresh_value(node)


def _limits(node: Node, kind: FeatureKind, looked: _Looked) -> dict[str, Any]:
    """What the values of its kind are bounded by, as arguments of `Feature`."""
    match kind:
        case FeatureKind.INTEGER | FeatureKind.FLOAT:
            found: dict[str, Any] = {
                "minimum": looked.at(lambda: node.min, None),
                "maximum": looked.at(lambda: node.max, None),
                "unit": looked.at(lambda: str(node.unit), ""),
                "representation": _REPRESENTATIONS.get(
                    looked.at(lambda: node.representation, None), Representation.LINEAR
                ),
            }
            if kind is FeatureKind.INTEGER:
                return {**found, "increment": looked.at(lambda: node.inc, None)}
            digits = looked.at(lambda: int(node.display_precision), -1)
            return {
                **found,
                "increment": looked.at(lambda: node.inc if node.has_inc() else None, None),
                "precision": digits if digits >= 0 else 6,
            }
        case FeatureKind.ENUMERATION:
            return {"entries": looked.at(lambda: _entries(node), tuple[EnumEntry, ...]())}
        case FeatureKind.STRING:
            return {"length": looked.at(lambda: int(node.max_length), 0)}
        case FeatureKind.REGISTER:
            return {"length": looked.at(lambda: int(node.length), 0)}
        case _:
            return {}


def _entries(node: Node) -> tuple[EnumEntry, ...]:
    found = []
    for entry in node.entries:
        if entry.get_access_mode() in _GONE or entry.node.visibility > Visibility.GURU:
            continue
        name = str(entry.symbolic)
        shown = str(entry.node.display_name)
        # Without a name for people GenApi gives that of the node.
        display = name if not shown or shown.startswith("EnumEntry_") else shown
        found.append(EnumEntry(name, display, str(entry.node.tooltip)))
    return tuple(found)
