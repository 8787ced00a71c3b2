"""Which runtime runs a package on this machine, and whether it may."""

from __future__ import annotations

import logging
import platform
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from uniad_desktop.engine.agreement import Agreement, Expected, compare, expect
from uniad_desktop.engine.exports import ExportKey, find_export, make_export
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.runtimes.base import (
    Runtime,
    RuntimeFailedError,
    RuntimeUnavailableError,
)
from uniad_desktop.engine.runtimes.eager import EagerRuntime
from uniad_desktop.engine.runtimes.names import AUTO, RUNTIMES, TORCH
from uniad_desktop.engine.sample import sample_of

if TYPE_CHECKING:
    from uniad_desktop.uniad.model import UniAD

_log = logging.getLogger(__name__)

_OURS = (AUTO, "openvino")
"""What leaves the choice, or that of the precision, to us."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A runtime that may be used.

    Attributes:
        runtime: ready to run.
        agreement: how it compared with the reference; None for the reference itself.
        remarks: sentences for the user on what did not agree or failed and is not used.
        as_asked: whether it is what the user asked for; where the choice was left to us, that is
            anything but the reference for want of a runtime that agrees.
    """

    runtime: Runtime
    agreement: Agreement | None
    remarks: tuple[str, ...] = ()
    as_asked: bool = True


@dataclass(slots=True)
class RuntimeRequest:
    """What a runtime is made from.

    Attributes:
        package: the model.
        load: builds its network on the CPU, unfolded; may raise PackageError.
        device: torch device of the reference.
        threads: of the processor; None leaves it to the runtime.
    """

    package: ModelPackage
    load: Callable[[], UniAD]
    device: torch.device
    threads: int | None
    _model: UniAD | None = field(default=None, repr=False)
    _expected: Expected | None = field(default=None, repr=False)

    def model(self) -> UniAD:
        """The network, built once, on the CPU."""
        if self._model is None:
            self._model = self.load()
        return self._model

    def expected(self) -> Expected:
        """What the reference gives for the package's sample, computed once, on the CPU."""
        if self._expected is None:
            reference = EagerRuntime(self.model(), torch.device("cpu"))
            self._expected = expect(reference, sample_of(self.package))
        return self._expected


def choose_runtime(request: RuntimeRequest, name: str = AUTO) -> Chosen:
    """The runtime that was named, or the best that this machine has.

    One that does not give the reference's answer on the package's own pictures is not used: the
    next best is, and the remarks say so.

    Raises:
        RuntimeUnavailableError: a runtime was named that is unknown or not installed, or whose
            device is missing.
        RuntimeFailedError: the reference failed.
        PackageError: the package cannot be used.
    """
    if name not in (AUTO, *RUNTIMES):
        raise RuntimeUnavailableError(
            f"There is no runtime '{name}'; choose one of {', '.join((AUTO, *RUNTIMES))}."
        )
    remarks: list[str] = []
    for candidate in _candidates(name, request.device):
        if candidate == TORCH:
            break
        try:
            runtime, agreement = _open(request, candidate)
        except RuntimeUnavailableError as error:
            if candidate == name:
                raise
            _log.info("The runtime %s is passed over: %s", candidate, error)
            continue
        except RuntimeFailedError as error:
            remarks.append(f"The runtime {candidate} failed its check and is not used: {error}")
            _log.warning("%s", remarks[-1])
            continue
        if runtime is not None:
            return Chosen(runtime, agreement, tuple(remarks), not remarks or name in _OURS)
        remarks.append(f"{agreement.sentence()}. It is not used.")
        # What the user did not ask for by name, and something else stands in for, is no alarm.
        _log.log(logging.INFO if name in _OURS else logging.WARNING, "%s", remarks[-1])
    if name == "openvino" and not remarks:
        _open(request, "openvino-f32")  # says why it cannot be had
    reference = EagerRuntime(request.model(), request.device)
    return Chosen(reference, None, tuple(remarks), not remarks)


def cuda_problem() -> str:
    """Why there is no GPU to run on, as a sentence; empty where there is one."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if torch.cuda.is_available():
            return ""
    for warning in caught:  # a driver that is too old is told in a warning
        text = str(warning.message).splitlines()[0]
        if "driver" in text.lower():
            return f"The GPU cannot be used: {text} Update the NVIDIA driver, or use the processor."
    if torch.version.cuda is None:
        return "This torch was built without CUDA; install one with it, or use the processor."
    return "There is no NVIDIA GPU that torch can use; check it with nvidia-smi."


def _candidates(name: str, device: torch.device) -> Iterator[str]:
    """Names to try in order."""
    if name == AUTO:
        if device.type == "cuda":
            yield "cuda"
        else:
            yield from ("openvino-bf16", "openvino-f32", "onnx")
    elif name == "openvino":
        yield from ("openvino-bf16", "openvino-f32")
    else:
        yield name
        if name in ("openvino-bf16", "openvino-int8"):
            yield "openvino-f32"  # the next best, where that one does not agree
    yield TORCH


def _open(request: RuntimeRequest, name: str) -> tuple[Runtime | None, Agreement]:
    """A checked runtime, None where it does not agree."""
    if name == "cuda":
        return _open_cuda(request)
    if name == "onnx":
        return _open_exported(request, *_onnx(request))
    return _open_exported(request, *_openvino(request, name.removeprefix("openvino-")))


def _open_exported(
    request: RuntimeRequest,
    key: ExportKey,
    write: Callable[[Path], None],
    load: Callable[[Path], Runtime],
) -> tuple[Runtime | None, Agreement]:
    package = request.package
    found = find_export(package, key)
    if found is None:
        _log.info("Preparing %s for %s, once on this machine", package.identity.name, key.runtime)
        kept: list[Runtime] = []

        def check(folder: Path) -> Agreement:
            kept.append(load(folder))
            return _compare(request, kept[0])

        found = make_export(package, key, write, check)
        if found is None:
            raise RuntimeUnavailableError(
                f"The prepared model for {key.runtime} can be kept nowhere; free space or allow "
                f"writing beside {package.folder}, or use --runtime torch."
            )
        for runtime in kept:
            runtime.close()
        _log.info("%s", found[1].agreement.sentence())
    folder, export = found
    return (load(folder) if export.agreement.passed else None), export.agreement


def _compare(request: RuntimeRequest, runtime: Runtime) -> Agreement:
    return compare(runtime, request.expected(), request.package.manifest.products)


def _openvino(
    request: RuntimeRequest, precision: str
) -> tuple[ExportKey, Callable[[Path], None], Callable[[Path], Runtime]]:
    from uniad_desktop.engine.runtimes import openvino_runtime as openvino

    package = request.package
    version = openvino.openvino_version()
    if precision == "bf16" and not openvino.cpu_has_bf16():
        raise RuntimeUnavailableError(
            f"The processor {openvino.processor_name()} does not compute in bf16; use "
            "--runtime openvino."
        )
    if precision == "int8":
        from uniad_desktop.engine.runtimes.quantised import nncf_version

        version = f"{version} nncf {nncf_version()}"

    def write(folder: Path) -> None:
        converted: Any = openvino.convert(request.model())
        if precision == "int8":
            from uniad_desktop.engine.runtimes.quantised import quantise

            converted = quantise(converted, sample_of(package).normal)
        openvino.save(converted, folder)

    key = ExportKey(
        package=package.identity.sha256,
        runtime=f"openvino-{precision}",
        version=version,
        device=openvino.processor_name(),
    )
    config = package.manifest.architecture
    return (
        key,
        write,
        lambda folder: openvino.OpenVinoRuntime(config, folder, precision, request.threads),
    )


def _onnx(
    request: RuntimeRequest,
) -> tuple[ExportKey, Callable[[Path], None], Callable[[Path], Runtime]]:
    from uniad_desktop.engine.runtimes import onnx_runtime as onnx

    package = request.package
    key = ExportKey(
        package=package.identity.sha256,
        runtime="onnx",
        version=onnx.onnxruntime_version(),
        device=platform.processor() or platform.machine(),
    )
    config = package.manifest.architecture
    return (
        key,
        lambda folder: onnx.export(request.model(), folder),
        lambda folder: onnx.OnnxRuntime(config, folder, request.threads),
    )


def _open_cuda(request: RuntimeRequest) -> tuple[Runtime | None, Agreement]:
    problem = cuda_problem()
    if problem:
        raise RuntimeUnavailableError(problem)
    from uniad_desktop.engine.runtimes.cuda_graphs import PRECISIONS, CudaRuntime

    runtime = CudaRuntime(request.model())
    agreement = _agreed(request, runtime)
    for precision in PRECISIONS:
        if agreement.passed:
            break
        if not runtime.label.endswith(precision):
            runtime = CudaRuntime(request.model(), precision=precision)
            agreement = _agreed(request, runtime)
    return (runtime if agreement.passed else None), agreement


def _agreed(request: RuntimeRequest, runtime: Runtime) -> Agreement:
    """How a runtime compares; one that is not to be used gives back what it holds."""
    try:
        agreement = _compare(request, runtime)
    except BaseException:
        runtime.close()
        raise
    _log.info("%s", agreement.sentence())
    if not agreement.passed:
        runtime.close()
    return agreement
