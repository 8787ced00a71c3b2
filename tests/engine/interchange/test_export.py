"""What is given away does the whole job: frames of any size in, maps and scores out."""

import json
import sys

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest

from tests.helpers import make_tiny_package, tiny_config
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.interchange import export
from uniad_desktop.engine.interchange.export import ExportError, export_package
from uniad_desktop.engine.interchange.onnx_file import OnnxFile
from uniad_desktop.engine.interchange.openvino_file import OpenVinoFile
from uniad_desktop.engine.package import open_package, write_package
from uniad_desktop.engine.preprocess import View
from uniad_desktop.engine.runtimes.base import Output, RuntimeUnavailableError
from uniad_desktop.uniad.config import ScoreKind
from uniad_desktop.uniad.model import UniAD


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return open_package(make_tiny_package(tmp_path_factory.mktemp("models")))


def frames():
    rng = np.random.default_rng(0)
    for height, width in ((64, 80), (200, 310), (97, 133), (40, 50)):
        coarse = rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)
        yield np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


@pytest.mark.parametrize(("name", "opened"), [("m.onnx", OnnxFile), ("m.xml", OpenVinoFile)])
def test_frames_of_any_size_give_what_the_detector_gives(package, tmp_path, name, opened):
    files, agreement = export_package(package, tmp_path / "out" / name)
    assert agreement.passed and all(file.is_file() for file in files)
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [f.name for f in files]
    file = opened(tmp_path / "out" / name)
    detector = Detector(package, "cpu")
    for frame in frames():
        expected, actual = detector.predict(frame), file.run([View(frame)])
        np.testing.assert_allclose(actual.maps[0], expected.anomaly_map, rtol=0.02, atol=0.02)
        assert float(actual.scores[0]) == pytest.approx(expected.image_score, rel=0.02)


def test_the_onnx_file_says_what_it_is_and_takes_batches(package, tmp_path):
    export_package(package, tmp_path / "m.onnx")
    told = {one.key: one.value for one in onnx.load(tmp_path / "m.onnx").metadata_props}
    assert told["sha256"] == package.identity.sha256
    products = json.loads(told["products"])
    assert products["flange"]["reject"] == package.manifest.products["flange"].reject
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == ["frames"]
    batch = np.random.default_rng(1).integers(0, 256, (3, 90, 120, 3)).astype(np.uint8)
    maps, scores = session.run(None, {"frames": batch})
    assert maps.shape == (3, 64, 80) and scores.shape == (3,)


@pytest.mark.parametrize("kind", [ScoreKind.MEAN, ScoreKind.DEVIATION])
@pytest.mark.parametrize("name", ["m.onnx", "m.xml"])
def test_the_other_scores_are_exported_too(package, tmp_path, kind, name):
    config = tiny_config(score=kind)
    other = write_package(
        tmp_path / "models",
        name="other",
        version="0.0.1",
        architecture=config,
        weights=UniAD(config).state_dict(),
        products={},
        backbone_source="test",
        backbone_licence="test",
    )
    assert export_package(other, tmp_path / name)[1].passed


class _Wrong(OnnxFile):
    def run(self, views):
        output = super().run(views)
        return Output(output.maps * 2, output.scores * 2, 0.0, 0.0)


def test_a_file_that_strays_is_not_put_in_its_place(package, tmp_path, monkeypatch):
    (tmp_path / "m.onnx").write_bytes(b"former")
    monkeypatch.setattr(export.onnx_file, "OnnxFile", _Wrong)
    with pytest.raises(ExportError, match=r"Nothing was written: .* does NOT agree"):
        export_package(package, tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_bytes() == b"former"
    assert [one.name for one in tmp_path.iterdir()] == ["m.onnx"]


def test_another_suffix_is_refused(package, tmp_path):
    with pytest.raises(ExportError, match=r"must end in \.onnx or \.xml"):
        export_package(package, tmp_path / "m.pb")


def test_without_onnx_the_user_learns_what_to_install(package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(RuntimeUnavailableError, match=r"uniad-desktop\[onnx\]"):
        export_package(package, tmp_path / "m.onnx")
