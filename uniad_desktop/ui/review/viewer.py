"""One inspection: image, heatmap and a normal part side by side, and what is on record."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.labels import history
from uniad_desktop.records.record import Record
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.review import facts
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.review.expected import Expectations, Expected, Kind, NoPainter
from uniad_desktop.ui.review.facts_card import FactsCard
from uniad_desktop.ui.review.layers import Layer, Loaded, Sentences, load
from uniad_desktop.ui.review.linked_view import STEP, Pane, ViewPort, boxes_of
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton

_REGION_ROOM = 2.5  # so many times the region is seen when it is looked at


class Viewer(Panel):
    """Shows the inspection that the keys are at.

    Args:
        context: where things are.
        parent: the parent widget.
    """

    def __init__(self, context: ReviewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("review-viewer")
        self._other = Background("review-expected")
        self._expectations = Expectations(context.data_folder, context.model)
        self._records: Records | None = None
        self._record: Record | None = None
        self._loaded: Loaded | None = None
        self._expected: Expected | None = None
        self._wanted: tuple[Records, Record] | None = None
        self._generation = 0
        self._asked_expected = 0
        self._heatmap = True
        self._region = -1
        self.port = ViewPort(self)
        self.image, self.heat, self.normal = (Pane(self.port, self) for _ in range(3))
        self.card = FactsCard(self)
        self.buttons = {name: TouchButton(parent=self) for name in ("-", "+", "Z", "Space")}
        self.buttons["Space"].setCheckable(True)
        self.buttons["Space"].setChecked(True)
        row = QHBoxLayout()
        row.setSpacing(6)
        for name, button in self.buttons.items():
            button.setObjectName("action")
            row.addWidget(button, 0 if name in "-+" else 1)
        corner = QGridLayout()
        corner.setContentsMargins(0, 0, 0, 0)
        corner.setSpacing(8)
        corner.addWidget(self.card, 0, 0)
        corner.addLayout(row, 1, 0)
        corner.setRowStretch(0, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        grid.addWidget(self.image, 0, 0)
        grid.addWidget(self.heat, 0, 1)
        grid.addWidget(self.normal, 1, 0)
        grid.addLayout(corner, 1, 1)
        for at in range(2):
            grid.setRowStretch(at, 1)
            grid.setColumnStretch(at, 1)
        for pane in (self.image, self.heat, self.normal):
            pane.pointed.connect(self._pointed)
        actions: dict[str, Callable[[], object]] = self.key_actions()
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, key=name: actions[key]())
        self.card.region_wished.connect(self.look_at_region)
        self.card.history_wished.connect(self.show_history)
        self.retranslate()

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do while it is shown."""
        return {
            "Space": self.switch_heatmap,
            "Z": self.port.fit,
            "+": lambda: self.port.zoom_by(STEP),
            "=": lambda: self.port.zoom_by(STEP),
            "-": lambda: self.port.zoom_by(1 / STEP),
            "C": self.card.copy_facts,
            "H": self.show_history,
        }

    # what is shown

    def show_record(self, records: Records | None, record: Record | None) -> None:
        """Shows an inspection, None for nothing; its pictures follow when they were read."""
        if records is None or record is None:
            self._generation += 1
            self._record = self._loaded = self._expected = self._wanted = None
            for pane in (self.image, self.heat, self.normal):
                pane.show_message("")
                pane.show_boxes(())
                pane.show_chips()
            self.card.show_record(None)
            return
        same = self._record is not None and self._record.id == record.id
        same &= records is self._records
        self._records, self._record = records, record
        if same:  # another label
            self._write_card()
            return
        self._generation += 1
        self._loaded = self._expected = None
        self._region = -1
        self._wanted = (records, record)
        self._write_card()
        self._ask()

    def _ask(self) -> None:
        """One after the other: of those passed over quickly only the last is read."""
        if self._wanted is None or self._background.busy:
            return
        (records, record), self._wanted = self._wanted, None
        generation, words = self._generation, self._sentences()
        self._background.run(
            lambda: load(records, record, words),
            lambda loaded: self._take(generation, loaded),
            lambda problem: self._failed(generation, problem),
        )

    def _take(self, generation: int, loaded: Loaded) -> None:
        if generation != self._generation:
            return
        self._loaded = loaded
        self._show_pictures()
        self._write_card()

    def _ask_expected(self) -> None:
        """Of those passed over quickly only the last is looked for."""
        loaded = self._loaded
        if loaded is None or self._other.busy or self._asked_expected == self._generation:
            return
        self._asked_expected = self._generation
        record, path = loaded.record, loaded.path if loaded.image is not None else None
        expectations = self._expectations
        self._other.run(
            lambda: expectations.of(record, path),
            lambda found: self._take_expected(record.id, found),
            self.normal.show_message,
        )

    def _take_expected(self, record_id: int, found: Expected) -> None:
        record = self._record
        if record is not None and record.id == record_id:
            self._expected = found
            self._show_expected()

    def _failed(self, generation: int, problem: str) -> None:
        if generation == self._generation:
            self.image.show_message(problem)

    def _frame(self) -> tuple[int, int]:
        loaded = self._loaded
        if loaded is None:
            return 4, 3
        if loaded.image is not None:
            return loaded.image.full.width(), loaded.image.full.height()
        setup = loaded.record.setup
        return (setup.width, setup.height) if setup.width and setup.height else (4, 3)

    def _show_pictures(self) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        frame = self._frame()
        if loaded.image is not None:
            self.image.show_picture(loaded.image, frame, loaded.over if self._heatmap else None)
        else:
            self.image.show_message(loaded.no_image)
        if loaded.heat is not None:
            self.heat.show_picture(Layer(loaded.heat, loaded.heat), frame)
        else:
            self.heat.show_message(loaded.no_map)
        self._show_boxes()
        self._write_chips()

    def _show_boxes(self) -> None:
        record = self._record
        boxes = () if record is None else boxes_of(record.regions, self._frame(), self._region)
        for pane in (self.image, self.heat, self.normal):
            pane.show_boxes(boxes if pane is not self.normal else ())

    def _show_expected(self) -> None:
        found = self._expected
        if found is None:
            return
        if found.layer is not None:
            # Laid out as the part beside it, so that the same place is at the same place.
            self.normal.show_picture(found.layer, self._frame())
        else:
            self.normal.show_message(self._why_nothing(found))
        self._write_chips()

    # what the engineer does

    def switch_heatmap(self) -> None:
        """Lays the heatmap over the image or takes it away."""
        self.show_heatmap(not self._heatmap)

    def show_heatmap(self, on: bool) -> None:
        """Whether the heatmap lies over the image."""
        self._heatmap = on
        self.buttons["Space"].setChecked(on)
        loaded = self._loaded
        self.image.show_over(loaded.over if on and loaded is not None else None)
        self.retranslate()

    @property
    def heatmap(self) -> bool:
        """Whether the heatmap lies over the image."""
        return self._heatmap

    def look_at_region(self, place: int) -> None:
        """Zooms all panes to a region; once more shows all again."""
        record = self._record
        if record is None or place >= len(record.regions):
            return
        self._region = -1 if place == self._region else place
        self._show_boxes()
        if self._region < 0:
            self.port.fit()
            return
        box = boxes_of(record.regions, self._frame(), place)[place].rect
        side = max(box.width(), box.height(), 1e-6) * _REGION_ROOM
        self.port.look_at(QRectF(box).center(), 1.0 / side)

    def show_history(self) -> None:
        """Reads what was said of this part, then shows it."""
        records, record = self._records, self._record
        if records is None or record is None:
            return
        number = record.id
        self._background.run(
            lambda: [facts.step_line(one) for one in history(records, number)],
            self._tell_history,
            self._context.say,
            (RecordsError,),
        )

    def _tell_history(self, lines: list[str]) -> None:
        words = "\n".join(lines) if lines else self.tr("Nobody has labelled this part yet.")
        self._context.ask(self.tr("Labels of this part"), words, [], current=None, on_choice=_none)

    def _pointed(self, place: QPointF | None) -> None:
        for pane in (self.image, self.heat, self.normal):
            pane.show_mark(place if pane is not self.sender() else None)
        self._write_chips(place)

    # words

    def _write_chips(self, place: QPointF | None = None) -> None:
        loaded, record = self._loaded, self._record
        if loaded is None or record is None:
            return
        kind = record.setup.kind
        badge = "" if kind is SourceKind.LIVE else f"▲ {text.kind_word(kind)}"
        damaged = loaded.no_image if loaded.image is not None else ""
        self.image.show_chips((self.tr("Image"), ""), (badge, "warn_text"), (damaged, "alarm_text"))
        self.heat.show_chips((self.tr("Heatmap"), ""), (self._score_words(place), ""))
        found = self._expected
        if found is None:
            self.normal.show_chips((self.tr("Expected appearance"), ""))
        elif found.kind is Kind.PAINTED:
            self.normal.show_chips((self.tr("Expected appearance, painted by the model"), ""))
        elif found.layer is not None:
            titles = {
                Kind.COLLECTED: self.tr("A normal part, the newest good one"),
                Kind.PACKAGE: self.tr("A normal part, as the model brings it"),
            }
            self.normal.show_chips((titles[found.kind], ""), (self._why_not_painted(found), "dim"))
        else:
            self.normal.show_chips((self.tr("Expected appearance"), ""))

    def _score_words(self, place: QPointF | None) -> str:
        found = self._loaded.map if self._loaded is not None else None
        if place is None or found is None:
            return ""
        score = found.score(place.x(), place.y())
        if score is None:
            return self.tr("not inspected here")
        return self.tr("{score} at the cursor").format(score=text.score(score))

    def _why_not_painted(self, found: Expected) -> str:
        sentences = {
            NoPainter.NO_DECODER: self.tr("This model cannot paint what it expected."),
            NoPainter.MODEL_GONE: self.tr("The model that decided is not here to paint it."),
            NoPainter.NO_IMAGE: self.tr("Without the image nothing can be painted."),
            NoPainter.FAILED: self.tr("It could not be painted; the log says why."),
        }
        return "" if found.why is None else sentences[found.why]

    def _why_nothing(self, found: Expected) -> str:
        nothing = self.tr("There is no picture of a normal part of this product either.")
        return f"{self._why_not_painted(found)} {nothing}"

    def _sentences(self) -> Sentences:
        return Sentences(
            too_large=self.tr("The image is too large to be shown here; open the file itself."),
            no_heatmap=self.tr("No heatmap was kept of this part."),
            damaged=self.tr("The file is not the one on record: its SHA-256 differs."),
            damaged_heatmap=self.tr("The heatmap cannot be read; it may be damaged."),
        )

    def _write_card(self) -> None:
        record, loaded = self._record, self._loaded
        if record is None:
            return
        path = str(loaded.path) if loaded is not None and loaded.path is not None else ""
        intact = loaded.intact if loaded is not None else None
        self.card.show_record(record, self._context.title_of(record.product), path, intact)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.buttons["-"].setText("−")
        self.buttons["-"].setAccessibleName(self.tr("Farther (-)"))
        self.buttons["+"].setText("+")
        self.buttons["+"].setAccessibleName(self.tr("Closer (+)"))
        self.buttons["Z"].setText(self.tr("Fit\n(Z)"))
        # Says what is on the screen now, as the button of the inspect page does.
        self.buttons["Space"].setText(
            self.tr("Heatmap\n(Space)") if self._heatmap else self.tr("Image\n(Space)")
        )
        self._write_chips()

    # the window

    def beat(self) -> None:
        """Takes what the workers read; returns at once."""
        self._background.beat()
        self._other.beat()
        self._ask()
        self._ask_expected()

    def close_down(self) -> None:
        """Ends the workers."""
        self._background.close_down()
        self._other.close_down()


def _none(_: str) -> None:
    """Nothing can be chosen."""
