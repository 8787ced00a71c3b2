import gc
import itertools
import math

import numpy as np
import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.package import open_package
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.engine.speed.runners import Runner
from uniad_desktop.engine.speed.timing import (
    BURST,
    Budget,
    Timed,
    batch_of,
    latency_of,
    no_collection,
    passes,
    time_in_turns,
    warm_up,
)


def test_percentiles_and_mean():
    latency = latency_of([float(one) for one in range(1, 101)])
    assert latency.mean == pytest.approx(50.5)
    assert latency.p50 == pytest.approx(50.5)
    assert latency.p95 == pytest.approx(95.05)
    assert latency.p99 == pytest.approx(99.01)
    alone = latency_of([3.0])
    assert (alone.p50, alone.p95, alone.p99, alone.mean) == (3.0, 3.0, 3.0, 3.0)


def test_a_budget_ends_after_its_rounds_or_seconds():
    assert list(Budget(rounds=3).turns(0.5)) == [0, 1, 2]
    assert list(Budget(seconds=1e-9).turns(0.5)) == [0, 1]
    assert len(list(itertools.islice(Budget(seconds=1e9).turns(0.5), 50))) == 50


def test_throughput_is_all_images_over_all_seconds():
    timed = Timed(images={8: 16, 1: 3}, seconds={8: 2.0, 1: 1.5})
    assert timed.throughput() == {1: 2.0, 8: 8.0}
    assert list(timed.throughput()) == [1, 8]


def test_frames_are_taken_again():
    frames = [np.full((8, 8), one, np.uint8) for one in range(3)]
    assert [int(one[0, 0]) for one in batch_of(frames, 5)] == [0, 1, 2, 0, 1]


def test_no_garbage_is_collected_while_it_is_timed():
    assert gc.isenabled()
    with no_collection():
        assert not gc.isenabled()
    assert gc.isenabled() and gc.get_freeze_count() == 0
    with pytest.raises(KeyError), no_collection():
        raise KeyError
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("score", "pixel", "passed"),
    [(1.0, 0.0, True), (3.0, 0.0, False), (math.nan, 0.0, False), (1.0, math.nan, False)],
)
def test_what_is_no_number_never_passes(score, pixel, passed):
    model = ModelIdentity("tiny", "0.0.1", "0" * 64)
    prediction = Prediction(np.full((4, 4), pixel, np.float32), score, model, "fake")
    assert passes(prediction, 2.0) is passed


def test_runtimes_take_turns(tmp_path):
    package = open_package(make_tiny_package(tmp_path))
    order: list[tuple[str, int]] = []

    class Told(Detector):
        name = ""

        def predict_batch(self, images, product=None):
            order.append((self.name, len(images)))
            return super().predict_batch(images, product)

    runners = []
    for name in ("one", "two"):
        detector = Told(package, "cpu")
        detector.name = name
        runners.append(Runner(name, detector, None))
    frames = [np.zeros((72, 96, 3), np.uint8)]
    for runner in runners:
        warm_up(runner, frames, (3,))
    assert order == [(name, one) for name in ("one", "two") for one in (1, 1, 3, 3)]
    order.clear()
    checks = []
    timed = time_in_turns(
        runners, frames, (1, 3), Budget(rounds=2), limit=1.0, check=lambda: checks.append(1)
    )
    turn = [1] * (1 + BURST)
    assert order[: 4 * len(turn)] == [
        (name, one) for name in ("one", "two", "two", "one") for one in turn
    ]
    assert order[4 * len(turn) :] == [
        (name, one) for name in ("one", "two", "two", "one") for one in (1, 1, 3)
    ]
    assert len(checks) == 8
    for name in ("one", "two"):
        assert len(timed[name].latencies) == len(timed[name].parts) == 2 * BURST
        assert timed[name].images == {1: 2, 3: 6}
        assert timed[name].part("network") <= max(timed[name].latencies)
