"""Teaching on the tiny package: a product is added, the others are carried over and checked."""

import dataclasses

import cv2
import numpy as np
import pytest
import torch

from tests.helpers import tiny_config
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.layout import Layout, RegionOfInterest
from uniad_desktop.engine.package import open_package, write_package
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.teaching.challenge import ChallengeSet, Label
from uniad_desktop.teaching.former_products import ProductCheck, carried_over
from uniad_desktop.teaching.teach import TeachError, TeachPlan, teach
from uniad_desktop.training.datasets import Sample
from uniad_desktop.training.datasets.sample import Split
from uniad_desktop.training.errors import TrainingStopped
from uniad_desktop.training.memory import HELD, TRAINED, memory_key
from uniad_desktop.uniad.model import UniAD


def picture(seed, tone=90):
    rng = np.random.default_rng(seed)
    return (rng.integers(0, 40, (48, 64, 3)) + tone).astype(np.uint8)


def parts(folder, count, first=0, tone=90):
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number in range(count):
        path = folder / f"{first + number:03d}.png"
        path.write_bytes(cv2.imencode(".png", picture(first + number, tone))[1].tobytes())
        found.append(Sample(path, "part", True, "good", Split.TRAIN))
    return found


@pytest.fixture
def package(tmp_path):
    """Knows the product ``old``, of which it remembers a few features."""
    torch.manual_seed(0)
    model = UniAD(tiny_config()).eval()
    frames = torch.stack(
        [torch.from_numpy(cv2.resize(picture(100 + n, 30), (80, 64))) for n in range(12)]
    )
    pictures = frames.permute(0, 3, 1, 2)
    with torch.inference_mode():
        raw = model.pyramid.raw(pictures / 255.0)
        scores = model(pictures / 255.0)[1]
    from tests.training.evaluation.helpers import entry_of

    written = write_package(
        tmp_path / "models",
        name="tiny",
        version="1.0.0",
        architecture=model.config,
        weights=model.state_dict(),
        products={"old": entry_of("old", float(scores.max()) * 1.01)},
        backbone_source="random",
        backbone_licence="none",
        memory={
            memory_key("old", TRAINED): raw[:8].half(),
            memory_key("old", HELD): raw[8:].half(),
        },
        sample={"old": pictures[:4].contiguous()},
    )
    return open_package(written.folder)


@pytest.fixture
def plan(package, tmp_path):
    found = parts(tmp_path / "good", 24)
    return TeachPlan(
        package=package,
        models=tmp_path / "models",
        key="new",
        titles={"en": "New part"},
        train=found[:18],
        held=found[18:],
        run=tmp_path / "run",
        cache=tmp_path / "cache",
        steps=6,
        note={"who": "me"},
    )


def test_the_next_version_knows_both_products(plan, package):
    steps = []
    taught = teach(plan, started=lambda settings: lambda *told: steps.append(told))
    assert [step for step, _, _ in steps] == list(range(6))
    manifest = taught.package.manifest
    assert (manifest.version, set(manifest.products)) == ("1.0.1", {"old", "new"})
    assert manifest.products["new"].titles == {"en": "New part"}
    assert manifest.products["new"].calibration.parts == 6
    assert (manifest.products["new"].frame.width, manifest.products["new"].frame.colour) == (
        64,
        True,
    )
    memory = taught.package.memory()
    assert {memory_key("old", TRAINED), memory_key("new", TRAINED), memory_key("new", HELD)} <= set(
        memory
    )
    assert set(taught.package.sample()) == {"old", "new"}
    assert taught.package.preview("new") is not None
    (change,) = manifest.training["changes"]
    assert change["parts"] == {"trained": 18, "held": 6} and change["who"] == "me"
    assert len(change["trained_sha256"]) == 18
    detector = Detector(taught.package, "cpu")
    assert detector.predict(picture(0), "new").image_score > 0
    # The former version is what it was.
    assert open_package(package.folder).identity == package.identity


def test_limits_of_former_products_go_along_with_their_scores(plan):
    taught = teach(plan)
    old, new = taught.checks
    assert (old.key, old.parts, old.held, old.new) == ("old", 4, True, False)
    assert new.new and new.worse == ""
    before = plan.package.manifest.products["old"]
    after = taught.package.manifest.products["old"]
    assert after.reject == pytest.approx(before.reject * old.scale)
    assert "Carried over" in after.calibration.note and "4 kept parts" in after.calibration.note
    again = carried_over(after, 2.0, 4)
    assert again.calibration.note.count("Carried over") == 1
    with pytest.raises(ValueError, match="cannot be scaled"):
        carried_over(before, float("nan"), 3)


def test_a_teaching_that_was_stopped_ends_with_the_weights_of_one_that_was_not(plan, tmp_path):
    whole = teach(plan).package.weights()
    other = dataclasses.replace(plan, models=tmp_path / "b", run=tmp_path / "run-b")
    steps = []
    with pytest.raises(TrainingStopped, match="after 3 of 6"):
        teach(
            other,
            stop=lambda: len(steps) == 3,
            started=lambda settings: lambda *told: steps.append(told),
        )
    assert not (tmp_path / "b").exists()
    resumed = teach(
        other, started=lambda settings: lambda *told: steps.append(told)
    ).package.weights()
    assert [step for step, _, _ in steps] == list(range(6))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_without_replay_the_others_are_not_shown_but_still_checked(plan):
    taught = teach(dataclasses.replace(plan, replay=False))
    assert [check.key for check in taught.checks] == ["old", "new"]
    assert taught.package.manifest.training["changes"][0]["replay"] is False
    assert memory_key("old", TRAINED) in taught.package.memory()


def test_of_a_package_without_memory_the_sample_is_shown_again(plan, package):
    bare = write_next(package, plan.models, note={}, memory={}, version="1.0.0", replace=True)
    taught = teach(dataclasses.replace(plan, package=bare))
    old = taught.checks[0]
    assert (old.key, old.parts, old.held) == ("old", 4, False)
    memory = taught.package.memory()
    assert set(memory) == {memory_key("new", TRAINED), memory_key("new", HELD)}


def test_tiles_count_as_one_part_each_picture(plan):
    layout = Layout((RegionOfInterest(rows=1, columns=2),))
    taught = teach(dataclasses.replace(plan, layout=layout))
    assert taught.package.manifest.products["new"].layout == layout
    assert taught.package.manifest.products["new"].calibration.parts == 6
    assert len(taught.package.memory()[memory_key("new", HELD)]) == 12
    assert taught.checks[-1].parts == 6


@pytest.mark.parametrize(
    ("count", "copies", "words"),
    [(5, False, "5 normal parts are too few"), (30, True, "Only 1 of the pictures")],
)
def test_too_few_or_always_the_same_part_is_refused(plan, tmp_path, count, copies, words):
    found = parts(tmp_path / "few", count)
    if copies:
        for one in found:
            one.path.write_bytes(found[0].path.read_bytes())
    with pytest.raises(TeachError, match=words):
        teach(dataclasses.replace(plan, train=found[:-3], held=found[-3:]))


def test_a_part_with_a_defect_among_the_normal_ones_is_named(plan, tmp_path):
    spoiled = plan.train[3].path
    image = picture(3)
    image[10:30, 20:40] = (255, 0, 255)
    spoiled.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    assert spoiled in teach(plan).odd


def test_challenge_images_that_are_judged_worse_block(plan, tmp_path):
    kept = ChallengeSet(tmp_path / "data", "old")
    kept.add(picture(100, 30), Label.GOOD)
    taught = teach(dataclasses.replace(plan, challenges={"old": kept}))
    assert taught.checks[0].challenge is not None
    worse = dataclasses.replace(taught.checks[0], challenge=(0, 1))
    assert "challenge images wrongly" in worse.worse


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"parts": 0}, "Nothing was kept"),
        ({"auroc_after": 0.98}, "less well"),
        ({"scale": 1.1}, ""),
        ({"scale": 1.22}, "1.22 times what they were"),
        ({"scale": 0.8}, "0.80 times"),
        ({"auroc_after": 0.996}, ""),
        ({"rejected_after": 0.2}, "rejects 20%"),
        ({"rejected_after": 0.06}, ""),
        ({"rejected_after": 0.9, "new": True}, ""),
    ],
)
def test_what_counts_as_worse(changes, words):
    check = ProductCheck("a", 32, True, 0.03, 0.03, 1.0, 1.0, 1.0)
    told = dataclasses.replace(check, **changes).worse
    assert (words in told) if words else told == ""
