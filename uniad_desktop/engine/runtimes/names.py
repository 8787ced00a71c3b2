"""The names of the runtimes; loaded by the command line, so nothing heavy is imported here."""

from __future__ import annotations

from typing import Final

AUTO: Final = "auto"
TORCH: Final = "torch"

RUNTIMES: Final = {
    "torch": "plain eager torch in f32, the reference, on any device",
    "cuda": "torch on an NVIDIA GPU: CUDA graphs, fp16 (default where there is one)",
    "openvino": "OpenVINO on the processor, bf16 where it has it, else f32 (default without GPU)",
    "openvino-f32": "OpenVINO in f32",
    "openvino-bf16": "OpenVINO in bf16",
    "openvino-int8": "OpenVINO, quantised to 8 bit on the package's own pictures",
    "onnx": "ONNX Runtime on the processor in f32",
}
"""Every runtime by name."""

RUNTIME_NAMES: Final = (AUTO, *RUNTIMES)
"""What ``--runtime`` takes."""
