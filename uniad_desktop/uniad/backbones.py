"""Any timm model with ``features_only`` as a backbone: its numbers, found without weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import timm
from torch import nn

from uniad_desktop.uniad.config import IMAGENET_DEVIATION, IMAGENET_MEAN, BackboneConfig
from uniad_desktop.uniad.timm_models import create_features, shapes_of

_FINEST, _COARSEST = 2, 16
_BLOCKS = 4


def backbone_config(
    name: str,
    *,
    stages: Sequence[int] | None = None,
    pad_type: str = "",
    input_size: tuple[int, int] = (224, 224),
) -> BackboneConfig:
    """Describes a timm model as a backbone. Nothing is fetched, no tensor is filled.

    Args:
        name: timm model name; a tag of its weights (``tf_efficientnet_b4.aa_in1k``) is kept.
        stages: its feature stages. Where None: all with strides of 2 to 16 pixels, as in the
            paper; of a plain vision transformer, whose blocks all have one stride, four evenly
            spaced blocks.
        pad_type: timm's ``pad_type`` for models that take one, or empty.
        input_size: rows and columns of the pictures it will see.

    Returns:
        The config; its stride is that of the coarsest stage, its image mean and deviation are
        those that the weights were trained with.

    Raises:
        ValueError: timm has no such model, it has no such stages, or it cannot take that size.
    """
    strides = _strides(create_features(name, input_size, pad_type=pad_type, device="meta"))
    chosen = _default_stages(strides) if stages is None else tuple(stages)
    if not chosen or any(not 0 <= stage < len(strides) for stage in chosen):
        raise ValueError(
            f"The backbone '{name}' has the stages 0 to {len(strides) - 1}, at strides "
            f"{', '.join(map(str, strides))}; stages {chosen} cannot be chosen."
        )
    if list(chosen) != sorted(set(chosen)):
        raise ValueError(f"The stages of a backbone must rise, got {chosen}.")
    backbone = create_features(name, input_size, stages=chosen, pad_type=pad_type, device="meta")
    try:
        shapes = shapes_of(backbone, input_size)
    except ValueError as error:
        raise ValueError(f"The backbone '{name}' cannot be used: {error}.") from error
    mean, deviation = _image_statistics(name)
    return BackboneConfig(
        name=name,
        stages=chosen,
        channels=tuple(shape[0] for shape in shapes),
        stride=max(strides[stage] for stage in chosen),
        pad_type=pad_type,
        image_mean=mean,
        image_deviation=deviation,
    )


def _strides(backbone: nn.Module) -> list[int]:
    """Strides of all of a model's feature stages, in input pixels."""
    information: Any = backbone.feature_info
    return [int(stage["reduction"]) for stage in information.info]


def _default_stages(strides: Sequence[int]) -> tuple[int, ...]:
    if len(set(strides)) == 1:
        count = len(strides)
        ends = (-(-count * step // _BLOCKS) for step in range(1, _BLOCKS + 1))
        return tuple(sorted({end - 1 for end in ends}))
    return tuple(stage for stage, stride in enumerate(strides) if _FINEST <= stride <= _COARSEST)


def _image_statistics(
    name: str,
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    known = timm.get_pretrained_cfg(name)
    if known is None or len(known.mean) != 3 or len(known.std) != 3:
        return IMAGENET_MEAN, IMAGENET_DEVIATION
    (red, green, blue), (red_off, green_off, blue_off) = known.mean, known.std
    return (red, green, blue), (red_off, green_off, blue_off)
