"""The challenge set on the page."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.teaching.test_teach import picture
from tests.ui.teach.conftest import Bench, collect, part_pictures, write_image
from uniad_desktop.teaching import challenge_run
from uniad_desktop.teaching.challenge import ChallengeSet, Label
from uniad_desktop.ui.pages.teach import View
from uniad_desktop.ui.teach.context import login
from uniad_desktop.ui.widgets.thumb_grid import Mark


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.page.show_view(View.CHALLENGE)
    return bench


def choose(monkeypatch, folder) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def captions(bench: Bench) -> list[str]:
    return [one.caption for one in bench.page.challenge.grid.model.items]


@pytest.mark.timeout(240)
def test_kept_replayed_and_a_wrong_judgement_marked(bench: Bench, tmp_path, monkeypatch):
    view = bench.page.challenge
    assert "no challenge images yet" in view.summary.text() and not view.replay.isEnabled()
    for number, folder in ((100, "good"), (101, "bad")):  # both look like good parts
        write_image(tmp_path / folder / "a.png", picture(number, 30)[..., ::-1])
    choose(monkeypatch, tmp_path / "good")
    view.add_good.click()
    bench.settle()
    choose(monkeypatch, tmp_path / "bad")
    bench.window.act("B")
    bench.settle()
    assert view.summary.text().startswith("1 good parts and 1 defects.")
    assert captions(bench) == ["good → –", "defect → –"]
    view.replay.click()
    assert view.replay.text() == "Replaying…" and not view.replay.isEnabled()
    bench.window.act("S")  # runs already
    bench.settle()
    assert bench.notice == ""
    assert captions(bench) == ["good → PASS", "defect → PASS"]
    marks = [one.mark for one in view.grid.model.items]
    assert marks == [Mark.NONE, Mark.REJECTED]
    (result,) = ChallengeSet(bench.data, "old").results()
    assert (result.who, result.model, len(result.missed)) == (login(), "tiny", 1)
    assert view.history.text().startswith("✕ ") and "1 of 2 right" in view.history.text()


def test_a_broken_image_and_one_with_the_other_label(bench: Bench, tmp_path, monkeypatch):
    folder = part_pictures(tmp_path / "good", 2)
    (folder / "broken.png").write_bytes(b"no picture")
    choose(monkeypatch, folder)
    bench.window.act("O")
    bench.settle()
    assert "1 image could not be read" in bench.notice and len(captions(bench)) == 2
    mixed = part_pictures(tmp_path / "bad", 1, first=50)
    part_pictures(mixed, 1, first=1)  # this one is kept as a good part
    for path in mixed.iterdir():
        path.rename(path.with_name(f"{99 - int(path.stem)}.png"))  # the new one comes first
    choose(monkeypatch, mixed)
    bench.window.act("B")
    bench.settle()
    assert "good" in bench.notice
    assert len(captions(bench)) == 3, "what was kept before the failure is shown"
    (tmp_path / "empty").mkdir()
    choose(monkeypatch, tmp_path / "empty")
    bench.window.act("B")
    bench.settle()
    assert "holds no images" in bench.notice


def test_removing(bench: Bench):
    kept = ChallengeSet(bench.data, "old")
    for number in range(3):
        kept.add(picture(number), Label.GOOD)
    view = bench.page.challenge
    view.reload()
    bench.settle()
    bench.window.act("Delete")  # nothing is chosen
    assert not view.remove.isEnabled() and len(captions(bench)) == 3
    view.grid.choose([one.id for one in kept.images()[:2]])
    assert view.remove.text() == "Remove 2 (Del)"
    bench.window.act("Delete")
    bench.settle()
    assert len(captions(bench)) == 1 and view.remove.text() == "Remove (Del)"


def test_a_replay_that_fails_is_said(bench: Bench, replays, monkeypatch):
    ChallengeSet(bench.data, "old").add(picture(0), Label.GOOD)
    bench.page.challenge.reload()
    bench.settle()
    bench.window.act("S")
    replays[0].end(3, [], "The model 'tiny' is damaged.")
    bench.settle()
    assert bench.notice == (
        "The challenge images of 'old' could not be replayed: The model 'tiny' is damaged."
    )
    assert replays[0].closed and bench.page.challenge.replay.isEnabled()

    def none(arguments):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(challenge_run, "CommandRun", none)
    bench.window.act("S")
    assert bench.notice == "No program can be started: Cannot allocate memory"
    assert bench.page.challenge.replay.isEnabled()


def test_another_product_is_shown_while_one_is_replayed(bench: Bench, replays):
    ChallengeSet(bench.data, "old").add(picture(0), Label.GOOD)
    bench.page.challenge.reload()
    bench.settle()
    bench.window.act("S")
    collect(bench.data, "bolt", good=1)
    bench.page.take_product("bolt")
    bench.until(lambda: "no challenge images yet" in bench.page.challenge.summary.text())
    replays[0].end(3, [], "It failed.")
    bench.settle()
    assert "'old'" in bench.notice and captions(bench) == []


def test_captions_speak_the_language_of_the_screen(bench: Bench, monkeypatch):
    ChallengeSet(bench.data, "old").add(picture(0), Label.GOOD)
    view = bench.page.challenge
    view.reload()
    bench.settle()
    assert captions(bench) == ["good → –"]
    monkeypatch.setattr(view, "tr", lambda words: "gut" if words == "good" else words)
    view.retranslate()
    assert captions(bench) == ["gut → –"]


def test_closing_ends_a_replay(bench: Bench, replays):
    ChallengeSet(bench.data, "old").add(picture(0), Label.GOOD)
    bench.page.challenge.reload()
    bench.settle()
    bench.window.act("S")
    bench.window.close()
    assert replays[0].closed
