"""A hundred thousand inspections: only what is in sight is fetched, drawn and kept."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import insert, select

from tests.ui.review.conftest import fill, read, settle
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.schema import InspectionRow
from uniad_desktop.ui.review import record_model

MANY = 100_000


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A data folder with very many rows, made from one."""
    folder = tmp_path_factory.mktemp("many")
    fill(folder, [Verdict.PASS])
    with closing(read(folder)) as records, records.writing() as connection:
        row = dict(connection.execute(select(InspectionRow)).mappings().one())
        row.pop("id")
        row.update(image=None, image_state=0, heatmap=0, image_sha256=None)
        for begin in range(0, MANY - 1, 10_000):
            rows = [
                {**row, "at_us": row["at_us"] + number, "number": number}
                for number in range(begin + 1, min(begin + 10_001, MANY))
            ]
            connection.execute(insert(InspectionRow), rows)
    return folder


def test_scrolling_fetches_what_is_in_sight_only(qtbot, make_page, crowded):
    page = make_page(crowded)
    assert page.grid.count == MANY and page.heading.text() == "100\u00a0000 INSPECTIONS"
    model, bar = page.grid.model, page.grid.view.verticalScrollBar()
    screen = page.grid.view.in_sight()[1]
    assert len(model._kept) <= 4 * screen + 10
    bar.setValue(bar.maximum() // 2)
    settle(qtbot, page)
    first, last = page.grid.view.in_sight()
    assert first > 40_000 and all(model.record(row) is not None for row in range(first, last))
    bar.setValue(bar.maximum())
    settle(qtbot, page)
    assert model.record(MANY - 1).number == 1 or model.record(MANY - 1) is not None
    assert len(model._kept) < 20 * screen < record_model.MOST_KEPT


def test_what_is_kept_is_bounded(qtbot, make_page, crowded, monkeypatch):
    monkeypatch.setattr(record_model, "MOST_KEPT", 100)
    page = make_page(crowded)
    bar = page.grid.view.verticalScrollBar()
    for part in range(1, 6):
        bar.setValue(bar.maximum() * part // 6)
        settle(qtbot, page)
        assert len(page.grid.model._kept) <= 100
    page.grid.go(0)
    settle(qtbot, page)
    assert page.grid.current() is not None


def test_all_are_chosen_and_let_go(qtbot, make_page, crowded):
    page = make_page(crowded)
    page.choose_all()
    assert page.grid.selected() == MANY and len(page.grid.selection()) == MANY
    page.escape()
    assert page.grid.selected() == 1
