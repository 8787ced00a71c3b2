from __future__ import annotations

import os
import shutil
from contextlib import closing

import numpy as np
import pytest

from tests.review.helpers import Judge, all_of, judged, old_reject
from tests.scoring.helpers import write_image
from tests.scoring.test_header import huge_png
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.heatmaps import decode_heatmap
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.query import heatmap_path, image_path
from uniad_desktop.records.schema import ImageState, Label
from uniad_desktop.review.files_table import known_files
from uniad_desktop.review.inspecting import _alone
from uniad_desktop.review.source import ReviewError, open_source


def test_images_are_judged_and_never_touched(data, pictures):
    write_image(pictures / "a.png", 5)
    write_image(pictures / "深" / "b:c.png", 15)
    write_image(pictures / "label" / "d.jpg", 40)
    before = sorted(pictures.rglob("*"))
    found = {one.image: one for one in judged(pictures, data)}
    assert sorted(pictures.rglob("*")) == before
    told = {name: (one.verdict.value, one.product) for name, one in found.items()}
    assert told == {
        "a.png": ("PASS", "flange"),
        "深/b:c.png": ("REVIEW", "flange"),
        "label/d.jpg": ("FAIL", "label"),
    }
    one = found["label/d.jpg"]
    assert one.setup.kind is SourceKind.FILE and one.setup.station == "folder"
    assert one.setup.station_folder == str(pictures) and one.setup.operator == "Eva"
    assert (one.setup.width, one.setup.height, one.brightness) == (16, 12, 40.0)
    with closing(open_source(str(pictures), data)) as source:
        path = image_path(source.records, one)
        assert path == pictures / "label" / "d.jpg"
        drawn = heatmap_path(source.records, one)
        assert drawn.is_relative_to(data / "reviews")
        assert np.allclose(decode_heatmap(drawn.read_bytes())[0], 40.0)


def test_the_product_is_what_was_asked_for_or_the_stations(data, pictures):
    write_image(pictures / "x" / "a.png", 25)
    assert judged(pictures, data, usual_product="label")[0].product == "label"
    shutil.rmtree(data)
    assert judged(pictures, data, product="Flange", usual_product="label")[0].product == "flange"
    with (
        closing(open_source(str(pictures / "x"), data)) as source,
        pytest.raises(ReviewError, match=r"“cap”.*flange"),
    ):
        Judge().run(source, data, product="cap")


def test_opening_again_takes_only_what_is_new(data, pictures):
    for name in ("a", "b", "c", "d"):
        write_image(pictures / f"{name}.png", 5)
    first = {one.image: one for one in judged(pictures, data)}
    with closing(open_source(str(pictures), data)) as source:
        set_label(source.records, [first["a.png"].id, first["b.png"].id], Label.GOOD, who="Eva")
        judge = Judge()
        done = judge.run(source, data)
        assert (done.total, done.judged, judge.opened) == (4, 0, 0)
        write_image(pictures / "b.png", 6)  # another image
        os.utime(pictures / "c.png", ns=(1, 1))  # the same image
        (pictures / "d.png").unlink()
        write_image(pictures / "e.png", 7)
        done = judge.run(source, data)
        assert (done.total, done.judged, done.changed, done.missing) == (4, 2, 1, ["d.png"])
        found = all_of(source)
        assert [one.id for one in found[:4]] == sorted(one.id for one in first.values())
        now = {one.id: one for one in found}
        assert now[first["a.png"].id].label is Label.GOOD
        # The label was given to the image that is gone; the new one has none.
        former = now[first["b.png"].id]
        assert (former.label, former.image_state) == (Label.GOOD, ImageState.REMOVED)
        assert {one.image: one.label for one in found if one.raw_score == 6} == {"b.png": 0}
        assert now[first["d.png"].id].image_state is ImageState.REMOVED
        assert known_files(source.records)["c.png"].modified_ns == 1
        # What is back is what it was.
        write_image(pictures / "d.png", 5)
        done = judge.run(source, data)
        assert (done.judged, done.missing) == (0, [])
        assert {one.id: one for one in all_of(source)}[first["d.png"].id].image == "d.png"


def test_what_was_committed_just_before_a_crash_is_not_taken_twice(data, pictures):
    write_image(pictures / "a.png", 5)
    judged(pictures, data)
    with (
        closing(open_source(str(pictures), data)) as source,
        source.records.writing() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM review_files")
    assert len(judged(pictures, data)) == 1


def test_bad_images_are_errors_with_a_sentence(data, pictures):
    write_image(pictures / "a.png", 5)
    write_image(pictures / "one.png", 5, (1, 1))
    whole = write_image(pictures / "cut.jpg", 5, (64, 64))
    whole.write_bytes(whole.read_bytes()[:400])
    (pictures / "huge.png").write_bytes(huge_png())
    (pictures / "empty.png").touch()
    found = {one.image or one.source: one for one in judged(pictures, data)}
    assert found["a.png"].verdict is Verdict.PASS
    for name in ("one.png", "cut.jpg", "huge.png", "empty.png"):
        assert found[name].verdict is Verdict.ERROR, name
        assert name in found[name].detail
    assert "30000 x 30000" in found["huge.png"].detail


def test_what_could_not_be_judged_is_tried_again_when_asked(data, pictures):
    write_image(pictures / "a.png", 255)  # the model refuses it
    with closing(open_source(str(pictures), data)) as source:
        judge = Judge()
        judge.run(source, data)
        assert judge.run(source, data).judged == 0
        assert judge.run(source, data, again=True).judged == 1
        (record,) = all_of(source)  # the former error is gone
        assert record.verdict is Verdict.ERROR


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_no_text_are_left_out_and_named(data, pictures):
    write_image(pictures / "a.png", 5)
    shutil.copy(pictures / "a.png", os.fsencode(pictures) + b"/\xff.png")
    with closing(open_source(str(pictures), data)) as source:
        done = Judge().run(source, data)
        assert done.total == 1 and "no text" in done.notes[0]


def test_old_rejects_show_their_verdicts_without_a_model(data, pictures):
    old_reject(pictures / "2026-11-25", Verdict.FAIL, 3, score=88.0, at=1_790_000_000.5)
    old_reject(pictures / "2026-11-25", Verdict.REVIEW, 4)
    with closing(open_source(str(pictures), data)) as source:
        judge = Judge()
        done = judge.run(source, data)
        assert (done.described, done.judged, judge.opened) == (2, 0, 0)
        one, other = all_of(source)
        assert (one.verdict, one.score, one.number) == (Verdict.FAIL, 88.0, 3)
        assert one.decided_at == 1_790_000_000.5
        assert (one.source, one.setup.kind) == ("SIM0001", SourceKind.SIMULATED)
        assert one.setup.model.name == "test" and len(one.regions) == 1
        assert (one.setup.width, one.setup.height) == (16, 12)
        assert image_path(source.records, one).name == "0000003_flange_FAIL.png"
        assert other.verdict is Verdict.REVIEW
        assert judge.run(source, data).described == 0


@pytest.mark.parametrize("text", ["{", "[]", '{"verdict": "PASS"}', "null", "9" * 5000])
def test_a_json_of_somebody_else_is_no_decision(data, pictures, text):
    write_image(pictures / "a.png", 15).with_suffix(".json").write_text(text)
    (record,) = judged(pictures, data)
    assert record.verdict is Verdict.REVIEW


def test_a_folder_that_vanishes_keeps_what_was_judged(data, pictures):
    for number in range(3):
        write_image(pictures / f"{number}.png", 5)
    judged(pictures, data)
    with closing(open_source(str(pictures), data)) as source:
        shutil.rmtree(pictures)
        with pytest.raises(ReviewError, match="does not exist"):
            Judge().run(source, data)
        pictures.mkdir()  # an empty mount point
        with pytest.raises(ReviewError, match="no images"):
            Judge().run(source, data)
        assert all(one.image_state is ImageState.KEPT for one in all_of(source))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_folders_that_cannot_be_read_are_named_and_nothing_is_missing(data, pictures):
    write_image(pictures / "a.png", 5)
    closed = write_image(pictures / "closed" / "b.png", 5).parent
    judged(pictures, data)
    closed.chmod(0)
    try:
        with closing(open_source(str(pictures), data)) as source:
            done = Judge().run(source, data)
            assert not done.missing and "closed" in done.notes[0]
    finally:
        closed.chmod(0o755)


def test_two_programs_do_not_judge_one_folder(data, pictures):
    write_image(pictures / "a.png", 5)
    with closing(open_source(str(pictures), data)) as source:
        place = source.records.heatmaps.parent
        with _alone(place, "x"), pytest.raises(ReviewError, match="Another program"):
            Judge().run(source, data)
        assert Judge().run(source, data).judged == 1


def test_ended_early_it_goes_on_later(data, pictures):
    for number in range(6):
        write_image(pictures / f"{number}.png", 5)
    with closing(open_source(str(pictures), data)) as source:
        judge = Judge()
        judge.stop_after = 2
        with pytest.raises(KeyboardInterrupt):
            judge.run(source, data)
        judge.stop_after = None
        there = len(all_of(source))
        assert 2 <= there < 6
        assert judge.run(source, data).judged == 6 - there
        assert sorted(one.image for one in all_of(source)) == [f"{n}.png" for n in range(6)]
