from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.records.make import shown
from uniad_desktop.files import check_writable, write_durably
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import RecordsError
from uniad_desktop.records.describe import describe
from uniad_desktop.records.heatmaps import HeatmapError, decode_heatmap, encode_heatmap
from uniad_desktop.records.pictures import inside
from uniad_desktop.records.station_lock import StationLock


def test_failed_write_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.json"
    write_durably(path, b"old")

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_unwritable_folder_is_named_with_the_way_out(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    sentence = check_writable(blocker / "data")
    assert str(blocker / "data") in sentence and "--data-dir" in sentence
    assert check_writable(tmp_path / "data") == ""


def test_a_record_has_millimetres_only_where_a_scale_is_set() -> None:
    inspection = shown(Verdict.FAIL).inspection
    (plain,) = describe(inspection)["regions"]
    assert set(plain) == {"x", "y", "width", "height", "area", "peak"}
    (region,) = inspection.regions
    scaled = replace(inspection, regions=(replace(region, mm_per_pixel=0.1),))
    (measured,) = describe(scaled)["regions"]
    assert plain.items() <= measured.items()
    assert {name: measured[name] for name in set(measured) - set(plain)} == pytest.approx(
        {"x_mm": 0.1, "y_mm": 0.2, "width_mm": 0.3, "height_mm": 0.4, "area_mm2": 0.1}
    )


@pytest.mark.parametrize(("low", "high"), [(0.0, 3.7), (-5.0, 1000.0), (2.5, 2.5)])
def test_heatmaps_come_back_within_the_stated_error(low: float, high: float) -> None:
    values = np.random.default_rng(0).uniform(low, high, (30, 40)).astype(np.float32)
    back, inspected = decode_heatmap(encode_heatmap(values))
    assert inspected.all() and back.dtype == np.float32
    assert (
        np.abs(back - values).max() <= (values.max() - values.min()) / 508 + 1e-3 * abs(high) / 99
    )


def test_heatmaps_say_where_nothing_was_inspected() -> None:
    values = np.ones((4, 5), np.float32)
    values[0, 0] = np.nan
    mask = np.ones((4, 5), bool)
    mask[2] = False
    back, inspected = decode_heatmap(encode_heatmap(values, mask))
    assert not inspected[2].any() and not inspected[0, 0] and inspected.sum() == 14
    assert back[2].sum() == 0 and back[1, 1] == 1
    nothing, where = decode_heatmap(encode_heatmap(values, np.zeros((4, 5), bool)))
    assert not where.any() and not nothing.any()


def test_other_files_are_no_heatmaps(tmp_path: Path) -> None:
    good = encode_heatmap(np.ones((4, 5), np.float32))
    for bad in (b"", b"\x89PNG\r\n", good[:60], good.replace(b"uniad", b"other")):
        with pytest.raises(HeatmapError):
            decode_heatmap(bad)


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../x.png", "a/../../x"])
def test_stored_paths_never_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no path inside"):
        inside(tmp_path, name)


@pytest.mark.parametrize("name", ["C:/x", "a\\..\\x", "14:22:33.png"])
def test_what_leads_out_on_windows_is_a_plain_name_elsewhere(tmp_path: Path, name: str) -> None:
    if os.name == "nt":
        with pytest.raises(ValueError, match="no path inside"):
            inside(tmp_path, name)
    else:
        assert inside(tmp_path, name).resolve().is_relative_to(tmp_path)


def test_one_station_per_data_folder(tmp_path: Path) -> None:
    lock = StationLock(tmp_path / "data")
    with pytest.raises(RecordsError, match="Another station already writes"):
        StationLock(tmp_path / "data")
    lock.release()
    lock.release()
    StationLock(tmp_path / "data").release()
