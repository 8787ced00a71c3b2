"""Feature sets made from a camera. Runs in the camera process.

A set is made as the GenApi reference implementation does: streamable features only, each for every
combination of its selectors, which are as they were afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from genicam import genapi

from uniad_desktop.cameras.feature_set import (
    FeatureEntry,
    FeatureSet,
    Selectors,
    is_of_simulated_line,
)
from uniad_desktop.cameras.genicam import features
from uniad_desktop.cameras.genicam.features import DRIVER_ERRORS, Node, NodeMap, first_line
from uniad_desktop.cameras.genicam.tree import FeatureTree, selectors_of
from uniad_desktop.cameras.source import CameraError

_MOST_VALUES: Final = 256
"""Of an integer selector; look-up tables with more are left out, as reading them takes minutes."""
# Never part of a set: the lock of the host and the name of this one camera.
_NEVER: Final = ("TLParamsLocked", "DeviceUserID")
# Where the description marks nothing as streamable, everything that can be written but these.
_NOT_SETTINGS: Final = ("Device", "UserSet", "File", "Gev", "TL", "Event", "Transfer", "Test")


def read_set(node_map: NodeMap, tree: FeatureTree) -> FeatureSet:
    """The camera's settings now. Raises CameraError where selectors cannot be put back."""
    chosen = _settings(tree)
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in chosen:
        groups.setdefault(selectors_of(features.find(node_map, name)), []).append(name)
    found: dict[str, list[FeatureEntry]] = {name: [] for name in chosen}
    left_out: list[str] = []
    with selectors_restored(node_map, {name for names in groups for name in names}):
        # A selector is itself a value: it is read before others have it moved.
        for selectors, members in sorted(groups.items(), key=lambda group: len(group[0])):
            for state in _combinations(node_map, selectors, left_out):
                for name in members:
                    found[name] += _entry_now(node_map, name, state, left_out)
    # GenApi's viewers write selectors first, so that a reader which knows no {…} is right, too.
    first = [name for name in chosen if any(name in names for names in groups)]
    ordered = [*first, *(name for name in chosen if name not in first)]
    return FeatureSet(
        tuple(entry for name in ordered for entry in found[name]),
        vendor=_text(node_map, "DeviceVendorName"),
        model=_text(node_map, "DeviceModelName"),
        serial=_text(node_map, "DeviceSerialNumber") or _text(node_map, "DeviceID"),
        firmware=_text(node_map, "DeviceFirmwareVersion") or _text(node_map, "DeviceVersion"),
        left_out=tuple(dict.fromkeys(left_out)),
    )


def _settings(tree: FeatureTree) -> list[str]:
    """Names of what belongs into a set, in the order of the description."""
    names = [name for name in tree.names if name not in _NEVER and not is_of_simulated_line(name)]
    nodes = {name: tree.node(name) for name in names}
    usable = [
        name
        for name, node in nodes.items()
        if node is not None and not isinstance(node, genapi.ICommand)
    ]
    streamable = [name for name in usable if tree.streamable(name)]
    return streamable or [
        name
        for name in usable
        if not name.startswith(_NOT_SETTINGS) and not isinstance(nodes[name], genapi.IRegister)
    ]


def _entry_now(
    node_map: NodeMap, name: str, state: Selectors, left_out: list[str]
) -> list[FeatureEntry]:
    """The value, where it is a setting just now; a list of at most one."""
    node = features.find(node_map, name)
    try:
        # What the camera sets by itself is no setting.
        if node.get_access_mode() != genapi.EAccessMode.RW or features.automatic_mode(
            node_map, name
        ):
            return []
        return [FeatureEntry(name, features.text(node, fresh=True), state)]
    except DRIVER_ERRORS as error:
        entry = FeatureEntry(name, "", state)
        left_out.append(f"{entry.title} could not be read: {first_line(error)}.")
        return []


def _combinations(
    node_map: NodeMap, names: tuple[str, ...], left_out: list[str]
) -> Iterator[Selectors]:
    """Sets every combination of selectors in turn, the outermost changing slowest."""
    if not names:
        yield ()
        return
    name, inner = names[0], names[1:]
    node = features.find(node_map, name)
    for value in _values(node, left_out):
        try:
            if features.is_writable(node):
                node.from_string(value)
        except DRIVER_ERRORS:
            continue  # the camera lists it, but not in combination with the others
        for rest in _combinations(node_map, inner, left_out):
            yield ((name, value), *rest)


def _values(node: Node, left_out: list[str]) -> list[str]:
    try:
        if not features.is_writable(node):
            return [features.text(node)] if features.is_readable(node) else []
        if isinstance(node, genapi.IEnumeration):
            return list(features.entries(node))
        if isinstance(node, genapi.IBoolean):
            return ["0", "1"]
        count = (node.max - node.min) // node.inc + 1
        if count > _MOST_VALUES:
            left_out.append(
                f"What {node.node.name} selects was left out, as it has {count} values."
            )
            return []
        return [str(value) for value in range(node.min, node.max + 1, node.inc)]
    except (*DRIVER_ERRORS, AttributeError) as error:
        left_out.append(f"A selector could not be read: {first_line(error)}.")
        return []


@contextmanager
def selectors_restored(node_map: NodeMap, names: set[str]) -> Iterator[None]:
    """Puts selectors back, outer ones before inner ones. Raises CameraError where that fails."""
    former: dict[str, str] = {}
    for name in sorted(names, key=lambda one: (_depth(node_map, one), one)):
        node = features.find(node_map, name)
        if features.is_writable(node) and features.is_readable(node):
            former[name] = features.text(node)
    try:
        yield
    finally:
        for name, value in former.items():
            node = features.find(node_map, name)
            try:
                if features.is_writable(node) and features.text(node) != value:
                    node.from_string(value)
            except DRIVER_ERRORS as error:
                raise CameraError(
                    f"The camera did not take {name} = {value} back: {first_line(error)}; write it "
                    "again."
                ) from error


def _depth(node_map: NodeMap, name: str) -> int:
    node = features.find(node_map, name)
    return 0 if node is None else len(selectors_of(node))


def _text(node_map: NodeMap, name: str) -> str:
    node = features.find(node_map, name)
    with suppress(*DRIVER_ERRORS):
        if features.is_readable(node):
            return features.text(node)
    return ""
