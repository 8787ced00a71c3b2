"""The tensors of the authors' EfficientNets, and what timm calls them.

The authors' backbones have the layout of lukemelas' EfficientNet: blocks counted through from the
first to the last. timm counts them stage by stage and numbers the batch norms of a block from 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

#: Width and depth factors and input side of the models (EfficientNet, arXiv 1905.11946).
_FACTORS = {
    "b0": (1.0, 1.0, 224),
    "b1": (1.0, 1.1, 240),
    "b2": (1.1, 1.2, 260),
    "b3": (1.2, 1.4, 300),
    "b4": (1.4, 1.8, 380),
    "b5": (1.6, 2.2, 456),
    "b6": (1.8, 2.6, 528),
    "b7": (2.0, 3.1, 600),
}
_STAGE_CHANNELS = (16, 24, 40, 80, 112)
_STAGE_REPEATS = (1, 2, 2, 3, 3)
_FEATURE_STAGES = (0, 1, 2, 4)
"""Stages of blocks that end in a feature map: those before the next stride, up to stride 16."""

_FIRST_STAGE = {
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn1",
    "_se_reduce": "se.conv_reduce",
    "_se_expand": "se.conv_expand",
    "_project_conv": "conv_pw",
    "_bn2": "bn2",
}
_LATER_STAGES = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_se_reduce": "se.conv_reduce",
    "_se_expand": "se.conv_expand",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_NORM_TENSORS = ("weight", "bias", "running_mean", "running_var")
_KNOWN = re.compile(
    r"(_conv_stem|_bn0|_conv_head|_bn1|_fc|"
    r"_blocks\.\d+\.(_expand_conv|_bn[012]|_depthwise_conv|_se_reduce|_se_expand|_project_conv))"
    r"\.(weight|bias|running_mean|running_var|num_batches_tracked)"
)


@dataclass(frozen=True, slots=True)
class EfficientNet:
    """One of the models b0 to b7.

    Attributes:
        name: ``b0`` to ``b7``.
        side: input side in pixels that it was made for, and that its padding is computed for.
        channels: channels after each of the first five stages of blocks.
        repeats: blocks of each of these stages.
    """

    name: str
    side: int
    channels: tuple[int, ...]
    repeats: tuple[int, ...]

    @property
    def timm_name(self) -> str:
        """The name in timm of the weights that the authors' backbones start from."""
        return f"tf_efficientnet_{self.name}.aa_in1k"

    @property
    def feature_channels(self) -> tuple[int, ...]:
        """Channels of the feature maps at strides 2, 4, 8 and 16."""
        return tuple(self.channels[stage] for stage in _FEATURE_STAGES)


def _eights(channels: float) -> int:
    """Rounded to a multiple of 8, but never by more than a tenth downward."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


EFFICIENTNETS = {
    name: EfficientNet(
        name,
        side,
        tuple(_eights(width * channels) for channels in _STAGE_CHANNELS),
        tuple(math.ceil(depth * repeats) for repeats in _STAGE_REPEATS),
    )
    for name, (width, depth, side) in _FACTORS.items()
}


def find_efficientnet(shapes: Mapping[str, tuple[int, ...]]) -> EfficientNet:
    """Tells which model tensors belong to, by what comes out of each of its blocks.

    Args:
        shapes: shape of each tensor of the backbone, by the authors' names without prefix.

    Raises:
        ValueError: they are of no EfficientNet from b0 to b7, or blocks are missing.
    """
    strange = next((name for name in shapes if _KNOWN.fullmatch(name) is None), None)
    if strange is not None:
        raise ValueError(
            f"its backbone has a tensor '{strange}', which no EfficientNet has; only the "
            "EfficientNets b0 to b7 of the authors can be imported"
        )
    for one in EFFICIENTNETS.values():
        expected = [c for c, n in zip(one.channels, one.repeats, strict=True) for _ in range(n)]
        outputs = [(shapes.get(f"_blocks.{k}._project_conv.weight") or (0,))[0] for k in range(99)]
        following = outputs[len(expected)]
        if outputs[: len(expected)] == expected and following != expected[-1]:
            return one
    raise ValueError(
        "its backbone has the layout of an EfficientNet, but the widths or the number of its "
        "blocks are those of none from b0 to b7; the file may be incomplete"
    )


def timm_names(model: EfficientNet) -> dict[str, str]:
    """The authors' name of each tensor that is used, to timm's name for it.

    Everything up to the feature map at stride 16; without the batch norms' counters, which
    nothing reads.
    """
    names = {"_conv_stem.weight": "conv_stem.weight"}
    names |= {f"_bn0.{tensor}": f"bn1.{tensor}" for tensor in _NORM_TENSORS}
    number = 0
    for stage, repeats in enumerate(model.repeats):
        layout = _LATER_STAGES if stage else _FIRST_STAGE
        for block in range(repeats):
            for theirs, ours in layout.items():
                for tensor in _tensors(theirs):
                    names[f"_blocks.{number}.{theirs}.{tensor}"] = (
                        f"blocks.{stage}.{block}.{ours}.{tensor}"
                    )
            number += 1
    return names


def _tensors(module: str) -> tuple[str, ...]:
    if module.startswith("_bn"):
        return _NORM_TENSORS
    return ("weight", "bias") if module.startswith("_se") else ("weight",)
