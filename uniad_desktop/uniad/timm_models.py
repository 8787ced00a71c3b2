"""timm's models: their names, and their feature extractors cut after the last stage wanted."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import timm
import torch
from torch import Tensor, nn

_BUILD_ERRORS = (
    RuntimeError,
    TypeError,
    ValueError,
    IndexError,
    KeyError,
    AttributeError,
    AssertionError,
    NotImplementedError,
)


def check_name(name: str) -> None:
    """Makes sure that timm knows a model, without building it.

    Args:
        name: timm model name, with or without a tag (``tf_efficientnet_b4.aa_in1k``).

    Raises:
        ValueError: there is none of that name, or no such tag; the sentence names close ones.
    """
    architecture, _, tag = name.partition(".")
    # Other spellings ("hf-hub:owner/model", "local-dir:") would make timm go to the network.
    if not architecture.isidentifier() or not timm.is_model(architecture):
        close = difflib.get_close_matches(architecture, timm.list_models(), n=4, cutoff=0.6)
        hint = f"Close ones are {', '.join(close)}." if close else "timm.list_models() lists them."
        raise ValueError(f"timm has no backbone named '{name}'. {hint}")
    tags = tags_of(architecture)
    if tag and tag not in tags:
        there = ", ".join(tags) or "none"
        raise ValueError(
            f"timm has no weights '{tag}' for the backbone '{architecture}'; there are: {there}."
        )


def tags_of(architecture: str) -> tuple[str, ...]:
    """Tags of the weights that timm knows for an architecture."""
    names = timm.list_models(f"{architecture}.*", pretrained=True)
    return tuple(sorted(name.partition(".")[2] for name in names))


def size_options(name: str, size: tuple[int, int]) -> dict[str, Any]:
    """What timm must be told so that a model takes pictures of a size (rows, columns).

    Most convolutional models take any size. Those with position embeddings are built for one.
    """
    known = timm.get_pretrained_cfg(name)
    if known is None or not known.fixed_input_size or tuple(known.input_size[-2:]) == size:
        return {}
    return {"img_size": size}


def create_features(
    name: str,
    size: tuple[int, int],
    *,
    stages: Sequence[int] | None = None,
    pad_type: str = "",
    device: str = "cpu",
) -> nn.Module:
    """Builds a timm model as a frozen feature extractor, without weights.

    Args:
        name: timm model name.
        size: rows and columns of the pictures it will see.
        stages: indices of its feature stages; timm's own choice where None.
        pad_type: timm's ``pad_type``, or empty.
        device: where its tensors lie; on ``meta`` they have shapes only, which is quick;
            where timm cannot build a model so, it is built on the processor.

    Returns:
        A module from (B, 3, H, W) to a list of maps (B, C, h, w), in eval mode, whose
        ``feature_info`` describes them. Nothing after the last stage is in it.

    Raises:
        ValueError: timm cannot build it that way.
    """
    check_name(name)
    options: dict[str, Any] = {"pad_type": pad_type} if pad_type else {}
    if stages is not None:
        options["out_indices"] = tuple(stages)
    try:
        with torch.device(device):
            backbone: nn.Module = timm.create_model(
                name, pretrained=False, features_only=True, **size_options(name, size), **options
            )
    except _BUILD_ERRORS as error:
        if device == "meta":  # not every timm can build every model without memory
            return create_features(name, size, stages=stages, pad_type=pad_type)
        raise ValueError(
            f"The backbone '{name}' cannot be built for {size[0]} x {size[1]} pixels"
            f"{f', stages {tuple(stages)}' if stages is not None else ''}: {_reason(error)}. "
            "Choose other stages, another size or another backbone."
        ) from error
    information: Any = backbone.feature_info
    _cut_after(backbone, information.module_name()[-1])
    layout = getattr(backbone, "output_fmt", None)
    if getattr(layout, "value", layout) == "NHWC":
        backbone.register_forward_hook(_channels_first)
    backbone.requires_grad_(False)
    return backbone.eval()


def shapes_of(backbone: nn.Module, size: tuple[int, int]) -> list[tuple[int, ...]]:
    """Shapes (C, h, w) of the maps that a backbone of `create_features` gives for a size.

    Raises:
        ValueError: it cannot take pictures of that size.
    """
    some = next(backbone.parameters())
    try:
        with torch.inference_mode():
            maps = backbone(torch.zeros(1, 3, *size, device=some.device))
    except _BUILD_ERRORS as error:
        raise ValueError(
            f"it cannot take pictures of {size[0]} x {size[1]} pixels: {_reason(error)}"
        ) from error
    return [tuple(one.shape[1:]) for one in maps]


def _cut_after(backbone: nn.Module, last: str) -> None:
    """Removes the blocks after the last feature, which timm's EfficientNets build and run.

    timm's general extractors rename what they hold and cut by themselves.
    """
    container, _, index = last.rpartition(".")
    if container and index.isdigit():
        blocks = dict(backbone.named_modules()).get(container)
        if isinstance(blocks, nn.Sequential | nn.ModuleList):
            del blocks[int(index) + 1 :]


def _channels_first(_: nn.Module, __: object, maps: list[Tensor]) -> list[Tensor]:
    return [one.permute(0, 3, 1, 2).contiguous() for one in maps]


def _reason(error: Exception) -> str:
    """First line of an error's text, without its full stop."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
