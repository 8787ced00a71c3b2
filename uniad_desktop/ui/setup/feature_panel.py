"""The features of the camera: searched, looked at and changed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from uniad_desktop.cameras.feature_set import FeatureSet
from uniad_desktop.cameras.feature_tree import FeatureKind, Visibility
from uniad_desktop.inspection.types import StationState
from uniad_desktop.ui import text
from uniad_desktop.ui.setup import values
from uniad_desktop.ui.setup.context import SetupContext, acquiring
from uniad_desktop.ui.setup.feature_desk import FeatureDesk, Tree
from uniad_desktop.ui.setup.feature_list import FeatureList
from uniad_desktop.ui.setup.feature_rows import FeatureRows, Shown
from uniad_desktop.ui.setup.words import kind_word, visibility_word
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.row_button import Row
from uniad_desktop.ui.widgets.text_field import TextField
from uniad_desktop.ui.widgets.touch_button import TouchButton
from uniad_desktop.ui.widgets.touch_list import TouchList
from uniad_desktop.ui.widgets.words import Words

_HELP_HEIGHT = 66
_INSPECTS = (StationState.RUNNING, StationState.COLLECTING, StationState.STARTING)


class FeaturePanel(Panel):
    """Search, visibility and favourites, the list, and what the open feature is.

    Args:
        context: where things are and whom to tell.
        parent: the parent widget.
    """

    def __init__(self, context: SetupContext, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._context = context
        self.rows = FeatureRows(context.favourites, self)
        self.heading = Figure("heading", parent=self)
        self.count = Figure("caption", alignment=Qt.AlignmentFlag.AlignRight, parent=self)
        self.search = TextField("", self)
        self.search.setClearButtonEnabled(True)
        self.star = TouchButton(parent=self)
        self.star.setCheckable(True)
        self.level = TouchButton(parent=self)
        self.list = FeatureList(self.rows, self)
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self.message.setProperty("role", "sheetText")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setMargin(24)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.message)
        self.help = Words(parent=self)
        self._help = TouchList([self.help], self)
        self._help.setFixedHeight(_HELP_HEIGHT)
        self.desk = FeatureDesk(context.station, self.rows, self.list.visible_names, self._refused)
        self._lay_out()
        self._connect()
        # What an engineer comes for stands there at once.
        if context.favourites:
            self.rows.show_only(Shown(favourites=True))
        self.retranslate()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        head.addWidget(self.count, 2)
        choice = QHBoxLayout()
        choice.setSpacing(8)
        choice.addWidget(self.search, 1)
        for button in (self.star, self.level):
            button.setObjectName("setupAction")
            choice.addWidget(button)
        self.star.setFixedWidth(84)
        self.level.setFixedWidth(104)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 4)
        layout.setSpacing(6)
        for inner in (head, choice):
            inner.setContentsMargins(12, 0, 12, 0)
            layout.addLayout(inner)
        layout.addWidget(self._stack, 1)
        below = QHBoxLayout()
        below.setContentsMargins(12, 0, 6, 0)
        below.addWidget(self._help)
        layout.addLayout(below)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._search)
        self.star.clicked.connect(self.switch_favourites)
        self.level.clicked.connect(self.next_level)
        self.list.opened.connect(self._opened)
        self.list.write_wished.connect(self.desk.write)
        self.list.choice_wished.connect(self.choose_entry)
        self.list.stop_wished.connect(self.ask_stop)
        self.list.starred.connect(lambda: self._context.remember(self.rows.favourites))
        self.list.verticalScrollBar().valueChanged.connect(lambda _: self.desk.soon())
        self.rows.dataChanged.connect(self._changed)
        self.rows.modelReset.connect(self._counted)
        self.rows.modelReset.connect(self.desk.soon)

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do."""
        return {
            "F": self._focus_search,
            "A": self.switch_favourites,
            "E": self.next_level,
        }

    # what the engineer does

    def switch_favourites(self) -> None:
        """Those with a star only, or all of the visibility."""
        now = self.rows.shown
        self._show(Shown(now.search, now.visibility, not now.favourites))

    def next_level(self) -> None:
        """Beginner, expert, guru in turn; leaves the favourites first."""
        now = self.rows.shown
        levels = list(Visibility)
        following = levels[(levels.index(now.visibility) + 1) % len(levels)]
        self._show(Shown(now.search, now.visibility if now.favourites else following))

    def _search(self, words: str) -> None:
        now = self.rows.shown
        # Nobody looks for what is in sight already: a search goes through all of the visibility.
        self._show(Shown(words, now.visibility, now.favourites and not words.strip()))

    def _show(self, shown: Shown) -> None:
        self.rows.show_only(shown)
        self.retranslate()

    def _focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def choose_entry(self, name: str) -> None:
        """Offers the entries of an enumeration."""
        feature = self.rows.feature(name)
        if feature is None or not feature.entries:
            return
        rows = [
            Row(
                one.name,
                one.display_name or one.name,
                one.name if one.display_name not in ("", one.name) else "",
                one.tooltip,
            )
            for one in feature.entries
        ]
        self._context.ask(
            feature.display_name or name,
            feature.tooltip,
            [],
            current=str(feature.value),
            on_choice=lambda chosen: self.desk.write(name, chosen),
            rows=rows,
        )

    def ask_stop(self) -> None:
        """Stops a live view at once, inspection after a question."""
        station = self._context.station
        if station.state not in _INSPECTS:
            station.stop()
            return
        self._context.ask(
            self.tr("Stop inspection?"),
            self.tr(
                "The camera takes this setting only while it stands still. Nothing is inspected "
                "until inspection is started again (Space)."
            ),
            [("stop", self.tr("Stop inspection"))],
            current=None,
            on_choice=lambda _: station.stop(),
            main=True,
        )

    def show_taught(self, wanted: FeatureSet | None) -> None:
        """Marks what differs from the feature set of the product."""
        self.rows.mark_taught(wanted)
        self._counted()

    def escape(self) -> bool:
        """Closes the open line, else ends a search; whether there was something to end."""
        if self.list.open:
            self.list.open_line("")
        elif self.search.text():
            self.search.clear()
        else:
            return False
        return True

    # the window

    def beat(self, shown: bool) -> None:
        """Takes what the camera answered; returns at once."""
        self.desk.beat(shown)
        self._show_list()
        self._counted()

    def _show_list(self) -> None:
        """The list, or why there is none."""
        ready = self.desk.tree is Tree.READY and self.rows.listed > 0
        self._stack.setCurrentWidget(self.list if ready else self.message)
        words = "" if ready else self._message()
        if words != self.message.text():
            self.message.setText(words)

    def close_down(self) -> None:
        """Ends the worker."""
        self.desk.close_down()

    def _refused(self, name: str, problem: str) -> None:
        """The camera's own value is shown again, with its sentence."""
        if name == self.list.open and self.list.editor is not None:
            self.list.editor.give_up()
        self._opened(self.list.open)

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        """What is said of the open feature is what the camera told last."""
        if first.row() <= self.rows.place(self.list.open).row() <= last.row():
            self._opened(self.list.open)

    def _opened(self, name: str) -> None:
        feature = self.rows.feature(name)
        if feature is None:
            self.help.setText(self.tr("Tap a feature to see what it is and to change it."))
            return
        span = values.range_text(feature)
        facts = ", ".join(one for one in (kind_word(feature.kind), span) if one)
        if feature.kind is FeatureKind.ENUMERATION:
            names = ", ".join(one.display_name or one.name for one in feature.entries)
            facts += f": {names}" if names else ""
        unit = f" {values.unit_text(feature)}" if feature.unit else ""
        told = self.rows.problem(name) or feature.trouble
        about = feature.description or feature.tooltip
        words = f"{told}\n" if told else ""
        words += f"{feature.name} ({facts}{unit}) {about}".strip()
        if words != self.help.text():
            self.help.setText(words)

    # words

    def _message(self) -> str:
        station = self._context.station
        if self.desk.tree is Tree.NO_CAMERA:
            return self.tr(
                "No camera is open. Start inspection (Space) or the live view (W) to open it."
            )
        if self.desk.tree is Tree.NO_FEATURES:
            return self.tr("{name} has no features: its images come from files.").format(
                name=station.source_info.name if station.source_info else ""
            )
        if self.desk.tree is Tree.READING:
            return self.tr("Reading the features of the camera…")
        if self.desk.tree is Tree.LOST:
            back = (
                self.tr("The features come back by themselves as soon as the camera does.")
                if acquiring(station)
                else self.tr("Start the live view (W) or inspection (Space) to open it again.")
            )
            return f"{self.desk.problem}\n\n{back}"
        return self._nothing_listed()

    def _nothing_listed(self) -> str:
        shown = self.rows.shown
        if shown.favourites:
            return self.tr("No feature has a star yet. Press ★ (A) and tap the star of some.")
        more = self.rows.also_found(shown.search) if shown.search else 0
        if more:
            return self.tr("Nothing found here, but {n} among all: choose Guru (E).").format(n=more)
        return self.tr("No feature of this camera is called that.")

    def _counted(self) -> None:
        words = self.tr("{n} of {all}").format(
            n=text.number(self.rows.listed), all=text.number(self.rows.total)
        )
        different = self.rows.different
        if different:
            told = self.tr("{n} unlike the product's").format(n=text.number(different))
            self.count.show_text(f"{told} · {words}", "warn_text")
        else:
            self.count.show_text(words if self.rows.total else "")

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.heading.show_text(self.tr("FEATURES"))
        self.search.setPlaceholderText(self.tr("Search (F)"))
        self.star.setText(self.tr("★ only\n(A)"))
        self.star.setChecked(self.rows.shown.favourites)
        self.level.setText(f"{visibility_word(self.rows.shown.visibility)}\n(E)")
        self._opened(self.list.open)
        self._show_list()
        self._counted()
