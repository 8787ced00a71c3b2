"""OpenVINO and NNCF without their reports: both send one to their maker when they are imported."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_REPORTER = "openvino_telemetry"


def import_privately(name: str) -> ModuleType:
    """Imports OpenVINO, NNCF or a part of them with the reporting package switched off.

    Where that package cannot be imported, both go on with a stand-in that does nothing. A station
    reports to nobody, and on an air-gapped one each report would wait for a network.

    Raises:
        ImportError: the package is not installed or does not load.
    """
    sys.modules.setdefault(_REPORTER, None)  # type: ignore[arg-type]
    return importlib.import_module(name)
