"""Where the charts of a product get their baselines."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from uniad_desktop.engine.manifest import Calibration
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.image_quality import measure
from uniad_desktop.inspection.spc.baseline import BaselineSource, Quantity
from uniad_desktop.teaching.chart_baselines import chart_baselines
from uniad_desktop.teaching.checks import CheckContext, Findings, examine
from uniad_desktop.teaching.collection import Origin, PartCollection
from uniad_desktop.teaching.stored_scores import StoredPart, StoredScores, save_scores

MODEL = ModelIdentity("uniad-starter", "1.0.0", "ab" * 32)
TOLD = Calibration(parts=400, false_reject_rate=0.005, median=16.0, deviation=1.6, largest=29.0)


def _keep_scores(folder, model_sha256: str, network: str = "ef" * 32) -> None:
    rng = np.random.default_rng(0)
    parts = [
        StoredPart(
            path=f"{n}.png",
            score=float(10.0 * np.exp(0.1 * rng.standard_normal())),
            sha256=f"{n:064x}",
            unusual=n == 3,
        )
        for n in range(40)
    ]
    bad = StoredPart(path="bad.png", kind="scratch", score=90.0, sha256="9" * 64)
    save_scores(
        folder,
        StoredScores(
            product="flange",
            model=MODEL.name,
            version=MODEL.version,
            package_sha256=model_sha256,
            network_key=network,
            parts_key="0" * 64,
            runtime="torch cpu f32",
            when=datetime.now(UTC).isoformat(),
            parts=(*parts, bad),
        ),
    )


def test_nothing_known(tmp_path):
    assert chart_baselines(tmp_path, MODEL, "flange", None) == {}


def test_the_package_tells_the_score(tmp_path):
    found = chart_baselines(tmp_path, MODEL, "flange", TOLD)
    assert set(found) == {Quantity.SCORE}
    assert found[Quantity.SCORE].source is BaselineSource.CALIBRATION_SUMMARY
    assert found[Quantity.SCORE].value(0.0) == pytest.approx(16.0)
    assert found[Quantity.SCORE].sigma == pytest.approx(0.1)


def test_kept_scores_come_first(tmp_path):
    (tmp_path / "products" / "flange").mkdir(parents=True)
    _keep_scores(tmp_path, MODEL.sha256)
    score = chart_baselines(tmp_path, MODEL, "flange", TOLD)[Quantity.SCORE]
    assert score.source is BaselineSource.CALIBRATION_SCORES
    assert score.parts == 39, "neither the unusual part nor the defect"
    assert score.value(0.0) == pytest.approx(10.0, rel=0.05)


def test_scores_of_another_network_are_not_used(tmp_path):
    (tmp_path / "products" / "flange").mkdir(parents=True)
    _keep_scores(tmp_path, "cd" * 32)
    score = chart_baselines(tmp_path, MODEL, "flange", TOLD)[Quantity.SCORE]
    assert score.source is BaselineSource.CALIBRATION_SUMMARY


def test_light_and_focus_of_the_parts_at_teaching(tmp_path):
    rng = np.random.default_rng(1)
    collection = PartCollection(tmp_path, "flange")
    images = [rng.integers(0, 120 + n, (90, 120), dtype=np.uint8) for n in range(25)]
    for image in images:
        found = examine(image, None, None, CheckContext())
        assert found.figures["sharpness"] == measure(image).sharpness
        collection.add(image, Origin(), {}, Findings(found.figures))
    found = chart_baselines(tmp_path, MODEL, "flange", None)
    light = found[Quantity.BRIGHTNESS]
    assert light.source is BaselineSource.TEACHING_PARTS
    assert light.value(0.0) == pytest.approx(np.median([one.mean() for one in images]), rel=0.03)
    assert Quantity.SHARPNESS in found
