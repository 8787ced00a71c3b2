"""ONNX Runtime on the processor: where OpenVINO does not run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.graph import InspectionGraph
from uniad_desktop.engine.runtimes.base import (
    HostRuntime,
    RuntimeFailedError,
    RuntimeUnavailableError,
)
from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.model import UniAD

MODEL_FILE = "model.onnx"
OPSET = 18
INPUT, OUTPUT = "pictures", "coarse"


def onnxruntime_version() -> str:
    """The version of ONNX Runtime.

    Raises:
        RuntimeUnavailableError: it is not installed or does not load.
    """
    return str(_onnxruntime().__version__)


def export(model: UniAD, folder: Path) -> None:
    """Writes the model as ONNX, batch size left open, into a folder.

    Raises:
        RuntimeUnavailableError: the ``onnx`` package is missing, or ONNX cannot express the model.
    """
    config = model.config
    example = torch.zeros((1, 3, config.input_height, config.input_width), dtype=torch.uint8)
    write_onnx(InspectionGraph(model).eval(), example, folder / MODEL_FILE, (OUTPUT,))


def write_onnx(
    graph: torch.nn.Module, example: torch.Tensor, path: Path, outputs: tuple[str, ...]
) -> None:
    """Traces a graph and writes it as ONNX with an open batch size.

    Raises:
        RuntimeUnavailableError: the ``onnx`` package is missing, or ONNX cannot express the graph.
    """
    try:
        import onnx  # noqa: F401 - torch's exporter needs it
    except ImportError as error:
        raise RuntimeUnavailableError(
            f"ONNX cannot be written ({error}). Install what is missing with: "
            "pip install 'uniad-desktop[onnx]'"
        ) from error
    names = (INPUT, *outputs)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tracing warns of what is constant here
            torch.onnx.export(
                graph,
                (example,),
                str(path),
                input_names=[INPUT],
                output_names=list(outputs),
                opset_version=OPSET,
                # The other exporter takes six times as long and wants another package.
                dynamo=False,
                dynamic_axes={name: {0: "batch"} for name in names},
            )
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        raise RuntimeUnavailableError(
            f"ONNX cannot express this model ({str(error).splitlines()[0][:160]}); use --runtime "
            "torch or openvino."
        ) from error


class OnnxRuntime(HostRuntime):
    """Runs an exported model on the processor.

    Args:
        config: the architecture.
        folder: holds `MODEL_FILE`.
        threads: of the processor; None leaves it to ONNX Runtime.

    Raises:
        RuntimeUnavailableError: the file cannot be loaded on this machine.
    """

    def __init__(self, config: UniADConfig, folder: Path, threads: int | None) -> None:
        super().__init__(config, "onnx cpu f32")
        self._session = open_session(folder / MODEL_FILE, threads)

    def coarse(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Distances per token; see `HostRuntime.coarse`."""
        try:
            (result,) = self._session.run([OUTPUT], {INPUT: pictures})
        except Exception as error:
            raise RuntimeFailedError(
                f"ONNX Runtime failed ({str(error).splitlines()[0]}); start the inspection again, "
                "or use --runtime torch."
            ) from error
        return np.asarray(result, dtype=np.float32)


def open_session(path: Path, threads: int | None) -> Any:  # noqa: ANN401 - no types
    """A session on the processor.

    Args:
        path: the ONNX file.
        threads: of the processor; None leaves it to ONNX Runtime.

    Raises:
        RuntimeUnavailableError: ONNX Runtime is missing or cannot run the file.
    """
    ort = _onnxruntime()
    options = ort.SessionOptions()
    options.log_severity_level = 3
    # Threads that wait must not spin on a processor that camera or screen could use.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise RuntimeUnavailableError(
            f"ONNX Runtime cannot run this model here ({str(error).splitlines()[0]}); "
            "use --runtime torch."
        ) from error


def _onnxruntime() -> Any:  # noqa: ANN401
    try:
        import onnxruntime
    except ImportError as error:
        raise RuntimeUnavailableError(
            f"ONNX Runtime cannot be loaded ({error}). Install it with: "
            "pip install 'uniad-desktop[onnx]'"
        ) from error
    return onnxruntime
