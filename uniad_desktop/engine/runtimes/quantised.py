"""INT8 for OpenVINO: quantised by NNCF on the package's own pictures."""

from __future__ import annotations

import contextlib
import io
import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.runtimes.base import RuntimeUnavailableError
from uniad_desktop.engine.runtimes.openvino_runtime import core
from uniad_desktop.engine.runtimes.private import import_privately

LEAST_PICTURES = 4


def nncf_version() -> str:
    """The version of NNCF.

    Raises:
        RuntimeUnavailableError: it is not installed or does not load.
    """
    return str(_nncf().__version__)


def quantise(converted: Any, pictures: NDArray[np.uint8]) -> Any:  # noqa: ANN401
    """Quantises weights and activations to 8 bit.

    Args:
        converted: OpenVINO's graph with an open batch size.
        pictures: (n, 3, H, W) uint8, normal parts; their features set the ranges.

    Returns:
        The quantised graph, batch size open.

    Raises:
        RuntimeUnavailableError: NNCF is not installed, or there are too few pictures.
    """
    nncf = _nncf()
    if len(pictures) < LEAST_PICTURES:
        raise RuntimeUnavailableError(
            f"INT8 needs {LEAST_PICTURES} pictures of normal parts to set its ranges, and the "
            f"package holds {len(pictures)}; train it anew, or use --runtime openvino."
        )
    logging.getLogger("nncf").setLevel(logging.ERROR)
    converted.reshape({0: [1, *pictures.shape[1:]]})
    core()  # NNCF makes cores of its own; see there
    # Its progress bars go to standard output, where a command's own result belongs.
    with contextlib.redirect_stdout(io.StringIO()):
        return nncf.quantize(
            converted,
            nncf.Dataset([one[None] for one in pictures]),
            subset_size=len(pictures),
            preset=nncf.QuantizationPreset.MIXED,
            model_type=nncf.ModelType.TRANSFORMER,
        )


def _nncf() -> Any:  # noqa: ANN401
    try:
        return import_privately("nncf")
    except ImportError as error:
        raise RuntimeUnavailableError(
            f"INT8 needs NNCF, which cannot be loaded ({error}). Install it with: "
            "pip install 'uniad-desktop[int8]'"
        ) from error
