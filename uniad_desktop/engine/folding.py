"""Batch norms folded into the convolutions before them, for any frozen backbone."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

TOLERANCE = 1e-4
"""Largest difference allowed, relative to the largest feature."""


class FoldingError(Exception):
    """The folded backbone does not agree with the original one."""


def fold_batch_norms(backbone: nn.Module, example: Tensor) -> nn.Module:
    """Returns a copy with each convolution and the batch norm that reads it made one.

    Which norm reads which convolution is seen by running the example once, so no layout of
    modules is assumed; the copy is used only after it gives the same features on the example.

    Args:
        backbone: frozen, in eval mode; from images to a list of feature maps.
        example: (B, 3, H, W) input.

    Raises:
        FoldingError: the copy's features differ.
    """
    folded = copy.deepcopy(backbone)
    with torch.no_grad():  # inference tensors could not be moved or run outside that mode
        for convolution, norm in _pairs(folded, example):
            _fold(folded, convolution, norm)
        for expected, actual in zip(backbone(example), folded(example), strict=True):
            difference = float((expected - actual).abs().max())
            if not difference <= TOLERANCE * max(1.0, float(expected.abs().max())):
                raise FoldingError(
                    f"The folded backbone differs by {difference:.3g} from the original one."
                )
    return folded.requires_grad_(False)


def _pairs(backbone: nn.Module, example: Tensor) -> list[tuple[str, str]]:
    """Names of convolutions and of the batch norms that read their output."""
    outputs: dict[int, tuple[str, Tensor]] = {}
    pairs: list[tuple[str, str]] = []

    def remember(name: str) -> Any:  # noqa: ANN401 - a hook
        def hook(_: nn.Module, __: Any, output: Tensor) -> None:  # noqa: ANN401
            # Keeping the tensor keeps its id from being given out again.
            outputs[id(output)] = (name, output)

        return hook

    def look_up(name: str) -> Any:  # noqa: ANN401 - a hook
        def hook(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            if id(inputs[0]) in outputs:
                pairs.append((outputs[id(inputs[0])][0], name))

        return hook

    handles = []
    for name, module in backbone.named_modules():
        if isinstance(module, nn.Conv2d):
            handles.append(module.register_forward_hook(remember(name)))
        elif isinstance(module, nn.BatchNorm2d):
            handles.append(module.register_forward_pre_hook(look_up(name)))
    try:
        backbone(example)
    finally:
        for handle in handles:
            handle.remove()
    return pairs


def _fold(backbone: nn.Module, convolution: str, norm: str) -> None:
    conv, batch_norm = backbone.get_submodule(convolution), backbone.get_submodule(norm)
    assert isinstance(conv, nn.Conv2d) and isinstance(batch_norm, nn.BatchNorm2d)
    backbone.set_submodule(convolution, fuse_conv_bn_eval(conv, batch_norm))
    # timm's norms carry the activation (`act`) that follows them.
    act = getattr(batch_norm, "act", None)
    backbone.set_submodule(norm, act if isinstance(act, nn.Module) else nn.Identity())
