import logging

import numpy as np
import pytest
import torch

from tests.helpers import tiny_config
from uniad_desktop.engine.agreement import SCORE_TOLERANCE
from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.graph import InspectionGraph
from uniad_desktop.engine.layout import Box
from uniad_desktop.engine.package import open_newest
from uniad_desktop.engine.preprocess import ImageError, View
from uniad_desktop.engine.runtimes import cuda_graphs, gpu_network
from uniad_desktop.engine.runtimes.base import RuntimeFailedError, RuntimeUnavailableError
from uniad_desktop.engine.runtimes.cuda_graphs import CudaRuntime
from uniad_desktop.engine.runtimes.eager import EagerRuntime
from uniad_desktop.engine.runtimes.gpu_graph import Recorder
from uniad_desktop.engine.runtimes.gpu_network import GpuNetwork
from uniad_desktop.engine.runtimes.gpu_pipeline import Pipeline
from uniad_desktop.engine.sample import sample_of
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.uniad.config import (
    Alignment,
    Attention,
    NetworkKind,
    PositionKind,
    QueryDesign,
    ScoreKind,
)
from uniad_desktop.uniad.model import UniAD

CPU = torch.device("cpu")


def make_model(**changes):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = UniAD(tiny_config(**changes)).eval().requires_grad_(False)
        model.pyramid.deviation.uniform_(0.5, 2.0)
        model.pyramid.mean.normal_()
        if model.spread is not None:
            model.spread.layers[-1].bias.normal_()
    return model


@pytest.fixture(scope="module")
def model():
    return make_model()


@pytest.fixture
def runtime(model):
    runtime = CudaRuntime(model, device=CPU)
    yield runtime
    runtime.close()


def frame(height, width, colour=False, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3) if colour else (height, width), dtype=np.uint8)


def mixture():
    """Grey and colour frames, whole and in tiles, one frame's views apart from one another."""
    grey, colour, small = frame(90, 130), frame(100, 120, True, 1), frame(20, 24, seed=2)
    return [
        View(grey, Box(0, 0, 80, 64)),
        View(colour),
        View(grey, Box(50, 26, 80, 64)),
        View(small),
        View(grey, Box(3, 5, 20, 9)),
        View(colour, Box(20, 10, 90, 80)),
        View(frame(64, 80, True, 3)),
        View(frame(64, 80, False, 4)[:, ::-1]),
    ]


def agree(actual, expected):
    assert actual.maps.shape == expected.maps.shape and actual.maps.dtype == np.float32
    assert actual.scores.shape == expected.scores.shape and actual.scores.dtype == np.float32
    np.testing.assert_allclose(actual.maps, expected.maps, rtol=1e-4)
    np.testing.assert_allclose(actual.scores, expected.scores, rtol=1e-4)


def test_grey_colour_and_tiles_give_what_the_reference_gives(model, runtime):
    views = mixture()
    output = runtime.run(views)
    agree(output, EagerRuntime(model, CPU).run(views))
    assert output.preprocess_ms >= 0.0 and output.network_ms > 0.0
    assert runtime.label == "cuda cpu f32" and runtime.remarks == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"score": ScoreKind.MEAN},
        {"score": ScoreKind.DEVIATION},
        {"spread": True, "alignment": Alignment.AREA},
        {"standardised": False},
        {"masked": frozenset({Attention.ENCODER}), "decoder_layers": 2},
        {"network": NetworkKind.CNN},
        {"network": NetworkKind.MLP, "spread": True},
        {"query": QueryDesign.NONE, "position": PositionKind.SINE},
    ],
)
def test_every_design_and_score_gives_what_the_reference_gives(changes):
    model = make_model(**changes)
    views = [View(frame(64, 80, True, seed)) for seed in range(2)] + [View(frame(64, 80))]
    expected = EagerRuntime(model, CPU).run(views)
    actual = CudaRuntime(model, device=CPU).run(views)
    np.testing.assert_allclose(actual.maps, expected.maps, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(actual.scores, expected.scores, rtol=1e-3, atol=1e-4)


def test_the_model_itself_is_left_as_it_is(model):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    CudaRuntime(model, device=CPU, precision="bf16").close()
    for name, value in model.state_dict().items():
        assert value.dtype == before[name].dtype and torch.equal(value, before[name])


@pytest.mark.parametrize(("precision", "allowed"), [("bf16", 0.03), ("fp16", 0.005)])
@pytest.mark.parametrize("network", [NetworkKind.TRANSFORMER, NetworkKind.CNN])
def test_half_precision_stays_close_and_keeps_float32_where_it_decides(precision, allowed, network):
    model = make_model(spread=True, network=network)
    views = [View(frame(64, 80, True, seed)) for seed in range(4)]
    expected = EagerRuntime(model, CPU).run(views)
    runtime = CudaRuntime(model, device=CPU, precision=precision)
    actual = runtime.run(views)
    np.testing.assert_allclose(actual.scores, expected.scores, rtol=allowed)
    parts = runtime._pipeline._network
    dtype = cuda_graphs.PRECISIONS[precision]
    assert {one.dtype for one in parts.backbone.parameters()} == {dtype}
    assert {one.dtype for one in parts.network.parameters()} == {dtype}
    full = [*parts.output_proj.parameters(), *parts.spread.parameters(), parts.gain, parts.scale]
    assert {one.dtype for one in full} == {torch.float32}
    assert torch.equal(parts.output_proj.weight, model.network.output_proj.weight)


def test_the_shipped_model_keeps_its_answer_in_the_precision_that_gpus_run_it_in():
    package = open_newest("unified", [one for one in (shipped_models(),) if one])
    sample = sample_of(package)
    pictures = np.concatenate((sample.normal[::12], sample.marked[::12])).transpose(0, 2, 3, 1)
    views = [View(np.ascontiguousarray(one)) for one in pictures]
    precision = next(iter(cuda_graphs.PRECISIONS))
    actual = CudaRuntime(load_model(package), device=CPU, precision=precision).run(views)
    expected = EagerRuntime(load_model(package), CPU).run(views)
    names = sample.products[::12] * 2
    spreads = np.array([package.manifest.products[one].calibration.deviation for one in names])
    assert precision == "fp16"
    assert (np.abs(actual.scores - expected.scores) / spreads).max() < SCORE_TOLERANCE / 2


@pytest.mark.parametrize(("capability", "precision"), [((9, 0), "fp16"), ((6, 1), "f32")])
def test_half_precision_is_taken_where_the_gpu_is_fast_in_it(monkeypatch, capability, precision):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    assert cuda_graphs._best_precision(torch.device("cuda", 0)) == precision
    assert cuda_graphs._best_precision(CPU) == "f32"


def test_masks_lie_aligned_and_keep_their_values(model):
    parts = GpuNetwork(model, CPU, torch.float32)
    masks = {name: one for name, one in parts.network.named_buffers() if "mask" in name}
    original = dict(InspectionGraph(model).network.named_buffers())
    assert len(masks) == 3
    for name, mask in masks.items():
        assert mask.stride(0) % 16 == 0 and mask.stride(1) == 1
        assert torch.equal(mask, original[name])


def test_a_backbone_that_cannot_be_folded_runs_as_it_is(model, monkeypatch):
    def refuse(*_):
        raise gpu_network.FoldingError("differs")

    monkeypatch.setattr(gpu_network, "fold_batch_norms", refuse)
    views = [View(frame(64, 80))]
    actual = CudaRuntime(model, device=CPU).run(views)
    agree(actual, EagerRuntime(model, CPU).run(views))


def test_a_frame_is_uploaded_once_and_only_the_part_that_is_looked_at(runtime, monkeypatch):
    shapes = []
    uploads = runtime._pipeline._uploads
    put = uploads.put
    monkeypatch.setattr(uploads, "put", lambda pixels: shapes.append(pixels.shape) or put(pixels))
    runtime.run(mixture())
    assert shapes == [(90, 130), (100, 120, 3), (20, 24), (64, 80, 3), (64, 80)]
    shapes.clear()
    image = frame(90, 130)
    runtime.run([View(image, Box(10, 20, 30, 40)), View(image, Box(30, 22, 30, 40))])
    assert shapes == [(42, 50)]


def test_more_views_than_fit_at_once_run_in_pieces_in_order(model, runtime, monkeypatch):
    monkeypatch.setattr(runtime, "_most", 3)
    views = mixture()
    agree(runtime.run(views), EagerRuntime(model, CPU).run(views))
    assert not runtime._pieces


def test_no_views_give_nothing(runtime):
    output = runtime.run([])
    assert output.maps.shape == (0, 64, 80) and output.scores.shape == (0,)


def test_results_are_the_callers_own(runtime):
    first = runtime.run([View(frame(64, 80))])
    kept = first.maps.copy(), first.scores.copy()
    runtime.run([View(frame(64, 80, seed=9))])
    assert np.array_equal(first.maps, kept[0]) and np.array_equal(first.scores, kept[1])


def test_memory_that_runs_out_halves_the_batch_and_is_told_once(model, monkeypatch, caplog):
    runtime = CudaRuntime(model, device=CPU)
    sizes = full_above(monkeypatch, 2)
    views = mixture()
    expected = EagerRuntime(model, CPU).run(views)
    with caplog.at_level(logging.WARNING):
        agree(runtime.run(views), expected)
        assert sizes == [8, 4, 2, 2, 2, 2]
        sizes.clear()
        agree(runtime.run(views), expected)
    assert sizes == [2, 2, 2, 2]  # remembered
    (remark,) = runtime.remarks
    assert "at most 2 pictures" in remark and "--runtime openvino" in remark
    assert len(caplog.records) == 1


def test_what_was_started_before_memory_ran_out_is_kept(model, monkeypatch):
    runtime = CudaRuntime(model, device=CPU)
    monkeypatch.setattr(runtime, "_most", 3)
    start, calls = Pipeline.start, []

    def later(self, sights):
        calls.append(len(sights))
        if len(calls) == 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return start(self, sights)

    monkeypatch.setattr(Pipeline, "start", later)
    views = mixture()
    agree(runtime.run(views), EagerRuntime(model, CPU).run(views))
    assert calls == [3, 3, 1, 1, 1, 1, 1]


def test_too_little_memory_for_one_view_is_a_failure_with_a_way_out(model, monkeypatch):
    runtime = CudaRuntime(model, device=CPU)
    full_above(monkeypatch, 0)
    with pytest.raises(RuntimeFailedError, match=r"even for one picture.*--runtime openvino"):
        runtime.run(mixture())


def test_before_one_view_is_given_up_recording_is(model, monkeypatch):
    runtime = CudaRuntime(model, device=CPU)
    recorder = runtime._pipeline.recorder
    monkeypatch.setattr(Recorder, "records", property(lambda self: not self.refusal))
    full_above(monkeypatch, 0, only_while=lambda: recorder.records)
    views = [View(frame(64, 80))]
    agree(runtime.run(views), EagerRuntime(model, CPU).run(views))
    (remark,) = runtime.remarks
    assert "CUDA out of memory" in remark and "NVIDIA driver" in remark


@pytest.mark.parametrize("place", ["start", "collect"])
def test_any_other_failure_is_a_sentence_and_nothing_old_is_given_out(model, monkeypatch, place):
    runtime = CudaRuntime(model, device=CPU)
    monkeypatch.setattr(runtime, "_most", 3)
    views = mixture()
    expected = runtime.run(views)
    original = getattr(Pipeline, place)

    def fail(*_):
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nmore")

    monkeypatch.setattr(Pipeline, place, fail)
    with pytest.raises(RuntimeFailedError, match=r"illegal memory access was encountered\)"):
        runtime.run(views)
    assert not runtime._pieces
    monkeypatch.setattr(Pipeline, place, original)
    np.testing.assert_array_equal(runtime.run(views).scores, expected.scores)


def test_results_that_never_arrive_are_no_numbers(runtime, monkeypatch):
    views = [View(frame(64, 80))]
    assert np.isfinite(runtime.run(views).scores).all()
    monkeypatch.setattr(torch.Tensor, "copy_", lambda tensor, *_, **__: tensor)
    assert np.isnan(runtime.run(views).scores).all()


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View(np.zeros((32, 32), np.uint16)), "8-bit"),
        (View(np.zeros((32, 32, 4), np.uint8)), "grey"),
        (View(np.zeros((32, 32), np.uint8), Box(0, 0, 20, 4)), "20 x 4 pixels"),
        (View(np.zeros((32, 32), np.uint8), Box(40, 40, 20, 20)), "0 x 0 pixels"),
    ],
)
def test_what_cannot_be_inspected_is_refused_before_anything_runs(runtime, view, words):
    with pytest.raises(ImageError, match=words):
        runtime.run([View(frame(64, 80)), view])


def test_a_box_that_leaves_the_frame_is_cut_off_as_on_the_host(model, runtime):
    views = [View(frame(70, 90), Box(30, 20, 100, 100))]
    agree(runtime.run(views), EagerRuntime(model, CPU).run(views))


def test_closed_is_closed(model):
    runtime = CudaRuntime(model, device=CPU)
    runtime.run([View(frame(64, 80))])
    runtime.close()
    runtime.close()
    assert runtime.remarks == ()
    with pytest.raises(RuntimeFailedError, match="closed"):
        runtime.run([View(frame(64, 80))])


def test_a_model_that_does_not_get_onto_the_gpu_is_a_failure(model, monkeypatch):
    def fail(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(cuda_graphs, "Pipeline", fail)
    with pytest.raises(RuntimeFailedError, match=r"CUDA out of memory.*nvidia-smi"):
        CudaRuntime(model, device=CPU)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_that_is_said(model):
    with pytest.raises(RuntimeUnavailableError, match="--runtime openvino"):
        CudaRuntime(model)


def test_replayed_steps_read_what_is_new_at_their_fixed_places(model, monkeypatch):
    runtime = CudaRuntime(model, device=CPU)
    recorded = replay_on_the_processor(monkeypatch)
    reference = EagerRuntime(model, CPU)
    for number in range(6):
        grey, colour = frame(90, 130, seed=number), frame(70, 90, True, number)
        views = [View(grey, Box(0, 0, 80, 64)), View(grey, Box(50, 26, 80, 64)), View(colour)]
        agree(runtime.run(views), reference.run(views))
        agree(runtime.run([View(colour)]), reference.run([View(colour)]))
    # Two numbers of views; the grey frame in one slot, the colour frame in either.
    assert len(recorded) == 2 + 1 + 2
    larger = [View(frame(200, 300, True))]
    for _ in range(3):
        agree(runtime.run(larger), reference.run(larger))
    agree(runtime.run([View(colour)]), reference.run([View(colour)]))
    # The larger frame took a larger place, and nothing holds on to the former one.
    assert len(runtime._pipeline._cuts) == 2


def test_what_is_kept_does_not_grow_with_the_sizes_that_come(model, monkeypatch):
    runtime = CudaRuntime(model, device=CPU)
    replay_on_the_processor(monkeypatch)
    reference = EagerRuntime(model, CPU)
    for number in range(40):
        image = frame(64 + number, 80 + 2 * number, seed=number)
        views = [View(image)] * (1 + number % 11)
        output = runtime.run(views)
        if number % 8 == 0:
            agree(output, reference.run(views))
    assert len(runtime._pipeline._batches) <= 8 and len(runtime._pipeline._cuts) <= 32
    assert len(runtime._pipeline._landings) <= 2


def full_above(monkeypatch, most, only_while=lambda: True):
    """Lets the pipeline run out of memory on more than `most` views; the sizes it was given."""
    start, sizes = Pipeline.start, []

    def limited(self, sights):
        sizes.append(len(sights))
        if len(sights) > most and only_while():
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore")
        return start(self, sights)

    monkeypatch.setattr(Pipeline, "start", limited)
    return sizes


def replay_on_the_processor(monkeypatch):
    """Records as on a GPU, but a replay does the recorded work; the list of recordings."""
    recorded = []

    class Recording:
        def __init__(self, work):
            self.replay = work

    def record(_, work):
        recorded.append(Recording(work))
        return recorded[-1]

    monkeypatch.setattr(Recorder, "records", property(lambda _: True))
    monkeypatch.setattr(Recorder, "record", record)
    return recorded
