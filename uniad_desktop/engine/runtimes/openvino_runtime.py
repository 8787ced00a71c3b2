"""OpenVINO on the processor: the default where there is no GPU."""

from __future__ import annotations

import warnings
from functools import lru_cache
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
from uniad_desktop.engine.runtimes.private import import_privately
from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.model import UniAD

MODEL_FILE = "model.xml"
_PLACES = ("Exception from", "Check '", "Converting input model")  # of no use to a user
_MOST_SHAPES = 8  # batch sizes kept ready; each holds weights packed for it


def openvino_version() -> str:
    """The version of OpenVINO.

    Raises:
        RuntimeUnavailableError: it is not installed or does not load.
    """
    return str(openvino().__version__)


def cpu_has_bf16() -> bool:
    """Whether OpenVINO computes in bfloat16 on this processor (AVX-512 BF16 or AMX)."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def processor_name() -> str:
    """The processor as OpenVINO names it; an export is checked for each kind anew."""
    return str(core().get_property("CPU", "FULL_DEVICE_NAME"))


def convert(model: UniAD) -> Any:  # noqa: ANN401 - openvino has no types
    """The model as OpenVINO's graph, batch size left open.

    Raises:
        RuntimeUnavailableError: OpenVINO is not installed, or cannot express the model.
    """
    config = model.config
    example = torch.zeros((1, 3, config.input_height, config.input_width), dtype=torch.uint8)
    return convert_graph(InspectionGraph(model).eval(), example)


def convert_graph(graph: torch.nn.Module, example: torch.Tensor) -> Any:  # noqa: ANN401
    """A torch module as OpenVINO's graph, batch size left open.

    Args:
        graph: in eval mode, with one input.
        example: (1, …) input of the right shape and type.

    Raises:
        RuntimeUnavailableError: OpenVINO is not installed, or cannot express the graph.
    """
    ov = openvino()
    frontends = import_privately("openvino.frontend")
    decoders = import_privately("openvino.frontend.pytorch.ts_decoder")
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tracing warns of what is constant here
            # Held until the conversion is done: the frontend keeps no reference of its own.
            decoder = decoders.TorchScriptPythonDecoder(graph, example_input=example)
            frontend = frontends.FrontEndManager().load_by_framework("pytorch")
            converted = frontend.convert(frontend.load(decoder))
            converted.reshape({0: ov.PartialShape([-1, *example.shape[1:]])})
    except RuntimeError as error:
        raise RuntimeUnavailableError(
            f"OpenVINO cannot express this model ({_first_line(error)}); use --runtime torch."
        ) from error
    return converted


def save(converted: Any, folder: Path) -> None:  # noqa: ANN401
    """Writes the graph with its weights in full precision into a folder."""
    openvino().save_model(converted, folder / MODEL_FILE, compress_to_fp16=False)


class OpenVinoRuntime(HostRuntime):
    """Runs an exported model on the processor.

    Args:
        config: the architecture.
        folder: holds `MODEL_FILE` and its weights.
        precision: ``f32``, ``bf16`` or ``int8`` (quantised in the file; the rest in f32).
        threads: of the processor; None leaves it to OpenVINO.

    Raises:
        RuntimeUnavailableError: the file cannot be compiled on this machine.
    """

    def __init__(
        self, config: UniADConfig, folder: Path, precision: str, threads: int | None
    ) -> None:
        super().__init__(config, f"openvino cpu {precision}")
        self._core = core()
        self._file = folder / MODEL_FILE
        self._settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": "1",
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
            # Camera and screen share the processors; a pinned thread could not step aside.
            "ENABLE_CPU_PINNING": "NO",
        }
        if threads is not None:
            self._settings["INFERENCE_NUM_THREADS"] = str(threads)
        self._requests: dict[int, Any] = {}
        self._request(1)

    def coarse(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Distances per token; see `HostRuntime.coarse`."""
        request = self._request(len(pictures))
        try:
            results = request.infer({0: pictures}, share_inputs=True)
            return np.array(results[0], dtype=np.float32)
        except RuntimeError as error:
            raise RuntimeFailedError(
                f"OpenVINO failed ({_first_line(error)}); start the inspection again, or use "
                "--runtime torch."
            ) from error

    def close(self) -> None:
        """Frees the compiled models."""
        self._requests.clear()

    def _request(self, batch: int) -> Any:  # noqa: ANN401
        """A model compiled for this very batch size: open sizes cost a third of the speed."""
        found = self._requests.get(batch)
        if found is not None:
            return found
        try:
            model = self._core.read_model(self._file)
            model.reshape({0: [batch, 3, self._config.input_height, self._config.input_width]})
            request = self._core.compile_model(model, "CPU", self._settings).create_infer_request()
        except RuntimeError as error:
            raise RuntimeUnavailableError(
                f"OpenVINO cannot run this model here ({_first_line(error)}); use --runtime torch."
            ) from error
        if len(self._requests) >= _MOST_SHAPES:
            self._requests.pop(next(one for one in self._requests if one != 1))
        self._requests[batch] = request
        return request


@lru_cache(maxsize=1)
def core() -> Any:  # noqa: ANN401
    """OpenVINO's core, one for the whole life of the process.

    On processors with AMX its CPU plug-in gives the thread that loads it a larger stack for
    signals, and frees that stack when the last core is gone without taking it away from the
    thread: the next Ctrl-C would then be the end of the process.

    Raises:
        RuntimeUnavailableError: OpenVINO is not installed or does not load.
    """
    return openvino().Core()


def openvino() -> Any:  # noqa: ANN401
    """The OpenVINO package.

    Raises:
        RuntimeUnavailableError: it is not installed or does not load.
    """
    try:
        return import_privately("openvino")
    except ImportError as error:
        raise RuntimeUnavailableError(
            f"OpenVINO cannot be loaded ({error}). Install it with: pip install openvino"
        ) from error


def _first_line(error: Exception) -> str:
    """The most telling line of OpenVINO's message, which begins with where it was thrown."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_PLACES)]
    return (telling or lines or ["no reason given"])[0]
