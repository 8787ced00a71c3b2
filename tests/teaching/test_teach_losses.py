"""The two curves: honest, without influence on the training, and there again after a stop."""

import dataclasses
import errno
import functools
import json

import pytest
import torch

from tests.helpers import tiny_config
from tests.teaching.test_teach import package, plan  # noqa: F401 - fixtures
from uniad_desktop.engine.detector import load_model
from uniad_desktop.teaching import loss_watch, teach
from uniad_desktop.teaching.loss_watch import LossWatch, former_rows, read_points, some_rows
from uniad_desktop.teaching.teach_events import LossPoint
from uniad_desktop.training.errors import TrainingError, TrainingStopped
from uniad_desktop.training.memory import HELD, TRAINED
from uniad_desktop.training.recipes import Precision
from uniad_desktop.uniad.network import ReconstructionNetwork


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """A point after every second of the few steps."""
    often = functools.partial(LossWatch, least_steps=2)
    monkeypatch.setattr(teach, "LossWatch", often)


def stop_after(count):
    """A stop after so many steps, and what counts them."""
    steps = []
    return lambda: len(steps) == count, lambda settings: lambda *told: steps.append(told)


def test_the_curves_do_not_change_what_is_learned(plan):  # noqa: F811
    points = []
    with_curves = teach.teach(plan, watched=points.append).package.weights()
    assert [one.step for one in points] == [0, 2, 4, 6]
    assert all(one.new > 0 and one.former > 0 for one in points)
    other = dataclasses.replace(
        plan, models=plan.models.parent / "b", run=plan.run.with_name("run-b")
    )
    without = teach.teach(other).package.weights()
    assert all(torch.equal(with_curves[name], without[name]) for name in without)


def test_the_first_point_is_the_version_of_before_and_the_last_the_one_that_is_written(plan):  # noqa: F811
    points = []
    taught = teach.teach(plan, watched=points.append)
    again = []
    # Another teaching, from the new version: its first point is where the other one ended.
    following = dataclasses.replace(plan, package=taught.package, run=plan.run.with_name("next"))
    teach.teach(following, watched=again.append)
    assert again[0].new == pytest.approx(points[-1].new, rel=1e-6)
    assert again[0].former == pytest.approx(points[-1].former, rel=1e-6)
    model = load_model(plan.package)
    assert not model.training


def test_a_teaching_that_goes_on_tells_the_points_from_before_the_stop(plan):  # noqa: F811
    whole = []
    weights = teach.teach(plan, watched=whole.append).package.weights()
    other = dataclasses.replace(
        plan, models=plan.models.parent / "b", run=plan.run.with_name("run-b")
    )
    stop, started = stop_after(3)
    first = []
    with pytest.raises(TrainingStopped):
        teach.teach(other, stop=stop, started=started, watched=first.append)
    assert first == whole[:2]
    again = []
    resumed = teach.teach(other, watched=again.append).package.weights()
    assert again == whole
    assert all(torch.equal(weights[name], resumed[name]) for name in weights)


def watch(tmp_path, told, **more):
    rows = torch.randn(3, 80, 24, generator=torch.Generator().manual_seed(0))
    scale = torch.zeros(24), torch.ones(24)
    file = tmp_path / "run" / loss_watch.FILE
    return LossWatch(rows, None, scale, 100, file=file, tell=told.append, **more)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return ReconstructionNetwork(tiny_config())


def test_it_looks_about_as_often_as_it_is_told_to_and_at_the_end(tmp_path, network, monkeypatch):
    monkeypatch.setattr(LossWatch, "_loss", lambda *rest: 1.0)
    told = []
    look = watch(tmp_path, told, points=3)
    for step in range(101):
        look(step, network.train())
    assert [one.step for one in told] == [0, 34, 68, 100]
    assert network.training and told[0].former is None
    assert read_points(tmp_path / "run" / loss_watch.FILE) == told


def test_points_of_another_training_and_those_after_the_checkpoint_are_dropped(
    tmp_path, network, monkeypatch
):
    monkeypatch.setattr(LossWatch, "_loss", lambda *rest: 1.0)
    first = []
    look = watch(tmp_path, first)
    for step in range(31):
        look(step, network)
    again = []
    watch(tmp_path, again)(15, network)
    assert [one.step for one in again] == [0, 10]
    new = []
    watch(tmp_path, new)(0, network)
    assert [one.step for one in new] == [0]
    assert [one.step for one in read_points(tmp_path / "run" / loss_watch.FILE)] == [0]


def test_half_a_line_after_a_kill_and_a_file_of_something_else_are_no_trouble(tmp_path):
    file = tmp_path / "losses.jsonl"
    good = json.dumps({"step": 1, "new": 0.5, "former": None})
    file.write_text(f'{good}\n{{"step": 2, "ne')
    assert read_points(file) == [LossPoint(1, 0.5, None)]
    file.write_bytes(b"\xff\xfe")
    assert read_points(file) == []
    assert read_points(tmp_path / "nothing") == []


def test_a_full_disk_ends_the_curve_s_file_and_not_the_training(
    tmp_path, network, monkeypatch, caplog
):
    monkeypatch.setattr(LossWatch, "_loss", lambda *rest: 1.0)

    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(loss_watch, "write_durably", full)
    told = []
    look = watch(tmp_path, told)
    look(0, network)
    look(10, network)
    assert [one.step for one in told] == [0, 10]
    assert "No space left" in caplog.text or caplog.text == ""


def test_losses_that_are_no_numbers_are_left_to_the_training(tmp_path, network, monkeypatch):
    monkeypatch.setattr(LossWatch, "_loss", lambda *rest: float("nan"))
    told = []
    watch(tmp_path, told)(0, network)
    assert told == []


def test_former_products_share_the_rows_and_those_held_back_come_first():
    memory = {
        f"a.{TRAINED}": torch.zeros(40, 2, 3).half(),
        f"a.{HELD}": torch.ones(40, 2, 3).half(),
        f"b.{TRAINED}": torch.full((3, 2, 3), 2.0).half(),
    }
    rows = former_rows(memory, ["a", "b", "unknown"])
    assert rows[:, 0, 0].tolist() == [1.0] * 8 + [2.0] * 3
    many = {f"{n}.{HELD}": torch.full((5, 2, 3), float(n)) for n in range(40)}
    assert len(former_rows(many, [str(n) for n in range(40)])) == 16
    assert former_rows({}, ["a"]) is None
    assert some_rows(torch.arange(100.0).reshape(100, 1, 1).numpy(), 4)[:, 0, 0].tolist() == [
        0.0,
        33.0,
        66.0,
        99.0,
    ]


@pytest.mark.parametrize(
    ("device", "error", "words"),
    [
        ("cpu", MemoryError(), "no memory left"),
        ("meta", torch.OutOfMemoryError("CUDA out of memory"), "--device cpu"),
    ],
)
def test_too_little_memory_is_a_sentence_and_keeps_the_checkpoint(
    plan,  # noqa: F811
    monkeypatch,
    device,
    error,
    words,
):
    stop, started = stop_after(3)
    exact = dataclasses.replace(plan, precision=Precision.F32)
    with pytest.raises(TrainingStopped):
        teach.teach(exact, stop=stop, started=started)
    kept = (plan.run / "checkpoint.pt").read_bytes()

    def exhausted(*given, **more):
        raise error

    monkeypatch.setattr(ReconstructionNetwork, "decode", exhausted)
    # No card is needed: the model stays where it is.
    broken = dataclasses.replace(exact, device=torch.device(device))
    monkeypatch.setattr("uniad_desktop.uniad.model.UniAD.to", lambda model, device: model)
    with pytest.raises(TrainingError, match=words) as raised:
        teach.teach(broken)
    assert "goes on from the last checkpoint" in str(raised.value)
    assert (plan.run / "checkpoint.pt").read_bytes() == kept
    assert not list(plan.models.glob("tiny/1.0.1"))
