"""ONNX with pre- and post-processing inside."""

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
from uniad_desktop.engine.runtimes.onnx_runtime import INPUT, open_session, write_onnx
from uniad_desktop.uniad.model import UniAD


def write(model: UniAD, package: ModelPackage, path: Path) -> None:
    """Writes one file.

    Args:
        model: the package's network, in eval mode.
        package: whose model it is; its products and limits go into the file's metadata.
        path: an ``.onnx`` file in a folder that exists.

    Raises:
        RuntimeUnavailableError: ``onnx`` is missing, or ONNX cannot express the model.
        OSError: the file cannot be written.
    """
    config = model.config
    size = config.input_height, config.input_width
    example = torch.zeros((1, 3, *size), dtype=torch.float32)
    write_onnx(FullGraph(model).eval(), example, path, (MAPS, SCORES))
    import onnx

    exported = onnx.load(str(path))
    _prepend_scaling(exported, size)
    for name, text in description(package).items():
        exported.metadata_props.add(key=name, value=text)
    onnx.checker.check_model(exported)
    onnx.save(exported, str(path))


def _prepend_scaling(model: Any, size: tuple[int, int]) -> None:  # noqa: ANN401 - a protobuf
    """Puts uint8 frames of any size in front of the graph, scaled as PIL scales them."""
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    nodes = [
        helper.make_node("Transpose", [FRAMES], ["frames_planar"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["frames_planar"], ["frames_float"], to=TensorProto.FLOAT),
    ]
    # Columns first, and whole grey levels after either step, as in PIL: rounding once would
    # change every tenth pixel by a level, which scores of flat ground notice.
    for axis, given, made in ((3, "frames_float", "frames_narrow"), (2, "frames_narrow", INPUT)):
        length = np.array([size[axis - 2]], np.int64)
        graph.initializer.append(numpy_helper.from_array(length, f"{made}_size"))
        nodes += [
            helper.make_node(
                "Resize",
                [given, "", "", f"{made}_size"],
                [f"{made}_exact"],
                axes=[axis],
                mode="linear",
                antialias=1,
                coordinate_transformation_mode="half_pixel",
            ),
            helper.make_node("Round", [f"{made}_exact"], [made]),
        ]
    for place, node in enumerate(nodes):
        graph.node.insert(place, node)
    del graph.input[:]
    shape = ["batch", "height", "width", 3]
    graph.input.append(helper.make_tensor_value_info(FRAMES, TensorProto.UINT8, shape))


class OnnxFile:
    """An exported file as another program would run it, for checking it.

    Args:
        path: the file.

    Raises:
        RuntimeUnavailableError: ONNX Runtime is missing or cannot run it.
    """

    label = "the exported ONNX file"
    remarks: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self._session = open_session(path, None)

    def run(self, views: Sequence[View]) -> Output:
        """Maps and scores of whole frames, one at a time."""
        results = [
            self._session.run([MAPS, SCORES], {FRAMES: np.ascontiguousarray(view.pixels())[None]})
            for view in views
        ]
        maps = np.concatenate([one[0] for one in results])
        return Output(maps, np.concatenate([one[1] for one in results]), 0.0, 0.0)

    def close(self) -> None:
        """Nothing to give back."""
