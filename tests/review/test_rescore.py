from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.helpers import make_tiny_package
from tests.inspection.fakes import wait_for
from tests.review.helpers import Judge, all_of
from tests.scoring.helpers import write_image
from uniad_desktop.engine.package import open_package
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.schema import Label
from uniad_desktop.review.background import FolderInspection
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.inspecting import one_model
from uniad_desktop.review.rescore import (
    RescoreResult,
    Rescoring,
    compare,
    list_rescores,
    load_result,
)
from uniad_desktop.review.source import open_source

LIMIT_S = 90.0


@pytest.fixture
def reviewed(data, pictures):
    """Four images on record, judged by a fake model, and a tiny package beside it."""
    folder = make_tiny_package(data / "models")
    for number, value in enumerate((5, 15, 40, 128)):
        write_image(pictures / f"{number}.png", value, (80, 64))
    with closing(open_source(str(pictures), data)) as source:
        Judge().run(source, data)
        ids = {one.image: one.id for one in all_of(source)}
        yield SimpleNamespace(source=source, ids=ids, package=open_package(folder))


def start(reviewed, data, **more) -> Rescoring:
    wanted = {"runtime": "torch", "device": "cpu", "who": "Eva", **more}
    return Rescoring(reviewed.source, None, data, "tiny@0.0.1", **wanted)


def test_a_selection_is_judged_again_and_compared(data, reviewed):
    ids = reviewed.ids
    set_label(reviewed.source.records, [ids["3.png"]], Label.GOOD, who="Eva")
    set_label(reviewed.source.records, [ids["0.png"]], Label.DEFECT, who="Eva")
    with closing(start(reviewed, data)) as running:
        # One model at a time.
        with pytest.raises(ReviewError, match="Another model"):
            start(reviewed, data)
        wait_for(lambda: not running.beat().running, LIMIT_S)
        state = running.beat()
        assert (state.problem, state.finished, state.done, state.total) == ("", True, 4, 4)
        assert state.model == "tiny@0.0.1" and sum(state.counts.values()) == 4
        result = running.result()
    assert set(result.lines) == set(ids.values())
    assert all(
        one.model_sha256 == reviewed.package.identity.sha256 for one in result.lines.values()
    )
    assert [one.id for one in list_rescores(data)] == [running.id]
    assert load_result(data, running.id) == result
    assert not list((data / "reviews" / "rescores").glob("*.list.jsonl"))
    before = all_of(reviewed.source)
    found = compare(before, result)
    assert len(found.pairs) == 4 and sum(found.counts.values()) == 4
    by_id = {one.id: one for one in before}
    for score_before, score_after, number in found.scatter:
        assert score_before == by_id[number].score
        assert score_after == result.lines[number].score
    # The fake model failed grey 128; this one was made around it.
    assert any(one.record.id == ids["3.png"] for one in found.flips)
    assert (found.labels.good, found.labels.false_rejects_before) == (1, 1)
    assert (found.labels.false_rejects_after, found.labels.escapes_before) == (0, 1)


def test_cancelled_it_keeps_what_was_judged_and_the_next_can_start(data, reviewed):
    with closing(start(reviewed, data)) as running:
        running.pause()
        running.cancel()
        wait_for(lambda: not running.beat().running, LIMIT_S)
        assert not running.beat().finished and not running.beat().problem
        assert set(running.result().lines) <= set(reviewed.ids.values())
    with one_model(data, lambda: None):
        pass


def test_a_model_that_is_missing_is_said(data, reviewed):
    with closing(Rescoring(reviewed.source, None, data, "tiny@9.9.9")) as running:
        wait_for(lambda: not running.beat().running, LIMIT_S)
        assert "9.9.9" in running.beat().problem


def test_without_any_image_nothing_is_started(data, reviewed):
    with pytest.raises(ReviewError, match="None of these"):
        Rescoring(reviewed.source, [], data, "tiny@0.0.1")
    with one_model(data, lambda: None):
        pass


def test_another_file_is_not_compared_and_what_lacks_is_named(reviewed, data):
    before = all_of(reviewed.source)
    with closing(start(reviewed, data)) as running:
        wait_for(lambda: not running.beat().running, LIMIT_S)
        result = running.result()
    first, second = before[0].id, before[1].id
    lines = dict(result.lines)
    lines[first] = replace(lines[first], sha256="0" * 64)
    del lines[second]
    found = compare(before, RescoreResult(result.head, lines))
    assert (found.changed, found.not_judged) == ((first,), (second,))
    assert len(found.pairs) == 2


def test_a_folder_is_judged_beside_the_window(data, pictures):
    make_tiny_package(data / "models", name="unified", version="9.0.0")
    for number, value in enumerate((128, 20)):
        write_image(pictures / f"{number}.png", value, (80, 64))
    with closing(open_source(str(pictures), data)) as source:
        with closing(FolderInspection(source, data, product="flange")) as running:
            wait_for(lambda: not running.beat().running, LIMIT_S)
            state = running.beat()
            assert (state.problem, state.done, state.total) == ("", 2, 2)
            assert state.finished and state.model == "unified@9.0.0"
        found = all_of(source)
        assert [one.verdict for one in found] == [Verdict.PASS, Verdict.FAIL]
        assert all(one.heatmap for one in found)
        assert np.isfinite([one.score for one in found]).all()
    with closing(open_source("", data)) as station, pytest.raises(ReviewError, match="already"):
        FolderInspection(station, data)
