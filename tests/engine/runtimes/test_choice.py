"""Exported runtimes on the tiny package: the same answer, kept once, never used unproven."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package
from uniad_desktop.engine import exports
from uniad_desktop.engine.detector import Detector, DetectorError
from uniad_desktop.engine.package import open_package
from uniad_desktop.engine.runtimes import choice, openvino_runtime, private
from uniad_desktop.engine.runtimes.base import HostRuntime, RuntimeUnavailableError
from uniad_desktop.engine.runtimes.names import RUNTIME_NAMES, RUNTIMES


@pytest.fixture
def package(tmp_path):
    return open_package(make_tiny_package(tmp_path / "models"))


def frame(seed=0, shape=(72, 96, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def kept(package):
    folder = package.folder.parent / ".runtimes" / package.folder.name
    return sorted(folder.iterdir()) if folder.is_dir() else []


@pytest.mark.parametrize("name", ["openvino-f32", "onnx"])
def test_an_exported_runtime_gives_the_reference_s_answer(package, name):
    reference = Detector(package, "cpu")
    exported = Detector.open(package, runtime=name, device="cpu", threads=1)
    assert reference.agreement is None and exported.agreement.passed
    assert exported.runtime == f"{name.removesuffix('-f32')} cpu f32" and exported.remarks == ()
    frames = [frame(), frame(1, (50, 40)), frame(2, (200, 300))]
    expected, actual = reference.predict_batch(frames), exported.predict_batch(frames)
    for one, other in zip(expected, actual, strict=True):
        np.testing.assert_allclose(other.anomaly_map, one.anomaly_map, rtol=1e-3, atol=1e-3)
        assert other.image_score == pytest.approx(one.image_score, rel=1e-3)
        assert other.runtime == exported.runtime
    exported.close()


def test_an_export_is_made_once_and_made_anew_when_it_was_touched(package, monkeypatch):
    made = []
    convert = openvino_runtime.convert
    monkeypatch.setattr(openvino_runtime, "convert", lambda model: made.append(1) or convert(model))
    for _ in range(2):
        Detector.open(package, runtime="openvino-f32", device="cpu").close()
    assert len(made) == 1
    (folder,) = kept(package)
    note = json.loads((folder / exports.NOTE).read_text())
    assert note["key"]["package"] == package.identity.sha256
    assert note["agreement"]["score_difference"] < 0.25
    weights = folder / "model.bin"
    data = bytearray(weights.read_bytes())
    data[100] ^= 1
    weights.write_bytes(data)
    Detector.open(package, runtime="openvino-f32", device="cpu").close()
    assert len(made) == 2
    (folder / exports.NOTE).write_text("{")
    Detector.open(package, runtime="openvino-f32", device="cpu").close()
    assert len(made) == 3


def test_another_model_under_the_same_name_gets_another_export(tmp_path):
    first = open_package(make_tiny_package(tmp_path / "models"))
    Detector.open(first, runtime="openvino-f32", device="cpu").close()
    shutil.copytree(first.folder, tmp_path / "copy" / "tiny" / "0.0.1")
    manifest = first.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace("Tiny model", "Other model"))
    second = open_package(first.folder)
    Detector.open(second, runtime="openvino-f32", device="cpu").close()
    assert len(kept(second)) == 2


class _Wrong(HostRuntime):
    """Gives twice the distance."""

    def __init__(self, inner, factor):
        super().__init__(inner._config, "wrong cpu f32")
        self._inner, self._factor = inner, factor

    def coarse(self, pictures):
        return (self._inner.coarse(pictures) * self._factor).astype(np.float32)


@pytest.mark.parametrize("factor", [1.5, np.nan, 0.0])
def test_a_runtime_that_strays_is_not_used_and_the_user_is_told(
    package, factor, monkeypatch, caplog
):
    real = openvino_runtime.OpenVinoRuntime
    monkeypatch.setattr(
        openvino_runtime, "OpenVinoRuntime", lambda *given: _Wrong(real(*given), factor)
    )
    for _ in range(2):  # the second time the result that was kept says so
        detector = Detector.open(package, runtime="openvino-f32", device="cpu")
        assert detector.runtime == "torch cpu f32"
        assert "does NOT agree" in detector.remarks[0] and "It is not used" in detector.remarks[0]
        assert "does NOT agree" in caplog.text
        assert np.isfinite(detector.predict(frame()).image_score)


def test_where_bf16_strays_f32_stands_in_and_that_is_not_what_was_asked(package, monkeypatch):
    real = openvino_runtime.OpenVinoRuntime

    def made(config, folder, precision, threads):
        built = real(config, folder, "f32", threads)
        return _Wrong(built, 1.5) if precision == "bf16" else built

    monkeypatch.setattr(openvino_runtime, "cpu_has_bf16", lambda: True)
    monkeypatch.setattr(openvino_runtime, "OpenVinoRuntime", made)
    named = Detector.open(package, runtime="openvino-bf16", device="cpu")
    assert named.runtime == "openvino cpu f32" and not named.as_asked
    assert "does NOT agree" in named.remarks[0]
    for ours in ("openvino", "auto"):
        detector = Detector.open(package, runtime=ours, device="cpu")
        assert detector.runtime == "openvino cpu f32" and detector.as_asked
        assert detector.agreement.passed and "does NOT agree" in detector.remarks[0]


def test_what_fails_its_check_is_not_used(package, monkeypatch):
    def fail(self, pictures):
        raise choice.RuntimeFailedError("The device fell off.")

    monkeypatch.setattr(openvino_runtime.OpenVinoRuntime, "coarse", fail)
    detector = Detector.open(package, runtime="openvino-f32", device="cpu")
    assert detector.runtime == "torch cpu f32"
    assert "The device fell off." in detector.remarks[0]
    assert kept(package) == []


def test_auto_takes_the_next_best_where_something_is_missing(package, monkeypatch):
    def missing(name):
        if name.startswith("openvino"):
            raise ImportError("No module named 'openvino'")
        return private.importlib.import_module(name)

    monkeypatch.setattr(openvino_runtime, "import_privately", missing)
    assert Detector.open(package, device="cpu").runtime in ("onnx cpu f32", "torch cpu f32")
    with pytest.raises(DetectorError, match="pip install openvino"):
        Detector.open(package, runtime="openvino", device="cpu")
    with pytest.raises(DetectorError, match="pip install openvino"):
        Detector.open(package, runtime="openvino-f32", device="cpu")


def test_bf16_is_refused_where_the_processor_has_none(package, monkeypatch):
    monkeypatch.setattr(openvino_runtime, "cpu_has_bf16", lambda: False)
    with pytest.raises(DetectorError, match="does not compute in bf16"):
        Detector.open(package, runtime="openvino-bf16", device="cpu")
    assert Detector.open(package, runtime="openvino", device="cpu").runtime == "openvino cpu f32"


def test_int8_has_to_prove_itself_too(package):
    with pytest.raises(DetectorError, match="INT8 needs 4 pictures"):
        Detector.open(package, runtime="openvino-int8", device="cpu")


def test_a_runtime_that_does_not_exist_is_named(package):
    with pytest.raises(DetectorError, match="no runtime 'tensorrt'"):
        Detector.open(package, runtime="tensorrt")
    assert set(RUNTIME_NAMES) == {"auto", *RUNTIMES}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_cuda_says_why(package):
    with pytest.raises(DetectorError, match=r"GPU|CUDA"):
        Detector.open(package, runtime="cuda", device="cpu")


def test_a_driver_that_is_too_old_is_said_so(monkeypatch):
    def unavailable():
        choice.warnings.warn("CUDA initialization: The NVIDIA driver on your system is too old")
        return False

    monkeypatch.setattr(torch.cuda, "is_available", unavailable)
    assert "driver on your system is too old" in choice.cuda_problem()
    assert "Update the NVIDIA driver" in choice.cuda_problem()


def test_where_nothing_can_be_kept_the_user_is_told(package, monkeypatch):
    def full(target, contents):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exports, "write_folder", full)
    with pytest.raises(DetectorError, match="can be kept nowhere; free space"):
        Detector.open(package, runtime="openvino-f32", device="cpu")
    assert Detector.open(package, device="cpu").runtime == "torch cpu f32"


def test_the_shipped_package_is_never_written_beside(package, monkeypatch, tmp_path):
    monkeypatch.setattr(exports, "shipped_models", lambda: package.folder.parents[1])
    Detector.open(package, runtime="openvino-f32", device="cpu").close()
    assert kept(package) == []
    assert list((tmp_path / "uniad-data" / "runtimes").glob("*/*/model.xml"))


def test_openvino_reports_to_nobody():
    private.import_privately("openvino")
    assert private.sys.modules["openvino_telemetry"] is None


def test_openvino_s_message_is_shortened_to_what_it_says():
    message = "Exception from src/core.cpp:84:\nCheck 'x' failed at y:\nThe file is damaged\n"
    assert openvino_runtime._first_line(RuntimeError(message)) == "The file is damaged"


def test_a_damaged_file_is_not_compiled(package, tmp_path):
    (tmp_path / "model.xml").write_text("<net/>")
    config = package.manifest.architecture
    with pytest.raises(RuntimeUnavailableError, match="cannot run this model here"):
        openvino_runtime.OpenVinoRuntime(config, tmp_path, "f32", 1)


def test_a_signal_after_openvino_was_closed_does_not_end_the_process(package, tmp_path):
    code = (
        "import gc, signal, sys\n"
        "from uniad_desktop.engine import Detector\n"
        "detector = Detector.open(sys.argv[1], runtime='openvino-f32', device='cpu')\n"
        "detector.warm_up()\n"
        "detector.close()\n"
        "del detector\n"
        "gc.collect()\n"
        "seen = []\n"
        "signal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "signal.raise_signal(signal.SIGINT)\n"
        "print('seen', seen)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(package.folder)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "seen [1]\n"), done.stderr
