"""Scores that are kept, and what makes them worthless."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from tests.teaching.collected import collect_parts
from tests.teaching.parts import FIT, ORIGIN, part_image
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.engine.package import ModelPackage, open_package
from uniad_desktop.teaching.calibrate import set_by_hand
from uniad_desktop.teaching.calibration_package import Origin, write_calibrated
from uniad_desktop.teaching.challenge import ChallengeSet, Label
from uniad_desktop.teaching.collection import PartCollection
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.stored_scores import (
    SCORES,
    StoredScores,
    collected_parts,
    load_scores,
    network_key,
    save_scores,
    scores_of_result,
)
from uniad_desktop.training.calibration import CalibrationError
from uniad_desktop.training.datasets import ImageReader


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "uniad-data"
    collect_parts(folder, "flange", good=12, bad=2)
    return folder


@pytest.fixture
def package(data: Path) -> ModelPackage:
    return open_package(make_tiny_package(data / "models"))


def scores_of(data: Path, package: ModelPackage) -> StoredScores:
    parts = collected_parts(data, "flange")
    rows = [
        {"path": str(one.path), "kind": one.kind, "score": 1.0 + number, "sha256": "ab" * 32}
        for number, one in enumerate(parts.samples)
    ]
    result = {
        "product": "flange",
        "network_key": network_key(package, "flange"),
        "parts_key": parts.key,
        "runtime": "fake",
        "parts": rows,
        "dropped": [],
        "notes": ["odd"],
    }
    return scores_of_result(package, result)


def test_what_was_kept_comes_back_and_fits(data, package):
    scores = scores_of(data, package)
    save_scores(data, scores)
    found = load_scores(data, "flange")
    assert found == scores and found.fits(package, collected_parts(data, "flange"))
    assert len(found.bad) == 2 and {one.kind for one in found.bad} == {"spot"}
    (first, *_) = found.part_scores(found.good)
    assert (first.score, first.sample.good, first.sample.product) == (1.0, True, "flange")
    # The good challenge image is not among the parts that make a limit.
    accepted = PartCollection(data, "flange").accepted_samples()
    assert [one.path for one in collected_parts(data, "flange").good] == [s.path for s in accepted]


def test_another_part_or_label_makes_them_worthless(data, package):
    scores = scores_of(data, package)
    collection, challenge = PartCollection(data, "flange"), ChallengeSet(data, "flange")
    bad = next(one for one in challenge.images() if one.label is Label.DEFECT)
    challenge.remove([bad.id])
    assert not scores.fits(package, collected_parts(data, "flange"))
    challenge.restore([bad.id])
    assert scores.fits(package, collected_parts(data, "flange"))
    held = collection.split()[1][0]
    collection.delete([held.id])
    assert not scores.fits(package, collected_parts(data, "flange"))
    collection.accept([held.id])
    collection.add(part_image(100), ORIGIN, {}, FIT)
    assert not scores.fits(package, collected_parts(data, "flange"))


def test_another_limit_leaves_them_be_another_layout_or_network_does_not(data, package):
    scores, parts = scores_of(data, package), collected_parts(data, "flange")
    calibrated = set_by_hand(package, "flange", 9.5)
    moved = write_calibrated(
        package, data / "models", calibrated, ImageReader(), Origin("Ada", "trial")
    )
    assert moved.identity.sha256 != package.identity.sha256
    assert scores.fits(moved, parts)
    manifest = package.manifest
    region = RegionOfInterest(box=Box(0, 0, 30, 32), rows=1, columns=1, overlap=0.0)
    entry = manifest.products["flange"].model_copy(update={"layout": Layout((region,))})
    tiled = manifest.model_copy(update={"products": {**manifest.products, "flange": entry}})
    assert not scores.fits(replace(package, manifest=tiled), parts)
    weights = manifest.files["weights.safetensors"].model_copy(update={"sha256": "ab" * 32})
    files = {**manifest.files, "weights.safetensors": weights}
    other = manifest.model_copy(update={"files": files})
    assert not scores.fits(replace(package, manifest=other), parts)
    products = {key: one for key, one in manifest.products.items() if key != "flange"}
    without = manifest.model_copy(update={"products": products})
    assert not scores.fits(replace(package, manifest=without), parts)


def test_the_key_is_the_same_in_every_process(package):
    code = (
        "import sys; from pathlib import Path;"
        "from uniad_desktop.engine.package import open_package;"
        "from uniad_desktop.teaching.stored_scores import network_key;"
        "print(network_key(open_package(Path(sys.argv[1])), 'flange'))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code, str(package.folder)],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            check=True,
            capture_output=True,
            text=True,
            timeout=100,
        ).stdout.strip()
        for seed in ("1", "2", "5")
    }
    assert told == {network_key(package, "flange")}


def test_what_cannot_be_understood_is_scored_again(data, package, caplog):
    assert load_scores(data, "flange") is None and load_scores(data, "nothing") is None
    path = data / "products" / "flange" / SCORES
    path.write_text("{}", "utf-8")
    assert load_scores(data, "flange") is None
    assert "scored again" in caplog.text
    with pytest.raises(CalibrationError, match="score the parts again"):
        scores_of_result(package, {"product": "flange"})
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError, match=r"scores\.json"):
        save_scores(data, scores_of(data, package))
