"""One camera of several: the chooser, and what follows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.records import make
from tests.ui.review.conftest import fill, settle
from tests.ui.review.test_views import FakeJob, identity
from uniad_desktop.inspection.types import Limits, Verdict
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.teaching.limit_change import open_in_use
from uniad_desktop.ui.pages.review import View
from uniad_desktop.ui.review.filter_state import Wish

LIMIT_MS = 30_000


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Six parts of SIM0001 and four of SIM0002, of one product, judged by the shipped model."""
    limit = open_in_use(tmp_path, "unified").manifest.products["flange"].reject
    judged = {"model": identity(tmp_path), "limits": Limits(limit, limit)}
    fill(tmp_path, [Verdict.FAIL, Verdict.PASS] * 3, **judged)
    fill(tmp_path, [Verdict.FAIL, Verdict.PASS] * 2, source="SIM0002", **judged)
    return tmp_path


def settle_statistics(qtbot, page) -> None:
    settle(qtbot, page)
    qtbot.waitUntil(
        lambda: (page.beat(), not page.statistics._background.busy)[1], timeout=LIMIT_MS
    )
    page.beat()


def test_one_camera_is_no_choice(page, asked):
    assert page.filters.choosers["F6"].isHidden()
    page.key_actions()["F6"]()
    assert asked.title == ""


def test_a_camera_is_chosen_of_several(qtbot, make_page, two, asked):
    page = make_page(two)
    chooser = page.filters.choosers["F6"]
    assert not chooser.isHidden() and chooser.value() == "All cameras"
    chooser.click()
    assert (asked.title, asked.current) == ("Camera", asked.rows[0].key)
    assert [(one.title, one.aside, one.detail) for one in asked.rows] == [
        ("All cameras", "", ""),
        ("SimCam U5", "6", "SIM0001"),
        ("Side view", "4", "SIM0002"),
    ]
    asked.answer("SIM0002")
    settle(qtbot, page)
    assert page.grid.count == 4 and chooser.value() == "Side view"
    assert page.filters.verdicts[Verdict.FAIL].text().endswith("\n2")
    page.key_actions()["F6"]()
    assert asked.current == "SIM0002" and asked.rows[1].aside == "6"
    asked.answer(asked.rows[0].key)
    settle(qtbot, page)
    assert page.grid.count == 10 and page.filters.wish == Wish()
    page.key_actions()["F6"]()
    asked.answer("SIM0001")
    page.key_actions()["Q"]()
    settle(qtbot, page)
    assert page.grid.count == 10 and not chooser.isHidden()


def test_cameras_of_one_name_are_told_by_their_numbers(make_page, tmp_path, monkeypatch):
    alike = replace(make.CAMERA, serial="SIM0002")
    monkeypatch.setattr(make, "SECOND_CAMERA", alike)
    fill(tmp_path, [Verdict.PASS])
    fill(tmp_path, [Verdict.PASS], source="SIM0002")
    page = make_page(tmp_path, wish=Wish(cameras=("SIM0002",)))
    assert page.filters.choosers["F6"].value() == "SIM0002"
    assert page.filters.choices.camera_titles == "SimCam U5 SIM0002"


def test_cameras_that_the_command_line_named(qtbot, make_page, two, asked):
    page = make_page(two, wish=Wish(cameras=("SIM0001", "SIM0002")))
    assert page.grid.count == 10 and page.filters.choosers["F6"].value() == "2 cameras"
    page.key_actions()["F6"]()
    assert asked.current is None
    page = make_page(two, wish=Wish(cameras=("CAM9",)))
    assert page.grid.count == 0 and page.filters.choosers["F6"].value() == "CAM9"
    page.key_actions()["F6"]()
    assert asked.current == "CAM9" and asked.rows[-1].key == "CAM9"


def test_another_source_has_other_cameras(qtbot, make_page, two, folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    fill(elsewhere, [Verdict.PASS])
    page = make_page(two, wish=Wish(cameras=("SIM0002",)))
    page.open(str(elsewhere))
    settle(qtbot, page)
    assert page.grid.count == 1 and page.filters.choosers["F6"].isHidden()


def test_statistics_follow_the_camera_and_say_where_several_are_together(
    qtbot, make_page, two, asked
):
    page = make_page(two)
    page.show_view(View.STATISTICS)
    settle_statistics(qtbot, page)
    view = page.statistics
    assert view.panel.shown("inspected") == "10" and not view.together.isHidden()
    assert view.together.text().startswith("Scores of 2 cameras are together here")
    page.key_actions()["F6"]()
    asked.answer("SIM0002")
    settle_statistics(qtbot, page)
    assert view.panel.shown("inspected") == "4" and view.together.isHidden()
    assert "camera Side view SIM0002" in view.caption.text()


def test_a_limit_tried_on_one_camera_says_that_it_holds_for_all(qtbot, make_page, two, asked):
    page = make_page(two, wish=Wish(cameras=("SIM0002",)))
    page.show_view(View.WHAT_IF)
    settle(qtbot, page)
    view = page.what_if
    assert len(view._desk.table) == 4
    assert "Counted are parts of Side view SIM0002" in view.words.text()
    limit = view._desk.entry.reject * 0.8
    view.chart.show_limits(limit, limit, band=False)
    view.chart.moved.emit(limit, limit)
    page.key_actions()["A"]()
    assert "on every camera, not only of Side view SIM0002" in asked.words
    page.filters.clear_all()
    settle(qtbot, page)
    assert len(view._desk.table) == 10 and "Counted are" not in view.words.text()


def test_export_and_judging_again_follow_the_camera(qtbot, make_page, two, asked):
    page = make_page(two, wish=Wish(cameras=("SIM0002",)))
    assert len(page._again_ids()) == 4
    jobs = []
    page.exporting._begin = lambda *order: (jobs.append(FakeJob(*order)), jobs[-1])[1]
    page.key_actions()["E"]()
    assert asked.title == "Export 4 inspections"
    asked.answer(".csv")
    asked.answer(asked.rows[0].key)
    qtbot.waitUntil(lambda: (page.beat(), bool(jobs))[1], timeout=LIMIT_MS)
    wanted = jobs[0].order.wanted
    assert wanted.cameras == ("SIM0002",)
    assert wanted == RecordFilter(cameras=("SIM0002",), until=wanted.until)
