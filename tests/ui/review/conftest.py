"""A review page over a small real database, with pictures and heatmaps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QWidget

from tests.records.make import shown
from uniad_desktop.files import write_durably
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records, open_records
from uniad_desktop.records.entry import Entry
from uniad_desktop.records.images import ImageKeeper
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.schema import ImageState
from uniad_desktop.records.writer import InspectionWriter
from uniad_desktop.ui.pages.review import ReviewPage
from uniad_desktop.ui.review.context import ReviewContext

LIMIT_MS = 20_000
MakePage = Callable[..., ReviewPage]


class Asked:
    """Questions that the page asked; a test answers them."""

    def __init__(self) -> None:
        self.title = self.words = ""
        self.choices: list[tuple[str, str]] = []
        self.rows: tuple = ()
        self.current: str | None = None
        self.entry: str | None = None
        self.answer: Callable[[str], None] = lambda _: None

    def __call__(
        self,
        title,
        words,
        choices,
        *,
        current,
        on_choice,
        main=False,
        rows=(),
        entry=None,
        emptiable=False,
    ):
        self.title, self.words, self.choices = title, words, choices
        self.current = current
        self.rows, self.entry, self.answer = tuple(rows), entry, on_choice


def fill(folder: Path, verdicts: list[Verdict], **changes) -> None:
    """Puts inspections on record, each with image and heatmap; the last is the newest."""
    records = open_records(folder)
    begin = time.time() - 600
    entries = []
    for number, verdict in enumerate(verdicts):
        score = 20.0 + number if verdict is Verdict.PASS else 60.0 + number
        made = shown(verdict, number, score, at=begin + number, **changes)
        entries.append(
            Entry(
                *(made.inspection, 0.0, "Eva", made.camera, (16, 12)),
                image=made.frame.image,
                prediction=made.prediction,
                state=ImageState.KEPT,
            )
        )
    ImageKeeper(folder, RecordsOptions(), write_durably).keep(entries)
    InspectionWriter(records, "line 1").store(entries)
    records.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with twelve inspections: FAIL, PASS, FAIL, PASS, …"""
    fill(tmp_path, [Verdict.FAIL, Verdict.PASS] * 6)
    return tmp_path


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def make_page(app, qtbot, asked, said) -> Iterator[MakePage]:
    """Makes pages in a window; a test beats with `settle`."""
    window = QWidget()
    window.resize(1280, 640)
    made: list[ReviewPage] = []

    def make(folder: Path, source: str = "", **changes) -> ReviewPage:
        context = ReviewContext(
            data_folder=folder,
            model="unified",
            station="line 1",
            ask=asked,
            say=said.append,
            title_of=str.capitalize,
            source=source,
            **changes,
        )
        page = ReviewPage(context, window)
        page.resize(1280, 640)
        window.show()
        window.activateWindow()
        page.show()
        page.enter()
        made.append(page)
        settle(qtbot, page)
        return page

    yield make
    for page in made:
        page.close_down()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def page(make_page: MakePage, folder: Path) -> ReviewPage:
    return make_page(folder)


def busy(page: ReviewPage) -> bool:
    """Whether anything is still being read or written for the page."""
    workers = (page._background, page.grid._background, page.viewer._background)
    return (
        any(one.busy for one in (*workers, page.viewer._other, page.what_if._background))
        or page.queries.busy
        or page.triage.busy
        or page.sending.busy
        or bool(page.grid.thumbnails.waiting)
        or (page._found is not None and page._found.ids != [] and page.grid.current() is None)
    )


def settle(qtbot, page: ReviewPage) -> None:
    """Beats until nothing is being done any more."""
    quiet = [0]

    def quiet_now() -> bool:
        page.beat()
        quiet[0] = 0 if busy(page) else quiet[0] + 1
        return quiet[0] > 2

    qtbot.waitUntil(quiet_now, timeout=LIMIT_MS)


def read(folder: Path) -> Records:
    """The same database, for a test to look at; to be closed."""
    return open_records(folder)
