"""The start of a shift: challenge images, and the camera as it was at teaching."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.teaching.test_teach import picture
from tests.ui.teach.conftest import Bench
from uniad_desktop.teaching import challenge_run
from uniad_desktop.teaching.challenge import (
    ChallengeCase,
    ChallengeError,
    ChallengeResult,
    ChallengeSet,
    Label,
    Outcome,
)
from uniad_desktop.teaching.products import ProductStore
from uniad_desktop.ui.teach.context import login
from uniad_desktop.ui.widgets.top_bar import Page


@pytest.fixture
def shift(bench: Bench) -> Bench:
    """On the inspect page, with a challenge set of the product being inspected."""
    kept = ChallengeSet(bench.data, "old")
    kept.add(picture(0), Label.GOOD)
    kept.add(picture(1), Label.DEFECT)
    bench.window.show_page(Page.INSPECT)
    return bench


def begin(bench: Bench) -> None:
    bench.window.act("R")
    bench.answer("reset")
    bench.settle()


def result(*outcomes: tuple[Label, Outcome]) -> list[str]:
    made = ChallengeResult(
        product="old",
        when="2026-11-26T06:00:00+00:00",
        who="eve",
        model="tiny",
        model_version="1.0.0",
        model_sha256="a" * 64,
        runtime="torch cpu f32",
        accept=1.0,
        reject=1.0,
        images_sha256="b" * 64,
        cases=tuple(
            ChallengeCase(id=str(number), label=label, outcome=outcome)
            for number, (label, outcome) in enumerate(outcomes)
        ),
    )
    return made.model_dump_json(indent=2).splitlines()


def replayed(bench: Bench, replays, *outcomes: tuple[Label, Outcome]) -> None:
    begin(bench)
    bench.answer("replay")
    bench.window.refresh_bars()
    assert bench.window.page.news.sentence() == "Replaying the challenge images…"
    bench.window.escape()  # it goes on
    assert bench.window.page.news.sentence()
    failed = any((label, outcome) != RIGHT[label] for label, outcome in outcomes)
    replays[-1].end(int(failed), result(*outcomes))
    bench.until(lambda: replays[-1].closed)
    bench.window.refresh_bars()


RIGHT = {
    Label.GOOD: (Label.GOOD, Outcome.PASS),
    Label.DEFECT: (Label.DEFECT, Outcome.FAIL),
}


def test_nothing_to_replay_asks_nothing(bench: Bench):
    bench.window.show_page(Page.INSPECT)
    begin(bench)
    assert bench.station.asked == ["reset"] and bench.window.sheet is None


def test_it_is_offered_and_may_be_left(shift: Bench, replays):
    begin(shift)
    assert "challenge images of Old part" in shift.sheet_words()
    assert "judges 2 kept images" in shift.sheet_words()
    shift.window.escape()
    assert replays == [] and shift.window.page.news.sentence() == ""


def test_all_judged_right_is_news(shift: Bench, replays):
    replayed(shift, replays, *RIGHT.values())
    words = replays[0].arguments
    assert words[:2] == ["products", "challenge"] and words[-7:-1] == [
        "old", "run", "--model", "tiny", "--runtime", "auto",
    ]  # fmt: skip
    assert words[words.index("--who") + 1] == login()
    assert shift.window.page.news.sentence() == (
        "tiny 1.0.0 judged all 2 challenge images right; it is on record."
    )
    assert shift.window.page.notice.sentence() == ""
    shift.window.escape()
    assert shift.window.page.news.sentence() == ""


def test_wrong_judgements_are_an_alarm_on_both_pages(shift: Bench, replays):
    replayed(
        shift,
        replays,
        (Label.DEFECT, Outcome.PASS),
        (Label.GOOD, Outcome.FAIL),
        (Label.GOOD, Outcome.PASS),
    )
    notice = shift.window.page.notice.sentence()
    assert "1 defects passed, 1 good parts rejected, 0 not judged, of 3" in notice
    assert "call the process engineer" in notice
    shift.window.show_page(Page.TEACH)
    assert shift.page.station_notice.isVisible()
    assert shift.page.station_notice.sentence() == notice
    shift.window.escape()
    assert not shift.page.station_notice.isVisible()
    assert shift.window.page.notice.sentence() == ""


def test_a_replay_that_cannot_be_done_is_said(shift: Bench, replays, monkeypatch):
    begin(shift)
    shift.answer("replay")
    replays[0].end(3, ["no result"], "The model 'tiny' is damaged.")
    shift.until(lambda: replays[0].closed)
    shift.window.refresh_bars()
    assert "could not be replayed: The model 'tiny'" in shift.window.page.notice.sentence()
    assert shift.window.page.news.sentence() == ""
    shift.window.page.notice.button.click()

    def none(arguments):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(challenge_run, "CommandRun", none)
    shift.window.shift_start.replay("old")
    shift.window.refresh_bars()
    assert "Cannot allocate memory" in shift.window.page.notice.sentence()


def test_one_replay_at_a_time_which_closing_ends(shift: Bench, replays):
    shift.window.shift_start.replay("old")
    shift.window.shift_start.replay("old")
    assert len(replays) == 1
    shift.window.close()
    assert replays[0].closed


def test_another_camera_setting_is_said_once(bench: Bench):
    store = ProductStore(bench.data)
    product = store.get("old")
    store.save(product.changed(camera={"ExposureTime": 2000.0, "Gain": 1.0}))
    bench.window.show_page(Page.INSPECT)
    info = bench.station.source_info
    bench.station.source_info = replace(info, settings={"ExposureTime": 2000.0, "Gain": 1.0})
    bench.settle()
    notice = bench.window.page.notice
    assert notice.sentence() == ""
    bench.station.source_info = replace(info, settings={"ExposureTime": 3000.0, "Gain": 1.0})
    bench.until(notice.sentence)
    assert notice.sentence().startswith("The camera is not as it was when Old part was taught.")
    assert "Exposure" in notice.sentence() and "(+50" in notice.sentence()
    assert "Gain" not in notice.sentence()
    bench.window.escape()
    bench.settle()
    assert notice.sentence() == "", "it was read"
    begin(bench)
    bench.until(notice.sentence)  # a new shift looks again
    bench.station.source_info = None
    bench.settle()


def test_images_that_cannot_be_read_are_said(shift: Bench, monkeypatch):
    def broken(self):
        raise ChallengeError("The challenge images cannot be read.")

    monkeypatch.setattr(ChallengeSet, "images", broken)
    begin(shift)
    assert shift.window.sheet is None
    assert shift.window.page.notice.sentence() == "The challenge images cannot be read."
