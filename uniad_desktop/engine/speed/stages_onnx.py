"""Stages of ONNX Runtime, from the profile that it writes."""

from __future__ import annotations

import json
import tempfile
from bisect import bisect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.runtimes.base import RuntimeFailedError
from uniad_desktop.engine.runtimes.onnx_runtime import INPUT, OUTPUT, OnnxRuntime
from uniad_desktop.engine.speed.split import MODULES, REST, Split, fastest

_RUNS = 20
_SUFFIX = "_kernel_time"


def split_onnx(runtime: OnnxRuntime, pictures: NDArray[np.uint8]) -> Split:
    """Milliseconds of the stages inside the graph, at their best in some runs.

    The model is loaded once more with the same options and the profile on.

    Args:
        runtime: what was timed.
        pictures: (B, 3, H, W) uint8.

    Raises:
        RuntimeFailedError: ONNX Runtime cannot be profiled.
    """
    import onnxruntime as ort

    timed = runtime._session
    options = timed.get_session_options()
    with tempfile.TemporaryDirectory(prefix="uniad-profile-") as folder:
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "profile")
        try:
            session = ort.InferenceSession(
                timed._model_path, options, providers=["CPUExecutionProvider"]
            )
            for _ in range(_RUNS):
                session.run([OUTPUT], {INPUT: pictures})
            events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
        except Exception as error:
            raise RuntimeFailedError(
                f"ONNX Runtime cannot be profiled ({str(error).splitlines()[0]}); leave it out."
            ) from error
        finally:
            options.enable_profiling = False
    return fastest(stage_times(events))


def stage_times(events: Sequence[Mapping[str, Any]]) -> list[list[tuple[str, float]]]:
    """Stage and milliseconds of every node, run after run.

    A node that ONNX Runtime added has no module in its name; it belongs to what ran before it.

    Args:
        events: of the profile.
    """
    starts = sorted(event["ts"] for event in events if event["name"] == "model_run")
    runs: list[list[tuple[str, float]]] = [[] for _ in starts]
    stage = REST
    for event in sorted(events, key=lambda one: float(one["ts"])):
        name = event["name"]
        if event["cat"] != "Node" or not name.endswith(_SUFFIX):
            continue
        run = bisect(starts, event["ts"]) - 1
        stage = _told(name.removesuffix(_SUFFIX)) or (stage if runs[run] else REST)
        runs[run].append((stage, event["dur"] / 1e3))
    return runs


def _told(name: str) -> str | None:
    """The stage that a node's name tells, for example ``/backbone/conv_stem/Conv``."""
    if "/" not in name:
        return None
    path = name[name.index("/") :].split("/")
    return MODULES.get(path[1], REST) if len(path) > 2 else REST
