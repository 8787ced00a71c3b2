from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from contextlib import closing

import numpy as np
import pytest

from tests.inspection.fakes import wait_for
from tests.records.make import shown
from tests.review.helpers import Judge, all_of, make_zip, png
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.facets import CameraCount, facets
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.heatmaps import encode_heatmap
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.query import fetch, heatmap_path, image_path, matching_ids
from uniad_desktop.records.recorder import Recorder
from uniad_desktop.records.schema import ImageState, Label
from uniad_desktop.reports.archive import export_zip
from uniad_desktop.review import unpack
from uniad_desktop.review.source import ReviewError, SourceKind, open_source


def manifest_line(image: str, data: bytes, **changes: object) -> bytes:
    """A line as `reports` exports it; docs/reports.md."""
    values = {
        "schema": 1,
        "id": 17,
        "decided_at_utc": "2026-11-25T14:22:33.105123+00:00",
        "station": "line 2",
        "product": "flange",
        "verdict": "FAIL",
        "reason": "above-limit",
        "detail": "",
        "score": 88.5,
        "raw_score": 35.4,
        "accept_limit": 10.0,
        "reject_limit": 20.0,
        "regions": [{"x": 1, "y": 2, "width": 3, "height": 4, "area": 12, "peak": 80.0}],
        "model_name": "unified",
        "model_version": "1.2.0",
        "model_sha256": "ab" * 32,
        "runtime": "openvino cpu f32",
        "latency_ms": 31.0,
        "number": 12,
        "frame_id": 99,
        "timestamp_ns": 5,
        "source": "CAM7",
        "kind": "LIVE",
        "camera": "CAM7",
        "camera_name": "Line camera",
        "camera_features": {"ExposureTime": 8000.0},
        "pixel_format": "RGB8",
        "width": 16,
        "height": 12,
        "mm_per_pixel": 0.05,
        "operator": "Ada",
        "label": "defect",
        "note": "划痕",
        "image": "records/images/2026-11-25/x.png",
        "archive_image": image,
        "archive_image_sha256": hashlib.sha256(data).hexdigest() if data else "",
        "archive_heatmap": "",
    }
    return json.dumps(values | changes, ensure_ascii=False).encode() + b"\n"


def test_an_exported_zip_shows_what_was_decided(data, tmp_path):
    drawn = encode_heatmap(np.linspace(0, 9, 12, dtype=np.float32).reshape(3, 4))
    lines = [
        manifest_line("images/1_x.png", png(), archive_heatmap="heatmaps/1_x.heatmap.png"),
        manifest_line("", b"", verdict="PASS", reason="normal", label="none", note="", regions=[]),
        b"no json\n",
        manifest_line("../../outside.png", b""),
    ]
    place = make_zip(
        tmp_path / "shift.zip",
        [
            ("images/1_x.png", png()),
            ("heatmaps/1_x.heatmap.png", drawn),
            ("manifest.jsonl", b"".join(lines)),
            ("provenance.json", b"{}"),
        ],
    )
    with closing(open_source(str(place), data)) as source:
        assert (source.kind, source.title) == (SourceKind.ARCHIVE, "shift.zip")
        judge = Judge()
        done = judge.run(source, data)
        assert (done.total, done.described, judge.opened) == (1, 1, 0)
        one, other = all_of(source)
        assert (one.verdict, one.score, one.raw_score) == (Verdict.FAIL, 88.5, 35.4)
        assert (one.label, one.note) == (Label.DEFECT, "划痕")
        setup = one.setup
        assert (setup.station, setup.operator, setup.camera) == ("line 2", "Ada", "CAM7")
        assert setup.features == {"ExposureTime": 8000.0} and setup.mm_per_pixel == 0.05
        assert image_path(source.records, one).read_bytes() == png()
        assert heatmap_path(source.records, one).read_bytes() == drawn
        assert one.regions[0].width_mm == pytest.approx(0.15)
        assert (other.verdict, other.image_state) == (Verdict.PASS, ImageState.NONE)
        assert judge.run(source, data).missing == [] and len(all_of(source)) == 2
    # Known by its contents: moved and renamed it is the same.
    moved = place.rename(tmp_path / "other.zip")
    with closing(open_source(str(moved), data)) as source:
        assert [one.label for one in all_of(source)] == [Label.DEFECT, Label.NONE]


def test_cameras_of_an_exported_zip_can_be_told_apart(data, tmp_path):
    lines = [
        manifest_line(f"images/{n}.png", png(n), camera=camera, camera_name=name, number=n)
        for n, camera, name in [(1, "CAM7", "Top"), (2, "CAM8", "Side"), (3, "CAM8", "Side")]
    ]
    files = [(f"images/{n}.png", png(n)) for n in (1, 2, 3)]
    place = make_zip(tmp_path / "a.zip", [*files, ("manifest.jsonl", b"".join(lines))])
    with closing(open_source(str(place), data)) as source:
        Judge().run(source, data)
        assert facets(source.records, RecordFilter()).cameras == {
            "CAM7": CameraCount("Top", 1),
            "CAM8": CameraCount("Side", 2),
        }
        found = matching_ids(source.records, RecordFilter(cameras=("CAM8",)))
        assert {one.number for one in fetch(source.records, found)} == {2, 3}


def test_an_image_that_is_not_the_exported_one_is_judged_anew(data, tmp_path):
    files = [("a.png", png(15)), ("manifest.jsonl", manifest_line("a.png", png(5)))]
    with closing(open_source(str(make_zip(tmp_path / "a.zip", files)), data)) as source:
        done = Judge().run(source, data)
        assert (done.described, done.judged) == (0, 1) and "not the image" in done.notes[0]
        assert [one.verdict for one in all_of(source)] == [Verdict.REVIEW]


def test_any_zip_of_images_with_names_in_any_script(data, tmp_path):
    place = tmp_path / "any.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("零件/a.png", png())
        archive.writestr("label\\b.png", png(40))
        info = zipfile.ZipInfo("ü.png")
        archive.writestr(info, png())
        archive.writestr("__MACOSX/._a.png", b"x")
        archive.writestr("run.sh", b"echo")
    with closing(open_source(str(place), data)) as source:
        Judge().run(source, data)
        found = {one.image: one.product for one in all_of(source)}
        assert found == {"零件/a.png": "flange", "label/b.png": "label", "ü.png": "flange"}
        assert not list(source.records.folder.rglob("run.sh"))


@pytest.mark.parametrize(
    "name",
    [
        "../a.png",
        "/etc/a.png",
        "x/../../a.png",
        "C:/a.png",
        "..\\a.png",
        "a\x01.png",
        "d/" * 40 + "a.png",
    ],
)
def test_paths_that_lead_out_are_refused_and_nothing_is_unpacked(data, tmp_path, name):
    place = make_zip(tmp_path / "bad.zip", [("good.png", png()), (name, png())])
    with pytest.raises(ReviewError, match="does not stay inside"):
        open_source(str(place), data)
    assert not list(data.rglob("*.png")) and not list(tmp_path.glob("*.png"))
    assert not list(data.rglob(".unpacking-*"))


def test_links_and_devices_are_left_out(data, tmp_path):
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    place = make_zip(tmp_path / "a.zip", [("a.png", png()), (link, b"/etc/passwd")])
    with closing(open_source(str(place), data)) as source:
        assert [one.name for one in source.records.folder.iterdir()] == ["a.png"]


def test_zip_bombs_are_refused(data, tmp_path, monkeypatch):
    bomb = make_zip(tmp_path / "bomb.zip", [(f"{n}.bmp", bytes(30 << 20)) for n in range(4)])
    with pytest.raises(ReviewError, match="no real images"):
        open_source(str(bomb), data)
    monkeypatch.setattr(unpack, "LARGEST_FILE", 10 << 20)
    with pytest.raises(ReviewError, match="more than any image"):
        open_source(str(bomb), data)
    monkeypatch.setattr(unpack, "MOST_FILES", 3)
    with pytest.raises(ReviewError, match="has 4 files"):
        open_source(str(bomb), data)
    assert not list(data.rglob("*.bmp"))


def test_a_size_that_the_zip_lies_about_is_noticed(data, tmp_path):
    place = make_zip(tmp_path / "liar.zip", [("a.bmp", bytes(1 << 20))])
    raw = bytearray(place.read_bytes())
    real = (1 << 20).to_bytes(4, "little")
    at = raw.rfind(real)  # in the table of contents
    raw[at : at + 4] = (100).to_bytes(4, "little")
    place.write_bytes(raw)
    with pytest.raises(ReviewError):
        open_source(str(place), data)
    assert not list(data.rglob("*.bmp"))


def test_a_disk_without_room_is_said_before(data, tmp_path, monkeypatch):
    place = make_zip(tmp_path / "a.zip", [("a.png", png())])
    monkeypatch.setattr(unpack, "LEAST_FREE", 1 << 60)
    with pytest.raises(ReviewError, match="free space"):
        open_source(str(place), data)


def test_damaged_encrypted_and_empty_zips(data, tmp_path):
    whole = make_zip(tmp_path / "a.zip", [("a.png", png() * 50)])
    raw = bytearray(whole.read_bytes())
    raw[60] ^= 0xFF
    (tmp_path / "damaged.zip").write_bytes(raw)
    with pytest.raises(ReviewError, match="damaged"):
        open_source(str(tmp_path / "damaged.zip"), data)
    raw = bytearray(whole.read_bytes())
    raw[raw.rfind(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "secret.zip").write_bytes(raw)
    with pytest.raises(ReviewError, match="encrypted"):
        open_source(str(tmp_path / "secret.zip"), data)
    with pytest.raises(ReviewError, match="no images"):
        open_source(str(make_zip(tmp_path / "none.zip", [("a.txt", b"x")])), data)


def test_ended_while_unpacking_it_begins_anew(data, tmp_path):
    place = make_zip(tmp_path / "a.zip", [(f"{n}.png", png()) for n in range(5)])
    calls = []

    def check():
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_source(str(place), data, check=check)
    assert not list(data.rglob("*.png"))
    with closing(open_source(str(place), data)) as source:
        assert len(list(source.records.folder.iterdir())) == 5


def test_what_is_exported_is_read_again(data, tmp_path):
    station = tmp_path / "station"
    recorder = Recorder(station, RecordsOptions(station="line 3", pass_share=0.0))
    recorder.take(shown(Verdict.FAIL, 1, 88.0))
    recorder.take(shown(Verdict.PASS, 2, 12.0))
    wait_for(lambda: recorder.state().recorded == 2)
    recorder.close()
    with closing(open_source(str(station), data)) as source:
        before = all_of(source)
        failed = next(one.id for one in before if one.verdict is Verdict.FAIL)
        set_label(source.records, [failed], Label.GOOD, who="Eva", note="dust")
        export_zip(source.records, RecordFilter(), tmp_path / "out.zip", who="Eva")
        before = {one.number: one for one in all_of(source)}
        drawn = heatmap_path(source.records, before[1]).read_bytes()
    with closing(open_source(str(tmp_path / "out.zip"), data)) as source:
        judge = Judge()
        judge.run(source, data)
        assert judge.opened == 0
        after = {one.number: one for one in all_of(source)}
        assert set(after) == {1, 2}
        for number, one in after.items():
            for name in ("verdict", "reason", "score", "regions", "label", "note", "decided_at"):
                assert getattr(one, name) == getattr(before[number], name), name
            for name in ("product", "model", "runtime", "limits", "camera", "features", "station"):
                assert getattr(one.setup, name) == getattr(before[number].setup, name), name
        assert after[1].image_sha256 == before[1].image_sha256
        assert heatmap_path(source.records, after[1]).read_bytes() == drawn
