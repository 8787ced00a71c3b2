import contextlib
import logging

import pytest
import torch

from uniad_desktop.engine.runtimes import gpu_graph
from uniad_desktop.engine.runtimes.gpu_graph import (
    Kept,
    Recorder,
    Step,
    is_out_of_memory,
    reason_of,
)


class FakeGraph:
    """Stands for a CUDA graph: replaying does the recorded work."""

    def __init__(self):
        self.work = None
        self.replays = 0

    def replay(self):
        self.replays += 1
        self.work()


class FakeCuda:
    """Stands for what of ``torch.cuda`` records, without a GPU."""

    def __init__(self, monkeypatch):
        self.graphs, self.pools, self.errors = [], [], []
        monkeypatch.setattr(torch.cuda, "CUDAGraph", self.make)
        monkeypatch.setattr(torch.cuda, "graph", self.record)
        monkeypatch.setattr(torch.cuda, "graph_pool_handle", self.pool)

    def make(self):
        self.graphs.append(FakeGraph())
        return self.graphs[-1]

    def pool(self):
        self.pools.append(object())
        return self.pools[-1]

    @contextlib.contextmanager
    def record(self, graph, *, pool, stream, capture_error_mode):
        assert pool is self.pools[-1] and stream is not None
        assert capture_error_mode == "thread_local"
        try:
            yield
        finally:
            for error in self.errors:
                raise error


@pytest.fixture
def cuda(monkeypatch):
    return FakeCuda(monkeypatch)


def counted(cuda=None):
    runs = []

    def work():
        runs.append(None)
        if cuda is not None and cuda.graphs and cuda.graphs[-1].work is None:
            cuda.graphs[-1].work = work

    return runs, work


def test_on_the_processor_nothing_is_recorded():
    runs, work = counted()
    step = Step(Recorder(None), work)
    for _ in range(4):
        step.run()
    assert len(runs) == 4 and not step.recorded


def test_the_second_time_is_recorded_after_warming_up_and_replayed_from_then_on(cuda):
    runs, work = counted(cuda)
    step = Step(Recorder(object()), work)
    step.run()
    assert len(runs) == 1 and not step.recorded  # a shape that comes once costs no recording
    step.run()
    assert step.recorded and len(runs) == 1 + gpu_graph._WARM_UPS + 1
    step.run()
    assert cuda.graphs[0].replays == 1


def test_recordings_share_a_pool_while_one_of_them_lives(cuda):
    recorder = Recorder(object())
    one, two = recorder.record(lambda: None), recorder.record(lambda: None)
    assert one is not two and len(cuda.pools) == 1
    del one, two
    cuda.graphs.clear()
    recorder.record(lambda: None)
    assert len(cuda.pools) == 2


def test_a_refused_recording_is_told_and_the_work_done_all_the_same(cuda, caplog):
    cuda.errors.append(RuntimeError("operation not permitted\nwhen stream is capturing"))
    recorder = Recorder(object())
    runs, work = counted()
    step = Step(recorder, work)
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            step.run()
    assert not step.recorded and not recorder.records
    assert recorder.refusal == "operation not permitted"
    assert len(caplog.records) == 1 and len(runs) == 1 + (gpu_graph._WARM_UPS + 1) + 2


def test_memory_that_runs_out_while_recording_is_no_refusal(cuda):
    cuda.errors.append(RuntimeError("capture invalidated"))
    recorder = Recorder(object())

    def work():
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(RuntimeError) as caught:
        recorder.record(work)
    assert is_out_of_memory(caught.value) and recorder.records


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), True),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), False),
        (ValueError("CUDA error: out of memory"), False),
        (None, False),
    ],
)
def test_out_of_memory_is_told_from_other_errors(error, expected):
    assert is_out_of_memory(error) is expected


def test_reasons_are_one_line():
    assert reason_of(RuntimeError("one\ntwo")) == "one"
    assert reason_of(RuntimeError()) == "RuntimeError"


def test_what_was_not_used_for_longest_is_let_go_after_waiting():
    waited = []
    kept = Kept(2, lambda: waited.append(None))
    assert kept.get("a", lambda: 1) == 1 and kept.get("b", lambda: 2) == 2
    assert kept.get("a", lambda: 9) == 1 and not waited
    kept.get("c", lambda: 3)
    assert len(kept) == 2 and len(waited) == 1
    assert kept.get("a", lambda: 9) == 1 and kept.get("b", lambda: 8) == 8
    kept.clear()
    kept.clear()
    assert len(kept) == 0 and len(waited) == 3
