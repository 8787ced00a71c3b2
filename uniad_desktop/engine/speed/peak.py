"""What the machine can do at best, and how much of it a picture needs."""

from __future__ import annotations

import time
from typing import Final

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from uniad_desktop.uniad.model import UniAD

PRECISIONS: Final = {
    "f32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
}
"""Those whose peak can be measured, by what stands in a runtime's label."""

_SIDES = (1024, 2048)  # small ones fit into a quiet moment, large ones fill many processors
_GPU_SIDES = (4096, 8192)


def place_of(label: str) -> tuple[str, str]:
    """Device type and precision of a runtime's label, such as ``cuda NVIDIA H100 bf16``."""
    words = label.split()
    return "cuda" if "cuda" in words[:2] else "cpu", words[-1]


def matrix_rate(precision: str, device: torch.device, seconds: float = 0.4) -> float:
    """The highest rate of large matrix products that was seen, in FLOP per second.

    Args:
        precision: key of `PRECISIONS`.
        device: where.
        seconds: about how long is measured, per size.
    """
    dtype = PRECISIONS[precision]
    best = 0.0
    for side in _SIDES if device.type == "cpu" else _GPU_SIDES:
        # Of equal numbers a GPU would draw less power and run faster than it ever does.
        generator = torch.Generator(device).manual_seed(0)
        left = torch.rand(side, side, device=device, generator=generator).to(dtype)
        end = time.perf_counter() + seconds
        with torch.inference_mode():
            _product_seconds(left)
            while True:
                best = max(best, 2.0 * side**3 / _product_seconds(left))
                if time.perf_counter() > end:
                    break
    return best


def _product_seconds(matrix: torch.Tensor) -> float:
    started = time.perf_counter()
    torch.matmul(matrix, matrix)
    if matrix.device.type == "cuda":
        torch.cuda.synchronize(matrix.device)
    return time.perf_counter() - started


def picture_flops(model: UniAD) -> int:
    """Floating-point operations of the plain network for one picture; a product and a sum are two.

    Convolutions and matrix products are counted, what is done value by value is not.
    """
    config = model.config
    picture = torch.zeros(1, 3, config.input_height, config.input_width)
    counter = FlopCounterMode(display=False)
    # Of the ready-made attentions only some are known to the counter; this one is two products.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        model(picture)
    return int(counter.get_total_flops())
