"""``uniad-desktop teach`` as a user calls it, on the tiny package."""

import errno
import json
from pathlib import Path

import cv2
import pytest

from tests.teaching.test_teach import package, parts, picture  # noqa: F401 - the fixture
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cli import main
from uniad_desktop.engine.package import open_package
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.teaching import image_folder, loss_watch, teach_record
from uniad_desktop.teaching.activation import active_version, history
from uniad_desktop.teaching.checks import Findings
from uniad_desktop.teaching.collection import Origin, PartCollection
from uniad_desktop.teaching.former_products import ProductCheck
from uniad_desktop.teaching.products import ProductStore
from uniad_desktop.teaching.teach_record import last_result, unfinished_job


@pytest.fixture
def place(tmp_path, package, monkeypatch):  # noqa: F811
    """A data folder that holds the package, and a folder of 24 good parts."""
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "models").rename(data / "models")
    parts(tmp_path / "good", 24)
    monkeypatch.chdir(tmp_path)
    return data


def teach(place, *more):
    return main(["teach", "tiny", "bolt", *more, "--steps", "4", "--data-dir", str(place)])


def test_a_folder_of_parts_becomes_a_version_that_is_not_active_unasked(place, capsys):
    assert teach(place, "good", "--title", "Bolt") == 0
    out = capsys.readouterr().out
    assert "1.0.1 is ready, not active." in out and "bolt" in out and "new" in out
    assert "bolt: limit" in out and "are too few for a false-reject rate" in out
    assert not list((place / "runs").rglob("checkpoint.pt*"))
    assert active_version(place, "tiny").version == "1.0.0"
    assert [one.why for one in history(place, "tiny")] == ["in use before 'bolt' was taught"]
    assert (place / "models" / "tiny" / "1.0.1" / "manifest.json").is_file()


def test_it_is_activated_on_record_and_can_be_taken_back(place, capsys):
    assert teach(place, "good", "--activate", "--why", "first batch", "--who", "eve") == 0
    assert "is ready and active." in capsys.readouterr().out
    active = active_version(place, "tiny")
    assert (active.version, active.who, active.why) == ("1.0.1", "eve", "first batch")
    rollback = ["versions", "rollback", "tiny", "--why", "too strict", "--data-dir", str(place)]
    assert main(rollback) == 0
    assert active_version(place, "tiny").version == "1.0.0"


def test_a_product_that_got_worse_blocks_unless_overridden(place, capsys, monkeypatch):
    monkeypatch.setattr(ProductCheck, "worse", property(lambda check: f"{check.key} got worse."))
    assert teach(place, "good", "--activate", "--why", "hurry") == 1
    told = capsys.readouterr()
    assert "was not activated: old got worse." in told.err and "--override" in told.err
    assert active_version(place, "tiny").version == "1.0.0"
    words = ["versions", "activate", "tiny", "1.0.1", "--why", "hurry", "--data-dir", str(place)]
    assert main(words) == 1
    assert "old got worse." in capsys.readouterr().err
    assert active_version(place, "tiny").version == "1.0.0"
    assert main(["versions", "list", "--data-dir", str(place)]) == 0
    assert "got WORSE" in capsys.readouterr().out
    assert main([*words, "--override"]) == 0 and active_version(place, "tiny").override is True
    assert teach(place, "good", "--activate", "--why", "hurry", "--override", "--seed", "1") == 0
    assert active_version(place, "tiny").override is True


def test_collected_parts_are_taught_with_the_product_s_title_and_regions(place, capsys):
    store = ProductStore(place)
    store.create("bolt", {"en": "Hex bolt"}, least_area=12.0)
    collection = PartCollection(place, "bolt")
    for number in range(24):
        collection.add(
            picture(number), Origin(source="SIM1", kind=SourceKind.SIMULATED), {}, Findings()
        )
    assert teach(place, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    manifest = json.loads((place / "models/tiny/1.0.1/manifest.json").read_text())
    assert manifest["products"]["bolt"]["titles"]["en"] == "Hex bolt"
    assert manifest["products"]["bolt"]["least_area"] == 12.0
    assert told["active"] is False and [one["key"] for one in told["checks"]] == ["old", "bolt"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["good", "--activate"], 2, "say why with --why"),
        (["nowhere"], 6, "nowhere"),
        ([], 6, "bolt"),
        (["good", "--device", "cuda:99"], 4, "cuda:99"),
    ],
)
def test_what_cannot_be_done_is_said(place, capsys, words, code, sentence):
    assert teach(place, *words) == code
    assert sentence in capsys.readouterr().err


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(place, capsys):
    assert teach(place, "good", "--dry-run") == 0
    assert "from 19 parts, 5 held back" in capsys.readouterr().out
    assert not (place / "models" / "tiny" / "1.0.1").exists()
    assert active_version(place, "tiny") is None


def events_of(capsys):
    """What was told on standard output, and nothing else was."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_events_are_all_that_is_printed_and_end_with_the_result(place, capsys):
    assert teach(place, "good", "--events", "--who", "eve") == 0
    events = events_of(capsys)
    names = [one["event"] for one in events]
    assert names[:2] == ["start", "stage"] and names[-1] == "done"
    assert [one["stage"] for one in events if one["event"] == "stage"] == [
        "features",
        "training",
        "limits",
        "checks",
    ]
    assert [one["step"] for one in events if one["event"] == "loss"] == [0, 4]
    training = [one for one in events if one["event"] == "training"]
    assert (training[-1]["step"], training[-1]["steps"], training[-1]["fraction"]) == (4, 4, 1.0)
    assert [one for one in events if one["event"] == "features"][-1]["count"] == 24
    done = events[-1]
    assert (done["version"], done["former"], done["model"]) == ("1.0.1", "1.0.0", "tiny")
    assert [(one["key"], one["worse"], one["new"]) for one in done["checks"]] == [
        ("old", "", False),
        ("bolt", "", True),
    ]
    assert done["limit"] > 0 and done["note"] and done["odd"] == []
    result = last_result(place)
    assert result.sha256 == done["sha256"] and [one.step for one in result.losses] == [0, 4]
    assert unfinished_job(place) is None
    assert active_version(place, "tiny").version == "1.0.0"


@pytest.mark.parametrize("more", [["--json"], ["--dry-run"], ["--activate", "--why", "x"]])
def test_events_go_alone(place, capsys, more):
    assert teach(place, "good", "--events", *more) == 2
    assert "--events goes neither" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [(["nowhere"], 6, "nowhere"), (["good", "--device", "cuda:99"], 4, "cuda:99")],
)
def test_a_failure_is_an_event_with_the_usual_exit_code(place, capsys, words, code, sentence):
    assert teach(place, *words, "--events") == code
    (event,) = events_of(capsys)
    assert event["event"] == "failed" and sentence in event["sentence"]
    assert unfinished_job(place) is None


@pytest.mark.parametrize(
    ("count", "copies", "sentence"),
    [(5, False, "5 normal parts are too few"), (24, True, "differ or can be read")],
)
def test_too_few_parts_and_always_the_same_are_failures(place, capsys, count, copies, sentence):
    found = sorted((place.parent / "good").iterdir())
    for one in found[count:]:
        one.unlink()
    for one in found if copies else []:
        one.write_bytes(found[0].read_bytes())
    assert teach(place, "good", "--events") == 6
    assert sentence in events_of(capsys)[-1]["sentence"]
    assert unfinished_job(place) is None and not (place / "models" / "tiny" / "1.0.1").exists()


def test_a_stop_is_an_event_and_can_go_on_with_the_recorded_arguments(place, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr(Interrupt, "is_asked", lambda self: bool(asked))
    real = loss_watch.LossWatch.__call__

    def after_two(self, done, network):
        real(self, done, network)
        asked.extend([1] if done == 2 else [])

    monkeypatch.setattr(loss_watch.LossWatch, "__call__", after_two)
    assert teach(place, "good", "--events", "--tiles", "1x2", "--title", "Hex bolt") == 130
    last = events_of(capsys)[-1]
    assert last["event"] == "stopped" and "after 2 of 4 steps" in last["sentence"]
    record = unfinished_job(place).record
    assert (record.run / "checkpoint.pt").is_file()
    monkeypatch.undo()
    monkeypatch.chdir(place)
    assert main(["teach", *record.arguments, "--events", "--data-dir", str(place)]) == 0
    told = events_of(capsys)
    assert next(one for one in told if one["event"] == "training")["step"] == 3
    entry = open_package(told[-1]["package"]).manifest.products["bolt"]
    assert entry.titles["en"] == "Hex bolt" and entry.layout.tile_count == 2


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("uniad_desktop.training.row_file._write", "is full"),
        ("uniad_desktop.training.checkpoints.write_durably", "No space left"),
        ("uniad_desktop.teaching.image_folder.write_durably", "No space left"),
        ("uniad_desktop.engine.package.write_folder", "No space left"),
    ],
)
def test_a_full_disk_is_a_sentence_and_the_teaching_goes_on_later(
    place, capsys, monkeypatch, where, words
):
    def full(*given, **more):
        raise FULL

    with monkeypatch.context() as patch:
        patch.setattr(where, full)
        code = teach(place, "good", "--events")
    assert code in {1, 4, 6}
    last = events_of(capsys)[-1]
    assert last["event"] == "failed" and words in last["sentence"]
    job = unfinished_job(place)
    assert (job is not None) == ("engine.package" in where)  # only then there is a checkpoint
    if job is not None:
        assert words in job.record.problem
    assert active_version(place, "tiny") is None or active_version(place, "tiny").version == "1.0.0"
    assert teach(place, "good", "--events") == 0
    assert events_of(capsys)[-1]["version"] == "1.0.1" and unfinished_job(place) is None


def test_a_result_that_cannot_be_kept_is_told_all_the_same(place, capsys, monkeypatch):
    real = image_folder.write_durably

    def full(path, data):
        if path.name == "result.json":
            raise FULL
        real(path, data)

    monkeypatch.setattr(image_folder, "write_durably", full)
    assert teach(place, "good", "--events") == 0
    assert events_of(capsys)[-1]["event"] == "done"


def test_a_part_with_a_defect_among_them_is_named(place, capsys):
    spoiled = place.parent / "good" / "003.png"
    image = picture(3)
    image[10:30, 20:40] = (255, 0, 255)
    spoiled.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    assert teach(place, "good", "--events") == 0
    odd = events_of(capsys)[-1]["odd"]
    assert [Path(one).name for one in odd] == ["003.png"]


def test_parts_of_another_size_are_named_or_do_not_fit_the_regions(place, capsys):
    odd = place.parent / "good" / "003.png"
    odd.write_bytes(cv2.imencode(".png", cv2.resize(picture(3), (32, 24)))[1].tobytes())
    assert teach(place, "good", "--events") == 0
    (note,) = events_of(capsys)[-1]["notes"]
    assert "another size than the 23 of 64 x 48" in note and "003.png (32 x 24)" in note
    assert teach(place, "good", "--seed", "1") == 0
    assert "another size than the 23" in capsys.readouterr().out
    assert teach(place, "good", "--events", "--region", "0,0,60,40") == 6
    sentence = events_of(capsys)[-1]["sentence"]
    assert "003.png" in sentence and "different sizes (32 x 24, 64 x 48)" in sentence


def test_a_second_teaching_is_refused(place, capsys, monkeypatch):
    monkeypatch.setattr(teach_record, "_START_S", 0.05)
    with teach_record.one_at_a_time(place):
        assert teach(place, "good", "--events") == 6
        (event,) = events_of(capsys)
        assert "being taught at the moment" in event["sentence"]
        assert teach(place, "good") == 6
        assert "being taught at the moment" in capsys.readouterr().err


def test_a_dry_run_names_the_variants(place, capsys):
    assert teach(place, "good", "--dry-run", "--augment", "2") == 0
    assert "from 19 parts and 2 variants of each" in capsys.readouterr().out
