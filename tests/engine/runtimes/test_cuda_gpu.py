"""What only a GPU can show: recordings, streams, memory and precision of the cuda runtime."""

import contextlib
import gc
import itertools

import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package, tiny_config
from uniad_desktop.engine.agreement import MAP_TOLERANCE, SCORE_TOLERANCE
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.layout import Box
from uniad_desktop.engine.package import open_newest
from uniad_desktop.engine.preprocess import View, scale_view
from uniad_desktop.engine.runtimes.base import RuntimeFailedError
from uniad_desktop.engine.runtimes.cuda_graphs import CudaRuntime
from uniad_desktop.engine.runtimes.eager import EagerRuntime
from uniad_desktop.engine.runtimes.gpu_scaling import FrameScaling
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.simulator.parts import render_part
from uniad_desktop.uniad.model import UniAD

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU"),
]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return UniAD(tiny_config(spread=True)).eval().requires_grad_(False)


@pytest.fixture
def runtime(model):
    runtime = CudaRuntime(model, precision="f32")
    yield runtime
    assert runtime.remarks == ()
    runtime.close()


def frame(height, width, colour=False, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3) if colour else (height, width), dtype=np.uint8)


def mixture(seed):
    grey, colour = frame(900, 1300, seed=seed), frame(500, 700, True, seed)
    return [
        View(grey, Box(0, 0, 700, 500)),
        View(colour),
        View(grey, Box(600, 400, 700, 500)),
        View(frame(20, 24, seed=seed)),
        View(frame(64, 80, True, seed)),
    ]


def agree(actual, expected, rtol=2e-2):
    np.testing.assert_allclose(actual.maps, expected.maps, rtol=rtol)
    np.testing.assert_allclose(actual.scores, expected.scores, rtol=rtol)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(2048, 2448), (300, 200), (224, 500), (50, 31)])
def test_scaling_on_the_gpu_is_that_of_the_host(channels, size):
    image = frame(*size, channels == 3)
    tiles = torch.empty((1, channels, 224, 224), dtype=torch.uint8, device="cuda")
    scaling = FrameScaling([Box(0, 0, size[1], size[0])], (224, 224), tiles.device)
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("high")  # what others chose is no excuse
        scaling(torch.from_numpy(image).cuda(), tiles)
    finally:
        torch.set_float32_matmul_precision(before)
    host = scale_view(View(image), 224, 224).numpy()
    assert np.array_equal(tiles[0].cpu().numpy(), host)


def test_recorded_steps_give_what_the_reference_gives_frame_after_frame(model, runtime):
    reference = EagerRuntime(model, CPU)
    for seed in range(6):
        agree(runtime.run(mixture(seed)), reference.run(mixture(seed)))
        single = [View(frame(2048, 2448, seed=seed))]
        agree(runtime.run(single), reference.run(single))
    assert runtime._pipeline._batches.get(1, lambda: None).step.recorded
    assert runtime._pipeline._batches.get(5, lambda: None).step.recorded


def test_pieces_and_both_slots_give_every_view_its_own_answer(model, runtime):
    views = [View(frame(90 + k, 130, bool(k % 2), k)) for k in range(150)]
    expected = EagerRuntime(model, CPU).run(views)
    for _ in range(3):
        agree(runtime.run(views), expected)


def test_sizes_may_swap_at_any_time(model, runtime):
    reference = EagerRuntime(model, CPU)
    shapes = [(200, 300), (2000, 2400), (64, 80), (1000, 50)]
    for number, (height, width) in enumerate(itertools.islice(itertools.cycle(shapes), 16)):
        views = [View(frame(height, width, bool(number % 3), number))]
        agree(runtime.run(views), reference.run(views))


def test_memory_stays_flat_over_many_frames(runtime):
    tiles = [Box(x, y, 900, 800) for y in (0, 1200) for x in (0, 700, 1500)]

    def several(count):
        for number in range(count):
            image = frame(2048, 2448, seed=number % 3)
            runtime.run([View(image, box) for box in tiles])
            runtime.run([View(image)])

    several(5)
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    several(200)
    torch.cuda.synchronize()
    assert (torch.cuda.memory_allocated(), torch.cuda.memory_reserved()) == before


def test_closing_gives_the_memory_back(model):
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    # A first one, since libraries keep what they set up.
    for _ in range(2):
        runtime = CudaRuntime(model)
        for _ in range(3):
            runtime.run([View(frame(2048, 2448, True))] * 7)
        runtime.close()
        del runtime
        gc.collect()
        after, before = torch.cuda.memory_allocated() - before, torch.cuda.memory_allocated()
    assert after <= 0


def test_too_little_memory_gives_the_right_answer_or_a_sentence_never_a_wrong_one(model):
    runtime = CudaRuntime(model, precision="f32")
    views = [View(frame(64, 80, True, seed)) for seed in range(64)]
    expected = EagerRuntime(model, CPU).run(views)
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.empty_cache()
    try:
        for more in (4 << 20, 16 << 20, 64 << 20, 256 << 20):
            allowed = (torch.cuda.memory_reserved() + more) / total
            torch.cuda.set_per_process_memory_fraction(min(1.0, allowed))
            with contextlib.suppress(RuntimeFailedError):
                agree(runtime.run(views), expected)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    agree(runtime.run(views), expected)
    runtime.close()


def test_half_precision_agrees_on_the_shipped_model_and_through_the_detector(tmp_path):
    package = open_newest("unified", [one for one in (shipped_models(),) if one])
    detector = Detector.open(package, runtime="cuda")
    assert detector.agreement is not None and detector.agreement.passed
    assert detector.runtime.startswith("cuda ") and detector.remarks == ()
    detector.warm_up()
    reference = Detector.open(package, runtime="torch", device="cpu")
    image = frame(1024, 1224, True)
    assert detector.predict(image).image_score == pytest.approx(
        reference.predict(image).image_score, rel=0.03
    )
    detector.close()
    # Another model between two frames.
    tiny = Detector.open(make_tiny_package(tmp_path), runtime="cuda")
    assert np.isfinite(tiny.predict(image).image_score)
    tiny.close()


def test_frames_of_several_cameras_in_one_run_are_judged_as_each_alone():
    package = open_newest("unified", [one for one in (shipped_models(),) if one])
    detector = Detector.open(package, runtime="cuda")
    products = ("flange", "label", "board", "flange")
    frames = [render_part(key, seed).image for seed, key in enumerate(products)]
    for _ in range(3):  # at first without a recording, then with one
        together = detector.predict_mixed(frames, products)
        for one, product, mixed in zip(frames, products, together, strict=True):
            spread = detector.products[product].calibration.deviation
            alone = detector.predict(one, product)
            assert abs(alone.image_score - mixed.image_score) <= SCORE_TOLERANCE * spread
            assert np.abs(alone.anomaly_map - mixed.anomaly_map).max() <= MAP_TOLERANCE * spread
    assert detector.frames_at_once(4) in (1, 2, 3, 4)
    detector.close()
