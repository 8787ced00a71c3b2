from __future__ import annotations

import json
import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from uniad_desktop.training import distill
from uniad_desktop.training.distillation import (
    Distillation,
    Settings,
    learning_rate,
    stage_errors,
)
from uniad_desktop.training.procedural.pool import make_pool
from uniad_desktop.training.starter_backbone import (
    STARTER,
    BackboneError,
    Teacher,
    create_network,
    load_teacher,
    load_weights,
    normalise,
)
from uniad_desktop.uniad.features import build_backbone

SMALL = Settings(images=32, pool=8, size=64, batch=4)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    # Sums are taken in another order with another number of threads.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def teacher_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with random weights, saved as torch does, with a classifier left on."""
    torch.manual_seed(5)
    state = create_network().state_dict()
    state["classifier.weight"] = torch.zeros(10, 1280)
    path = tmp_path_factory.mktemp("teacher") / "teacher.pth"
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pool") / "pool.npy"
    make_pool(path, SMALL.pool, SMALL.size, SMALL.seed)
    return path


@pytest.fixture
def teacher(teacher_file: Path) -> Teacher:
    return load_teacher(str(teacher_file), "A teacher", "Apache-2.0")


def command(teacher: Path | str, out: Path, *more: str) -> list[str]:
    sizes = ["--images", "48", "--pool", "16", "--size", "64"]
    return ["--teacher", str(teacher), "--out", str(out), *sizes, *more]


def test_errors_are_shares_of_the_teachers_variance() -> None:
    wanted = [torch.randn(4, 3, 64, 64) * torch.tensor([1.0, 5.0, 0.1])[:, None, None]]
    scales = [wanted[0].std((0, 2, 3))[None, :, None, None]]
    assert stage_errors(wanted, wanted, scales)[0] == 0
    means = [wanted[0].mean((0, 2, 3), keepdim=True).expand_as(wanted[0])]
    assert float(stage_errors(means, wanted, scales)[0]) == pytest.approx(1.0, abs=1e-3)


def test_the_learning_rate_rises_and_falls_to_zero() -> None:
    settings = Settings(images=16_000)
    rates = [learning_rate(settings, step) for step in range(settings.steps)]
    assert rates[0] < 0.02 * settings.learning_rate
    assert max(rates) == pytest.approx(settings.learning_rate, rel=0.05)
    assert rates[-1] < 1e-4 * settings.learning_rate
    peak = rates.index(max(rates))
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_the_student_comes_closer_to_its_teacher(teacher: Teacher, pool: Path) -> None:
    settings = Settings(images=80, pool=8, size=64, batch=4, learning_rate=0.1)
    distillation = Distillation(settings, teacher, pool, "cpu")
    errors = [sum(distillation.advance()) for _ in range(settings.steps)]
    assert sum(errors[-4:]) < 0.85 * sum(errors[:4])


def test_a_resumed_run_ends_with_exactly_the_weights_of_an_uninterrupted_one(
    teacher: Teacher, pool: Path, tmp_path: Path
) -> None:
    whole = Distillation(SMALL, teacher, pool, "cpu")
    for _ in range(5):
        whole.advance()

    begun = Distillation(SMALL, teacher, pool, "cpu")
    for _ in range(2):
        begun.advance()
    distill.save(begun, tmp_path)
    resumed = Distillation(SMALL, teacher, pool, "cpu")
    resumed.restore(torch.load(tmp_path / distill.CHECKPOINT, weights_only=True))
    for _ in range(3):
        resumed.advance()

    assert resumed.step == whole.step
    for name in ("student", "average"):
        ours, theirs = getattr(resumed, name).state_dict(), getattr(whole, name).state_dict()
        assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_other_settings_or_another_teacher_cannot_resume(teacher: Teacher, pool: Path) -> None:
    state = Distillation(SMALL, teacher, pool, "cpu").state()
    other = Settings(images=64, pool=8, size=64, batch=4)
    with pytest.raises(BackboneError, match="images 32, not 64"):
        Distillation(other, teacher, pool, "cpu").restore(state)
    torch.manual_seed(99)
    stranger = Teacher(create_network().requires_grad_(False), "Stranger", "", "")
    with pytest.raises(BackboneError, match="another teacher"):
        Distillation(SMALL, stranger, pool, "cpu").restore(state)


def test_the_teacher_is_not_changed(teacher: Teacher, pool: Path) -> None:
    before = {key: value.clone() for key, value in teacher.network.state_dict().items()}
    distillation = Distillation(SMALL, teacher, pool, "cpu")
    distillation.advance()
    distillation.settle(1)
    after = teacher.network.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_settling_makes_evaluation_agree_with_training_statistics(
    teacher: Teacher, pool: Path
) -> None:
    distillation = Distillation(SMALL, teacher, pool, "cpu")
    for _ in range(3):
        distillation.advance()
    distillation.settle(6)
    norm = distillation.average.get_submodule("bn1")
    assert int(norm.num_batches_tracked) == 6
    assert norm.momentum == pytest.approx(0.1)
    assert not distillation.average.training
    # The stem's output, normalised by the settled statistics, has mean 0 and deviation 1.
    stem = distillation.average.get_submodule("conv_stem")
    with torch.no_grad():
        seen = torch.cat([stem(distillation._pictures()) for _ in range(12)])
    centred = (seen.mean((0, 2, 3)) - norm.running_mean) / norm.running_var.sqrt()
    assert centred.abs().max() < 0.6


def test_the_command_writes_weights_that_load_strictly_and_says_where_they_come_from(
    teacher_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "run"
    names = ("--teacher-name", "A teacher", "--teacher-licence", "Apache-2.0")
    assert distill.main(command(teacher_file, out, *names)) == 0
    network = build_backbone(STARTER)
    network.load_state_dict(load_file(out / distill.RESULT), strict=True)
    with torch.no_grad():
        maps = network(normalise(torch.rand(1, 3, 64, 64)))
    assert [one.shape[1] for one in maps] == [16, 24, 32, 96]
    assert all(torch.isfinite(one).all() for one in maps)
    provenance = json.loads((out / distill.PROVENANCE).read_text(encoding="utf-8"))
    assert provenance["teacher"]["licence"] == "Apache-2.0"
    assert len(provenance["teacher"]["sha256"]) == 64
    assert provenance["settings"]["images"] == 48
    assert len(provenance["unexplained_variance"]) == 4
    assert list(out.glob("*.tmp")) == []

    first = (out / distill.RESULT).read_bytes()
    assert distill.main(command(teacher_file, tmp_path / "again", *names)) == 0
    assert (tmp_path / "again" / distill.RESULT).read_bytes() == first


def test_an_interrupt_ends_with_a_sentence_and_a_checkpoint_to_go_on_from(
    teacher_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    advance = Distillation.advance
    handler = signal.getsignal(signal.SIGINT)

    def interrupted(self: Distillation) -> list[float]:
        if self.step == 1:
            signal.raise_signal(signal.SIGINT)
        return advance(self)

    monkeypatch.setattr(Distillation, "advance", interrupted)
    assert distill.main(command(teacher_file, tmp_path)) == 130
    assert "Stopped after 32 of 48 images" in caplog.text
    assert not (tmp_path / distill.RESULT).exists()
    assert signal.getsignal(signal.SIGINT) is handler

    monkeypatch.setattr(Distillation, "advance", advance)
    assert distill.main(command(teacher_file, tmp_path, "--resume")) == 0
    assert (tmp_path / distill.RESULT).is_file()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (["--resume"], "Leave out --resume"),
        (["--size", "100"], "multiple of 32"),
        (["--images", "3"], "no fewer images"),
        (["--device", "nonsense"], "--device nonsense"),
    ],
)
def test_wrong_arguments_get_one_sentence(
    teacher_file: Path,
    tmp_path: Path,
    change: list[str],
    sentence: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert distill.main(command(teacher_file, tmp_path, *change)) == 2
    assert sentence in caplog.text
    assert "Traceback" not in caplog.text


def test_a_damaged_checkpoint_is_named(
    teacher_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / distill.CHECKPOINT).write_bytes(b"half a file")
    assert distill.main(command(teacher_file, tmp_path, "--resume")) == 2
    assert "checkpoint.pt is damaged" in caplog.text


def test_a_compiler_is_asked_for_before_the_work_begins(
    teacher_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(distill.shutil, "which", lambda name: None)
    assert distill.main(command(teacher_file, tmp_path, "--compile")) == 2
    assert "C++ compiler" in caplog.text


class Harmful:
    """Would run code if it were unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("harm-done"),))


def test_weights_that_are_not_ours_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BackboneError, match=r"no weights file .*gone\.pth"):
        load_weights(tmp_path / "gone.pth")
    (tmp_path / "torn.safetensors").write_bytes(b"\x10")
    with pytest.raises(BackboneError, match="cannot be read"):
        load_weights(tmp_path / "torn.safetensors")
    torch.save({"fc.weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(BackboneError, match="not a mobilenetv2_100"):
        load_weights(tmp_path / "other.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(BackboneError, match="no plain state dict"):
        load_weights(tmp_path / "list.pth")
    torch.save(Harmful(), tmp_path / "harmful.pth")
    with pytest.raises(BackboneError, match="cannot be read"):
        load_weights(tmp_path / "harmful.pth")
    assert not (tmp_path / "harm-done").exists()


def test_a_layer_of_another_shape_is_named(teacher_file: Path, tmp_path: Path) -> None:
    state = torch.load(teacher_file, weights_only=True)
    state["conv_stem.weight"] = torch.zeros(8, 3, 3, 3)
    torch.save(state, tmp_path / "wide.pth")
    with pytest.raises(BackboneError, match=r"conv_stem\.weight is \(8, 3, 3, 3\)"):
        load_weights(tmp_path / "wide.pth")


def test_a_teacher_of_another_architecture_is_refused_without_the_network() -> None:
    with pytest.raises(BackboneError, match="neither a file nor weights"):
        load_teacher("resnet18.a1_in1k")
