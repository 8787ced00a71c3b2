"""Feature sets written to a camera and read back. Runs in the camera process."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Final

from genicam import genapi

from uniad_desktop.cameras.feature_set import (
    ALIKE,
    ApplyReport,
    EntryProblem,
    FeatureEntry,
    Selectors,
    alike,
)
from uniad_desktop.cameras.genicam import features
from uniad_desktop.cameras.genicam.features import AUTO_OF, DRIVER_ERRORS, Node, NodeMap, first_line
from uniad_desktop.cameras.genicam.sets import selectors_restored
from uniad_desktop.cameras.genicam.tree import selectors_of
from uniad_desktop.cameras.source import CameraError

_ROUNDS: Final = 3
_MODES: Final = frozenset(AUTO_OF.values())


def apply_entries(node_map: NodeMap, entries: tuple[FeatureEntry, ...]) -> ApplyReport:
    """Writes values in their order and reads each back.

    What the camera has already is not written. Automatic modes are off while values are written
    and get their own values last. What the camera refuses is tried again after the others, as
    ranges depend on each other (OffsetX on Width). Selectors are afterwards as they were, unless
    the set has a value for them.
    """
    wanted = _explicit(node_map, entries)
    used = {name for entry in wanted for name, _ in entry.selectors}
    values = [entry for entry in wanted if entry.name not in used and entry.name not in _MODES]
    modes = [entry for entry in wanted if entry.name not in used and entry.name in _MODES]
    last = [entry for entry in wanted if entry.name in used]
    last.sort(key=lambda entry: len(entry.selectors), reverse=True)  # outer ones move inner ones
    job = _Job(node_map)
    with selectors_restored(node_map, used - {entry.name for entry in last}):
        there = {entry for entry in last if job.has(entry)}  # others move them in between
        _modes_off(node_map, [*values, *modes])
        for _ in range(_ROUNDS):
            before = job.state()
            job.write([*values, *modes])
            job.check([*values, *modes])
            if not job.problems or job.state() == before:
                break
        job.write(last)
        job.check(last)
        job.write(last)  # reading back selected as well
    problems = tuple(job.problems[entry] for entry in wanted if entry in job.problems)
    written = len(job.written - job.problems.keys() - there)
    return ApplyReport(written, len(wanted) - written - len(problems), problems)


class _Job:
    """What was written so far and what the camera does not have yet."""

    def __init__(self, node_map: NodeMap) -> None:
        self._node_map = node_map
        self._refusals: dict[FeatureEntry, str] = {}
        self.written: set[FeatureEntry] = set()
        self.problems: dict[FeatureEntry, EntryProblem] = {}

    def state(self) -> tuple[object, ...]:
        """Differs as long as another round got further."""
        return (frozenset(self.written), frozenset(self.problems))

    def has(self, entry: FeatureEntry) -> bool:
        """Whether the camera has the value already."""
        return self._problem(entry) is None

    def write(self, entries: list[FeatureEntry]) -> None:
        """Writes what the camera does not have."""
        for entry in entries:
            try:
                if self._write(entry):
                    self.written.add(entry)
                self._refusals.pop(entry, None)
            except (CameraError, *DRIVER_ERRORS) as error:
                self._refusals[entry] = _why(entry, error)

    def check(self, entries: list[FeatureEntry]) -> None:
        """Reads back."""
        for entry in entries:
            self.problems.pop(entry, None)
            problem = self._problem(entry)
            if problem is not None:
                self.problems[entry] = problem

    def _write(self, entry: FeatureEntry) -> bool:
        _select(self._node_map, entry.selectors)
        node = features.find(self._node_map, entry.name)
        if isinstance(node, genapi.ICommand):
            raise CameraError(f"{entry.name} is a command, not a setting.")
        if features.is_readable(node) and _same(node, entry.value):
            return False
        value = entry.value if isinstance(node, genapi.IString) else entry.value.strip()
        features.write(self._node_map, entry.name, value)
        return True

    def _problem(self, entry: FeatureEntry) -> EntryProblem | None:
        found = None
        why = self._refusals.get(entry, "")
        try:
            _select(self._node_map, entry.selectors)
            node = features.find(self._node_map, entry.name)
            if features.is_readable(node):
                found = features.text(node, fresh=True)
                # What the set has the camera choose by itself may be another value by now.
                if _same(node, entry.value) or features.automatic_mode(self._node_map, entry.name):
                    return None
                why = why or f"{entry.title} was set to {entry.value}, but the camera has {found}."
            elif not why and features.is_writable(node):
                return None  # it can only be written
        except (CameraError, *DRIVER_ERRORS) as error:
            why = why or _why(entry, error)
        return EntryProblem(
            entry, found, why or f"{entry.title} cannot be read in the camera's present state."
        )


def _explicit(node_map: NodeMap, entries: tuple[FeatureEntry, ...]) -> list[FeatureEntry]:
    """Every entry with its selectors, each value once, the last one where there are several.

    Older files say which of several a value is by a line for the selector before it; where there
    is none, it is the one that the camera has selected.
    """
    given: dict[str, str] = {}
    found: dict[tuple[str, Selectors], FeatureEntry] = {}
    for entry in entries:
        chosen = entry.selectors
        if not chosen:
            names = _selectors(node_map, entry.name)
            chosen = tuple((name, given.get(name) or _text(node_map, name)) for name in names)
            given[entry.name] = entry.value
        found.pop((entry.name, chosen), None)
        found[entry.name, chosen] = replace(entry, selectors=chosen)
    return list(found.values())


def selectors_now(node_map: NodeMap, name: str) -> Selectors:
    """Values of the selectors that say which of several the feature is just now."""
    return tuple((one, _text(node_map, one)) for one in _selectors(node_map, name))


def _selectors(node_map: NodeMap, name: str) -> tuple[str, ...]:
    node = features.find(node_map, name)
    return () if node is None else selectors_of(node)


def _text(node_map: NodeMap, name: str) -> str:
    node = features.find(node_map, name)
    with suppress(*DRIVER_ERRORS):
        return features.text(node) if features.is_readable(node) else ""
    return ""


def _modes_off(node_map: NodeMap, entries: list[FeatureEntry]) -> None:
    """Where the mode itself is selected, for each value that is selected likewise."""
    for entry in entries:
        name = AUTO_OF.get(entry.name, entry.name if entry.name in _MODES else "")
        node = features.find(node_map, name)
        if node is None:
            continue
        with suppress(CameraError, *DRIVER_ERRORS):  # what it refuses then shows in the check
            _select(node_map, entry.selectors)
            if features.text(node) != "Off" and "Off" in features.entries(node):
                features.write(node_map, name, "Off")


def _select(node_map: NodeMap, selectors: Selectors) -> None:
    for name, value in selectors:
        node = features.find(node_map, name)
        if node is not None and not (features.is_readable(node) and _same(node, value)):
            features.write(node_map, name, value)


def _same(node: Node, wanted: str) -> bool:
    now = features.text(node)
    if not isinstance(node, genapi.IFloat):
        return alike(wanted, now, 0.0)
    try:
        return alike(repr(float(wanted)), now, ALIKE)
    except ValueError:
        return False


def _why(entry: FeatureEntry, error: Exception) -> str:
    text = str(error) if isinstance(error, CameraError) else f"{first_line(error)}."
    return text if entry.name in text else f"{entry.title} = {entry.value}: {text}"
