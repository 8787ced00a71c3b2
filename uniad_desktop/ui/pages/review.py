"""The page of the quality engineer: everything inspected can be found, looked at, judged again."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from uniad_desktop.records.database import Records
from uniad_desktop.records.facets import Facets
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import Label
from uniad_desktop.review.source import ReviewError, ReviewSource, SourceKind
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.review.action_bar import ActionBar
from uniad_desktop.ui.review.again_view import AgainView
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.review.exporting import Exporting, chosen_only
from uniad_desktop.ui.review.filter_panel import FilterPanel
from uniad_desktop.ui.review.judging import Judging
from uniad_desktop.ui.review.queries import MOST, Found, Queries, up_to
from uniad_desktop.ui.review.record_grid import RecordGrid
from uniad_desktop.ui.review.sending import Sending
from uniad_desktop.ui.review.statistics_view import StatisticsView
from uniad_desktop.ui.review.triage import Done, Triage
from uniad_desktop.ui.review.viewer import Viewer
from uniad_desktop.ui.review.what_if_view import WhatIfView
from uniad_desktop.ui.review.words import label_word
from uniad_desktop.ui.teach.context import login
from uniad_desktop.ui.widgets.banner import Banner
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import ChooserButton, TouchButton

_COLUMNS = 4
_PICTURES = 1120  # pixels for filter and pictures before the grid gets another column
_GRID_FRAME = 28  # scroll bar and margins


class View(StrEnum):
    """What the right side shows, in the order of the buttons."""

    PICTURES = "pictures"
    WHAT_IF = "what-if"
    AGAIN = "again"
    STATISTICS = "statistics"


class ReviewPage(Panel):
    """Opens a source, filters it, shows it and labels it; the parts do the work.

    Nothing is read before the page is first shown.

    Args:
        context: where things are and whom to tell.
        parent: the parent widget.
    """

    def __init__(self, context: ReviewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("review")
        self._source: ReviewSource | None = None
        self._opening = False
        self._found: Found | None = None
        # A part of the same product that the filter leaves out, and where the grid was then.
        self._beside: tuple[Record, int | None] | None = None
        # Of the window, as on the other pages; then those of this page.
        self.station_notice = Banner("recordsAlarm", button=True, parent=self)
        self.notice = Banner("recordsAlarm", button=True, parent=self)
        self.source = ChooserButton(self)
        self.refresh_button = TouchButton(parent=self)
        self.several = TouchButton(parent=self)
        self.several.setCheckable(True)
        self.all = TouchButton(parent=self)
        self.state = Figure("caption", parent=self)
        self.filters = FilterPanel(context, self)
        self.grid = RecordGrid(context.say, self)
        self.heading = Figure("heading", parent=self)
        self.viewer = Viewer(context, self)
        self.triage = Triage(context.station, login(), self._labelled, context.say)
        self.queries = Queries(self._show_found, self._take_counts, context.say)
        who = login()
        self.sending = Sending(context.data_folder, context.model, who, self._tell, context.say)
        self.judging = Judging(context, self.refresh)
        self.exporting = Exporting(context, self._tell, self)
        self.export_button = TouchButton(parent=self)
        self.what_if = WhatIfView(context, self)
        self.again = AgainView(context, parent=self)
        self.again.ids = self._again_ids
        self.statistics = StatisticsView(context, self)
        self._stack = QStackedWidget(self)
        self.tabs: dict[View, TouchButton] = {}
        for view, widget in zip(
            View, (self.viewer, self.what_if, self.again, self.statistics), strict=True
        ):
            self._stack.addWidget(widget)
            tab = self.tabs[view] = TouchButton(parent=self)
            tab.setObjectName("pageTab")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _=False, chosen=view: self.show_view(chosen))
        self.bar = ActionBar(self._actions_of_bar(), self)
        self._lay_out()
        self._connect()
        self.retranslate()
        self.show_view(View.PICTURES)
        self._show_current()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.source)
        head.addWidget(self.refresh_button)
        for tab in self.tabs.values():
            head.addWidget(tab)
        head.addStretch(1)
        head.addWidget(self.export_button)
        head.addWidget(self.several)
        head.addWidget(self.all)
        middle = self._middle = Panel(self, card=True)
        column = QVBoxLayout(middle)
        column.setContentsMargins(6, 6, 4, 6)
        column.addWidget(self.heading)
        column.addWidget(self.grid, 1)
        column.addWidget(self.state)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self._stack, 1)
        right.addWidget(self.bar)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addWidget(self.filters)
        body.addWidget(middle)
        body.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.station_notice)
        layout.addWidget(self.notice)
        layout.addLayout(body, 1)

    def _connect(self) -> None:
        self.source.clicked.connect(self.choose_source)
        self.refresh_button.clicked.connect(self.refresh)
        self.export_button.clicked.connect(self.export)
        self.several.clicked.connect(self.switch_several)
        self.all.clicked.connect(self.choose_all)
        self.filters.changed.connect(self.refresh)
        self.grid.current_changed.connect(self._show_current)
        self.grid.selection_changed.connect(self._show_state)
        self.again.wished.connect(self._show_wished)
        if self.notice.button:
            self.notice.button.clicked.connect(self.escape)

    # sources

    def enter(self) -> None:
        """The page is shown now: opens the source if that was not done yet."""
        self.grid.setFocus()
        if self._source is None and not self._opening:
            self.open(self._context.source)

    def open(self, source: str) -> None:
        """Opens another source; the former one stays until that worked.

        Args:
            source: folder, zip or data folder; empty: the station's own records.
        """
        context = self._context
        self._opening = True
        self.state.show_text(self.tr("Opening…"))
        self._background.run(
            lambda: context.open_source(source, context.data_folder, context.url),
            self._take_source,
            self._not_opened,
            (ReviewError,),
        )

    def _take_source(self, source: ReviewSource) -> None:
        former, self._source = self._source, source
        self._opening = False
        self.queries.forget()
        self.triage.forget()
        self.judging.start(source)
        self.again.source = source
        self._found = self._beside = None
        self.viewer.show_record(None, None)
        if former is not None:
            self._background.run(former.close)
        self.state.show_text("")
        self.retranslate()
        self.filters.start_anew()

    def _not_opened(self, problem: str) -> None:
        self._opening = False
        self.state.show_text("")
        self._context.say(problem)

    def choose_source(self) -> None:
        """Offers the station's records, a folder and a zip."""
        self._context.ask(
            self.tr("What is reviewed"),
            self.tr("A folder may hold images, or be the data folder of another station."),
            [
                ("station", self.tr("This station")),
                ("folder", self.tr("A folder…")),
                ("archive", self.tr("A zip…")),
            ],
            current=None,
            on_choice=self._source_chosen,
        )

    def _source_chosen(self, choice: str) -> None:
        if choice == "station":
            self.open("")
            return
        # Qt's own dialogue: it does not wait, so inspection and display go on.
        dialogue = QFileDialog(self, self.tr("What is reviewed"))
        dialogue.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if choice == "folder":
            dialogue.setFileMode(QFileDialog.FileMode.Directory)
        else:
            dialogue.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialogue.setNameFilter(self.tr("Zip archives (*.zip)"))
        dialogue.fileSelected.connect(self.open)
        dialogue.open()

    @property
    def records(self) -> Records | None:
        """The database being reviewed."""
        return self._source.records if self._source is not None else None

    # what is shown

    def refresh(self) -> None:
        """Asks the database anew."""
        records = self.records
        if records is not None:
            self.statistics.outdate()
            self.heading.show_text(self.tr("SEARCHING…"))
            self.queries.ask(records, self.filters.wish)

    def _show_found(self, records: Records, found: Found) -> None:
        self._found = found
        self._beside = None
        self.filters.show_shifts(found.shifts)
        self.grid.show_ids(records, found.ids)
        self._write_heading()
        self._feed_what_if()

    def _write_heading(self) -> None:
        if self._found is None:
            return
        count = len(self._found.ids)
        shown = text.number(count) if count < MOST else f"≥ {text.number(count)}"
        words = self.tr("{n} INSPECTIONS").format(n=shown)
        chosen = self.grid.selected()
        if chosen > 1:
            words += self.tr(" · {n} CHOSEN").format(n=text.number(chosen))
        self.heading.show_text(words)

    def _show_current(self) -> None:
        if self._beside is not None and self._beside[1] == self.grid.current_id():
            return  # the grid stands still
        self._beside = None
        record = self.grid.current()
        if record is not None or self.grid.count == 0:
            self.viewer.show_record(self.records, record)
        self._show_state()

    @property
    def looked_at(self) -> Record | None:
        """The inspection whose pictures are shown; what is done is done to it."""
        return self.grid.current() if self._beside is None else self._beside[0]

    def _show_state(self) -> None:
        self.bar.show_state(
            chosen=self.grid.selected() if self._beside is None else 1,
            steps=self.triage.steps,
            there=self.grid.current_id() is not None,
        )
        self._write_heading()

    def show_view(self, view: View) -> None:
        """Changes what the right side shows; filter and grid stay."""
        self._stack.setCurrentIndex(list(View).index(view))
        for one, tab in self.tabs.items():
            tab.setChecked(one is view)
        self._feed_what_if()

    @property
    def shown(self) -> View:
        """What the right side shows."""
        return list(View)[self._stack.currentIndex()]

    def _feed_what_if(self) -> None:
        """Scores are read only where they are looked at."""
        if self.shown is View.WHAT_IF and self._found is not None:
            product = self.filters.only_product
            self.what_if.show_filter(
                self.records, product, self._found.wanted, self.filters.choices.camera_titles
            )
        elif self.shown is View.STATISTICS and self._found is not None:
            product = self.filters.only_product
            self.statistics.show_filter(
                self.records, product, self._found.wanted, self.filters.choices.camera_titles
            )

    def _take_counts(self, facets: Facets) -> None:
        self.filters.show_facets(facets)
        self._feed_what_if()

    def _again_ids(self) -> list[int]:
        """What is judged again: several that are chosen, else all that the filter leaves."""
        chosen = self.grid.selection()
        return chosen if len(chosen) > 1 else list(self.grid.model.ids)

    def _show_wished(self, record_id: int) -> None:
        """One of those whose verdict changed is looked at."""
        self.show_view(View.PICTURES)
        records = self.records
        if records is not None and not self.grid.go_to(record_id):
            self.queries.one(records, record_id, self._show_neighbour)

    def _tell(self, words: str) -> None:
        self.state.show_text(words)

    # what the engineer does

    def step(self, by: int) -> None:
        """The next or the former inspection."""
        self.grid.step(by)

    def go_to_same(self, later: bool) -> None:
        """The next or the former part of the same product, filtered out or not."""
        records, record = self.records, self.looked_at
        if records is not None and record is not None:
            self.queries.neighbour(records, record, later=later, then=self._show_neighbour)

    def _show_neighbour(self, record: Record | None) -> None:
        if record is None:
            self.state.show_text(self.tr("There is no further part of this product."))
        elif self.grid.go_to(record.id):
            self._leave_beside()
            self.state.show_text("")
        else:
            self._show_beside(record)
            self.state.show_text(
                self.tr("Part {number} is shown; the filter leaves it out of the grid.").format(
                    number=text.number(record.number)
                )
            )

    def _show_beside(self, record: Record | None) -> None:
        if record is not None:
            self._beside = (record, self.grid.current_id())
            self.viewer.show_record(self.records, record)
            self._show_state()

    def _leave_beside(self) -> None:
        self._beside = None
        self._show_current()

    def label(self, label: Label) -> None:
        """Labels what is chosen; a single one is left for the next."""
        records, ids = self.records, self._chosen()
        if records is None or not ids:
            return
        self.triage.label(records, ids, label)
        if len(ids) == 1 and self._beside is None:
            self.grid.step(1)

    def ask_note(self) -> None:
        """Asks for a note on what is chosen; labels stay."""
        records, ids, record = self.records, self._chosen(), self.looked_at
        if records is None or not ids:
            return
        single = len(ids) == 1 and record is not None
        self._context.ask(
            self.tr("Note"),
            self.tr("Kept with {n} inspections and shown in reports.").format(
                n=text.number(len(ids))
            )
            if not single
            else self.tr("Kept with this inspection and shown in reports."),
            [("note", self.tr("Keep"))],
            current=None,
            on_choice=lambda words: self.triage.label(records, ids, None, words),
            entry=record.note if single and record is not None else "",
            emptiable=single and record is not None and bool(record.note),
        )

    def send(self) -> None:
        """Sends what is chosen to teaching: good parts to be learnt, defects to be caught."""
        records, ids = self.records, self._chosen()
        if records is None or not ids:
            return
        self.state.show_text(self.tr("Sending {n} to teaching…").format(n=text.number(len(ids))))
        self.sending.send(records, ids)

    def export(self) -> None:
        """Offers to put what is chosen, else all that the filter leaves, into a file."""
        source, found = self._source, self._found
        if source is None or found is None or not found.ids:
            return
        chosen = self.grid.selection()
        many = len(chosen) > 1
        self.exporting.ask(
            source,
            # What came in since is not among those that are shown and counted here.
            chosen_only(chosen) if many else up_to(found.wanted, found.at),
            len(chosen) if many else len(found.ids),
            self.filters.products,
        )

    def undo(self) -> None:
        """Takes the last label back."""
        if self.records is not None:
            self.triage.undo(self.records)

    def _chosen(self) -> list[int]:
        if self._beside is not None:
            return [self._beside[0].id]
        chosen = self.grid.selection()
        current = self.grid.current_id()
        return chosen or ([current] if current is not None else [])

    def _labelled(self, done: Done) -> None:
        self.grid.refetch(done.ids)
        if self.records is not None and self._beside is not None and self._beside[0].id in done.ids:
            self.queries.one(self.records, self._beside[0].id, self._show_beside)
        if self.records is not None and self._found is not None:
            self.queries.count(self.records, self._found.wanted)
        self.what_if.outdate()
        n = text.number(done.change.changed)
        if done.undone:
            words = self.tr("{n} taken back").format(n=n)
        elif done.label is None:
            words = self.tr("{n} noted").format(n=n)
        else:
            words = self.tr("{n} labelled as {label}").format(n=n, label=label_word(done.label))
        if done.change.skipped:
            skipped = self.tr(" · {n} left as they are").format(n=text.number(done.change.skipped))
            words += skipped
        self.state.show_text(words)
        self._show_state()

    def choose_all(self) -> None:
        """Chooses everything that the filter leaves."""
        self.grid.choose_all()

    def switch_several(self) -> None:
        """Whether taps choose several."""
        self.grid.set_several(not self.grid.several)
        self.several.setChecked(self.grid.several)

    def switch_heatmap(self) -> None:
        """With or without heatmap, large and small."""
        self.viewer.switch_heatmap()
        self.grid.show_heatmap(self.viewer.heatmap)

    def escape(self) -> None:
        """Takes away a sentence, else what is chosen."""
        if self.notice.sentence():
            self._context.say("")
        elif self._beside is not None:
            self._leave_beside()
        elif self.grid.selected() > 1:
            self.grid.choose_current()
        else:
            self.state.show_text("")

    # what the window does

    def _actions_of_bar(self) -> dict[str, Callable[[], object]]:
        return {
            "K": lambda: self.go_to_same(later=False),
            "J": lambda: self.go_to_same(later=True),
            "N": lambda: self.label(Label.GOOD),
            "D": lambda: self.label(Label.DEFECT),
            "U": lambda: self.label(Label.UNSURE),
            "W": self.ask_note,
            "Ctrl+Z": self.undo,
            "T": self.send,
        }

    @property
    def keys(self) -> list[str]:
        """Every key that means something in some view."""
        found = [*self._own()]
        for actions in self._actions_of_views().values():
            found += actions
        return list(dict.fromkeys(found))

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do in the view being shown; arrows are the grid's own."""
        return {**self._actions_of_views()[self.shown], **self._own()}

    def _actions_of_views(self) -> dict[View, dict[str, Callable[[], object]]]:
        return {
            View.PICTURES: self.viewer.key_actions(),
            View.WHAT_IF: self.what_if.key_actions(),
            View.AGAIN: self.again.key_actions(),
            View.STATISTICS: {},
        }

    def _own(self) -> dict[str, Callable[[], object]]:
        own: dict[str, Callable[[], object]] = {
            **self.filters.key_actions(),
            **self._actions_of_bar(),
            "Space": self.switch_heatmap,
            "G": self.choose_source,
            "X": self.switch_several,
            "F5": self.refresh,
            "E": self.export,
            "Ctrl+A": self.choose_all,
        }
        for number, view in enumerate(View, 1):
            own[str(number)] = partial(self.show_view, view)
        return own

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns of the grid as there is room beside the pictures."""
        super().resizeEvent(event)
        columns = max(2, (self.width() - _PICTURES) // self.grid.column)
        self._middle.setFixedWidth(min(columns, _COLUMNS) * self.grid.column + _GRID_FRAME)

    def beat(self) -> None:
        """Takes what workers finished; returns at once."""
        self._background.beat()
        if self._source is None:
            return
        self.queries.beat()
        self.triage.beat(self.records)
        self.grid.beat()
        self.viewer.beat()
        self.sending.beat()
        self.exporting.beat()
        self.what_if.beat()
        self.again.beat()
        self.statistics.beat()
        words = self.judging.beat()
        if words is not None:
            self.state.show_text(words)

    def close_down(self) -> None:
        """Ends the workers and closes the source."""
        parts = (self.queries, self.triage, self.grid, self.viewer, self.sending, self.judging)
        for part in (
            *parts,
            self.exporting,
            self.what_if,
            self.again,
            self.statistics,
            self._background,
        ):
            part.close_down()
        if self._source is not None:
            self._source.close()

    def retranslate(self) -> None:
        """Writes all words anew."""
        source = self._source
        title = text.NONE
        if source is not None:
            title = source.title
            if source.kind is SourceKind.STATION and source.place == self._context.data_folder:
                title = self.tr("All stations") if self._context.url else self.tr("This station")
            elif source.kind is not SourceKind.ARCHIVE:
                title = _short(source.place)
        self.source.show_choice(self.tr("Source (G)"), title)
        words = {
            View.PICTURES: self.tr("Pictures\n(1)"),
            View.WHAT_IF: self.tr("What if\n(2)"),
            View.AGAIN: self.tr("Judge\nagain (3)"),
            View.STATISTICS: self.tr("Statistics\n(4)"),
        }
        for view, tab in self.tabs.items():
            tab.setText(words[view])
        self.refresh_button.setText(self.tr("Refresh\n(F5)"))
        self.export_button.setText(self.tr("Export\n(E)"))
        self.several.setText(self.tr("Choose\nseveral (X)"))
        self.all.setText(self.tr("Choose all\n(Ctrl+A)"))
        for banner in (self.station_notice, self.notice):
            if banner.button:
                banner.button.setText(self.tr("OK (Esc)"))
        self._write_heading()


def _short(place: Path, most: int = 48) -> str:
    """The end of a path, which tells more than its begin."""
    words = str(place)
    return words if len(words) <= most else f"…{words[-most:]}"
