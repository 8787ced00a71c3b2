"""A code that is scanned chooses the product."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.fake_station import LIMITS
from tests.ui.teach.conftest import OLD, Bench
from uniad_desktop.inspection.types import ProductInfo
from uniad_desktop.ui import code_choice
from uniad_desktop.ui.widgets.top_bar import Page

CAP = ProductInfo("cap", {"en": "Cap"}, LIMITS)


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.station.products = (OLD, CAP)
    bench.store.create("cap", {"en": "Cap"}, codes=["4711"])
    bench.store.create("bolt", {"en": "Bolt"}, codes=["4712"])
    return bench


def scan(bench: Bench, code: str) -> str:
    """The sentence that comes of it."""
    bench.window.codes.reader.scanned.emit(code)
    bench.settle()
    bench.window.refresh_bars()
    return bench.window.page.notice.sentence()


def test_a_known_code_chooses_its_product(bench: Bench):
    assert scan(bench, "4711") == "" and bench.station.asked == ["product cap"]
    assert scan(bench, "4711") == "" and bench.station.asked == ["product cap"]


def test_the_key_of_what_only_the_model_knows(bench: Bench):
    bench.station.products = (OLD, CAP, ProductInfo("nut", {"en": "Nut"}, LIMITS))
    assert scan(bench, " nut ") == "" and bench.station.asked == ["product nut"]


def test_an_unknown_code_changes_nothing(bench: Bench):
    said = scan(bench, "9" * 60)
    assert f"“{'9' * 40}”" in said and "goes on with Old part" in said
    assert bench.station.asked == []
    bench.window.escape()
    assert bench.window.page.notice.sentence() == ""
    scan(bench, "unknown")
    assert scan(bench, "4711") == "", "a code that is known takes the sentence away"


def test_a_product_that_is_not_taught_yet(bench: Bench):
    said = scan(bench, "4712")
    assert said.startswith("The code is of “Bolt”, which the model does not know yet")
    assert bench.station.asked == [] and bench.page._product == "bolt", "it is next to be taught"
    bench.show("old")
    bench.window.show_page(Page.INSPECT)
    scan(bench, "4712")
    assert bench.page._product == "old"


def test_a_code_from_the_reader_itself(bench: Bench):
    """Its characters are no keys: 4 shows no view, and Enter presses nothing."""
    bench.window.show_page(Page.INSPECT)
    bench.window.codes.reader._clock = lambda _: 0.0  # one after the other without delay
    for letter in "4711":
        QTest.keyClick(bench.window, letter)
    QTest.keyClick(bench.window, Qt.Key.Key_Return)
    bench.until(lambda: bench.station.asked)
    assert bench.station.asked == ["product cap"] and bench.window.sheet is None


def test_products_that_cannot_be_read_are_said(bench: Bench, monkeypatch):
    def broken(self, text):
        raise code_choice.StoreError("The products cannot be read.")

    monkeypatch.setattr(code_choice.ProductStore, "by_code", broken)
    assert scan(bench, "4711") == "The products cannot be read."
    assert bench.station.asked == []
