"""Collecting parts of one product: from the camera, from folders, and what is done with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from uniad_desktop.app import open_model
from uniad_desktop.engine.package import ModelPackage, PackageError
from uniad_desktop.inspection.types import StationState
from uniad_desktop.station_options import StationOptions
from uniad_desktop.teaching.challenge import ChallengeSet, Label
from uniad_desktop.teaching.collect_state import BY_HAND, ON_TRIGGER, CollectState, Every, Rule
from uniad_desktop.teaching.collection import PartCollection
from uniad_desktop.teaching.coverage import Coverage
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.image_paths import images_in
from uniad_desktop.teaching.live_collector import LiveCollector
from uniad_desktop.teaching.products import Product, ProductStore
from uniad_desktop.ui import language
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.teach.context import TeachContext, login
from uniad_desktop.ui.teach.part_list import PartList, read_parts

READ_EVERY_S = 0.5
_RULES: dict[str, Rule] = {
    "every": Every(1),
    "second": Every(2),
    "tenth": Every(10),
    "trigger": ON_TRIGGER,
    "hand": BY_HAND,
}
_AT_REST = (StationState.STOPPED, StationState.FINISHED, StationState.FAILED)


class CollectControl(QObject):
    """Owns the collector of the product being taught and reads its parts anew when they change.

    Args:
        context: where things are and whom to tell.
        parent: the view.

    Signals:
        changed: `parts` or `coverage` is another.
    """

    changed = Signal()

    def __init__(self, context: TeachContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("collect")
        self._collector: LiveCollector | None = None
        self._former: list[LiveCollector] = []
        self._key = ""
        self._product: Product | None = None
        self._title = ""
        self._rule = ""
        self._seen = (0, 0)
        self._read_at = 0.0
        self._told = ""
        self._unreadable = 0
        self.state = CollectState()
        self.parts = PartList()
        self.coverage: Coverage | None = None

    # what is collected

    def show_product(self, key: str, title: str) -> None:
        """Goes on with another product; collecting of the former one ends."""
        self.stop()
        self._drop_collector()
        self._key, self._product, self._title = key, None, title
        self.parts, self.coverage, self.state = PartList(), None, CollectState()
        self.changed.emit()
        folder = self._context.data_folder
        self._background.run(
            lambda: (
                ProductStore(folder).get(key),
                read_parts(folder, key),
                PartCollection(folder, key),
            ),
            lambda found: self._begin(*found),
            self._context.say,
            (StoreError,),
        )

    def _begin(self, product: Product, parts: PartList, collection: PartCollection) -> None:
        if product.key != self._key:  # another one was chosen meanwhile
            return
        context = self._context
        self._product = product
        self._take_parts(parts)
        self._collector = LiveCollector(product, collection, self._open_package, context.station)
        if parts.counts.accepted:
            self._measure(product)

    def _open_package(self) -> ModelPackage:
        context = self._context
        return open_model(
            StationOptions(camera="", data_folder=context.data_folder, model=context.model)
        )

    def _measure(self, product: Product) -> None:
        def take(coverage: Coverage) -> None:
            if product.key == self._key:
                self._take_coverage(coverage)

        self._background.run(
            lambda: self._measured(product),
            take,
            self._context.say,
            (StoreError, PackageError),
        )

    def _measured(self, product: Product) -> Coverage:
        """How varied the parts are that are there already."""
        from uniad_desktop.teaching.part_checks import PartChecks

        collection = PartCollection(self._context.data_folder, product.key)
        checks = PartChecks(product, collection, self._open_package())
        try:
            return checks.coverage()
        finally:
            checks.close()

    # from the camera

    def ask(self) -> None:
        """Asks which frames are to be taken, or ends collecting."""
        if self.collecting:
            self.stop()
            return
        if self._collector is None:
            return
        station = self._context.station
        now = station.product.title(language.current())
        beside = self._product is not None and station.product.key == self._product.key
        words = (
            self.tr("Inspection goes on meanwhile.")
            if beside
            else self.tr(
                "The station inspects “{product}”. While parts of “{other}” are collected nothing "
                "is inspected."
            ).format(product=now, other=self._title)
        )
        self._context.ask(
            self.tr("Which frames are good parts?"),
            words,
            [(key, self.rule_words(key)) for key in _RULES],
            current=None,
            on_choice=self.start,
        )

    def rule_words(self, key: str) -> str:
        """What a rule is called."""
        return {
            "every": self.tr("Every frame"),
            "second": self.tr("Every second frame"),
            "tenth": self.tr("Every tenth frame"),
            "trigger": self.tr("Every triggered frame"),
            "hand": self.tr("Those I tap on"),
        }[key]

    def start(self, rule: str) -> None:
        """Collects by one of the rules from now on."""
        if self._collector is None:
            return
        self._rule = rule
        self._told = ""
        beside = self._collector.attach(self._title)
        self._collector.start(_RULES[rule])
        # For another product the station starts by itself, and stops again afterwards.
        if beside and self._context.station.state in _AT_REST:
            self._context.station.start()
        self.state = self._collector.snapshot()
        self.changed.emit()

    def stop(self) -> None:
        """Takes no more frames; the station does again what it did before."""
        if self._collector is None:
            return
        self._collector.pause()
        self._collector.detach()
        self.state = self._collector.snapshot()
        self._rule = ""
        self.changed.emit()

    def take_one(self) -> None:
        """Takes the next frame."""
        if self._collector is not None:
            self._collector.take_one()

    @property
    def collecting(self) -> bool:
        """Whether frames of the camera are being taken."""
        return bool(self._rule)

    @property
    def rule(self) -> str:
        """Key of the rule in force; empty while nothing is collected."""
        return self._rule

    # from files

    def add_folder(self, folder: Path) -> None:
        """Takes the images of a folder in, one after the other, with the same checks."""
        self._background.run(
            lambda: images_in([folder]), self._take_files, self._context.say, (StoreError,)
        )

    def _take_files(self, files: Sequence[Path]) -> None:
        if self._collector is not None:
            self._told = ""
            self._collector.collect_files(files)

    # with the parts

    def accept(self, parts: Sequence[str]) -> None:
        """Takes doubtful or deleted parts in."""
        self._change(lambda collection: collection.accept(parts))

    def delete(self, parts: Sequence[str]) -> None:
        """Puts parts into the trash."""
        self._change(lambda collection: collection.delete(parts))

    def keep_as_challenge(self, parts: Sequence[str]) -> None:
        """Keeps parts as defects of the challenge set and puts them into the trash here."""
        product, folder = self._product, self._context.data_folder
        if product is None:
            return

        def keep(collection: PartCollection) -> None:
            challenge = ChallengeSet(folder, product.key)
            for one in parts:
                part = collection.get(one)
                challenge.add(
                    collection.image(part),
                    Label.DEFECT,
                    note=part.note,
                    who=login(),
                    origin=part.origin.source,
                )
            collection.delete(parts)

        self._change(keep)

    def note(self, part: str, note: str) -> None:
        """Writes a note to a part."""
        self._change(lambda collection: collection.set_note(part, note))

    def undo(self) -> None:
        """Takes the last action back."""
        self._change(lambda collection: collection.undo())

    def _change(self, change: Callable[[PartCollection], object]) -> None:
        product = self._product
        if product is None:
            return
        folder = self._context.data_folder

        def work() -> PartList:
            change(PartCollection(folder, product.key))
            return read_parts(folder, product.key)

        def then(parts: PartList) -> None:
            self._take_parts(parts)
            if self._collector is not None:
                self._collector.refresh()
            if not self.state.collecting and parts.counts.accepted:
                self._measure(product)

        self._background.run(work, then, self._context.say, (StoreError,))

    # what the window does

    def beat(self) -> None:
        """Takes what was done meanwhile; returns at once."""
        self._background.beat()
        if self._collector is None or self._product is None:
            return
        self.state = state = self._collector.snapshot()
        if state.problem and state.problem != self._told:
            self._context.say(state.problem)
            self.stop()
        self._told = state.problem
        if state.unreadable > self._unreadable and state.files_done == state.files:
            self._unreadable = state.unreadable
            self._context.say(state.unread)
        if state.coverage is not None and state.coverage is not self.coverage:
            self._take_coverage(state.coverage)
        seen = (state.taken, state.aside)
        if seen != self._seen and time.monotonic() - self._read_at > READ_EVERY_S:
            self._seen, self._read_at = seen, time.monotonic()
            folder, key = self._context.data_folder, self._product.key
            self._background.run(
                lambda: read_parts(folder, key), self._take_parts, self._context.say, (StoreError,)
            )

    @property
    def busy(self) -> bool:
        """Whether something is still being read or written."""
        state = self.state
        unfinished = state.files_done < state.files or state.waiting > 0
        unread = (state.taken, state.aside) != self._seen
        return self._background.busy or unread or (unfinished and not state.problem)

    def close_down(self) -> None:
        """Ends collector and worker; what waits is still taken."""
        self._background.close_down()
        for collector in (*self._former, self._collector):
            if collector is not None:
                collector.close()
        self._former, self._collector = [], None

    def _drop_collector(self) -> None:
        collector, self._collector = self._collector, None
        self._seen, self._told, self._unreadable = (0, 0), "", 0
        if collector is not None:
            self._former.append(collector)
            self._background.run(collector.close, lambda _: self._former.remove(collector))

    def _take_parts(self, parts: PartList) -> None:
        if self._product is not None and parts.product == self._product.key:
            self.parts = parts
            self.changed.emit()

    def _take_coverage(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.changed.emit()
