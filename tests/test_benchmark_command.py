from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package, tiny_config
from uniad_desktop.commands import benchmark as command
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.engine.agreement import Agreement
from uniad_desktop.engine.runtimes import choice, openvino_runtime
from uniad_desktop.engine.runtimes.base import RuntimeUnavailableError
from uniad_desktop.engine.speed import measure as measuring
from uniad_desktop.interrupt import Interrupt

STAGES = {"copy", "preprocess", "backbone", "network", "map"}
QUICK = ("--rounds", 2, "--threads", 1, "--frame", "72x96", "--device", "cpu")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_tiny_package(tmp_path / "models")


@pytest.fixture(autouse=True)
def _no_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine can do at best is tested elsewhere."""
    monkeypatch.setattr(measuring, "matrix_rate", lambda precision, device: 1e11)


def benchmark(*arguments: object, interrupt: Interrupt | None = None) -> int:
    return run_command("benchmark", [str(one) for one in arguments], interrupt or Interrupt())


def written(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))


def refuse(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Lets runtimes with a word in their label disagree with the reference."""
    honest = choice.compare

    def compare(runtime, *others, **named) -> Agreement:
        result = honest(runtime, *others, **named)
        return (
            result.model_copy(update={"score_difference": 9.0})
            if word in result.runtime
            else (result)
        )

    monkeypatch.setattr(choice, "compare", compare)


def test_table_and_file(tmp_path, model, capsys):
    file = tmp_path / "speed.json"
    runtimes = ("--runtime", "openvino-f32", "--runtime", "onnx")
    assert benchmark(model, *QUICK, *runtimes, "--batches", "2", "--json", file) == 0
    values = written(file)
    assert set(values) == {"runtimes", "machine", "model", "unavailable"}
    assert list(values["runtimes"]) == ["torch", "openvino-f32", "onnx"]
    assert values["unavailable"] == {}
    for name, one in values["runtimes"].items():
        latency = one["latency_ms"]
        assert set(latency) == {"p50", "p95", "p99", "mean"}
        assert 0.0 < latency["p50"] <= latency["p95"] <= latency["p99"]
        assert set(one["throughput"]) == {"1", "2"}
        assert set(one["stages_ms"]) == STAGES
        assert None not in one["stages_ms"].values()
        assert isinstance(one["memory_mb"], float)
        assert one["label"].endswith("cpu f32") and one["used"]
        assert (one["agreement"] is None) == (name == "torch")
        assert one["samples"] == 8
        assert one["share_of_peak"]["batch_1"] > 0.0
    assert values["runtimes"]["torch"]["label"] == "torch cpu f32"
    assert values["runtimes"]["torch"]["times_torch"] == 1.0
    assert "agrees" in values["runtimes"]["onnx"]["agreement"]
    model_values = values["model"]
    assert (model_values["name"], model_values["untrained"]) == ("tiny", False)
    assert model_values["frame"] == {"height": 72, "width": 96, "channels": 3}
    assert values["machine"]["threads"] == 1
    assert str(tmp_path) not in file.read_text("utf-8")
    told = capsys.readouterr().out
    assert max(len(line) for line in told.splitlines()) <= 100
    rows = [line.split()[0] for line in told.splitlines() if line and line[0] != " "]
    assert rows.count("torch") == rows.count("onnx") == 2  # times and stages
    assert "tiny 0.0.1" in told and "UNTRAINED" not in told


def test_torch_is_always_there_and_what_is_missing_is_named(tmp_path, model, monkeypatch, capsys):
    def missing() -> str:
        raise RuntimeUnavailableError("OpenVINO cannot be loaded (gone).")

    monkeypatch.setattr(openvino_runtime, "openvino_version", missing)
    monkeypatch.setattr(choice, "cuda_problem", lambda: "There is no GPU in this test.")
    file = tmp_path / "speed.json"
    asked = ("--runtime", "openvino-f32", "--runtime", "openvino", "--runtime", "cuda")
    assert benchmark(model, *QUICK, *asked, "--grey", "--batches", "1", "--json", file) == 0
    values = written(file)
    assert list(values["runtimes"]) == ["torch"]
    assert values["model"]["frame"]["channels"] == 1
    assert set(values["unavailable"]) == {"openvino", "openvino-f32", "cuda"}
    assert "gone" in values["unavailable"]["openvino"]
    assert "no GPU in this test" in values["unavailable"]["cuda"]
    assert "no GPU in this test" in capsys.readouterr().out


def test_the_time_of_torch_is_not_shown_under_another_name(tmp_path, model, monkeypatch):
    refuse(monkeypatch, "onnx")
    file = tmp_path / "speed.json"
    assert benchmark(model, *QUICK, "--runtime", "onnx", "--json", file) == 0
    values = written(file)
    assert list(values["runtimes"]) == ["torch"]
    assert "does NOT agree" in values["unavailable"]["onnx"]


def test_a_better_precision_that_is_refused_is_remarked_on(tmp_path, model, monkeypatch):
    if not openvino_runtime.cpu_has_bf16():
        pytest.skip("this processor does not compute in bf16")
    refuse(monkeypatch, "bf16")
    file = tmp_path / "speed.json"
    assert benchmark(model, *QUICK, "--runtime", "openvino", "--json", file) == 0
    found = written(file)["runtimes"]["openvino"]
    assert found["label"] == "openvino cpu f32" and found["used"]
    assert "agrees" in found["agreement"]
    assert ["bf16 does NOT agree" in remark for remark in found["remarks"]] == [True]


def test_any_backbone_with_untrained_weights(tmp_path, capsys):
    file = tmp_path / "speed.json"
    network = ("--backbone", "mobilenetv2_050", "--stages", "2", "--input", "64x80")
    assert benchmark(*network, *QUICK, "--runtime", "torch", "--json", file) == 0
    values = written(file)
    model = values["model"]
    assert model["untrained"] and model["backbone"] == "mobilenetv2_050"
    assert (model["input"], model["stages"]) == ([64, 80], [2])
    assert (model["hidden"], model["layers"]) == (256, [4, 4])
    assert list(values["runtimes"]) == ["torch"]
    assert "UNTRAINED" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["onnx", "openvino-f32"])
def test_untrained_weights_that_disagree_are_timed_and_marked(name, tmp_path, monkeypatch, capsys):
    word = name.partition("-")[0]
    refuse(monkeypatch, word)
    monkeypatch.setattr(command, "_config", lambda options: tiny_config())
    file = tmp_path / "speed.json"
    assert (
        benchmark("--backbone", "mobilenetv2_050", *QUICK, "--runtime", name, "--json", file) == 0
    )
    found = written(file)["runtimes"][name]
    assert found["used"] is False
    assert found["label"] == f"{word} cpu f32"
    assert "does NOT agree" in found["agreement"]
    assert None not in found["stages_ms"].values()
    told = capsys.readouterr().out
    assert f"({name})" in told and "NOT used by a station" in told


def test_what_cannot_be_done_is_said_before_the_work(tmp_path, model, capsys):
    folder = tmp_path / "folder"
    folder.mkdir()
    for arguments, code, words in (
        ((tmp_path / "none" / "0.0.1",), 4, "no model package"),
        (("nothing",), 4, "no model named 'nothing'"),
        (("--backbone", "efficientnet_b99"), 1, "timm has no backbone"),
        (("--backbone", "mobilenetv2_050", "--input", "100"), 1, "multiple"),
        (("--backbone", "mobilenetv2_050", "--stages", "9"), 1, "stages"),
        ((model, "--backbone", "mobilenetv2_050"), 1, "leave one of them out"),
        ((model, "--input", "64"), 1, "--backbone"),
        ((model, "--json", folder), 1, "--json"),
        ((model, "--json", folder / "no" / "speed.json"), 1, "--json"),
        ((model, "--frame", "4"), 1, "--frame"),
        ((model, "--frame", "99999x99999"), 1, "--frame"),
        ((model, "--batches", "0,1"), 1, "--batches"),
        ((model, "--batches", "1,2,3,4,5,6,7"), 1, "--batches"),
        ((model, "--device", "warp"), 4, "warp"),
    ):
        assert benchmark(*arguments, "--rounds", 1) == code, arguments
        told, said = capsys.readouterr()
        assert words in said and not told, said


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="nothing is forbidden to this user",
)
def test_a_folder_without_rights(tmp_path, model, capsys):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert benchmark(model, "--json", closed / "speed.json") == 1
    assert "--json" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--runtime", "abacus"),
        ("--frame", "x"),
        ("--rounds", "0"),
        ("--seconds", "1", "--rounds", "1"),
    ],
)
def test_wrong_arguments_are_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit) as raised:
        benchmark(*arguments)
    assert raised.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_an_interrupt_ends_it_and_writes_nothing(tmp_path, model):
    interrupt = Interrupt()
    interrupt._asked.set()
    file = tmp_path / "speed.json"
    assert benchmark(model, *QUICK, "--json", file, interrupt=interrupt) == 130
    assert not file.exists()
