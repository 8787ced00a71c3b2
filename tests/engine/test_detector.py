import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package, tiny_config
from uniad_desktop.engine import shipped
from uniad_desktop.engine.detector import Detector, DetectorError, choose_device, load_model
from uniad_desktop.engine.folding import FoldingError, fold_batch_norms
from uniad_desktop.engine.package import PackageError, open_package, write_package
from uniad_desktop.engine.preprocess import preprocess
from uniad_desktop.uniad.config import BackboneConfig
from uniad_desktop.uniad.features import build_backbone
from uniad_desktop.uniad.model import UniAD


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return open_package(make_tiny_package(tmp_path_factory.mktemp("models")))


@pytest.fixture
def detector(package):
    return Detector(package, device="cpu")


def frames():
    rng = np.random.default_rng(0)
    return [
        rng.integers(0, 256, (72, 96, 3)).astype(np.uint8),
        rng.integers(0, 256, (50, 40)).astype(np.uint8),
    ]


def test_predictions_equal_the_plain_network(package, detector):
    model = load_model(package)
    predictions = detector.predict_batch(frames())
    assert len(predictions) == 2
    for frame, prediction in zip(frames(), predictions, strict=True):
        with torch.inference_mode():
            maps, scores = model(preprocess(frame, 64, 80)[None])
        np.testing.assert_allclose(prediction.anomaly_map, maps[0], rtol=1e-4, atol=1e-4)
        assert prediction.image_score == pytest.approx(float(scores[0]), rel=1e-4)
        assert prediction.anomaly_map.dtype == np.float32
        assert prediction.anomaly_map.shape == detector.input_size == (64, 80)


def test_a_batch_gives_what_single_frames_give(detector):
    together = detector.predict_batch(frames())
    for frame, expected in zip(frames(), together, strict=True):
        alone = detector.predict(frame)
        np.testing.assert_allclose(alone.anomaly_map, expected.anomaly_map, rtol=1e-4, atol=1e-4)


def test_predictions_say_what_made_them(package, detector):
    detector.warm_up()
    prediction = detector.predict_batch(frames())[0]
    assert prediction.model == package.identity == detector.model
    assert prediction.runtime == detector.runtime == "torch cpu f32"
    timings = prediction.timings_ms
    assert set(timings) == {"preprocess", "network", "score", "total"}
    assert sum(timings[k] for k in ("preprocess", "network", "score")) <= timings["total"] + 1e-6
    assert set(detector.products) == {"flange", "label", "fabric", "board"}
    assert detector.predict_batch([]) == []


def test_a_frame_of_another_shape_is_an_error(detector):
    with pytest.raises(DetectorError, match="grey"):
        detector.predict(np.zeros((32, 32, 4), np.uint8))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("place", ["network", "backbone"])
def test_values_that_are_not_finite_are_an_error_never_a_pass(package, value, place):
    detector = Detector(package, device="cpu")
    model = detector._runtime._model
    with torch.no_grad():
        if place == "network":
            model.network.output_proj.bias[3] = value
        else:
            next(iter(model.pyramid.backbone.parameters())).fill_(value)
    with pytest.raises(DetectorError, match="not numbers"):
        detector.predict_batch(frames())


def test_a_runtime_that_fails_is_an_error_with_a_way_out(detector):
    detector._runtime._model.network.input_proj = torch.nn.Linear(5, 16)
    with pytest.raises(DetectorError, match="choose the device 'cpu'"):
        detector.predict_batch(frames())


def test_weights_of_another_network_are_refused(package, tmp_path):
    other = write_package(
        tmp_path,
        name="odd",
        version="0.0.1",
        architecture=tiny_config(hidden=32),
        weights=package.weights(),
        products=package.manifest.products,
        backbone_source="test",
        backbone_licence="test",
    )
    with pytest.raises(PackageError, match="do not fit the network"):
        Detector(other)


@pytest.mark.parametrize("device", ["nonsense", "cuda:99"])
def test_devices_that_are_not_there_are_named(device):
    with pytest.raises(DetectorError, match=f"'{device}' cannot be used"):
        choose_device(device)


def test_threads_are_set_only_when_asked(package, monkeypatch):
    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    Detector(package, device="cpu")
    assert asked == []
    Detector(package, device="cpu", threads=2)
    assert asked == [2]


@pytest.mark.parametrize(
    ("name", "channels"),
    [("mobilenetv2_050", (8, 16)), ("resnet10t", (64, 64)), ("efficientnet_lite0", (16, 24))],
)
def test_folding_keeps_the_features_and_leaves_no_norm(name, channels):
    torch.manual_seed(0)
    backbone = build_backbone(BackboneConfig(name=name, stages=(0, 1), channels=channels))
    for module in backbone.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0.0, 0.3)
            module.running_var.uniform_(0.5, 2.0)
    folded = fold_batch_norms(backbone, torch.randn(1, 3, 64, 64))
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.modules())
    assert any(isinstance(module, torch.nn.BatchNorm2d) for module in backbone.modules())
    fresh = torch.randn(2, 3, 64, 64)
    for expected, actual in zip(backbone(fresh), folded(fresh), strict=True):
        torch.testing.assert_close(actual, expected, rtol=1e-3, atol=1e-3)


def test_folding_that_would_change_the_features_is_refused():
    class ReadTwice(torch.nn.Module):
        """The convolution's output is used beside the norm too, so folding would be wrong."""

        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 4, 3)
            self.norm = torch.nn.BatchNorm2d(4)
            self.norm.running_var.fill_(9.0)

        def forward(self, x):
            x = self.conv(x)
            return [self.norm(x) + x]

    with pytest.raises(FoldingError, match="differs"):
        fold_batch_norms(ReadTwice().eval(), torch.randn(1, 3, 16, 16))


def test_shipped_models_are_found_in_a_wheel_and_in_the_sources(tmp_path, monkeypatch):
    package = tmp_path / "uniad_desktop"
    (package / "engine").mkdir(parents=True)
    monkeypatch.setattr(shipped, "__file__", str(package / "engine" / "shipped.py"))
    assert shipped.shipped_models() is None
    (tmp_path / "models").mkdir()
    assert shipped.shipped_models() == tmp_path / "models"
    (package / "models").mkdir()
    assert shipped.shipped_models() == package / "models"


def test_random_start_is_not_taken_for_a_trained_model(package):
    """Loading must overwrite everything that a fresh network starts with."""
    torch.manual_seed(123)
    fresh = UniAD(package.manifest.architecture).state_dict()
    loaded = load_model(package).state_dict()
    assert set(fresh) == set(loaded)
    assert not torch.equal(fresh["network.input_proj.weight"], loaded["network.input_proj.weight"])
