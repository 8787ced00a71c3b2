"""The state dict of the authors' code, to and from ours. Dicts of tensors only; no files.

Theirs is that of https://github.com/zhiyuanyou/UniAD: ``backbone.*`` in the layout of lukemelas'
EfficientNet and ``reconstruction.*`` with the modules of `torch.nn.MultiheadAttention`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import torch
from torch import Tensor

from uniad_desktop.uniad.authors_efficientnet import (
    EFFICIENTNETS,
    EfficientNet,
    find_efficientnet,
)
from uniad_desktop.uniad.authors_names import (
    BACKBONE,
    NETWORK,
    PYRAMID,
    backbone_names,
    network_names,
)
from uniad_desktop.uniad.authors_settings import AuthorsSettings
from uniad_desktop.uniad.config import BackboneConfig, PositionKind, UniADConfig
from uniad_desktop.uniad.model import UniAD

MOST_TOKENS_PER_SIDE = 64
MOST_PARAMETERS = 1 << 28
"""Bounds of what is built on a file's word alone, far above any published model."""


def without_wrapper(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors without the ``module.`` that data-parallel training puts before names."""
    return {name.removeprefix("module."): tensor for name, tensor in state.items()}


def has_backbone(state: Mapping[str, Tensor]) -> bool:
    """Whether the tensors of a backbone are among those of the authors' state dict."""
    return any(name.startswith(BACKBONE) for name in state)


def read_config(state: Mapping[str, Tensor], settings: AuthorsSettings) -> UniADConfig:
    """The architecture that a state dict of the authors is for.

    Args:
        state: the authors' tensors, without ``module.``.
        settings: what no shape shows; see `AuthorsSettings`.

    Raises:
        ValueError: they are not those of UniAD, or of one that cannot be built here; the message
            is the end of a sentence about the file.
    """
    _refuse_strangers(state)
    hidden, channels = _shape(state, "input_proj.weight", 2)
    tokens = _shape(state, "transformer.decoder.layers.0.learned_embed.weight", 2)[0]
    feed_forward = _shape(state, "transformer.encoder.layers.0.linear1.weight", 2)[0]
    learned = f"{NETWORK}pos_embed.row_embed.weight" in state
    rows, columns = _grid(state, settings, tokens, learned=learned)
    layers = [_layers(state, part) for part in ("encoder", "decoder")]
    weights = hidden * (
        layers[0] * (4 * hidden + 2 * feed_forward)
        + layers[1] * (8 * hidden + 2 * feed_forward + tokens)
    )
    if max(rows, columns) > MOST_TOKENS_PER_SIDE or weights > MOST_PARAMETERS:
        raise ValueError("its network is larger than any that this application builds")
    backbone = _backbone_config(state, settings, channels)
    return UniADConfig(
        backbone=backbone,
        input_height=rows * backbone.stride,
        input_width=columns * backbone.stride,
        position=PositionKind.LEARNED if learned else PositionKind.SINE,
        hidden=hidden,
        heads=settings.heads,
        encoder_layers=layers[0],
        decoder_layers=layers[1],
        feed_forward=feed_forward,
        dropout=settings.dropout,
        neighbour_height=settings.neighbour[0],
        neighbour_width=settings.neighbour[1],
        masked=settings.masked,
        jitter_scale=settings.jitter_scale,
        jitter_probability=settings.jitter_probability,
        score=settings.score,
    )


def from_authors(state: Mapping[str, Tensor], config: UniADConfig) -> dict[str, Tensor]:
    """The authors' tensors under our names.

    Args:
        state: the authors' tensors, without ``module.``.
        config: what `read_config` made of them.

    Returns:
        The state of `UniAD`; without the backbone's part where theirs has none.

    Raises:
        ValueError: a tensor is missing, left over, of another shape or not finite.
    """
    ours = UniAD(config).state_dict()
    names = dict(network_names(config))
    left = sorted(name for name in state if name.startswith(NETWORK) and name not in names)
    if left:
        raise ValueError(f"it has a tensor '{left[0]}', which UniAD has no place for")
    if has_backbone(state):
        names |= backbone_names(config)
    else:
        ours = {name: one for name, one in ours.items() if not name.startswith(PYRAMID)}
    for theirs, name in names.items():
        if theirs not in state:
            raise ValueError(f"the tensor '{theirs}' is missing; the file may be incomplete")
        given, place = state[theirs].detach(), ours[name]
        if given.shape != place.shape:
            raise ValueError(
                f"the tensor '{theirs}' is {_times(given.shape)}, where this network needs "
                f"{_times(place.shape)}"
            )
        if not given.is_floating_point() or not bool(torch.isfinite(given).all()):
            raise ValueError(f"the tensor '{theirs}' holds values that are not numbers")
        ours[name] = given.to(place.dtype).clone()
    return ours


def to_authors(state: Mapping[str, Tensor], config: UniADConfig) -> dict[str, Tensor]:
    """Our tensors under the authors' names: the way back.

    Args:
        state: state of `UniAD`.
        config: its architecture, one that the authors' code can build too.
    """
    names = dict(network_names(config)) | backbone_names(config)
    return {theirs: state[ours].detach().clone() for theirs, ours in names.items()}


def _refuse_strangers(state: Mapping[str, Tensor]) -> None:
    if not any(name.startswith(NETWORK) for name in state):
        if any(name.startswith(("img_backbone.", "pts_bbox_head.")) for name in state):
            raise ValueError(
                "it looks like the driving model that is also called UniAD; this application "
                "needs the anomaly detector of arXiv 2206.03687"
            )
        shown = ", ".join(f"'{name}'" for name in list(state)[:3]) or "none at all"
        raise ValueError(
            f"it holds the weights of another network (tensors: {shown}); those of UniAD begin "
            f"with '{NETWORK}'"
        )
    for name in state:
        if not name.startswith((NETWORK, BACKBONE)):
            raise ValueError(f"it has a tensor '{name}', which UniAD has no place for")


def _shape(state: Mapping[str, Tensor], name: str, dimensions: int) -> tuple[int, ...]:
    theirs = NETWORK + name
    if theirs not in state:
        raise ValueError(f"the tensor '{theirs}' is missing; the file may be incomplete")
    shape = tuple(state[theirs].shape)
    if len(shape) != dimensions or min(shape) < 1:
        raise ValueError(f"the tensor '{theirs}' has the impossible shape {_times(shape)}")
    return shape


def _grid(
    state: Mapping[str, Tensor], settings: AuthorsSettings, tokens: int, *, learned: bool
) -> tuple[int, int]:
    if learned:
        rows = _shape(state, "pos_embed.row_embed.weight", 2)[0]
        return rows, _shape(state, "pos_embed.col_embed.weight", 2)[0]
    if settings.grid is not None:
        return settings.grid
    side = math.isqrt(tokens)
    if side * side != tokens:
        raise ValueError(
            f"it has {tokens} tokens, which make no square, and nothing says in how many rows"
        )
    return side, side


def _layers(state: Mapping[str, Tensor], part: str) -> int:
    pattern = re.compile(rf"{re.escape(NETWORK)}transformer\.{part}\.layers\.(\d{{1,4}})\.")
    found = (pattern.match(name) for name in state)
    return 1 + max(int(match[1]) for match in found if match)


def _backbone_config(
    state: Mapping[str, Tensor], settings: AuthorsSettings, channels: int
) -> BackboneConfig:
    model = _efficientnet(state, settings, channels)
    stages = _stages(model, channels)
    if not stages:
        raise ValueError(
            f"its network reads {channels} channels, which the maps of EfficientNet {model.name} "
            f"({', '.join(map(str, model.feature_channels))} channels) do not add up to"
        )
    return BackboneConfig(
        name=model.timm_name,
        stages=stages,
        channels=tuple(model.feature_channels[stage] for stage in stages),
        stride=settings.stride,
        padded_for=model.side,
    )


def _stages(model: EfficientNet, channels: int) -> tuple[int, ...]:
    """The deepest stages up to stride 16 whose channels add up, or none."""
    for first in range(4):
        if sum(model.feature_channels[first:]) == channels:
            return tuple(range(first, 4))
    return ()


def _efficientnet(
    state: Mapping[str, Tensor], settings: AuthorsSettings, channels: int
) -> EfficientNet:
    if has_backbone(state):
        return find_efficientnet(
            {
                name.removeprefix(BACKBONE): tuple(tensor.shape)
                for name, tensor in state.items()
                if name.startswith(BACKBONE)
            }
        )
    if settings.backbone:
        return EFFICIENTNETS[settings.backbone]
    fitting = [one for one in EFFICIENTNETS.values() if _stages(one, channels)]
    # All four maps, as published, before some of them.
    fitting = [one for one in fitting if sum(one.feature_channels) == channels] or fitting
    if len(fitting) != 1:
        names = ", ".join(one.name for one in fitting) or "none"
        raise ValueError(
            f"it holds no backbone, and its {channels} channels do not show which EfficientNet "
            f"is meant (possible: {names}); name it with --backbone"
        )
    return fitting[0]


def _times(shape: tuple[int, ...] | torch.Size) -> str:
    return " x ".join(map(str, shape)) or "a single number"
