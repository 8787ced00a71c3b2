import errno
import os

import numpy as np
import pytest

from tests.helpers import make_tiny_package
from tests.teaching.parts import part_image
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.package import open_package
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.teaching import image_folder
from uniad_desktop.teaching.challenge import (
    ChallengeError,
    ChallengeSet,
    Label,
    Outcome,
    outcome_of,
    replay,
)


@pytest.fixture
def challenge(tmp_path):
    return ChallengeSet(tmp_path, "flange")


@pytest.fixture(scope="module")
def detector(tmp_path_factory):
    return Detector(open_package(make_tiny_package(tmp_path_factory.mktemp("models"))), "cpu")


class Fixed:
    """Gives scores that the test chose, by the mean of the image."""

    model = ModelIdentity("fixed", "1.0.0", "ab" * 32)
    runtime = "none"

    def __init__(self, detector, scores):
        self.products = detector.products
        self._scores = scores

    def predict(self, image, product=None):
        limit = self.products[product].reject
        score = self._scores[int(image.mean())] * limit
        return Prediction(np.zeros((4, 4), np.float32), score, self.model, self.runtime, {})


def flat(level):
    return np.full((20, 24), level, np.uint8)


def test_images_are_kept_with_their_label(challenge):
    good, there = challenge.add(part_image(1), Label.GOOD, who="Li", origin="a.png")
    bad, _ = challenge.add(part_image(2), Label.DEFECT, kind="scratch", note="faint")
    assert not there
    again, there = challenge.add(part_image(1), Label.GOOD, who="Wu")
    assert there and again.who == "Li"
    read = ChallengeSet(challenge.folder.parents[2], "flange").images()
    assert read == (good, bad)
    assert (bad.kind, bad.note, good.origin) == ("scratch", "faint", "a.png")
    assert np.array_equal(challenge.image(bad), part_image(2))


def test_a_label_is_not_changed_silently(challenge):
    kept, _ = challenge.add(part_image(1), Label.GOOD)
    with pytest.raises(ChallengeError, match="as good; remove"):
        challenge.add(part_image(1), Label.DEFECT)
    with pytest.raises(ChallengeError, match="no kind"):
        challenge.add(part_image(2), Label.GOOD, kind="dent")
    assert challenge.remove([kept.id[:6]]) == 1
    assert not challenge.images() and challenge.images(removed=True)
    assert challenge.path(kept).exists()
    assert challenge.add(part_image(1), Label.DEFECT)[0].label is Label.DEFECT
    with pytest.raises(ChallengeError, match="no image 'zz'"):
        challenge.remove(["zz"])
    challenge.remove([kept.id])
    assert challenge.restore([kept.id]) == 1 and len(challenge.images()) == 1


def test_an_image_without_a_record_is_told_and_can_be_added_again(challenge, monkeypatch):
    real = image_folder.write_durably

    def full(path, data):
        if path.suffix == ".json":
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, data)

    monkeypatch.setattr(image_folder, "write_durably", full)
    with pytest.raises(ChallengeError, match="No space left"):
        challenge.add(part_image(1), Label.DEFECT)
    monkeypatch.undo()
    assert not challenge.images() and "label is not known" in challenge.problems()[0]
    assert challenge.add(part_image(1), Label.DEFECT)[1] is False
    assert len(challenge.images()) == 1 and not challenge.problems()


def test_outcomes_follow_the_limits():
    assert outcome_of(1.0, 1.0, 2.0) is Outcome.PASS
    assert outcome_of(2.0, 1.0, 2.0) is Outcome.REVIEW
    assert outcome_of(2.1, 1.0, 2.0) is Outcome.FAIL
    assert outcome_of(float("nan"), 1.0, 2.0) is Outcome.ERROR
    assert outcome_of(float("-inf"), 1.0, 2.0) is Outcome.ERROR


def test_what_is_judged_wrong_is_named(challenge, detector):
    levels = {10: Label.GOOD, 20: Label.GOOD, 30: Label.DEFECT, 40: Label.DEFECT}
    ids = {level: challenge.add(flat(level), label)[0].id for level, label in levels.items()}
    right = {10: 0.5, 20: 1.0, 30: 1.5, 40: 9.0}
    result = replay(Fixed(detector, right), "flange", challenge, who="Li")
    assert result.passed and result.sentence == "Passed: 2 good and 2 defect images judged right."
    wrong = replay(Fixed(detector, {**right, 20: 1.1, 30: 0.9}), "flange", challenge)
    assert not wrong.passed
    assert [one.id for one in wrong.missed] == [ids[30]]
    assert [one.id for one in wrong.rejected] == [ids[20]]
    assert "1 missed, 1 good rejected" in wrong.sentence
    nan = replay(Fixed(detector, {**right, 40: float("nan")}), "flange", challenge)
    assert not nan.passed and [one.id for one in nan.errors] == [ids[40]]
    assert nan.errors[0].score is None and "1 not judged" in nan.sentence
    challenge.remove([ids[30], ids[40]])
    assert "There is no defect" in replay(Fixed(detector, right), "flange", challenge).sentence


def test_a_real_model_is_replayed_and_goes_on_record(challenge, detector):
    for seed in range(3):
        challenge.add(
            part_image(seed), Label.GOOD if seed else Label.DEFECT, kind="" if seed else "x"
        )
    seen = []
    result = replay(detector, "flange", challenge, progress=lambda *now: seen.append(now))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    entry = detector.products["flange"]
    assert result.model_sha256 == detector.model.sha256 and result.runtime == detector.runtime
    assert (result.accept, result.reject) == (entry.accept, entry.reject)
    for case, image in zip(result.cases, challenge.images(), strict=True):
        score = detector.predict(challenge.image(image), "flange").image_score
        assert case.score == score
        assert case.outcome is outcome_of(score, entry.accept, entry.reject)
    challenge.record(result)
    challenge.record(result)
    assert challenge.results() == (result, result)


def test_a_torn_line_costs_only_itself(challenge, detector):
    challenge.add(part_image(1), Label.GOOD)
    result = replay(detector, "flange", challenge)
    challenge.record(result)
    path = challenge.folder / "results.jsonl"
    before = path.read_bytes()
    path.write_bytes(before + before[:40])
    challenge.record(result)
    assert challenge.results() == (result, result)
    assert path.read_bytes().startswith(before + before[:40])


def test_a_result_that_cannot_be_recorded_is_told(challenge, detector, monkeypatch):
    challenge.add(part_image(1), Label.GOOD)
    result = replay(detector, "flange", challenge)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ChallengeError, match="No space left"):
        challenge.record(result)


def test_no_images_or_an_unknown_product_is_no_pass(challenge, detector, tmp_path):
    with pytest.raises(ChallengeError, match="no challenge image of 'flange'"):
        replay(detector, "flange", challenge)
    with pytest.raises(ChallengeError, match="does not know the product 'cap'"):
        replay(detector, "cap", ChallengeSet(tmp_path, "cap"))
    assert challenge.results() == ()


def test_a_changed_or_missing_image_is_not_judged(challenge, detector):
    kept, _ = challenge.add(part_image(1), Label.GOOD)
    challenge.path(kept).write_bytes(image_folder.encode_png(part_image(2)))
    result = replay(detector, "flange", challenge)
    assert not result.passed and "not the image that was kept" in result.cases[0].problem
    challenge.path(kept).write_bytes(b"")
    assert "cannot be read" in replay(detector, "flange", challenge).errors[0].problem
