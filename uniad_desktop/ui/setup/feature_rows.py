"""Which features are listed and what is known of each: a model for a list that stays fast."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from uniad_desktop.cameras.feature_set import FeatureSet
from uniad_desktop.cameras.feature_tree import Feature, Visibility
from uniad_desktop.ui.setup.taught import Taught

ROW = int(Qt.ItemDataRole.UserRole)
AnyIndex = QModelIndex | QPersistentModelIndex


class Doing(IntEnum):
    """What is being done with a feature now."""

    NOTHING = 0
    READING = 1
    WRITING = 2


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """What one line of the list shows.

    Attributes:
        heading: of a category; then nothing else is set.
        feature: what the camera told last.
        favourite: whether it carries a star.
        doing: being read or written now.
        problem: why the camera or the screen refused a value, else empty.
        taught: the value that belongs to the product, where the present one differs, else empty.
    """

    heading: str = ""
    feature: Feature | None = None
    favourite: bool = False
    doing: Doing = Doing.NOTHING
    problem: str = ""
    taught: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which features are listed.

    Attributes:
        search: found in name, display name or tool tip, without regard to case; empty: all.
        visibility: for whom; those meant for less experienced people are listed too.
        favourites: those with a star only, whatever their visibility.
    """

    search: str = ""
    visibility: Visibility = Visibility.BEGINNER
    favourites: bool = False

    def has(self, feature: Feature, starred: bool) -> bool:
        """Whether a feature is listed."""
        if self.favourites:
            if not starred:
                return False
        elif feature.visibility > self.visibility:
            return False
        wanted = self.search.casefold().strip()
        texts = (feature.name, feature.display_name, feature.tooltip)
        return not wanted or any(wanted in one.casefold() for one in texts)


class FeatureRows(QAbstractListModel):
    """Features under the headings of their categories.

    Args:
        favourites: names with a star.
        parent: the parent object.
    """

    def __init__(self, favourites: Iterable[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._features: dict[str, Feature] = {}
        self._rows: list[FeatureRow | str] = []
        self._places: dict[str, int] = {}
        self._shown = Shown()
        self._favourites = list(favourites)
        self._doing: dict[str, Doing] = {}
        self._problems: dict[str, str] = {}
        self._taught = Taught()
        self._selectors: frozenset[str] = frozenset()
        self._different: int | None = None

    # what is known

    def take_all(self, features: Sequence[Feature]) -> None:
        """Takes what the camera has; the list stays where it is if those are the same features."""
        same = [one.name for one in features] == list(self._features)
        if same:
            self.update(features)
            return
        self._features, self._different = {one.name: one for one in features}, None
        self._selectors = frozenset(name for one in features for name in one.selected_by)
        self._doing.clear()
        self._problems.clear()
        self._arrange()

    def update(self, features: Iterable[Feature]) -> None:
        """Takes features as they are now; those that are not known are left out."""
        for one in features:
            if self._features.get(one.name, one) != one:
                self._features[one.name], self._different = one, None
                self._changed(one.name)
                if one.name in self._selectors:  # the same names stand for other values now
                    self._all_changed()

    def clear(self) -> None:
        """Forgets everything that a camera told."""
        self.take_all(())

    def show_only(self, shown: Shown) -> None:
        """Lists other features."""
        if shown != self._shown:
            self._shown = shown
            self._arrange()

    def mark_taught(self, wanted: FeatureSet | None) -> None:
        """Marks features with another value than the one that belongs to the product."""
        self._taught, self._different = Taught(wanted), None
        self._all_changed()

    def mark(self, names: Collection[str], doing: Doing) -> None:
        """Says of features, and of no others than those being written, what is being done."""
        written = (name for name, one in self._doing.items() if one is Doing.WRITING)
        wanted = dict.fromkeys(written, Doing.WRITING)
        if doing is Doing.READING:
            wanted = dict.fromkeys(names, doing) | wanted
        self._put(wanted)

    def mark_writing(self, name: str, writing: bool) -> None:
        """Says that a feature is being written, or no longer."""
        wanted = {one: doing for one, doing in self._doing.items() if one != name}
        if writing:
            wanted[name] = Doing.WRITING
        self._put(wanted)

    def _put(self, doing: dict[str, Doing]) -> None:
        before, self._doing = self._doing, doing
        for name in {*before, *doing}:
            if before.get(name) != doing.get(name):
                self._changed(name)

    def tell(self, name: str, problem: str) -> None:
        """Says at a feature why a value was refused; empty takes it away."""
        if problem != self._problems.get(name, ""):
            self._problems[name] = problem
            self._changed(name)

    def star(self, name: str) -> None:
        """Gives a feature its star or takes it away."""
        if name in self._favourites:
            self._favourites.remove(name)
        else:
            self._favourites.append(name)
        if self._shown.favourites:
            self._arrange()
        else:
            self._changed(name)

    @property
    def favourites(self) -> tuple[str, ...]:
        """Names with a star."""
        return tuple(self._favourites)

    @property
    def shown(self) -> Shown:
        """Which features are listed."""
        return self._shown

    @property
    def total(self) -> int:
        """How many features the camera has."""
        return len(self._features)

    @property
    def listed(self) -> int:
        """How many are listed."""
        return len(self._places)

    @property
    def different(self) -> int:
        """How many differ from what belongs to the product."""
        if self._different is None:
            self._different = sum(bool(self._taught_of(one)) for one in self._features.values())
        return self._different

    def also_found(self, search: str) -> int:
        """How many a search would find if those for the most experienced were listed too."""
        everything = Shown(search, Visibility.GURU)
        return sum(everything.has(one, starred=False) for one in self._features.values())

    def feature(self, name: str) -> Feature | None:
        """A feature as the camera told last."""
        return self._features.get(name)

    def problem(self, name: str) -> str:
        """Why its value was refused, else empty."""
        return self._problems.get(name, "")

    def place(self, name: str) -> QModelIndex:
        """Where a feature is listed; invalid where it is not."""
        at = self._places.get(name)
        return QModelIndex() if at is None else self.index(at)

    def name_at(self, index: AnyIndex) -> str:
        """Name of the feature at a place; empty for a heading or no place."""
        row = self.data(index, ROW)
        return row.feature.name if isinstance(row, FeatureRow) and row.feature else ""

    # Qt

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - as Qt has it
        """Number of lines."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The `FeatureRow` under ROW, words for screen readers otherwise."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        if role == ROW:
            return self._row(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            row = self._row(index.row())
            return row.heading or (row.feature.display_name if row.feature else "")
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if not self.name_at(index):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def _row(self, at: int) -> FeatureRow:
        row = self._rows[at]
        if isinstance(row, FeatureRow):
            return row
        feature = self._features[row]
        made = FeatureRow(
            "",
            feature,
            row in self._favourites,
            self._doing.get(row, Doing.NOTHING),
            self._problems.get(row, ""),
            self._taught_of(feature),
        )
        self._rows[at] = made
        return made

    def _taught_of(self, feature: Feature) -> str:
        return self._taught.where_different(feature, self._features)

    def _arrange(self) -> None:
        self.beginResetModel()
        self._rows, self._places = [], {}
        above: tuple[str, ...] | None = None
        for one in self._features.values():
            if not self._shown.has(one, one.name in self._favourites):
                continue
            if one.category != above:
                above = one.category
                self._rows.append(FeatureRow(heading=" › ".join(above)))
            self._places[one.name] = len(self._rows)
            self._rows.append(one.name)
        self.endResetModel()

    def _changed(self, name: str) -> None:
        at = self._places.get(name)
        if at is not None:
            self._rows[at] = name
            index = self.index(at)
            self.dataChanged.emit(index, index)

    def _all_changed(self) -> None:
        for name, at in self._places.items():
            self._rows[at] = name
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
