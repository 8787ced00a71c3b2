import json

import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package, tiny_config
from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.package import open_package
from uniad_desktop.engine.speed import stages_onnx
from uniad_desktop.engine.speed.peak import matrix_rate, picture_flops, place_of
from uniad_desktop.engine.speed.runners import open_runner
from uniad_desktop.engine.speed.split import BACKBONE, NETWORK, REST, Split, fastest
from uniad_desktop.engine.speed.stages import Stages, stages_of
from uniad_desktop.engine.speed.stages_onnx import split_onnx, stage_times
from uniad_desktop.engine.speed.stages_openvino import Node, split_openvino, stages_of_nodes
from uniad_desktop.engine.speed.stages_torch import _run, split_torch
from uniad_desktop.engine.speed.timing import Timed
from uniad_desktop.uniad.model import UniAD

PICTURES = np.random.default_rng(0).integers(0, 256, (1, 3, 64, 80), np.uint8)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return open_package(make_tiny_package(tmp_path_factory.mktemp("models")))


def opened(name, package):
    return open_runner(name, package, device="cpu", threads=1, workplace=None)


def timed(preprocess=1.0, network=10.0, score=0.5):
    parts = {"preprocess": preprocess, "network": network, "score": score}
    return Timed([preprocess + network + score] * 3, [parts] * 3)


def test_sums_and_scaling():
    one = [(BACKBONE, 2.0), (NETWORK, 9.0), (REST, 0.5), (BACKBONE, 0.25)]
    two = [(BACKBONE, 1.75), (NETWORK, 1.5), (REST, 7.0), (BACKBONE, 0.5)]
    split = fastest([one, two])
    assert split == Split(2.0, 1.5, 0.5)
    with pytest.raises(ValueError, match="zip"):
        fastest([one, two[:3]])
    scaled = split.scaled_to(8.0)
    assert (scaled.backbone, scaled.network, scaled.rest) == (4.0, 3.0, 1.0)
    assert scaled.total == pytest.approx(8.0)
    assert Split(0.0, 0.0, 0.0).scaled_to(5.0).total == 0.0


def test_fused_and_renamed_nodes_of_openvino():
    nodes = [
        Node("pictures", "Parameter", ("pictures",), ()),
        Node("levels", "Subgraph", ("aten::to/Convert", "aten::add/Add"), ("pictures",)),
        Node("levels_acdb", "Reorder", ("",), ("levels",)),
        Node("Constant_1", "Const", ("Constant_1",), ()),
        Node(
            "Multiply_2",
            "Convolution",
            ("Multiply_2", "__module.backbone.bn1/aten::batch_norm/BatchNormInference"),
            ("levels_acdb", "Constant_1"),
        ),
        Node("pool", "AvgPool", ("aten::avg_pool2d/AvgPool",), ("Multiply_2",)),
        Node("in", "FullyConnected", ("__module.network.input_proj/aten::linear",), ("pool",)),
        Node("Transpose_3", "Transpose", ("Transpose_3",), ("in",)),
        Node("Multiply_4", "FullyConnected", ("Multiply_4",), ("Transpose_3", "Constant_1")),
        Node("width", "FullyConnected", ("__module.spread.layers.0/aten::linear",), ("in",)),
        Node("sum", "ReduceSum", ("aten::sum/ReduceSum",), ("Multiply_4", "width")),
        Node("Alone_5", "Other", ("",), ()),
    ]
    assert stages_of_nodes(nodes) == {
        "pictures": REST,
        "levels": REST,
        "levels_acdb": BACKBONE,  # done for the convolution
        "Constant_1": BACKBONE,
        "Multiply_2": BACKBONE,
        "pool": REST,
        "in": NETWORK,
        "Transpose_3": NETWORK,
        "Multiply_4": NETWORK,  # the output projection, folded with what follows it
        "width": NETWORK,
        "sum": REST,
        "Alone_5": REST,
    }


def event(name, start, duration, cat="Node"):
    return {"name": name, "ts": start, "dur": duration, "cat": cat}


def test_nodes_of_onnx_runtime():
    events = [
        event("session_initialization", 0, 100, "Session"),
        event("model_run", 200, 500, "Session"),
        event("ReorderInput_kernel_time", 201, 4),
        event("/backbone/conv/Conv_kernel_time", 205, 400),
        event("model_run", 1000, 500, "Session"),
        event("/network/norm/Add_kernel_time", 1200, 50),
        event("/Mul_kernel_time", 1001, 10),
        event("ReorderOutput_token_7_kernel_time", 1150, 5),
        event("fused /backbone/conv/Conv_nchwc_kernel_time", 1100, 100),
        event("/output_proj/MatMul_kernel_time", 1300, 20),
        event("/ReduceSum_kernel_time", 1400, 30),
        event("SequentialExecutor::Execute", 1000, 450, "Session"),
    ]
    assert stage_times(events) == [
        [(REST, 0.004), (BACKBONE, 0.4)],
        [
            (REST, 0.01),
            (BACKBONE, 0.1),
            (BACKBONE, 0.005),
            (NETWORK, 0.05),
            (NETWORK, 0.02),
            (REST, 0.03),
        ],
    ]
    assert stage_times([]) == []


def test_torch_runs_the_steps_of_the_model(package):
    model = load_model(package)
    asked = []
    model.network.output_proj.register_forward_hook(lambda *_: asked.append(1))
    with torch.inference_mode():
        parts = _run(model, torch.from_numpy(PICTURES), torch.device("cpu"))
    assert len(parts) == 4 and min(parts) >= 0.0 and asked == [1]
    split = split_torch(package, PICTURES, opened("torch", package).runtime)
    assert min(split.backbone, split.network, split.rest) > 0.0


@pytest.mark.parametrize("name", ["openvino-f32", "onnx"])
def test_every_stage_is_seen_in_an_exported_runtime(name, package):
    runner = opened(name, package)
    split = {"openvino-f32": split_openvino, "onnx": split_onnx}[name](runner.runtime, PICTURES)
    assert min(split.backbone, split.network, split.rest) > 0.0
    runner.detector.close()


@pytest.mark.parametrize("name", ["torch", "openvino-f32", "onnx"])
@pytest.mark.parametrize("grey", [False, True])
def test_stages_add_up_to_what_was_measured(name, grey, package):
    runner = opened(name, package)
    frame = np.zeros((72, 96) if grey else (72, 96, 3), np.uint8)
    # So much that what is measured here for copying and map-making is surely less.
    stages = stages_of(runner, package, frame, timed(preprocess=1e4, network=1e5))
    values = [stages.copy, stages.preprocess, stages.backbone, stages.network, stages.map]
    assert all(value is not None and value >= 0.0 for value in values)
    assert sum(values) == pytest.approx(1e4 + 1e5 + 0.5)
    runner.detector.close()


def test_what_cannot_be_told_apart_is_left_open(package):
    runner = opened("torch", package)
    runner.detector._runtime = object()  # some runtime that nobody can look into
    frame = np.zeros((72, 96), np.uint8)
    assert stages_of(runner, package, frame, timed()) == Stages(None, None, None, None, None)


def test_the_profile_of_onnx_runtime_leaves_no_file(package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loaded = []
    monkeypatch.setattr(
        stages_onnx.json, "loads", lambda text: loaded.append(1) or json.JSONDecoder().decode(text)
    )
    runner = opened("onnx", package)
    split_onnx(runner.runtime, PICTURES)
    assert loaded == [1]
    assert list(tmp_path.glob("*.json")) == []
    assert not runner.runtime._session.get_session_options().enable_profiling


def test_operations_are_counted():
    small, wide = (picture_flops(UniAD(tiny_config(hidden=one)).eval()) for one in (16, 32))
    # Both see the same backbone; the wider network has more to do.
    assert 0 < small < wide
    # The first convolution alone: 16 channels from 3 x 3 x 3 values at half the size.
    assert small > 2 * 16 * 27 * 32 * 40


def test_the_peak_is_a_rate():
    for precision in ("f32", "bf16"):
        assert matrix_rate(precision, torch.device("cpu"), seconds=0.0) > 0.0


def test_labels_say_device_and_precision():
    assert place_of("torch cpu f32") == ("cpu", "f32")
    assert place_of("torch cuda f32") == ("cuda", "f32")
    assert place_of("cuda NVIDIA H100 80GB HBM3 bf16") == ("cuda", "bf16")
    assert place_of("openvino cpu int8") == ("cpu", "int8")
