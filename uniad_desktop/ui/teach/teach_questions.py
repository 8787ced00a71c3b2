"""What is asked before a teaching begins, ends or goes live."""

from __future__ import annotations

from PySide6.QtCore import QObject

from uniad_desktop.teaching.collection import Counts
from uniad_desktop.ui import language, text
from uniad_desktop.ui.teach.context import TeachContext
from uniad_desktop.ui.teach.teach_control import TeachControl

_OWN = "own"


class TeachQuestions(QObject):
    """Asks by sheets; the control does what was chosen.

    Args:
        context: where things are and whom to tell.
        teaching: the control.
        parent: the view.
    """

    def __init__(
        self, context: TeachContext, teaching: TeachControl, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._teaching = context, teaching
        self._awaited = ""
        teaching.activated.connect(self._await)

    def ask_start(self, product: str, title: str, counts: Counts) -> None:
        """Asks how to teach, or continues what was interrupted."""
        if self._teaching.unfinished is not None:
            self._teaching.start(product, augment=False)
            return
        model = self._context.station.model
        self._context.ask(
            self.tr("Teach “{product}” to {model}?").format(
                product=title, model=f"{model.name} {model.version}"
            ),
            self.tr(
                "{n} good parts, {held} of them held out for the limit. It takes some minutes at "
                "low priority; inspection goes on, and nothing goes live before you say so. Varied "
                "copies (shifted, turned, lighter and darker) are for parts that lie or are lit "
                "more differently on the line than in the pictures; small defects are then harder "
                "to tell."
            ).format(n=text.number(counts.accepted), held=text.number(counts.held_out)),
            [
                ("plain", self.tr("Teach the parts as they are")),
                ("varied", self.tr("Teach with varied copies")),
            ],
            current=None,
            on_choice=lambda how: self._teaching.start(product, augment=how == "varied"),
        )

    def ask_cancel(self) -> None:
        """Asks before a teaching is stopped or given up."""
        if self._teaching.running:
            self._context.ask(
                self.tr("Stop the teaching?"),
                self.tr("What was computed is kept; it can be continued later."),
                [("stop", self.tr("Stop it"))],
                current=None,
                on_choice=lambda _: self._teaching.cancel(),
            )
        elif self._teaching.unfinished is not None:
            self._context.ask(
                self.tr("Discard the interrupted teaching?"),
                self.tr("What was computed is lost; the parts stay."),
                [("discard", self.tr("Discard it"))],
                current=None,
                on_choice=lambda _: self._teaching.discard(),
                main=True,
            )

    def ask_activate(self) -> None:
        """Asks for the reason; where a product got worse, for one in own words."""
        result = self._teaching.result
        if result is None:
            return
        running = self._context.station.model.version
        if result.problems:
            self._context.ask(
                self.tr("Activate {version} although a product got worse?").format(
                    version=result.version
                ),
                " ".join(result.problems)
                + " "
                + self.tr("It goes on record with your name. Say why:"),
                [("override", self.tr("Activate it all the same"))],
                current=None,
                on_choice=self._teaching.activate,
                main=True,
                entry="",
            )
            return
        reasons = {
            "new": self.tr("New product"),
            "more": self.tr("More parts collected"),
            "material": self.tr("New lot or material"),
            "camera": self.tr("Camera or light changed"),
            _OWN: self.tr("Another reason…"),
        }
        self._context.ask(
            self.tr("Activate {version}: why?").format(version=result.version),
            self.tr(
                "It takes over from {running} between two parts; inspection goes on. One tap in "
                "Model (V) goes back."
            ).format(running=running),
            list(reasons.items()),
            current=None,
            on_choice=lambda key: self._reason(key, reasons[key]),
        )

    def beat(self) -> None:
        """Once the activated version inspects, offers to inspect the product that was taught."""
        station = self._context.station
        if not self._awaited:
            return
        info = next((one for one in station.products if one.key == self._awaited), None)
        if info is None:
            return
        self._awaited = ""
        if station.product.key == info.key:
            return
        title = info.title(language.current())
        self._context.ask(
            self.tr("Inspect “{product}” now?").format(product=title),
            self.tr("{model} knows it. The station still inspects “{now}”.").format(
                model=f"{station.model.name} {station.model.version}",
                now=station.product.title(language.current()),
            ),
            [("inspect", self.tr("Inspect {product}").format(product=title))],
            current=None,
            on_choice=lambda _: station.select_product(info.key),
        )

    def _await(self, product: str) -> None:
        self._awaited = product

    def _reason(self, key: str, words: str) -> None:
        if key != _OWN:
            self._teaching.activate(words)
            return
        self._context.ask(
            self.tr("Reason"),
            self.tr("It goes on record with the change."),
            [("activate", self.tr("Activate"))],
            current=None,
            on_choice=self._teaching.activate,
            entry="",
        )
