"""The versions of a model in a real data folder."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.engine.package import ModelPackage, PackageError, open_package
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.teaching.activation import active_version, history
from uniad_desktop.ui.station_versions import StationVersions


@pytest.fixture
def packages(tmp_path: Path) -> tuple[ModelPackage, ModelPackage]:
    """Two versions, older first."""
    older = open_package(make_tiny_package(tmp_path / "models"))
    return older, write_next(older, tmp_path / "models", note={"what": "limits of flange"})


def test_list_change_and_back(tmp_path: Path, packages: tuple[ModelPackage, ModelPackage]) -> None:
    older, newer = packages
    versions = StationVersions(tmp_path, "tiny")
    assert versions.active() is None
    found = versions.list()
    assert [one.version for one in found.versions] == [
        newer.identity.version,
        older.identity.version,
    ]
    assert found.back is None
    assert versions.activate(found.versions[1]).sha256 == older.identity.sha256
    assert versions.activate(found.versions[0]).sha256 == newer.identity.sha256
    active = versions.active()
    assert active is not None and active.sha256 == newer.identity.sha256
    back = versions.list().back
    assert back is not None and back.sha256 == older.identity.sha256
    assert versions.roll_back().sha256 == older.identity.sha256
    last = history(tmp_path, "tiny")[-1]
    assert (last.who, last.why) == (getpass.getuser(), "chosen on the screen")


def test_a_version_that_was_replaced_meanwhile_is_refused(
    tmp_path: Path, packages: tuple[ModelPackage, ModelPackage]
) -> None:
    versions = StationVersions(tmp_path, "tiny")
    chosen = versions.list().versions[0]
    manifest = chosen.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace("limits of flange", "limits of fabric"))
    with pytest.raises(PackageError):
        versions.activate(chosen)
    assert active_version(tmp_path, "tiny") is None


def test_a_damaged_record_still_lists_and_a_choice_mends_it(
    tmp_path: Path, packages: tuple[ModelPackage, ModelPackage]
) -> None:
    versions = StationVersions(tmp_path, "tiny")
    versions.activate(versions.list().versions[0])
    (tmp_path / "models" / "tiny" / "active.json").write_text("{")
    with pytest.raises(PackageError):
        versions.active()
    found = versions.list()
    assert len(found.versions) == 2 and found.back is None
    versions.activate(found.versions[1])
    assert versions.active() is not None


def test_a_version_that_made_a_product_worse_is_left_to_an_engineer(
    tmp_path: Path, packages: tuple[ModelPackage, ModelPackage]
) -> None:
    note = {"what": "taught bolt", "problems": ["flange rejects 20% of 32 kept normal parts."]}
    worse = write_next(packages[1], tmp_path / "models", note=note)
    versions = StationVersions(tmp_path, "tiny")
    chosen = versions.list().versions[0]
    assert chosen.version == worse.identity.version
    with pytest.raises(PackageError, match=r"flange rejects 20% .* --override"):
        versions.activate(chosen)
    assert active_version(tmp_path, "tiny") is None
