import math

import numpy as np
import pytest

from tests.helpers import make_tiny_package
from tests.training.evaluation.helpers import MODEL, add_part, opened, package_with_decoder
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Layout, RegionOfInterest
from uniad_desktop.engine.package import PackageError, open_package
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.teaching.calibrate import (
    CalibrationSettings,
    calibrate_product,
    prepare,
    set_by_hand,
)
from uniad_desktop.teaching.calibration_package import Origin, write_calibrated
from uniad_desktop.teaching.calibration_report import as_json, table
from uniad_desktop.teaching.limits import LimitSettings
from uniad_desktop.teaching.part_scores import trained_pictures
from uniad_desktop.training.calibration import CalibrationError
from uniad_desktop.training.datasets import DataError, ImageReader, image_hash

GOOD = tuple(range(30, 60))


class Bright:
    """The brightest grey value is the score."""

    def __init__(self, package, score=lambda image: float(image.max())):
        self.products = package.manifest.products
        self.seen = []
        self._score = score

    def predict_batch(self, images, product=None):
        self.seen.append((product, len(images)))
        flat = np.zeros((2, 2), np.float32)
        return [Prediction(flat, self._score(one), MODEL, "fake") for one in images]


@pytest.fixture
def package(tmp_path):
    return open_package(make_tiny_package(tmp_path / "models"))


def parts(tmp_path, good=GOOD, bad=()):
    for number, value in enumerate(good):
        add_part(tmp_path / "data" / "flange", number, "good", value)
    for number, value in enumerate(bad):
        add_part(tmp_path / "data" / "flange", number, "spot", value)
    return opened(tmp_path, tmp_path / "data" / "flange").samples


def calibrate(package, samples, product="flange", *, title="", layout=None, score=None, **changes):
    ready = prepare(package, product, title=title, layout=layout)
    detector = Bright(ready, score) if score else Bright(ready)
    reader = ImageReader(changes.get("strict", False))
    settings = CalibrationSettings(**{"limits": LimitSettings(0.1), **changes})
    return calibrate_product(package, detector, product, samples, reader=reader, settings=settings)


def test_limits_frame_and_provenance_come_from_the_parts(tmp_path, package):
    done = calibrate(package, parts(tmp_path, bad=(25, 200)))
    entry = done.entry
    assert entry.reject == entry.accept == 57.0  # the 28th of 30
    assert entry.map_range == (0.0, 114.0)
    assert entry.calibration.parts == 30 and entry.calibration.note == ""
    assert entry.frame == FrameExpectation(32, 32, False)
    assert entry.titles == package.manifest.products["flange"].titles
    assert (done.outcome.false_rejects, done.outcome.escapes) == (2, 1)
    assert done.outcome_of_kinds()["spot"].bad == 2
    models = tmp_path / "models"
    origin = Origin("Ada", "new lamp", ("here",), "fake")
    new = write_calibrated(package, models, done, ImageReader(), origin)
    assert new.manifest.version == "0.0.2"
    assert new.manifest.products["flange"] == entry
    assert new.manifest.products["label"] == package.manifest.products["label"]
    (change,) = new.manifest.training["changes"]
    assert (change["who"], change["why"], change["method"]) == (
        "Ada",
        "new lamp",
        "split conformal",
    )
    assert change["old"]["reject"] == package.manifest.products["flange"].reject
    assert change["new"]["reject"] == 57.0 and change["parts"] == 30
    assert len(change["parts_sha256"]) == 64
    # The preview was there, the sample was not.
    assert new.preview("flange").read_bytes() == package.preview("flange").read_bytes()
    assert new.sample()["flange"].shape == (8, 3, 64, 80)
    assert open_package(package.folder).identity == package.identity
    assert "does not say which pictures" in " ".join(done.notes)
    values = as_json(done, new)
    assert values["roc"]["auroc"] == 0.5
    assert len(values["parts"]) == 32 and values["package"]["version"] == "0.0.2"
    shown = table(done)
    assert "1 of 2 escape" in shown and max(map(len, shown.splitlines())) <= 100


def test_a_package_without_products_gets_its_first(tmp_path):
    package = package_with_decoder(tmp_path / "models", 16)
    samples = parts(tmp_path)
    with pytest.raises(CalibrationError, match=r"has none yet.*--title"):
        calibrate(package, samples, "cap")
    layout = Layout((RegionOfInterest(rows=2, columns=2),))
    done = calibrate(package, samples, "cap", title="Bottle cap", layout=layout)
    assert done.before is None and done.outcome_before is None
    new = write_calibrated(package, tmp_path / "models", done, ImageReader(), Origin("Ada"))
    entry = new.manifest.products["cap"]
    assert entry.titles == {"en": "Bottle cap"} and entry.layout == layout
    assert new.preview("cap") is not None and len(new.sample()["cap"]) == 8
    assert new.manifest.training["changes"][-1]["old"] is None
    assert new.visualisation_weights()


def test_a_review_band_and_tiles(tmp_path, package):
    layout = Layout((RegionOfInterest(rows=2, columns=2),))
    done = calibrate(
        package, parts(tmp_path), layout=layout, limits=LimitSettings(0.1, 0.5), batch=8
    )
    assert (done.entry.accept, done.entry.reject) == (45.0, 57.0)
    assert "may see less well" in " ".join(done.notes)
    assert done.outcome_before is None
    ready = prepare(package, "flange", layout=layout)
    assert ready.manifest.products["flange"].layout == layout
    assert ready.identity == package.identity


def test_unusual_parts_are_named_and_kept_or_dropped_but_never_in_silence(tmp_path, package):
    samples = parts(tmp_path, good=(*GOOD, 250))
    kept = calibrate(package, samples, limits=LimitSettings(0.01))
    assert kept.entry.reject == 250.0 and len(kept.unusual) == 1
    assert any("030.png (250)" in note and "used all the same" in note for note in kept.notes)
    dropped = calibrate(package, samples, limits=LimitSettings(0.01), drop_outliers=True)
    assert dropped.entry.reject == 59.0 and dropped.left_out == {"unusual": 1}
    assert any("030.png (250)" in note and "left out" in note for note in dropped.notes)
    assert "1 unusual normal part left out" in dropped.entry.calibration.note
    assert [one["score"] for one in as_json(dropped, None)["dropped"]] == [250.0]


def test_equal_files_count_once_and_may_not_be_good_and_bad(tmp_path, package):
    done = calibrate(package, parts(tmp_path, good=(30, 31, 31, 32)))
    assert done.entry.calibration.parts == 3
    assert done.left_out == {"the same as another": 1}
    assert any("the same as another one and is not counted again" in note for note in done.notes)
    with pytest.raises(DataError, match="one as good and one as defective"):
        calibrate(package, parts(tmp_path, bad=(31,)))


def test_all_the_same_picture_is_one_part(tmp_path, package):
    done = calibrate(package, parts(tmp_path, good=(40,) * 6))
    assert done.entry.calibration.parts == 1 and done.entry.reject == 40.0
    assert "1 normal part is too few" in done.entry.calibration.note
    assert any("Only 1 different normal part" in note for note in done.notes)


def test_parts_that_were_trained_on_are_left_out_where_the_package_says_so(tmp_path, package):
    samples = parts(tmp_path)
    hashes = [image_hash(one.path) for one in samples]
    told = write_next(package, tmp_path / "models", note={"trained_sha256": hashes[:10]})
    assert trained_pictures(told.manifest.training) == set(hashes[:10])
    done = calibrate(told, samples)
    assert done.entry.calibration.parts == 20 and done.left_out == {"trained on": 10}
    assert "does not say" not in " ".join(done.notes)
    with pytest.raises(DataError, match="10 good pictures left out"):
        calibrate(told, samples, strict=True)
    all_told = write_next(package, tmp_path / "models", note={"trained_sha256": hashes})
    with pytest.raises(CalibrationError, match="trained on every normal part"):
        calibrate(all_told, samples)
    assert trained_pictures({"data": "rendered", "changes": [{"trained_sha256": 3}]}) == set()


def test_pictures_that_cannot_be_used_are_named(tmp_path, package):
    samples = parts(tmp_path)
    samples[0].path.write_bytes(b"\x89PNG")
    add_part(tmp_path / "data" / "flange", 99, "good", 20, side=4)
    samples = opened(tmp_path, tmp_path / "data" / "flange").samples
    done = calibrate(package, samples)
    assert done.entry.calibration.parts == 29 and done.left_out == {"unreadable": 2}
    assert "000.png" in done.notes[0] and "4 x 4 pixels cannot be inspected" in done.notes[0]
    with pytest.raises(DataError, match=r"000\.png"):
        calibrate(package, samples, strict=True)
    with pytest.raises(DataError, match=r"099\.png"):
        calibrate(package, samples[1:], strict=True)


def test_no_normal_part_is_no_limit(tmp_path, package):
    samples = parts(tmp_path, good=(30,), bad=(200,))
    with pytest.raises(CalibrationError, match="no normal parts"):
        calibrate(package, [one for one in samples if not one.good])
    samples[0].path.write_bytes(b"")
    with pytest.raises(CalibrationError, match="None of the 1 good picture can be used"):
        calibrate(package, samples)


def test_a_score_that_is_no_number_names_the_picture(tmp_path, package):
    with pytest.raises(CalibrationError, match=r"000\.png has a score that is not a number"):
        calibrate(package, parts(tmp_path), score=lambda image: math.nan)
    with pytest.raises(CalibrationError, match="scores 0"):
        calibrate(package, parts(tmp_path), score=lambda image: 0.0)


def test_a_limit_by_hand_is_recorded_as_such(tmp_path, package):
    done = calibrate(package, parts(tmp_path), by_hand=50.0)
    assert done.entry.reject == done.entry.accept == 50.0
    assert "set by hand to 50" in done.entry.calibration.note
    assert "would give 57" in done.entry.calibration.note
    band = calibrate(package, parts(tmp_path), by_hand=50.0, limits=LimitSettings(0.1, 0.6))
    assert (band.entry.accept, band.entry.reject) == (42.0, 50.0)
    alone = set_by_hand(package, "flange", 7.0)
    former = package.manifest.products["flange"]
    assert alone.entry.reject == 7.0 and alone.entry.frame == former.frame
    assert alone.entry.calibration.median == former.calibration.median
    new = write_calibrated(package, tmp_path / "models", alone, ImageReader(), Origin("Ada"))
    assert new.manifest.training["changes"][-1]["method"] == "by hand"
    assert new.sample() == {}
    assert "set by hand" in table(alone) and as_json(alone, new)["after"]["reject"] == 7.0
    with pytest.raises(CalibrationError, match="cannot be a limit"):
        set_by_hand(package, "flange", math.inf)
    with pytest.raises(CalibrationError, match="no product 'lid'"):
        set_by_hand(package, "lid", 7.0)


def test_pictures_that_differ_are_told(tmp_path, package):
    parts(tmp_path)
    add_part(tmp_path / "data" / "flange", 99, "good", 45, side=40)
    done = calibrate(package, opened(tmp_path, tmp_path / "data" / "flange").samples)
    assert done.entry.frame == FrameExpectation(None, None, False)
    assert any("30 of 32 x 32 in grey, 1 of 40 x 40" in note for note in done.notes)


def test_a_full_disk_leaves_no_half_package(tmp_path, package, monkeypatch):
    done = calibrate(package, parts(tmp_path))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("uniad_desktop.engine.package.os.fsync", full)
    with pytest.raises(PackageError, match="No space left on device; free space"):
        write_calibrated(package, tmp_path / "models", done, ImageReader(), Origin("Ada"))
    assert [one.name for one in (tmp_path / "models" / "tiny").iterdir()] == ["0.0.1"]
