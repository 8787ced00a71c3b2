"""Choosing another version of the model: the list, the question, the change and what came of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from PySide6.QtCore import QObject, QTimer

from uniad_desktop.engine.package import PackageError
from uniad_desktop.inspection.types import ProductInfo
from uniad_desktop.teaching.activation_log import VersionRef
from uniad_desktop.teaching.version_list import KnownVersion
from uniad_desktop.ui import language
from uniad_desktop.ui.ask import Ask
from uniad_desktop.ui.station_like import StationLike
from uniad_desktop.ui.versions_like import ModelVersions, VersionList
from uniad_desktop.ui.widgets.row_button import Row
from uniad_desktop.ui.widgets.sheet import Sheet

log = logging.getLogger(__name__)

BACK = "back"
CHANGE = "change"
LOOK_EVERY_S = 1.0
LONGEST_PREPARATION_S = 180.0
DOUBLE_TAP_MS = 400


class VersionChooser(QObject):
    """Everything that reads or writes files runs on one worker; `beat` takes what is finished.

    Args:
        station: whose model it is; it takes an activated version over by itself.
        versions: of that model.
        ask: opens a sheet.
        parent: the window.
    """

    def __init__(
        self, station: StationLike, versions: ModelVersions, ask: Ask, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._station, self._versions, self._ask = station, versions, ask
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="ui-versions")
        self._listing: Future[VersionList] | None = None
        self._reading: Sheet | None = None
        self._changing: Future[VersionRef] | None = None
        self._looking: Future[VersionRef | None] | None = None
        self._looked_at = -LOOK_EVERY_S
        self._goal = ""
        self._record: VersionRef | None = None
        self._waiting_since: float | None = None
        self._late = False
        self.problem = ""
        self.inspected: Callable[[], Sequence[ProductInfo]] = lambda: (station.product,)
        """Products in force; of several cameras each has one, and a version must know them all."""

    @property
    def preparing(self) -> str:
        """The version that was chosen and does not inspect yet; empty where there is none."""
        if self._changing is not None:
            return self._goal
        return self._record.version if self._waits() and self._record and not self._late else ""

    def acknowledge(self) -> None:
        """Takes the sentence away."""
        self.problem = ""

    def choose(self) -> None:
        """Reads the versions, then offers them."""
        self._reading = self._ask(
            self._title(), self.tr("Reading…"), [], current=None, on_choice=lambda _: None
        )
        self._listing = self._worker.submit(self._versions.list)
        self._reading.done.connect(self._forget_list)

    def beat(self) -> None:
        """Takes what the worker finished; returns at once."""
        self._take_record()
        self._take_change()
        self._take_list()
        self._mind_the_time()

    def close_down(self) -> None:
        """Ends the worker after what it is doing now."""
        self._forget_list()
        self._worker.shutdown(wait=False, cancel_futures=True)

    # the list

    def _title(self) -> str:
        return self.tr("Versions of {model}").format(model=self._station.model.name)

    def _forget_list(self) -> None:
        if self._listing is not None:
            self._listing.cancel()
        self._listing = self._reading = None

    def _take_list(self) -> None:
        if self._listing is None or not self._listing.done():
            return
        done, self._listing = self._listing, None
        error = done.exception()
        if error is not None:
            self.problem = self._sentence(error)
            if self._reading is not None:
                self._reading.close_with(None)
            return
        found = done.result()
        rows = [self._row(str(place), one) for place, one in enumerate(found.versions)]
        if found.back is not None:
            back = self._row(BACK, found.back)
            title = self.tr("Back to {version}").format(version=found.back.version)
            rows.insert(0, Row(BACK, title, back.aside, back.detail))
        sheet = self._ask(
            self._title(),
            self.tr("The version that is chosen takes over between two parts.")
            if rows
            else self.tr("There is no version at this station."),
            [],
            current=self._current(found),
            on_choice=lambda key: self._chosen(found, key),
            rows=rows,
        )
        _hold(sheet)

    def _current(self, found: VersionList) -> str | None:
        """Key of the active version, or of the one that inspects where none was activated."""
        active = [str(place) for place, one in enumerate(found.versions) if one.active]
        running = [str(place) for place, one in enumerate(found.versions) if self._runs(one)]
        return next(iter([*active, *running]), None)

    def _row(self, key: str, one: KnownVersion) -> Row:
        if one.problem:
            damaged = self.tr("{version} · cannot be used").format(version=one.version)
            return Row(key, damaged, "", self.tr("Tap to read why."))
        title = one.version
        if self._runs(one):
            title = self.tr("{version} · in use").format(version=one.version)
        elif one.active:
            title = self.tr("{version} · active, not in use yet").format(version=one.version)
        count = len(one.products)
        products = self.tr("1 product") if count == 1 else self.tr("{n} products").format(n=count)
        aside = f"{products} · {_date(one.created)} · {one.sha256[:8]}"
        return Row(key, title, aside, one.change or self.tr("It does not say what changed."))

    def _runs(self, one: KnownVersion) -> bool:
        return one.sha256 == self._station.model.sha256

    # the question

    def _chosen(self, found: VersionList, key: str) -> None:
        if key == BACK:
            if found.back is not None and self._knows_product(found.back):
                self._change(found.back.version, self._versions.roll_back)
            return
        one = found.versions[int(key)]
        if one.problem:
            self.problem = one.problem
        elif key != self._current(found) and self._knows_product(one):
            self._confirm(one)

    def _knows_product(self, one: KnownVersion) -> bool:
        """Whether the version knows the products in force; says so where not."""
        unknown = [product for product in self.inspected() if product.key not in one.products]
        if not unknown:
            return True
        product = unknown[0]
        self.problem = self.tr(
            "{version} does not know the product “{product}”; choose a product that it knows first."
        ).format(version=one.version, product=product.title(language.current()))
        return False

    def _confirm(self, one: KnownVersion) -> None:
        words = self.tr(
            "It takes over between two parts; inspection goes on. Its limits may differ from those "
            "of {running}."
        ).format(running=self._station.model.version)
        made = f"{_date(one.created)} · {one.sha256[:8]}"
        question = self.tr("Change to {version}?").format(version=one.version)
        sheet = self._ask(
            question,
            "\n".join((*([one.change] if one.change else []), made, "", words)),
            [(CHANGE, self.tr("Change to {version}").format(version=one.version))],
            current=None,
            on_choice=lambda _: self._change(one.version, lambda: self._versions.activate(one)),
            main=True,
        )
        _hold(sheet)

    # the change

    def _change(self, version: str, work: Callable[[], VersionRef]) -> None:
        if self._changing is not None:
            self.problem = self.tr("Another change is being written; try again in a moment.")
            return
        self.problem = ""
        self._goal = version
        self._changing = self._worker.submit(work)

    def _take_change(self) -> None:
        if self._changing is None or not self._changing.done():
            return
        done, self._changing = self._changing, None
        error = done.exception()
        if error is None:
            self._record = done.result()
        else:
            self.problem = self._sentence(error)

    def _sentence(self, error: BaseException) -> str:
        if isinstance(error, PackageError):
            return str(error)
        log.error("The versions could not be read or changed", exc_info=error)
        return self.tr("The versions cannot be read or changed: {reason}").format(reason=error)

    # what came of it

    def _take_record(self) -> None:
        """Looks at the record now and then: it may be changed from elsewhere as well."""
        if self._looking is None:
            now = time.monotonic()
            if self._changing is None and now - self._looked_at >= LOOK_EVERY_S:
                self._looked_at = now
                self._looking = self._worker.submit(self._versions.active)
        elif self._looking.done():
            done, self._looking = self._looking, None
            error = done.exception()
            if error is not None:
                log.debug("The record of activations cannot be read: %s", error)
            self._record = done.result() if error is None else None

    def _waits(self) -> bool:
        return self._record is not None and self._record.sha256 != self._station.model.sha256

    def _mind_the_time(self) -> None:
        """Says so where a version does not take over: the former one goes on inspecting."""
        if not self._waits() or self._record is None:
            if self._late:
                self.problem = ""
            self._waiting_since, self._late = None, False
            return
        now = time.monotonic()
        if self._waiting_since is None:
            self._waiting_since = now
        elif not self._late and now - self._waiting_since > LONGEST_PREPARATION_S:
            self._late = True
            self.problem = self.tr(
                "{version} was chosen but has not taken over; {running} goes on inspecting. The "
                "log says why. Choose {running} again, or restart the station."
            ).format(version=self._record.version, running=self._station.model.version)


def _hold(sheet: Sheet) -> None:
    """The second tap of a double tap on what lay there before chooses nothing."""
    for button in sheet.buttons.values():
        button.setEnabled(False)

    def free() -> None:
        for button in sheet.buttons.values():
            button.setEnabled(True)

    QTimer.singleShot(DOUBLE_TAP_MS, sheet, free)


def _date(created: str) -> str:
    """Local date and time of an ISO 8601 time; what it says where it is none."""
    try:
        return datetime.fromisoformat(created).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return created[:16]
