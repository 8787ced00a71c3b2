"""Another limit, written and active in one go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.engine.package import ModelPackage, PackageError, open_package
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.teaching.activation import ActivationError, activate, active_version, history
from uniad_desktop.teaching.limit_change import (
    LimitChange,
    calibrated_by,
    change_limits,
    open_in_use,
)
from uniad_desktop.teaching.limits import LimitSettings, set_limits
from uniad_desktop.teaching.stored_scores import StoredPart, StoredScores
from uniad_desktop.training.calibration import CalibrationError

GOOD = [float(value) for value in np.linspace(1.0, 2.0, 300)]
BAD = [1.5, 4.0, 5.0]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "uniad-data"


@pytest.fixture
def package(data: Path) -> ModelPackage:
    return open_package(make_tiny_package(data / "models"))


def stored(good=GOOD, bad=BAD) -> StoredScores:
    def part(number, value, kind=""):
        return StoredPart(path=f"{number}.png", kind=kind, score=value, sha256=f"{number:064x}")

    return StoredScores(
        product="flange",
        model="tiny",
        version="0.0.1",
        package_sha256="ab" * 32,
        network_key="n",
        parts_key="p",
        runtime="fake",
        when="2026-11-26T00:00:00+00:00",
        parts=(
            *(part(number, value) for number, value in enumerate(good)),
            *(part(1000 + number, value, "spot") for number, value in enumerate(bad)),
        ),
    )


def test_a_computed_limit_goes_live_with_what_it_rests_on(data, package):
    limits = set_limits(GOOD, LimitSettings(0.01, 0.1))
    change = LimitChange("flange", limits.accept, limits.reject, 0.01, 0.1)
    new = change_limits(data, package, change, stored(), who="Ada", why="new lot")
    entry = new.manifest.products["flange"]
    assert (entry.accept, entry.reject) == (limits.accept, limits.reject)
    assert (entry.calibration.parts, entry.calibration.false_reject_rate) == (300, 0.01)
    assert entry.frame == package.manifest.products["flange"].frame
    told = new.manifest.training["changes"][-1]
    before = package.manifest.products["flange"]
    assert told["old"] == {"accept": before.accept, "reject": before.reject}
    assert told["new"] == {"accept": entry.accept, "reject": entry.reject}
    assert (told["who"], told["why"]) == ("Ada", "new lot")
    assert (told["method"], told["runtime"], told["parts"]) == ("split conformal", "fake", 300)
    assert told["defects"] == {"parts": 3, "escapes": 1}
    active = active_version(data, "tiny")
    assert (active.version, active.sha256) == ("0.0.2", new.identity.sha256)
    # What was in use is on record first, so that one step goes back to it.
    assert [one.why for one in history(data, "tiny")] == [
        "in use before 'flange' was calibrated",
        "new lot",
    ]
    assert open_in_use(data, "tiny").identity == new.identity


def test_by_hand_with_parts_tells_what_they_would_give(package):
    done = calibrated_by(package, LimitChange("flange", 1.8, 2.5), stored())
    assert (done.entry.accept, done.entry.reject) == (1.8, 2.5)
    assert "set by hand to 2.5; 300 normal parts" in done.entry.calibration.note
    assert "accept limit was set by hand to 1.8" in done.entry.calibration.note
    assert done.outcome.escapes == 1


def test_without_scores_or_with_t2_as_it_was_the_basis_stays(package):
    before = package.manifest.products["flange"]
    done = calibrated_by(package, LimitChange("flange", 2.0, 2.0), None)
    assert done.entry.reject == 2.0 and done.entry.calibration.parts == before.calibration.parts
    low = 0.9 * before.reject
    done = calibrated_by(package, LimitChange("flange", low, before.reject), stored())
    assert (done.entry.accept, done.entry.reject) == (low, before.reject)
    assert done.entry.calibration.parts == before.calibration.parts


def test_what_was_shown_is_what_is_written(package):
    with pytest.raises(CalibrationError, match="other limits than were shown"):
        calibrated_by(package, LimitChange("flange", 1.0, 1.0, 0.01), stored())
    with pytest.raises(CalibrationError, match="lies above the reject limit"):
        calibrated_by(package, LimitChange("flange", 3.0, 2.0), None)


def test_nothing_is_undone_that_somebody_else_did_meanwhile(data, package):
    activate(data, package, who="Ada", why="first")
    other = change_limits(
        data, package, LimitChange("flange", 3.0, 3.0), None, who="Bob", why="first"
    )
    with pytest.raises(ActivationError, match="came into use meanwhile"):
        change_limits(data, package, LimitChange("flange", 2.0, 2.0), None, who="Ada", why="late")
    assert active_version(data, "tiny").sha256 == other.identity.sha256
    assert not (data / "models" / "tiny" / "0.0.3").exists()


def test_a_version_found_worse_does_not_go_live_this_way(data, package):
    worse = write_next(
        package, data / "models", note={"what": "taught", "problems": ["The label got worse."]}
    )
    change = LimitChange("flange", 2.0, 2.0)
    with pytest.raises(PackageError, match="The label got worse"):
        change_limits(data, worse, change, None, who="Ada", why="x")
    activate(data, worse, who="Ada", why="all the same", override=True)
    new = change_limits(data, worse, change, None, who="Ada", why="x")
    active = active_version(data, "tiny")
    assert active.sha256 == new.identity.sha256 and active.override
