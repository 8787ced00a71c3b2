"""From good parts to a live product in front of the window, with the real process."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.teaching.test_teach import picture
from tests.ui.fake_station import LIMITS
from tests.ui.teach.conftest import OLD, Bench, collect, part_pictures, write_image
from uniad_desktop.inspection.types import ProductInfo
from uniad_desktop.teaching.activation import active_version, history
from uniad_desktop.teaching.collection import State
from uniad_desktop.teaching.teach_job import Stage
from uniad_desktop.ui.teach import teach_control
from uniad_desktop.ui.teach.context import login

STEPS = 150


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch):
    """Says how long the teaching takes."""
    real = teach_control.teach_arguments

    def set_steps(count: int) -> None:
        monkeypatch.setattr(
            teach_control,
            "teach_arguments",
            lambda *given, **more: real(*given, **more, more=(f"--steps={count}",)),
        )

    return set_steps


@pytest.mark.timeout(240)
def test_from_a_new_product_to_a_live_version(bench: Bench, tmp_path, monkeypatch, steps):
    window, train, panel = bench.window, bench.train, bench.train.training
    steps(4)
    assert bench.teach_product("Bolt M8") == "bolt-m8"
    assert bench.store.get("bolt-m8").title() == "Bolt M8"
    assert "20 more" in panel.words.text() and not panel.start.isEnabled()

    folder = part_pictures(tmp_path / "good", 24)
    write_image(folder / "zz.png", (picture(99).astype(int) * 3).clip(0, 255).astype("uint8"))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    train.from_folder.click()
    bench.settle()
    assert bench.counts == (24, 1, 0) and bench.notice == ""
    assert panel.words.text().startswith("Ready: 24 good parts") and panel.start.isEnabled()
    told = train.parts.words.text()
    assert "1 odd exposure" in told and "Variety covered" in told

    train.look.click()
    bench.settle()
    assert train.preview.isVisible() and train.parts.state is State.DOUBTFUL
    assert "full scale" in train.preview.words.text() and not train.preview.picture.empty
    train.preview.accept.click()
    bench.settle()
    assert bench.counts == (25, 0, 0) and panel.isVisible()
    train.undo.click()
    bench.settle()
    assert bench.counts == (24, 1, 0)
    train.look.click()
    train.preview.delete.click()
    bench.settle()
    assert bench.counts == (24, 0, 1)
    train.undo.click()
    bench.settle()
    assert bench.counts == (24, 1, 0)
    train.look.click()
    train.preview.delete.click()
    bench.settle()
    assert bench.counts == (24, 0, 1)

    bench.station.push()  # inspection goes on
    train.parts.show_state(State.ACCEPTED)
    panel.start.click()
    assert "24 good parts, 6 of them held out" in bench.sheet_words()
    bench.answer("plain")
    window.tick()
    assert not panel.start.isEnabled() and panel.cancel.isEnabled()
    assert "inspection goes on" in panel.beside.text()
    assert "Teaching Bolt M8" in bench.page.state.text()
    bench.until(lambda: not bench.teaching.running)
    bench.settle()
    assert bench.notice == ""
    assert bench.teaching.state.version == "1.0.0"
    assert all(cell.text().startswith("✓") for cell in panel.stages.values())
    assert list(panel.stages) == list(Stage)
    assert [one.step for one in panel.losses.points] == [0, 4]
    assert panel.table.cells(0)[:3] == ["Bolt M8 · new", "6", "– → 0.0%"]
    assert panel.table.rows[1].title == bench.store.get("old").title()
    assert active_version(bench.data, "tiny").version == "1.0.0", "nothing goes live by itself"

    panel.activate.click()
    assert set(bench.window.sheet.buttons) == {"new", "more", "material", "camera", "own"}
    bench.answer("new")
    bench.settle()
    active = active_version(bench.data, "tiny")
    assert (active.version, active.who, active.why) == ("1.0.1", login(), "New product")
    assert not active.override
    assert bench.teaching.result is None and panel.table.rows == ()

    assert window.sheet is None
    known = ProductInfo("bolt-m8", {"en": "Bolt M8"}, LIMITS)
    bench.station.products = (OLD, known)  # the station has taken the version over
    window.tick()
    assert "still inspects “Old part”" in bench.sheet_words()
    bench.answer("inspect")
    assert bench.station.asked[-1] == "product bolt-m8"
    window.tick()
    assert window.sheet is None


@pytest.mark.timeout(240)
def test_closed_in_the_middle_found_after_a_restart_and_continued(bench: Bench, make_bench, steps):
    collect(bench.data, "bolt", good=24)
    bench.show("bolt")
    steps(STEPS)
    bench.window.act("S")
    bench.answer("varied")
    bench.until(lambda: bench.teaching.state.step > 0)
    assert bench.teaching.state.stage is Stage.TRAINING
    bench.window.close()
    assert not bench.teaching.running

    again = make_bench()
    panel = again.train.training
    again.until(lambda: panel.start.text() == "Continue teaching (S)")
    assert "“Bolt”" in panel.words.text() and "was interrupted" in panel.words.text()
    assert panel.cancel.text() == "Discard (X)"
    assert "--augment=2" in again.teaching.unfinished.record.arguments
    again.window.act("S")
    assert again.window.sheet is None and again.teaching.running
    again.until(lambda: not again.teaching.running)
    again.settle()
    result = again.teaching.result
    assert again.notice == "" and (result.product, result.version) == ("bolt", "1.0.1")
    at = [one.step for one in result.losses]
    assert at == sorted(set(at)) and (at[0], at[-1]) == (0, STEPS)
    assert again.teaching.unfinished is None
    panel.keep.click()
    assert "can be chosen there" in again.sheet_words()
    again.answer("keep")
    again.settle()
    assert again.teaching.result is None and not panel.activate.isEnabled()
    assert active_version(again.data, "tiny").version == "1.0.0"
    assert all(entry.to_version.version == "1.0.0" for entry in history(again.data, "tiny"))
