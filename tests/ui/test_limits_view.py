"""The limits on the screen, with a real package, real parts and the real process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from tests.helpers import make_tiny_package
from tests.teaching.collected import collect_parts
from tests.ui.fake_station import FakeStation
from uniad_desktop.engine.package import open_package
from uniad_desktop.teaching.activation import active_version
from uniad_desktop.teaching.challenge import ChallengeSet, Label
from uniad_desktop.teaching.limit_change import LimitChange, change_limits, open_in_use
from uniad_desktop.teaching.limits import what_if
from uniad_desktop.teaching.stored_scores import SCORES, load_scores
from uniad_desktop.ui import theme
from uniad_desktop.ui.teach import limits_view
from uniad_desktop.ui.teach.context import TeachContext
from uniad_desktop.ui.teach.limit_scoring import PartScoring
from uniad_desktop.ui.teach.limits_view import LimitsView

WAIT_MS = 90_000


@dataclass
class Asked:
    """A sheet that a test answers."""

    title: str
    words: str
    choices: list[tuple[str, str]]
    on_choice: Callable[[str], None]
    entry: str | None = None


@dataclass
class Page:
    """What the view talks to."""

    asked: list[Asked] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def ask(self, title, words, choices, *, current, on_choice, main=False, rows=(), entry=None):
        self.asked.append(Asked(title, words, choices, on_choice, entry))


@pytest.fixture(autouse=True)
def _child_finds_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process runs this checkout, whatever is installed."""
    root = str(Path(__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "uniad-data"
    make_tiny_package(folder / "models")
    return folder


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def view(app: QApplication, data: Path, page: Page) -> Iterator[LimitsView]:
    context = TeachContext(FakeStation(), data, "tiny", page.ask, page.said.append)
    made = LimitsView(context)
    made.setMinimumSize(1256, 520)
    made.show()
    app.processEvents()
    yield made
    made.close_down()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def until(qtbot, view) -> Callable[[Callable[[], bool]], None]:
    def wait(so: Callable[[], bool]) -> None:
        qtbot.waitUntil(lambda: (view.beat(), so())[1], timeout=WAIT_MS)

    return wait


@pytest.fixture
def opened(view, until) -> Callable[[str], None]:
    def show(key: str) -> None:
        view.show_product(key, key.capitalize())
        until(lambda: not view.busy)

    return show


def test_scored_once_then_moved_and_applied_without_inference(
    view, data, page, opened, until, monkeypatch
):
    held, bad = collect_parts(data, "flange", good=30, bad=3)
    opened("flange")
    assert page.said == []
    desk = view.desk
    assert (desk.good.size, desk.bad.size) == (held, bad)
    assert sum(view.chart.drawn()[0]) == held and sum(view.chart.drawn()[1]) == bad
    assert view.table.row(0)[0].startswith("AUROC")

    def no_process(*_: object) -> PartScoring:
        raise AssertionError("nothing is to be inspected any more")

    monkeypatch.setattr("uniad_desktop.ui.teach.limit_scoring.PartScoring", no_process)
    view.choice.rates[0.05].click()
    assert view.choice.rates[0.05].isChecked() and view.apply.isEnabled()
    assert view.table.row(2)[2].startswith("0 of")
    view.chart.moved.emit(desk.accept, float(sorted(desk.good)[held // 2]))
    found = what_if(desk.good, desk.bad, desk.reject)
    assert view.table.row(2)[2].startswith(f"{found.false_rejects} of {held}")
    assert view.table.row(4)[2].startswith(f"{found.escapes} of {bad}")
    reject = desk.reject
    view.key_actions()["A"]()
    assert [key for key, _ in page.asked[-1].choices] == ["fewer", "missed", "lot", "trial", "own"]
    page.asked[-1].on_choice("own")
    assert page.asked[-1].entry == ""
    page.asked[-1].on_choice("the lamp was changed")
    until(lambda: not view.busy)
    assert page.said == []
    assert view.state.text() == "0.0.2 is active and takes over as soon as it is ready."
    active = active_version(data, "tiny")
    assert (active.version, active.why) == ("0.0.2", "the lamp was changed")
    entry = open_in_use(data, "tiny").manifest.products["flange"]
    assert entry.reject == reject and view.desk.entry == entry
    assert not view.apply.isEnabled()
    assert view.desk.good.size == held  # the scores outlast the change


def test_the_band_opens_and_closes_and_lines_go_back(view, opened):
    opened("flange")  # known to the model, nothing collected
    assert view.desk.good.size == 0 and not view.choice.rates[0.01].isEnabled()
    assert "no scores of parts" in view.words.text()
    view.key_actions()["B"]()
    assert view.desk.band and view.choice.band.isChecked() and view.apply.isEnabled()
    view.choice.band.click()
    assert not view.desk.band and not view.choice.band.isChecked()
    view.key_actions()["B"]()
    view.key_actions()["Z"]()
    assert not view.desk.changed and not view.revert.isEnabled()
    view.key_actions()["A"]()  # nothing to apply, nothing asked
    assert view.desk.accept == view.desk.reject


def test_a_product_that_the_model_does_not_know(view, opened):
    opened("bracket")
    assert view.desk is None and view.chart.isHidden()
    assert "“Bracket”" in view.state.text() and "teach it first" in view.state.text()
    for action in view.key_actions().values():
        action()
    opened("flange")
    assert view.desk is not None and not view.chart.isHidden()


def test_somebody_elses_change_is_taken_over(view, data, page, opened, until, monkeypatch):
    monkeypatch.setattr(limits_view, "LOOK_EVERY_S", 0.0)
    opened("flange")
    view.key_actions()["B"]()
    base = open_package(data / "models" / "tiny" / "0.0.1")
    change = LimitChange("flange", 7.5, 7.5)
    change_limits(data, base, change, None, who="Ada", why="elsewhere")
    until(lambda: view.desk.entry.reject == 7.5)
    assert "became active" in page.said[-1] and not view.desk.changed


def test_what_cannot_be_applied_is_said(view, data, page, opened, until):
    opened("flange")
    view.chart.moved.emit(3.0, 3.0)
    view.key_actions()["A"]()
    base = open_package(data / "models" / "tiny" / "0.0.1")
    change_limits(data, base, LimitChange("flange", 7.5, 7.5), None, who="Ada", why="x")
    page.asked[-1].on_choice("trial")
    until(lambda: not view.busy)
    assert any("came into use meanwhile" in one for one in page.said)
    assert view.desk.entry.reject == 7.5
    assert not (data / "models" / "tiny" / "0.0.3").exists()


def test_scores_are_computed_anew_for_another_defect(view, data, page, opened, until):
    collect_parts(data, "flange", good=8, bad=1)
    opened("flange")
    assert view.desk.bad.size == 1
    challenge = ChallengeSet(data, "flange")
    (bad,) = [one for one in challenge.images() if one.label is Label.DEFECT]
    challenge.remove([bad.id])
    view.reload()
    until(lambda: not view.busy)
    assert view.desk.bad.size == 0 and page.said == []
    assert len(load_scores(data, "flange").bad) == 0


def test_a_scoring_that_fails_is_said_once(view, data, page, opened):
    collect_parts(data, "flange", good=8)
    for path in (data / "products" / "flange" / "parts").glob("*.png"):
        path.write_bytes(b"no picture")
    opened("flange")
    assert len(page.said) == 1 and page.said[0]
    assert view.desk is not None and view.desk.good.size == 0
    assert not (data / "products" / "flange" / SCORES).exists()


def test_it_ends_while_parts_are_scored(view, data, until):
    collect_parts(data, "flange", good=30)
    view.show_product("flange", "Flange")
    until(lambda: view.state.text().startswith("Scoring"))
    view.show_product("label", "Label")
    until(lambda: not view.busy)
    view.show_product("flange", "Flange")
    until(lambda: view.state.text().startswith("Scoring"))
    assert view.close_down() in (True, False)


def test_words_and_colours_are_taken_over(view, app, opened):
    opened("flange")
    theme.apply(app, "light")
    view.chart.theme_changed()
    view.retranslate()
    assert "(A)" in view.apply.text() and "(Z)" in view.revert.text()
    assert "(B)" in view.choice.band.text()
    for button in (view.apply, view.revert, view.choice.band, *view.choice.rates.values()):
        assert button.height() >= 64
