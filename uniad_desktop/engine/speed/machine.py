"""What it was measured on."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any

import psutil
import torch

from uniad_desktop.engine.runtimes.base import RuntimeUnavailableError
from uniad_desktop.engine.runtimes.openvino_runtime import processor_name

_LIBRARIES = ("torch", "timm", "openvino", "onnxruntime", "nncf")


def usable_processors() -> int:
    """Processors that this process may use; a mask set from outside is heeded."""
    try:
        return max(1, len(psutil.Process().cpu_affinity()))
    except (AttributeError, OSError, psutil.Error):  # macOS has no such mask
        return os.cpu_count() or 1


def load_average() -> float | None:
    """Programs that wanted a processor in the last minute, on average; None where unknown."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def describe_machine(threads: int) -> dict[str, Any]:
    """Processor, memory, system and versions, as JSON values."""
    try:
        processor = processor_name()
    except RuntimeUnavailableError:
        processor = platform.processor() or platform.machine()
    return {
        "processor": processor,
        "processors": os.cpu_count(),
        "processors_usable": usable_processors(),
        "threads": threads,
        "memory_mb": round(psutil.virtual_memory().total / 1e6),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "libraries": {name: found for name in _LIBRARIES if (found := _version(name))},
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
