import json
import threading
from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch

from tests.helpers import make_tiny_package
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.package import PackageError, open_package
from uniad_desktop.simulator.parts import DEFECT_KINDS, PRODUCTS
from uniad_desktop.training import simulated
from uniad_desktop.training.network import TrainingStopped, TrainSettings
from uniad_desktop.training.package_build import PackageNaming
from uniad_desktop.training.simulated_data import (
    Light,
    Use,
    normal_images,
    seed_of,
    test_parts,
)
from uniad_desktop.training.simulated_model import SHIPPED, Amounts, Job, run
from uniad_desktop.training.simulated_sample import add_sample
from uniad_desktop.training.spread import SpreadSettings
from uniad_desktop.training.starter_backbone import create_network

test_parts.__test__ = False

CONFIG = replace(
    SHIPPED,
    input_height=64,
    input_width=64,
    hidden=16,
    heads=2,
    encoder_layers=1,
    decoder_layers=1,
    feed_forward=32,
    neighbour_height=1,
    neighbour_width=1,
)


@pytest.fixture
def job(tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        safetensors.torch.save_file(create_network().state_dict(), tmp_path / "b.safetensors")
    return Job(
        backbone=tmp_path / "b.safetensors",
        models=tmp_path / "models",
        work=tmp_path / "work",
        naming=PackageNaming("unified", "1.2.3", "Title", "made for a test", "Apache-2.0"),
        amounts=Amounts(train=2, calibration=3, test_good=2, test_defects=1),
        settings=TrainSettings(steps=4, batch=2),
        light=Light(0.9, 1.1),
        nominal=Light(),
        false_reject_rate=0.3,
        config=CONFIG,
        spread=SpreadSettings(steps=3, batch=2),
    )


def test_seeds_of_different_uses_never_meet():
    ranges = [(seed_of(use, 0), seed_of(use, 999_999)) for use in Use]
    for low, high in ranges:
        assert sum(low <= other <= high for pair in ranges for other in pair) == 2
    with pytest.raises(ValueError, match="must lie in"):
        seed_of(Use.TRAIN, 1_000_000)


def test_training_parts_are_good_and_repeatable_and_tests_have_every_kind():
    first = list(normal_images(Use.TRAIN, 1, Light(0.9, 1.1)))
    again = list(normal_images(Use.TRAIN, 1, Light(0.9, 1.1)))
    other = list(normal_images(Use.CALIBRATION, 1, Light(0.9, 1.1)))
    assert len(first) == len(PRODUCTS)
    for one, same, different in zip(first, again, other, strict=True):
        assert np.array_equal(one, same)
        assert not np.array_equal(one, different)
    parts = list(test_parts("label", Use.TEST, 1, 1, Light()))
    assert [part.defect for part in parts] == [None, *DEFECT_KINDS["label"]]
    assert len({part.seed for part in parts}) == len(parts)


def test_light_stays_within_its_bounds_and_varies():
    factors = [Light(0.9, 1.1).of(seed) for seed in range(50)]
    assert min(factors) >= 0.9 and max(factors) <= 1.1
    assert np.std(factors) > 0.03
    assert Light().of(3) == 1.0


def test_stopped_and_resumed_gives_the_very_package(job):
    stop = threading.Event()
    stop.set()
    with pytest.raises(TrainingStopped):
        run(job, stop)
    assert not job.models.exists()
    built = run(job, threading.Event())
    whole = run(
        replace(job, work=job.work / "again", models=job.models / "again"), threading.Event()
    )
    one, other = built.package.weights(), whole.package.weights()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert built.package.manifest.products == whole.package.manifest.products

    package = open_package(job.models / "unified" / "1.2.3")
    manifest = package.manifest
    assert set(manifest.products) == set(PRODUCTS)
    assert manifest.backbone.source == "made for a test"
    assert manifest.training["train_parts"] == 2 * len(PRODUCTS)
    figures = manifest.training["figures"]["board"]
    assert set(figures["kinds"]) == set(DEFECT_KINDS["board"])
    assert all(package.preview(product) is not None for product in PRODUCTS)
    assert Detector(package).predict(np.zeros((72, 96, 3), np.uint8)).image_score > 0
    assert {key: one.frame for key, one in manifest.products.items()} == dict.fromkeys(
        PRODUCTS, FrameExpectation(colour=True)
    )
    sample = package.sample()
    assert {key: tuple(one.shape) for key, one in sample.items()} == dict.fromkeys(
        PRODUCTS, (8, 3, 64, 64)
    )

    # Made without a sample, it gets the very same one afterwards.
    status = simulated.main(
        ["--add-sample", str(package.folder), "--out", str(job.models), "--version", "1.2.4"]
    )
    assert status == 0
    again = open_package(job.models / "unified" / "1.2.4")
    assert all(torch.equal(one, sample[key]) for key, one in again.sample().items())
    assert again.manifest.products == manifest.products
    for file in ("weights.safetensors", "preview-board.png", "sample.safetensors"):
        assert again.manifest.files[file] == manifest.files[file]
    training = dict(again.manifest.training)
    added = training.pop("added")
    assert added["to_sha256"] == package.identity.sha256 and "8 normal parts" in added["what"]
    assert training == manifest.training


def test_a_sample_is_added_to_packages_of_the_rendered_parts_only(tmp_path):
    package = open_package(make_tiny_package(tmp_path))
    with pytest.raises(PackageError, match="look different"):
        add_sample(package, tmp_path, "0.0.2")
    own = {"cap": package.manifest.products["board"]}
    other = replace(package, manifest=package.manifest.model_copy(update={"products": own}))
    with pytest.raises(PackageError, match="exactly the simulated products"):
        add_sample(other, tmp_path, "0.0.2")


def test_command_says_what_is_wrong_in_one_sentence(tmp_path, capsys):
    status = simulated.main(
        ["--backbone", str(tmp_path / "no.safetensors"), "--out", str(tmp_path), "--work", "w"]
    )
    assert status == 1
    error = capsys.readouterr().err
    assert "no.safetensors" in error
    assert "Traceback" not in error


def test_provenance_of_the_backbone_is_read_beside_it(tmp_path):
    weights = tmp_path / "b.safetensors"
    assert simulated._backbone_provenance(weights) == ("weights file b.safetensors", "not stated")
    note = {"teacher": {"name": "T", "licence": "Apache-2.0"}, "pictures": "procedural"}
    weights.with_suffix(".json").write_text(json.dumps(note))
    source, licence = simulated._backbone_provenance(weights)
    assert "distilled from T" in source
    assert licence == "Apache-2.0"
