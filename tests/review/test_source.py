from __future__ import annotations

from contextlib import closing

import pytest

from tests.records.make import entry
from tests.review.helpers import all_of
from tests.scoring.helpers import write_image
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import open_records
from uniad_desktop.records.writer import InspectionWriter
from uniad_desktop.review.source import ReviewError, SourceKind, open_source


def test_a_stations_own_records_and_those_of_another_one(tmp_path, data):
    other = tmp_path / "other"
    with closing(open_records(other)) as records:
        InspectionWriter(records, "line 2").store([entry(Verdict.FAIL, 7)])
    with closing(open_source("", data)) as source:
        assert (source.kind, source.title) == (SourceKind.STATION, "this station")
        assert source.place == data and not all_of(source)
    with closing(open_source(str(other), data)) as source:
        assert (source.kind, source.title) == (SourceKind.STATION, str(other))
        assert [one.number for one in all_of(source)] == [7]


def test_a_folder_has_a_database_beneath_the_data_folder(data, pictures):
    write_image(pictures / "a.png")
    with closing(open_source(str(pictures), data)) as source:
        assert (source.kind, source.place) == (SourceKind.FOLDER, pictures)
        assert source.records.folder == pictures
        assert not all_of(source)
    assert [one.name for one in pictures.iterdir()] == ["a.png"]
    assert len(list((data / "reviews").glob("*/records/records.sqlite"))) == 1


@pytest.mark.parametrize("name", ["missing", "text.txt"])
def test_what_is_no_source_is_said(data, tmp_path, name):
    (tmp_path / "text.txt").write_text("no zip")
    with pytest.raises(ReviewError, match=name):
        open_source(str(tmp_path / name), data)


def test_a_database_of_a_newer_version_is_left_alone(data, pictures):
    write_image(pictures / "a.png")
    with (
        closing(open_source(str(pictures), data)) as source,
        source.records.writing() as connection,
    ):
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'r9999'")
    with pytest.raises(ReviewError, match="newer version"):
        open_source(str(pictures), data)
