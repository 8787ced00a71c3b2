"""What is asked and said around a teaching; its process says what a test wants."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.teaching.test_teach_job import FakeRun
from tests.ui.teach.conftest import Bench, collect, taught
from uniad_desktop.inspection.types import StationState
from uniad_desktop.teaching import teach_job
from uniad_desktop.teaching.activation import active_version, history
from uniad_desktop.teaching.collection import State
from uniad_desktop.teaching.teach_record import JobRecord, one_at_a_time, write_job
from uniad_desktop.ui import theme
from uniad_desktop.ui.pages.teach import View
from uniad_desktop.ui.teach.context import login

WORSE = "Typical scores of old are 0.75 times what they were."


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[FakeRun]:
    """The processes that were started."""
    started: list[FakeRun] = []

    class Run(FakeRun):
        def __init__(self, command, log=None):
            super().__init__(command, log)
            started.append(self)

    monkeypatch.setattr(teach_job, "CommandRun", Run)
    return started


@pytest.fixture
def ready(bench: Bench) -> Iterator[Bench]:
    """With enough parts of a product to teach it."""
    collect(bench.data, "bolt", good=24, doubtful=2)
    bench.show("bolt")
    bench.collect.close_down()  # what is collected does not change here
    yield bench


def unfinished(bench: Bench, product: str = "bolt") -> None:
    record = JobRecord(
        id="1",
        model="tiny",
        version="1.0.0",
        sha256=bench.station.model.sha256,
        product=product,
        arguments=("tiny@1.0.0", product, "--steps=4"),
        run=bench.data / "runs" / product,
        who="eve",
        since="2026-11-26T03:43:08+00:00",
    )
    write_job(bench.data, record)
    bench.teaching.read()
    bench.settle()


@pytest.mark.parametrize(("how", "copies"), [("plain", False), ("varied", True)])
def test_it_is_started_as_was_chosen_and_can_be_stopped(ready: Bench, runs, how, copies):
    ready.window.act("S")
    ready.answer(how)
    (run,) = runs
    assert run.command[:3] == ["teach", "tiny", "bolt"] and f"--who={login()}" in run.command
    assert ("--augment=2" in run.command) == copies
    ready.window.tick()
    ready.window.act("S")  # runs already
    ready.window.act("K")
    ready.window.act("A")
    assert ready.window.sheet is None and len(runs) == 1
    ready.window.act("X")
    ready.answer("stop")
    assert run.stopped
    run.running = False
    ready.until(lambda: not ready.teaching.running)
    ready.settle()
    assert ready.notice == ""


def test_stages_and_curves_are_shown(ready: Bench, runs):
    ready.window.act("S")
    ready.answer("plain")
    panel = ready.train.training
    told = [
        {"event": "start", "model": "tiny", "version": "1.0.0", "product": "bolt"},
        {"event": "stage", "stage": "features"},
        {"event": "features", "done": 24, "count": 24},
        {"event": "stage", "stage": "training"},
        {"event": "loss", "step": 0, "new": 0.75, "former": None},
        {"event": "loss", "step": 10, "new": 0.5, "former": 0.25},
        {"event": "training", "step": 10, "steps": 40, "fraction": 0.25, "eta_s": 90.0},
    ]
    runs[0].said = [json.dumps(one) for one in told]
    ready.until(lambda: len(panel.losses.points) == 2)
    words = [cell.text() for cell in panel.stages.values()]
    assert words[0].startswith("✓ Features") and words[1] == "Training 25% · 1:30 left"
    assert words[2:] == ["Limits", "Check every product"]
    assert [cell.property("look") for cell in panel.stages.values()] == [
        "done", "active", "waiting", "waiting",
    ]  # fmt: skip
    assert panel.bar.value() == 312
    assert panel.beside.text() == ""  # the station stands still
    ready.station.state = StationState.RUNNING
    ready.window.tick()
    assert "inspection goes on" in panel.beside.text()


def test_a_failure_is_said_and_the_window_lives(ready: Bench, runs):
    ready.window.act("S")
    ready.answer("plain")
    runs[0].said = ['{"event": "failed", "sentence": "The disk is full; free some space."}']
    runs[0].running, runs[0].code = False, 3
    ready.until(lambda: ready.notice)
    assert ready.notice == "The disk is full; free some space."
    ready.settle()
    assert ready.train.training.start.isEnabled()
    ready.window.escape()
    assert ready.notice == ""
    ready.window.act("S")
    ready.answer("plain")
    assert len(runs) == 2


def test_no_process_is_a_sentence(ready: Bench, monkeypatch):
    def none(command, log=None):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(teach_job, "CommandRun", none)
    ready.window.act("S")
    ready.answer("plain")
    assert "could not be started: Cannot allocate memory" in ready.notice
    assert not ready.teaching.running


def test_another_process_that_teaches_is_a_sentence(ready: Bench, runs):
    with one_at_a_time(ready.data):
        ready.window.act("S")
        ready.answer("plain")
    assert "is being taught at the moment" in ready.notice and runs == []


def test_an_interrupted_one_goes_on_or_is_given_up(ready: Bench, runs):
    unfinished(ready)
    panel = ready.train.training
    assert "“Bolt”" in panel.words.text() and "that eve began" in panel.words.text()
    assert panel.start.text() == "Continue teaching (S)"
    ready.window.act("S")
    assert runs[0].command[:4] == ["teach", "tiny@1.0.0", "bolt", "--steps=4"]
    runs[0].running, runs[0].stopped = False, True
    ready.until(lambda: not ready.teaching.running)
    ready.settle()
    ready.window.act("X")
    ready.answer("discard")
    ready.settle()
    assert ready.teaching.unfinished is None and panel.start.text() == "Start teaching (S)"
    assert panel.words.text().startswith("Ready: 24") and not panel.cancel.isEnabled()


def test_where_a_product_got_worse_own_words_go_on_record(ready: Bench, app):
    result = taught(ready.data, worse=WORSE)
    ready.teaching.read()
    ready.settle()
    panel = ready.train.training
    assert WORSE in panel.words.text() and "193 more" in panel.words.text()
    assert panel.table.cells(1)[:2] == [ready.store.get("old").title(), "1\u00a0234"]
    assert panel.table.cells(1)[2:] == ["1.0% → 1.2%", "98.0 → 97.0", "0 → 1", "✕ worse"]
    theme.apply(app, "light")
    ready.window.appearance.take_theme()
    worse = panel.table.table.item(1, 0).foreground().color()
    assert worse == theme.active().colour("alarm_text")
    assert "although worse" in panel.activate.text() and not panel.activate.property("primary")
    ready.window.act("A")
    assert WORSE in ready.sheet_words()
    (button,) = ready.window.sheet.buttons.values()
    assert not button.isEnabled(), "a reason is needed"
    ready.type("the old part is phased out")
    ready.settle()
    active = active_version(ready.data, "tiny")
    assert (active.version, active.why, active.who, active.override) == (
        result.version, "the old part is phased out", login(), True,
    )  # fmt: skip
    assert ready.notice == "" and ready.teaching.result is None


def test_a_reason_in_own_words(ready: Bench):
    taught(ready.data)
    ready.teaching.read()
    ready.settle()
    assert ready.train.training.table.cells(1)[-1] == "✓"
    ready.window.act("A")
    ready.answer("own")
    ready.type("trial on line 3")
    ready.settle()
    assert [entry.why for entry in history(ready.data, "tiny")] == ["trial on line 3"]
    assert not history(ready.data, "tiny")[0].override


@pytest.mark.parametrize("harm", ["gone", "other"])
def test_a_version_that_is_not_what_was_taught_does_not_go_live(ready: Bench, harm):
    result = taught(ready.data)
    ready.teaching.read()
    ready.settle()
    manifest = result.package / "manifest.json"
    if harm == "gone":
        manifest.unlink()
    else:
        manifest.write_bytes(manifest.read_bytes().replace(b"eve", b"bob"))
    ready.window.act("A")
    ready.answer("new")
    ready.settle()
    assert ready.notice and active_version(ready.data, "tiny") is None
    assert ready.teaching.result is not None


def test_odd_parts_are_looked_at(bench: Bench):
    parts = collect(bench.data, "bolt", good=22, doubtful=1).parts()
    bench.show("bolt")
    taught(bench.data, odd=tuple(f"/elsewhere/{part.id}.png" for part in parts[3:5]))
    bench.teaching.read()
    bench.settle()
    train = bench.train
    assert "2 of the parts look unlike" in train.training.words.text()
    assert train.look.text() == "Look at 2\nodd parts (B)"
    bench.window.act("B")
    assert {part.id for part in train.parts.chosen()} == {part.id for part in parts[3:5]}
    assert train.parts.state is State.ACCEPTED and train.preview.isVisible()
    assert train.preview.delete.text().startswith("Delete 2")


def test_hidden_buttons_have_no_keys(bench: Bench, runs):
    collect(bench.data, "bolt", good=22)
    bench.show("bolt")
    taught(bench.data)
    bench.teaching.read()
    bench.settle()
    bench.train.parts.grid.choose_all()
    bench.window.tick()
    assert bench.train.preview.isVisible()
    for key in "SXKAI":
        bench.window.act(key)
    bench.settle()
    assert bench.window.sheet is None and runs == [] and bench.teaching.result is not None
    bench.window.escape()
    bench.settle()
    bench.window.act("K")
    bench.answer("keep")
    bench.settle()
    assert bench.teaching.result is None


def test_the_curves_of_another_teaching_are_drawn_anew(ready: Bench, runs):
    """As many points as before, while another page was shown."""
    panel = ready.train.training
    for value in (0.5, 0.25):
        ready.page.show_view(View.TRAIN)
        ready.window.act("S")
        ready.answer("plain")
        ready.page.show_view(View.CHALLENGE)
        run = runs[-1]
        run.said = [json.dumps({"event": "loss", "step": 0, "new": value, "former": None})]
        ready.until(lambda value=value: ready.teaching.state.losses[-1:] != ())
        run.running, run.stopped = False, True
        ready.until(lambda: not ready.teaching.running)
        ready.settle()
        ready.page.show_view(View.TRAIN)
        ready.window.tick()
        assert [one.new for one in panel.losses.points] == [value]
