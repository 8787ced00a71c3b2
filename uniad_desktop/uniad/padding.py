"""SAME padding computed once, for another input size than the one that runs.

The EfficientNets that the authors used work out their SAME padding when they are built, for the
input that the backbone was made for (380 pixels for b4), and keep it for every input. Where the
size that reaches a convolution with a stride is even for one input and odd for the other, that
is not the padding which the input at hand asks for, and the features differ. Weights that were
trained behind such a backbone need the same.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from timm.layers import Conv2dSame
from torch import Tensor, nn
from torch.nn import functional as F

Edges = tuple[int, int, int, int]
"""Zeros on the left, on the right, above and below."""


class FixedPaddingConv2d(nn.Conv2d):
    """A convolution that pads each edge by a fixed number of zeros.

    It has the parameters of the convolution that it stands for, under the same names.

    Args:
        convolution: the one whose weights and strides are taken.
        edges: zeros on the left, on the right, above and below.
    """

    def __init__(self, convolution: nn.Conv2d, edges: Edges) -> None:
        super().__init__(
            convolution.in_channels,
            convolution.out_channels,
            (convolution.kernel_size[0], convolution.kernel_size[1]),
            stride=(convolution.stride[0], convolution.stride[1]),
            dilation=(convolution.dilation[0], convolution.dilation[1]),
            groups=convolution.groups,
            bias=convolution.bias is not None,
            device="meta",
        )
        self.edges = edges
        self.weight = convolution.weight
        self.bias = convolution.bias
        self.train(convolution.training)

    def forward(self, input: Tensor) -> Tensor:
        """(B, C, H, W) to the convolution of the padded maps."""
        return super().forward(F.pad(input, self.edges))


def use_fixed_padding(backbone: nn.Module, side: int) -> None:
    """Fixes the SAME padding of every convolution to that of a square input, in place.

    Names and values of the weights stay as they are. Convolutions whose SAME padding does not
    depend on the input (stride 1) are left alone.

    Args:
        backbone: a timm model from (B, 3, H, W) images to feature maps, in eval mode.
        side: height and width of that input in pixels.

    Raises:
        ValueError: the backbone has no convolution with SAME padding, or cannot take the input.
    """
    for name, (height, width) in _input_sizes(backbone, side).items():
        convolution = backbone.get_submodule(name)
        assert isinstance(convolution, nn.Conv2d)
        rows, columns = (
            same_padding(
                size,
                convolution.kernel_size[axis],
                convolution.stride[axis],
                convolution.dilation[axis],
            )
            for axis, size in enumerate((height, width))
        )
        backbone.set_submodule(name, FixedPaddingConv2d(convolution, (*columns, *rows)))


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Zeros before and after one axis, so that the output has size / stride places, rounded up."""
    outputs = math.ceil(size / stride)
    total = max((outputs - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def _input_sizes(backbone: nn.Module, side: int) -> dict[str, tuple[int, int]]:
    """Height and width of what reaches each SAME convolution at an input of that side.

    A copy without memory is run once, so no order or layout of the modules is assumed.
    """
    sizes: dict[str, tuple[int, int]] = {}

    def remember(name: str) -> Any:  # noqa: ANN401 - a hook
        def hook(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            sizes[name] = (int(inputs[0].shape[-2]), int(inputs[0].shape[-1]))

        return hook

    shadow = copy.deepcopy(backbone).to("meta").eval()
    for name, module in shadow.named_modules():
        if isinstance(module, Conv2dSame):
            module.register_forward_pre_hook(remember(name))
    try:
        with torch.no_grad():
            shadow(torch.empty(1, 3, side, side, device="meta"))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ValueError(
            f"The backbone cannot be padded for inputs of {side} pixels: {error}"
        ) from error
    if not sizes:
        raise ValueError(
            "The backbone has no convolution with SAME padding, so none can be fixed; choose "
            "padded_for = 0 or another backbone."
        )
    return sizes
