from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.inspection.fakes import wait_for
from tests.records.make import NOW, shown
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records import retention
from uniad_desktop.records.check import check_records
from uniad_desktop.records.database import Records, open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.labels import set_label, undo
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.query import Order, fetch, matching_ids, page
from uniad_desktop.records.recorder import Recorder
from uniad_desktop.records.retention import Retention, Swept, sweep
from uniad_desktop.records.schema import ImageState, Label

DAY = 86_400.0
NEVER = RecordsOptions(keep_pass_days=0, keep_reject_days=0, least_free_gb=0)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAUSE_S", 0.0)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """Ten days with a pass and a reject each, all with image; number 10 is the newest day."""
    keeping = Recorder(tmp_path, RecordsOptions(pass_share=1.0))
    for day in range(1, 11):
        at = NOW - (10 - day) * DAY
        keeping.take(shown(Verdict.PASS, day, 10.0, at=at))
        keeping.take(shown(Verdict.FAIL, 100 + day, 70.0, at=at + 1))
        wait_for(lambda: keeping.state().waiting == 0)
    assert keeping.close() == 0
    with closing(open_records(tmp_path)) as opened:
        yield opened


def run(records: Records, free: int = 10**12, **changes: float) -> Swept:
    options = NEVER.model_copy(update=changes)
    return sweep(records, 1, options, now=NOW + 10, free_bytes=lambda folder: free)


def kept(records: Records) -> list[int]:
    assert check_records(records).whole
    found = page(records, RecordFilter(with_image=True), Order.OLDEST)
    return [one.number for one in found]


def test_nothing_is_bounded_and_nothing_removed(records: Records) -> None:
    assert run(records) == Swept()
    assert len(kept(records)) == 20


def test_by_age(records: Records) -> None:
    swept = run(records, keep_pass_days=3, keep_reject_days=8)
    assert swept.images == 9 and swept.freed_bytes > 0
    assert sorted(kept(records)) == [8, 9, 10, *range(103, 111)]
    removed = page(records, RecordFilter(), Order.OLDEST)[0]
    assert removed.image_state is ImageState.REMOVED and removed.image == ""
    assert len(removed.image_sha256) == 64, "its hash stays on record"
    assert not list(records.folder.rglob("*_0000001_*"))


def test_by_count_passes_go_first(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 1)
    assert run(records, most_images=12).images == 8
    assert sorted(kept(records)) == [9, 10, *range(101, 111)]
    run(records, most_images=4)
    assert sorted(kept(records)) == [107, 108, 109, 110]


def test_for_space_the_last_day_of_rejects_stays(records: Records) -> None:
    assert run(records, free=10**9, least_free_gb=5.0).images == 19
    assert kept(records) == [110]
    assert run(records, free=10**9, least_free_gb=5.0) == Swept()


def test_labelled_images_never(records: Records) -> None:
    ids = matching_ids(records, RecordFilter(), Order.OLDEST)
    set_label(records, ids[:2], Label.GOOD, who="Eva")
    undo(records, set_label(records, ids[2:3], Label.GOOD, who="Eva").id, who="Eva")
    run(records, keep_pass_days=1, keep_reject_days=1, free=0, least_free_gb=5, keep_record_days=1)
    assert [one.number for one in fetch(records, ids[:4])] == [1, 101, 2]
    assert {1, 101, 2} < set(kept(records))


def test_what_a_crash_interrupted_is_finished(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: object, rows: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(retention._Run, "_remove_files", cut)
        with pytest.raises(OSError, match="power cut"):
            run(records, keep_pass_days=3)
    first = page(records, RecordFilter(), Order.OLDEST)[0]
    assert first.image == "" and first.image_state is ImageState.LEAVING
    assert list(records.folder.rglob("*_0000001_*")) and 1 not in kept(records)
    assert run(records).images == 7
    assert not list(records.folder.rglob("*_0000001_*"))


def test_old_rows_without_image_go_when_asked(records: Records) -> None:
    swept = run(records, keep_pass_days=3, keep_record_days=5)
    assert swept.rows == 5
    numbers = [one.number for one in page(records, RecordFilter(), Order.OLDEST)]
    assert sorted(numbers) == [*range(6, 11), *range(101, 111)]


def test_the_thread_sweeps_and_ends(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "EVERY_S", 0.01)
    monkeypatch.setattr(time, "time", lambda: NOW + 10)
    keeper = Retention(lambda: (records, 1), NEVER.model_copy(update={"keep_pass_days": 3}))
    wait_for(lambda: len(page(records, RecordFilter(with_image=True))) == 13, 10)
    assert keeper.close()
