"""What is remembered of a teaching in the data folder."""

import errno
import threading

import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.engine.package import open_package
from uniad_desktop.teaching import image_folder, teach_record
from uniad_desktop.teaching.activation import activate
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.teach_events import LossPoint
from uniad_desktop.teaching.teach_record import (
    CheckResult,
    JobError,
    JobRecord,
    TeachResult,
    discard_job,
    dismiss_result,
    is_teaching,
    last_result,
    one_at_a_time,
    unfinished_job,
    write_job,
    write_result,
)


@pytest.fixture
def data(tmp_path):
    """A data folder with two versions of a model, the first active."""
    folder = tmp_path / "data"
    for version in ("0.0.1", "0.0.2"):
        make_tiny_package(folder / "models", version=version)
    activate(folder, version_of(folder, "0.0.1"), who="me", why="first")
    return folder


def version_of(data, version):
    return open_package(data / "models" / "tiny" / version)


def record_of(data, **changes):
    package = version_of(data, "0.0.1")
    values = {
        "id": "1",
        "model": "tiny",
        "version": "0.0.1",
        "sha256": package.identity.sha256,
        "product": "bolt",
        "arguments": ("tiny", "bolt"),
        "run": data / "runs" / "teach-1",
        "who": "eve",
        "since": "2026-01-02T03:04:05+00:00",
    }
    return JobRecord(**{**values, **changes})


def result_of(data, **changes):
    package = version_of(data, "0.0.2")
    check = CheckResult(
        key="bolt",
        parts=6,
        held=True,
        rejected_before=None,
        rejected_after=0.0,
        scale=None,
        auroc_before=None,
        auroc_after=None,
        new=True,
        challenge=(1, 0),
        worse="",
    )
    values = {
        "id": "1",
        "model": "tiny",
        "product": "bolt",
        "version": "0.0.2",
        "sha256": package.identity.sha256,
        "package": package.folder,
        "former": "0.0.1",
        "former_sha256": "a" * 64,
        "checks": (check, check.model_copy(update={"key": "nut", "worse": "nut got worse."})),
        "limit": 1.0,
        "accept": 1.0,
        "seconds": 12.5,
        "finished": "2026-01-02T03:04:05+00:00",
        "losses": (LossPoint(0, 1.0, None), LossPoint(10, 0.5, 0.25)),
    }
    return TeachResult(**{**values, **changes})


def test_an_unfinished_teaching_is_told_until_it_is_discarded(data):
    assert unfinished_job(data) is None
    record = record_of(data)
    write_job(data, record)
    job = unfinished_job(data)
    assert (job.record, job.running, job.warning) == (record, False, "")
    record.run.mkdir(parents=True)
    for name in (*teach_record.RUN_FILES, "mine.txt"):
        (record.run / name).write_text("x")
    discard_job(data)
    assert unfinished_job(data) is None
    assert [one.name for one in record.run.iterdir()] == ["mine.txt"]
    discard_job(data)


def test_another_active_version_is_said(data):
    write_job(data, record_of(data))
    activate(data, version_of(data, "0.0.2"), who="me", why="newer")
    warning = unfinished_job(data).warning
    assert "goes on from tiny 0.0.1, and 0.0.2 is active by now" in warning
    (data / "models" / "tiny" / "active.json").write_text("{")
    assert unfinished_job(data).warning


def test_a_running_one_is_told_and_neither_joined_nor_discarded(data, monkeypatch):
    monkeypatch.setattr(teach_record, "_START_S", 0.05)
    assert not is_teaching(data)
    with one_at_a_time(data):
        assert is_teaching(data)
        with pytest.raises(JobError, match="Another product is being taught"), one_at_a_time(data):
            pass
        write_job(data, record_of(data))
        assert unfinished_job(data).running
        with pytest.raises(JobError, match="'bolt' is being taught to tiny"):
            discard_job(data)
    assert not is_teaching(data)
    assert not unfinished_job(data).running


def test_whoever_looks_does_not_keep_a_teaching_from_starting(data):
    with one_at_a_time(data):
        pass
    looking = threading.Event()

    def look():
        while not looking.is_set():
            is_teaching(data)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for _ in range(20):
            with one_at_a_time(data):
                pass
    finally:
        looking.set()
        thread.join()


def test_a_result_is_there_until_its_version_was_active_or_it_is_dismissed(data):
    assert last_result(data) is None
    result = result_of(data)
    write_result(data, result)
    assert last_result(data) == result
    assert last_result(data).problems == ("nut got worse.",)
    dismiss_result(data)
    assert last_result(data) is None
    write_result(data, result)
    activate(data, version_of(data, "0.0.2"), who="me", why="good")
    assert last_result(data) is None
    activate(data, version_of(data, "0.0.1"), who="me", why="back")
    assert last_result(data) is None


def test_a_result_of_a_version_that_is_gone_is_not_told(data):
    write_result(data, result_of(data, package=data / "models" / "tiny" / "9.9.9"))
    assert last_result(data) is None


def test_a_teaching_that_was_killed_after_its_result_is_no_unfinished_one(data):
    write_job(data, record_of(data))
    write_result(data, result_of(data))
    assert unfinished_job(data) is None
    write_job(data, record_of(data, id="2"))
    assert unfinished_job(data).record.id == "2"


def test_damaged_files_are_set_aside(data):
    write_job(data, record_of(data))
    write_result(data, result_of(data))
    for name in ("job", "result"):
        (data / "teaching" / f"{name}.json").write_text("{")
    assert unfinished_job(data) is None and last_result(data) is None
    assert (data / "teaching" / "job.broken.json").read_text() == "{"
    assert (data / "teaching" / "result.broken.json").read_text() == "{"


def test_a_full_disk_is_a_sentence_and_the_former_record_stays(data, monkeypatch):
    write_job(data, record_of(data))

    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(image_folder, "write_durably", full)
    with pytest.raises(StoreError, match=r"No space left.*free space"):
        write_job(data, record_of(data, product="nut"))
    assert unfinished_job(data).record.product == "bolt"
