"""What leaves as a zip is reviewed at another desk as it was."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, heatmap_path, image_path, page
from uniad_desktop.reports.archive import export_zip
from uniad_desktop.review.inspecting import InspectionOrder, inspect_source
from uniad_desktop.review.source import SourceKind, open_source


def no_model(*_: object) -> NoReturn:
    raise AssertionError("nothing is to be judged again")


def test_a_zip_is_reviewed_as_it_was(stored: Records, tmp_path: Path) -> None:
    target = tmp_path / "缺陷.zip"
    export_zip(stored, RecordFilter(), target, who="Eva")
    desk = tmp_path / "desk"
    with closing(open_source(str(target), desk)) as source:
        assert source.kind is SourceKind.ARCHIVE
        inspect_source(source, desk, InspectionOrder(), no_model, no_model)
        before = page(stored, RecordFilter(), Order.OLDEST)
        after = page(source.records, RecordFilter(), Order.OLDEST)
        assert len(after) == len(before) == 6
        for one, other in zip(before, after, strict=True):
            assert (one.verdict, one.reason, one.detail) == (
                other.verdict, other.reason, other.detail
            )  # fmt: skip
            assert str(one.score) == str(other.score) and one.regions == other.regions
            assert one.decided_at == other.decided_at and one.number == other.number
            assert (one.label, one.note) == (other.label, other.note)
            assert one.setup.model == other.setup.model
            assert one.setup.limits == other.setup.limits
            assert one.simulated == other.simulated
            assert one.image_sha256 == other.image_sha256
            image = image_path(source.records, other)
            assert bool(one.image) == (image is not None)
            if image is not None:
                assert image.read_bytes() == (stored.folder / one.image).read_bytes()
            heatmap = heatmap_path(source.records, other)
            assert bool(one.heatmap) == (heatmap is not None and heatmap.is_file())
        assert replace(before[1].setup, station_folder="") == replace(
            after[1].setup, station_folder=""
        )
