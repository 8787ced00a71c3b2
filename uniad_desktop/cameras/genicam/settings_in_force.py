"""What was written to a camera, so that it can be written again after a loss."""

from __future__ import annotations

import threading

from uniad_desktop.cameras.feature_set import (
    FeatureEntry,
    FeatureSet,
    Selectors,
    is_of_simulated_line,
)


class SettingsInForce:
    """The feature set that a camera has, and what was written to it since. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: FeatureSet | None = None
        self._written: dict[tuple[str, Selectors], FeatureEntry] = {}

    @property
    def whole_set(self) -> FeatureSet | None:
        """The set that was applied completely, None once something of it was written otherwise."""
        with self._lock:
            if self._set is None:
                return None
            names = {entry.name for entry in self._set.entries}
            return None if any(name in names for name, _ in self._written) else self._set

    def write(self, entry: FeatureEntry) -> None:
        """Remembers a feature that was written; the order of the last writes counts."""
        key = entry.name, entry.selectors
        with self._lock:
            self._written.pop(key, None)
            self._written[key] = entry

    def begin_set(self) -> None:
        """Another set is being applied: the former one is in force no more."""
        with self._lock:
            self._set = None

    def end_set(self, applied: FeatureSet) -> None:
        """It was applied completely; what was written of it before counts no more."""
        names = {entry.name for entry in settings_of(applied)}
        with self._lock:
            later = {key: one for key, one in self._written.items() if key[0] not in names}
            self._written, self._set = later, applied

    def entries(self) -> tuple[FeatureEntry, ...]:
        """All of it in the order in which it is to be written again."""
        with self._lock:
            former = settings_of(self._set) if self._set is not None else ()
            return (*former, *self._written.values())


def settings_of(wanted: FeatureSet) -> tuple[FeatureEntry, ...]:
    """The entries that are written: those of the simulated line are none of the camera."""
    return tuple(one for one in wanted.entries if not is_of_simulated_line(one.name))
