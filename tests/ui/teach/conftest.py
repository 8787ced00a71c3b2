"""The window with a tiny model, whose Teach page is in front."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from tests.teaching.parts import DOUBT, FIT, ORIGIN
from tests.teaching.test_teach import package, picture  # noqa: F401 - the fixture
from tests.ui.fake_station import LIMITS, FakeStation
from uniad_desktop.engine.package import ModelPackage, open_package
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import ProductInfo
from uniad_desktop.teaching import challenge_run
from uniad_desktop.teaching.collection import PartCollection
from uniad_desktop.teaching.products import ProductStore
from uniad_desktop.teaching.teach_record import CheckResult, TeachResult, write_result
from uniad_desktop.ui.main_window import MainWindow
from uniad_desktop.ui.teach import collect_control
from uniad_desktop.ui.widgets.top_bar import Page

WAIT_MS = 60_000
OLD = ProductInfo("old", {"en": "Old part"}, LIMITS)


def write_image(path: Path, image: np.ndarray) -> Path:
    """Writes a picture, whose folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return path


def part_pictures(folder: Path, count: int, first: int = 0) -> Path:
    """A folder of good parts."""
    for number in range(first, first + count):
        write_image(folder / f"{number:03d}.png", picture(number))
    return folder


def collect(data: Path, key: str, good: int, doubtful: int = 0) -> PartCollection:
    """A product with parts that were collected before."""
    ProductStore(data).create(key, {"en": key.capitalize()})
    collection = PartCollection(data, key)
    for number in range(good + doubtful):
        findings = FIT if number < good else DOUBT
        collection.add(picture(number), ORIGIN, {}, findings)
    return collection


def taught(data: Path, product: str = "bolt", worse: str = "", odd: tuple[str, ...] = ()):
    """The result of a teaching, with its version, as one that ended here left it."""
    base = open_package(data / "models" / "tiny" / "1.0.0")
    made = write_next(base, data / "models", note={"who": "eve"}).identity

    def check(key: str, *, new: bool, why: str = "") -> CheckResult:
        return CheckResult(
            key=key,
            parts=1234,
            held=True,
            rejected_before=None if new else 0.01,
            rejected_after=0.012,
            scale=1.0,
            auroc_before=None if new else 0.98,
            auroc_after=0.97,
            new=new,
            challenge=None if new else (0, 1),
            worse=why,
        )

    result = TeachResult(
        id="1",
        model="tiny",
        product=product,
        version=made.version,
        sha256=made.sha256,
        package=data / "models" / "tiny" / made.version,
        former="1.0.0",
        former_sha256=base.identity.sha256,
        checks=(check("old", new=False, why=worse), check(product, new=True)),
        odd=odd,
        limit=1.0,
        accept=1.0,
        note="6 normal parts are too few for a false-reject rate of 0.50%; 193 more are needed.",
        seconds=3.0,
        finished="2026-11-26T03:43:08+00:00",
    )
    write_result(data, result)
    return result


class Bench:
    """The window, and what a person in front of it does."""

    def __init__(self, window: MainWindow, station: FakeStation, data: Path, qtbot) -> None:
        assert window.teach is not None
        self.window, self.station, self.data = window, station, data
        self.page, self.train = window.teach, window.teach.train
        self.collect, self.teaching = self.train.collect, self.train.teaching
        self.store = ProductStore(data)
        self._qtbot = qtbot

    def until(self, so: Callable[[], object]) -> None:
        """Beats until something is so."""
        self._qtbot.waitUntil(
            lambda: (self.window.tick(), self.window.refresh_bars(), bool(so()))[2],
            timeout=WAIT_MS,
        )

    def settle(self) -> None:
        """Beats until nothing is read or written any more, twice: one thing may lead to another."""
        for _ in range(2):
            self.until(lambda: not self.busy)
            self.window.tick()

    @property
    def busy(self) -> bool:
        page = self.page
        return any(
            (
                page._background.busy,
                self.collect.busy,
                self.teaching.busy,
                page.limits.busy,
                page.challenge.busy,
                page.products._background.busy,
                self.train.preview._background.busy,
                self.window.shift_start._background.busy,
                self.window.codes._background.busy,
            )
        )

    def answer(self, choice: str) -> None:
        """Taps on a choice of the sheet that is open."""
        self.window.sheet.buttons[choice].click()

    def type(self, text: str) -> None:
        """Types into the sheet and chooses."""
        sheet = self.window.sheet
        assert sheet.field is not None
        sheet.field.setText(text)
        (button,) = sheet.buttons.values()
        button.click()

    def sheet_words(self) -> str:
        return " ".join(label.text() for label in self.window.sheet.findChildren(QLabel))

    def show(self, key: str) -> None:
        """Goes on with a product."""
        self.page.take_product(key)
        self.settle()

    @property
    def notice(self) -> str:
        return self.page.notice.sentence()

    @property
    def counts(self) -> tuple[int, int, int]:
        """Taken in, doubtful, deleted."""
        counts = self.collect.parts.counts
        return counts.accepted, counts.doubtful, counts.rejected

    def teach_product(self, title: str) -> str:
        """A new product by the sheet; its key."""
        self.page.product.click()
        self.until(lambda: self.window.sheet)
        self.answer("+new")
        self.type(title)
        self.settle()
        return self.page._product


class FakeReplay:
    """A process that replays challenge images, as a test says."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments, self.closed = arguments, False
        self.code: int | None = None
        self.sentence = ""
        self._lines: list[str] = []

    def end(self, code: int, lines: list[str], sentence: str = "") -> None:
        self.code, self._lines, self.sentence = code, lines, sentence

    def lines(self) -> list[str]:
        said, self._lines = self._lines, []
        return said

    def close(self) -> bool:
        self.closed = True
        return True


@pytest.fixture
def replays(monkeypatch: pytest.MonkeyPatch) -> list[FakeReplay]:
    """The replays that were started; none is a real process."""
    started: list[FakeReplay] = []

    def start(arguments: list[str]) -> FakeReplay:
        started.append(FakeReplay(arguments))
        return started[-1]

    monkeypatch.setattr(challenge_run, "CommandRun", start)
    return started


@pytest.fixture(scope="session", autouse=True)
def _what_stays() -> Iterator[None]:
    """The libraries' objects are not gone through after each test: they make that slow."""
    from uniad_desktop.uniad import timm_models  # noqa: F401 - loads them

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _nothing_need_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether files outlive a power cut is not tried here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(collect_control, "READ_EVERY_S", 0.0)


@pytest.fixture(autouse=True)
def _child_finds_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes run this checkout, whatever is installed."""
    root = str(Path(__file__).parents[3])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def data(tmp_path: Path, package: ModelPackage) -> Path:  # noqa: F811
    """A data folder with the tiny model, which knows the product ``old``."""
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "models").rename(folder / "models")
    return folder


@pytest.fixture
def station(package: ModelPackage) -> FakeStation:  # noqa: F811
    """A station that runs the tiny model."""
    made = FakeStation()
    made.model = ModelIdentity("tiny", "1.0.0", package.identity.sha256)
    made.products, made.product = (OLD,), OLD
    return made


@pytest.fixture
def make_bench(make_window, station, data, qtbot) -> Callable[[], Bench]:
    def make() -> Bench:
        window = make_window(station, data_folder=data)
        window.show_page(Page.TEACH)
        made = Bench(window, station, data, qtbot)
        made.settle()
        return made

    return make


@pytest.fixture
def bench(make_bench: Callable[[], Bench]) -> Bench:
    return make_bench()
