"""OpenVINO IR with pre- and post-processing inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from uniad_desktop.engine.interchange.full_graph import (
    FRAMES,
    MAPS,
    SCORES,
    FullGraph,
    description,
)
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.preprocess import View
from uniad_desktop.engine.runtimes.base import Output
from uniad_desktop.engine.runtimes.openvino_runtime import convert_graph, core, openvino
from uniad_desktop.engine.runtimes.private import import_privately
from uniad_desktop.uniad.model import UniAD


def write(model: UniAD, package: ModelPackage, path: Path) -> None:
    """Writes an ``.xml`` file and the ``.bin`` with its weights beside it.

    Args:
        model: the package's network, in eval mode.
        package: whose model it is; its products and limits go into the file's metadata.
        path: the ``.xml`` file, in a folder that exists.

    Raises:
        RuntimeUnavailableError: OpenVINO is missing or cannot express the model.
        OSError: the file cannot be written.
    """
    config = model.config
    size = config.input_height, config.input_width
    inner = convert_graph(FullGraph(model).eval(), torch.zeros((1, 3, *size)))
    whole = _prepend_scaling(inner, size)
    for name, text in description(package).items():
        whole.set_rt_info(text, ["uniad_desktop", name])
    openvino().save_model(whole, path, compress_to_fp16=False)


def _prepend_scaling(inner: Any, size: tuple[int, int]) -> Any:  # noqa: ANN401 - no types
    ov = openvino()
    opset = import_privately("openvino.opset13")
    frames = opset.parameter(ov.PartialShape([-1, -1, -1, 3]), ov.Type.u8, name=FRAMES)
    frames.output(0).set_names({FRAMES})
    planar = opset.transpose(frames, opset.constant(np.array([0, 3, 1, 2], np.int64)))
    levels = opset.convert(planar, "f32")
    # Columns first, and whole grey levels after either step, as in PIL: rounding once would
    # change every tenth pixel by a level, which scores of flat ground notice.
    for axis in (3, 2):
        scaled = opset.interpolate(
            levels,
            opset.constant(np.array([size[axis - 2]], np.int64)),
            mode="bilinear_pillow",
            shape_calculation_mode="sizes",
            axes=opset.constant(np.array([axis], np.int64)),
        )
        levels = opset.round(scaled, "half_to_even")
    inner.input(0).get_node().output(0).replace(levels.output(0))
    results = inner.get_results()
    for result, name in zip(results, (MAPS, SCORES), strict=True):
        result.input(0).get_source_output().set_names({name})
    return ov.Model(results, [frames], "uniad")


class OpenVinoFile:
    """An exported file as another program would run it, for checking it.

    Args:
        path: the ``.xml`` file.
    """

    label = "the exported OpenVINO file"
    remarks: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        settings = {"INFERENCE_PRECISION_HINT": "f32"}
        self._compiled = core().compile_model(path, "CPU", settings)

    def run(self, views: Sequence[View]) -> Output:
        """Maps and scores of whole frames, one at a time."""
        maps, scores = [], []
        for view in views:
            results = self._compiled({FRAMES: np.ascontiguousarray(view.pixels())[None]})
            maps.append(np.array(results[MAPS]))
            scores.append(np.array(results[SCORES]))
        return Output(np.concatenate(maps), np.concatenate(scores), 0.0, 0.0)

    def close(self) -> None:
        """Nothing to give back."""
