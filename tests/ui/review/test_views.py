"""What-if, judging again, exports and folders: against fakes where a process would run."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ui.review.conftest import fill, settle
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.inspection.types import Limits, Verdict
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.query import fetch, matching_ids
from uniad_desktop.records.schema import Label
from uniad_desktop.review.background import WorkState
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.rescore import RescoreHead, RescoreResult
from uniad_desktop.scoring.job import ScoredImage
from uniad_desktop.teaching.limit_change import open_in_use
from uniad_desktop.ui.pages.review import View
from uniad_desktop.ui.reports.choices import PRINT
from uniad_desktop.ui.review import judging
from uniad_desktop.ui.review.filter_state import Period, Wish
from uniad_desktop.ui.review.queries import up_to


def identity(folder: Path) -> ModelIdentity:
    return open_in_use(folder, "unified").identity


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A data folder with parts that the shipped model judged, on its own scale."""
    limit = open_in_use(tmp_path, "unified").manifest.products["flange"].reject
    fill(
        tmp_path,
        [Verdict.FAIL, Verdict.PASS] * 6,
        model=identity(tmp_path),
        limits=Limits(limit, limit),
    )
    return tmp_path


# what if


def test_the_limit_belongs_to_a_product(qtbot, make_page, known):
    fill(known, [Verdict.PASS], product="label", model=identity(known))
    page = make_page(known)
    page.show_view(View.WHAT_IF)
    assert "choose one at the left (B)" in page.what_if.message.text()
    page.filters.put(replace(page.filters.wish, product="flange"))
    settle(qtbot, page)
    assert page.what_if.shows_chart


def test_another_limit_shows_false_rejects_and_escapes_at_once(qtbot, make_page, known):
    page = make_page(known)
    records = page.records
    passed = matching_ids(records, page._found.wanted.__class__(verdicts=(Verdict.PASS,)))
    set_label(records, passed[:3], Label.GOOD, who="Eva")
    set_label(records, passed[3:5], Label.DEFECT, who="Eva")
    page.filters.verdicts[Verdict.FAIL].click()  # does not narrow what the limit is held against
    page.show_view(View.WHAT_IF)
    settle(qtbot, page)
    view = page.what_if
    assert view.shows_chart and not view.apply.isEnabled()
    scores = view._desk.table.raw.tolist()
    assert len(scores) == 12
    low = scores[0] * 0.9
    view.chart.show_limits(low, low, band=False)
    view.chart.moved.emit(low, low)
    rows = [view.table.row(number) for number in range(1, 5)]
    assert rows[0] == ("Fail", "0 of 12", "12 of 12")  # raw scores of the test are small
    assert rows[1][2] == "3 of 3" and rows[2][1:] == ("2 of 2", "0 of 2")
    assert view.apply.isEnabled()
    page.key_actions()["Backspace"]()
    assert not view.changed and view.table.row(1)[2] == "0 of 12"


def test_a_limit_is_applied_with_a_reason(qtbot, make_page, known, asked, said):
    page = make_page(known)
    page.show_view(View.WHAT_IF)
    settle(qtbot, page)
    view = page.what_if
    page.key_actions()["A"]()
    assert asked.title == ""  # nothing to apply, nothing asked
    limit = view._desk.entry.reject * 0.8
    view.chart.show_limits(limit, limit, band=False)
    view.chart.moved.emit(limit, limit)
    page.key_actions()["A"]()
    assert "“Flange”" in asked.title and asked.entry == ""
    asked.answer("a defect was missed")
    settle(qtbot, page)
    package = open_in_use(known, "unified")
    assert package.manifest.products["flange"].reject == pytest.approx(limit)
    assert package.identity.version in view.message.text() and said == []


def test_a_product_that_the_model_does_not_know(qtbot, make_page, tmp_path):
    fill(tmp_path, [Verdict.PASS], product="bracket")
    page = make_page(tmp_path)
    page.show_view(View.WHAT_IF)
    settle(qtbot, page)
    assert "does not know the product “bracket”" in page.what_if.message.text()
    for action in page.what_if.key_actions().values():
        action()


# judging again


class FakeRun:
    """Judges everything at the second beat: what failed passes, and the other way round."""

    def __init__(self, source, ids, model) -> None:
        self.records, self.ids, self.model = source.records, list(ids), model
        self.state = WorkState(total=len(self.ids))
        self.closed = self.cancelled = False

    def beat(self) -> WorkState:
        return self.state

    def pause(self) -> None:
        self.state = replace(self.state, paused=True)

    def resume(self) -> None:
        self.state = replace(self.state, paused=False)

    def cancel(self) -> None:
        self.cancelled = True
        self.state = replace(self.state, running=False)

    def finish(self, problem: str = "") -> None:
        total = self.state.total
        self.state = replace(self.state, done=total, running=False, problem=problem)

    def result(self) -> RescoreResult:
        head = RescoreHead(
            *("run", datetime.now(UTC).isoformat(), "Eva", "station", "", self.model, ""),
            *(len(self.ids), 0, {}),
        )
        lines = {
            one.id: ScoredImage(
                *(f"{one.id}.png", one.image_sha256, 0, one.product, ""),
                Verdict.PASS if one.verdict is Verdict.FAIL else Verdict.FAIL,
                *(100.0 - one.score, one.raw_score, 1.0, 1.0, ()),
                *(self.model, "0" * 64, "test", 16, 12, 1.0, ""),
            )
            for one in fetch(self.records, self.ids)
        }
        return RescoreResult(head, lines)

    def close(self, timeout_s: float = 20.0) -> bool:
        self.closed = True
        return True


@pytest.fixture
def again(qtbot, page):
    """The page with a run that the test steers."""
    runs: list[FakeRun] = []

    def start(source, ids, model):
        runs.append(FakeRun(source, ids, model))
        return runs[-1]

    page.again._start = start
    page.again.runs = runs
    page.show_view(View.AGAIN)
    return page


def settle_again(qtbot, page) -> None:
    qtbot.waitUntil(lambda: (page.beat(), not page.again._background.busy)[1], timeout=10_000)
    settle(qtbot, page)


def begin(qtbot, page, asked) -> FakeRun:
    page.key_actions()["R"]()
    settle_again(qtbot, page)
    assert shipped_models().name and asked.rows[0].key.startswith("unified@")
    asked.answer(asked.rows[0].key)
    settle_again(qtbot, page)
    return page.again.runs[-1]


def test_flips_lead_to_their_inspection(qtbot, again, asked):
    run = begin(qtbot, again, asked)
    assert run.ids == again.grid.model.ids and again.again.running
    assert "0 of 12" in again.again.words.text()
    run.state = replace(run.state, done=6, rate=2.0, seconds_left=3.0)
    again.beat()
    assert "6 of 12 · 2.0 images/s · 0:03 left" in again.again.words.text()
    assert again.again.bar.value() == 500
    run.finish()
    settle_again(qtbot, again)
    view = again.again
    assert not view.running and run.closed and len(view.found.flips) == 12
    assert "12 judged again, 12 with another verdict" in view.words.text()
    assert "✕ FAIL → ✓ PASS: 6" in view.counts.text()
    view._flip_rows[3].click()
    settle(qtbot, again)
    assert again.shown is View.PICTURES
    assert again.grid.current_id() == view.found.flips[3].record.id


def test_a_run_is_paused_and_ended(qtbot, again, asked, said):
    again.grid.choose_all()
    run = begin(qtbot, again, asked)
    again.beat()
    again.key_actions()["A"]()
    again.beat()
    assert "paused" in again.again.words.text() and again.again.pause.text() == "Go on (A)"
    again.key_actions()["A"]()
    again.key_actions()["R"]()  # one at a time
    assert len(again.again.runs) == 1
    again.key_actions()["Del"]()
    settle_again(qtbot, again)
    assert run.cancelled and run.closed and not again.again.running and said == []


def test_a_run_that_cannot_begin_or_fails_is_a_sentence(qtbot, again, asked, said):
    run = begin(qtbot, again, asked)
    run.finish("The model cannot be read.")
    settle_again(qtbot, again)
    assert said == ["The model cannot be read."]

    def refuse(source, ids, model):
        raise ReviewError("Another model is at work.")

    again.again._start = refuse
    again.again.begin(again._source, [1], "unified@1.0.1")
    settle_again(qtbot, again)
    assert said[-1] == "Another model is at work." and not again.again.running


# folders


class FakeWork:
    def __init__(self) -> None:
        self.state = WorkState(total=4)
        self.closed = False

    def beat(self) -> WorkState:
        return self.state

    def close(self, timeout_s: float = 20.0) -> bool:
        self.closed = True
        return True


def test_a_folder_is_judged_while_it_is_looked_at(qtbot, make_page, tmp_path, said, monkeypatch):
    monkeypatch.setattr(judging, "LOOK_AGAIN_S", 0.0)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    page = make_page(tmp_path)
    work = FakeWork()
    page.judging._begin = lambda source: work
    page.open(str(pictures))
    settle(qtbot, page)
    qtbot.waitUntil(lambda: (page.beat(), page.judging.running)[1], timeout=20_000)
    work.state = replace(work.state, done=2, rate=4.0)
    page.beat()
    assert page.state.text() == "Judging 2 of 4 · 4.0/s"
    work.state = replace(work.state, done=4, running=False, notes=("One file is no image.",))
    page.beat()
    settle(qtbot, page)
    assert page.state.text() == "4 judged" and said == ["One file is no image."]
    qtbot.waitUntil(lambda: (page.beat(), work.closed)[1], timeout=20_000)


# exports


class FakeJob:
    def __init__(self, order, data_folder, source) -> None:
        self.order, self.source = order, source
        self.done, self.total = 0, 12
        self.ended = self.finished = self.stopped = False
        self.problem = ""
        self.problems = (0, ())

    def beat(self) -> bool:
        return self.ended

    def stop(self) -> None:
        self.stopped = self.ended = True

    def close(self) -> bool:
        return True


@pytest.fixture
def jobs(page):
    made: list[FakeJob] = []

    def begin(order, data_folder, source):
        made.append(FakeJob(order, data_folder, source))
        return made[-1]

    page.exporting._begin = begin
    return made


def wait_for_job(qtbot, page, jobs) -> FakeJob:
    qtbot.waitUntil(lambda: (page.beat(), bool(page.exporting._job))[1], timeout=20_000)
    return jobs[-1]


def test_an_export_of_what_is_chosen(qtbot, page, asked, said, jobs, tmp_path):
    page.grid.choose_all()
    page.key_actions()["E"]()
    assert asked.title == "Export 12 inspections"
    assert [key for key, _ in asked.choices] == [".pdf", ".csv", ".jsonl", ".zip", PRINT]
    asked.answer(".csv")
    asked.answer(str(tmp_path / "out"))
    job = wait_for_job(qtbot, page, jobs)
    assert job.order.target.parent == tmp_path / "out" and job.order.target.suffix == ".csv"
    assert set(job.order.wanted.ids) == set(page.grid.model.ids) and job.source == ""
    job.done = 5
    page.beat()
    assert page.state.text() == "Exporting 5 of 12"
    page.key_actions()["E"]()
    assert asked.title == "An export is running"
    job.finished = job.ended = True
    job.problems = (1, ("One image is missing.",))
    page.beat()
    assert page.state.text() == f"Exported: {job.order.target.name}"
    assert "1 images are missing" in said[-1]


def test_what_came_in_since_is_not_exported(qtbot, page, asked, jobs, tmp_path):
    page.key_actions()["E"]()
    asked.answer(".csv")
    asked.answer(str(tmp_path / "out"))
    job = wait_for_job(qtbot, page, jobs)
    assert job.order.wanted.until is not None and job.order.wanted.until <= time.time()
    earlier = RecordFilter(until=5.0)
    assert up_to(earlier, 9.0).until == 5.0 and up_to(earlier, 3.0).until == 3.0


def test_an_export_can_be_ended_and_can_fail(qtbot, page, asked, said, jobs, tmp_path):
    page.key_actions()["E"]()
    asked.answer(".zip")
    asked.answer(str(tmp_path / "out"))
    job = wait_for_job(qtbot, page, jobs)
    assert job.order.wanted.ids is None
    page.key_actions()["E"]()
    asked.answer("stop")
    page.beat()
    assert job.stopped and "no file is left" in page.state.text()
    blocked = tmp_path / "file"
    blocked.write_text("")
    page.key_actions()["E"]()
    asked.answer(".csv")
    asked.answer(str(blocked))
    qtbot.waitUntil(lambda: (page.beat(), bool(said))[1], timeout=20_000)
    assert "Nothing was exported" in said[-1] and not page.exporting.running


def test_printing_without_a_printer_is_a_sentence(qtbot, page, asked, said, monkeypatch):
    from PySide6.QtPrintSupport import QPrinterInfo

    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: []))
    page.key_actions()["E"]()
    asked.answer(PRINT)
    qtbot.waitUntil(lambda: (page.beat(), bool(said))[1], timeout=10_000)
    assert "knows no printer" in said[-1]


# times


def test_periods_are_days_of_the_calendar():
    now = datetime(2026, 3, 10, 14, 30).timestamp()
    midnight = datetime(2026, 3, 10).timestamp()
    assert Wish(period=Period.TODAY).record_filter(now, None).since == midnight
    yesterday = Wish(period=Period.YESTERDAY).record_filter(now, None)
    assert (yesterday.since, yesterday.until) == (datetime(2026, 3, 9).timestamp(), midnight)
    week = Wish(period=Period.WEEK).record_filter(now, None)
    assert week.since == datetime(2026, 3, 4).timestamp() and week.until is None
    # Without a shift on record this shift is today.
    assert Wish(period=Period.THIS_SHIFT).record_filter(now, None).since == midnight


def test_a_wish_asks_for_what_the_command_line_named():
    wanted = Wish(
        verdicts=frozenset({Verdict.FAIL}), product="flange", least=60.0, since=5.0
    ).record_filter(0.0, None)
    assert Wish.of(wanted).record_filter(0.0, None) == wanted


def test_cameras_of_the_command_line_are_no_words_to_look_for():
    wanted = RecordFilter(cameras=("SIM0001", "SIM0002"), text="Eva")
    wish = Wish.of(wanted)
    assert (wish.cameras, wish.text) == (("SIM0001", "SIM0002"), "Eva")
    assert wish.record_filter(0.0, None) == wanted
