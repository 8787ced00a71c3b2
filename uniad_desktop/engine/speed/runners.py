"""The runtimes that are measured, each behind a detector as on the line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.engine.detector import Detector, DetectorError, load_model
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.runtimes.base import Runtime, RuntimeUnavailableError
from uniad_desktop.engine.runtimes.names import TORCH


class NotUsedError(Exception):
    """A runtime is not used on this machine; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A runtime ready to be timed.

    Attributes:
        name: as the user gives it to ``--runtime``.
        detector: runs it.
        agreement: how it compared with the reference, a sentence; None for the reference itself.
        used: whether a station would use it.
        memory_mb: by how much resident memory grew when it was loaded and ran for the first time.
    """

    name: str
    detector: Detector
    agreement: str | None
    used: bool = True
    memory_mb: float = 0.0

    @property
    def runtime(self) -> Runtime:
        """What is behind the detector."""
        return self.detector._runtime


def open_runner(
    name: str,
    package: ModelPackage,
    *,
    device: str,
    threads: int,
    workplace: Path | None,
) -> Runner:
    """Opens a runtime; one that another would stand in for is not taken.

    Args:
        name: of the runtime.
        package: the model.
        device: torch device of the reference.
        threads: of the processor.
        workplace: where a runtime that does not agree is exported to, for a model with untrained
            weights, whose normal scores have no spread to measure agreement in. None: it is not
            used, as on the line.

    Raises:
        NotUsedError: it is missing here, or does not give the reference's answer.
        DetectorError: the reference failed.
        PackageError: the package cannot be used.
    """
    if name == TORCH:
        return Runner(name, Detector(package, device, threads), None)
    try:
        detector = Detector(package, "cpu", threads, runtime=name)
    except DetectorError as error:
        raise NotUsedError(str(error)) from error
    agreement = detector.agreement
    fell_back = not detector.as_asked
    refused = " ".join(detector.remarks)
    if workplace is not None and refused and name.startswith(("openvino", "onnx")):
        detector.close()
        return Runner(name, _open_unproven(name, package, threads, workplace), refused, used=False)
    if fell_back or agreement is None:
        detector.close()
        raise NotUsedError(refused or f"The reference runs in place of {name}.")
    return Runner(name, detector, agreement.sentence())


class _UnprovenDetector(Detector):
    """Runs what did not give the reference's answer: its time counts, its verdicts do not."""

    def __init__(self, package: ModelPackage, threads: int, runtime: Runtime) -> None:
        super().__init__(package, "cpu", threads)
        self._runtime = runtime


def _open_unproven(name: str, package: ModelPackage, threads: int, workplace: Path) -> Detector:
    config = package.manifest.architecture
    folder = workplace / name
    folder.mkdir(exist_ok=True)
    runtime: Runtime
    try:
        if name == "onnx":
            from uniad_desktop.engine.runtimes import onnx_runtime as onnx

            onnx.export(load_model(package), folder)
            runtime = onnx.OnnxRuntime(config, folder, threads)
        else:
            from uniad_desktop.engine.runtimes import openvino_runtime as openvino

            precision = name.removeprefix("openvino").removeprefix("-")
            if not precision:  # what it would be with weights that make sense
                precision = "bf16" if openvino.cpu_has_bf16() else "f32"
            converted = openvino.convert(load_model(package))
            if precision == "int8":
                from uniad_desktop.engine.runtimes.quantised import quantise
                from uniad_desktop.engine.sample import sample_of

                converted = quantise(converted, sample_of(package).normal)
            openvino.save(converted, folder)
            runtime = openvino.OpenVinoRuntime(config, folder, precision, threads)
    except RuntimeUnavailableError as error:
        raise NotUsedError(str(error)) from error
    return _UnprovenDetector(package, threads, runtime)
