"""Stages of OpenVINO, from the counters of every node that it ran."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.runtimes.base import RuntimeFailedError
from uniad_desktop.engine.runtimes.openvino_runtime import OpenVinoRuntime
from uniad_desktop.engine.speed.split import MODULES, REST, Split, fastest

_RUNS = 20
_ORIGINS = "originalLayersNames"
_MODULE = "__module."


@dataclass(frozen=True, slots=True)
class Node:
    """A node as it is run.

    Attributes:
        name: unique.
        kind: type of layer.
        origins: names of the nodes of the model that it was made from; some mean nothing, such as
            ``Multiply_48871`` for a convolution with its batch norm.
        sources: names of the nodes that it reads from.
    """

    name: str
    kind: str
    origins: tuple[str, ...]
    sources: tuple[str, ...]


def split_openvino(runtime: OpenVinoRuntime, pictures: NDArray[np.uint8]) -> Split:
    """Milliseconds of the stages inside the graph, at their best in some runs.

    The model is compiled once more with the same settings and counters on; those that are timed
    carry none.

    Args:
        runtime: what was timed.
        pictures: (B, 3, H, W) uint8.

    Raises:
        RuntimeFailedError: OpenVINO cannot count.
    """
    core = runtime._core
    try:
        model = core.read_model(runtime._file)
        model.reshape({0: list(pictures.shape)})
        settings = {**runtime._settings, "PERF_COUNT": "YES"}
        compiled = core.compile_model(model, "CPU", settings)
        stages = stages_of_nodes(_nodes(compiled.get_runtime_model()))
        request = compiled.create_infer_request()
        runs: list[list[tuple[str, float]]] = []
        for _ in range(_RUNS):
            request.infer({0: pictures}, share_inputs=True)
            runs.append(
                [
                    (stages.get(one.node_name, REST), one.real_time.total_seconds() * 1e3)
                    for one in request.profiling_info
                ]
            )
    except RuntimeError as error:
        raise RuntimeFailedError(
            f"OpenVINO cannot be profiled ({str(error).splitlines()[0]}); leave it out."
        ) from error
    return fastest(runs)


def stages_of_nodes(nodes: Sequence[Node]) -> dict[str, str]:
    """The stage of every node, by its name.

    A node whose origins name a module belongs to that module's stage. One whose origins tell
    nothing belongs where it reads from; one that only changes the memory's order, to what it is
    done for.
    """
    known = {node.name: stage for node in nodes if (stage := _told(node.origins)) is not None}
    readers: dict[str, list[str]] = {}
    for node in nodes:
        for source in node.sources:
            readers.setdefault(source, []).append(node.name)
    sources = {node.name: node.sources for node in nodes}

    def before(name: str) -> Sequence[str]:
        return sources.get(name, ())

    def after(name: str) -> Sequence[str]:
        return readers.get(name, ())

    found = dict(known)
    for node in nodes:
        if node.name not in known:
            ways = (after, before) if node.kind == "Reorder" else (before, after)
            stages = (_nearest(node.name, way, known) for way in ways)
            found[node.name] = next((one for one in stages if one is not None), REST)
    return found


def _told(origins: Sequence[str]) -> str | None:
    """The stage that names tell, None where they tell nothing."""
    told = None
    for name in origins:
        if name.startswith(_MODULE):
            module = name.removeprefix(_MODULE).partition("/")[0].partition(".")[0]
            return MODULES.get(module, REST)
        if "::" in name:  # an operation outside all modules
            told = REST
    return told


def _nearest(name: str, way: Callable[[str], Sequence[str]], known: dict[str, str]) -> str | None:
    """The stage of the nearest node in one direction that has one."""
    seen = {name}
    waiting = [name]
    while waiting:
        ahead = [one for at in waiting for one in way(at) if one not in seen]
        for one in ahead:
            if one in known:
                return known[one]
        seen.update(ahead)
        waiting = ahead
    return None


def _nodes(graph: Any) -> list[Node]:  # noqa: ANN401 - openvino has no types
    nodes = []
    for one in graph.get_ordered_ops():
        notes = one.get_rt_info()
        origins = str(notes[_ORIGINS].astype(str)) if _ORIGINS in notes else ""
        kind = str(notes["layerType"].astype(str)) if "layerType" in notes else ""
        sources = tuple(
            port.get_source_output().get_node().get_friendly_name() for port in one.inputs()
        )
        nodes.append(Node(one.get_friendly_name(), kind, tuple(origins.split(",")), sources))
    return nodes
