"""Whether weights are those of a backbone, tensor by tensor; nothing is left to chance."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import timm
import torch
from torch import Tensor, nn

from uniad_desktop.engine.weights_file import WeightsError
from uniad_desktop.uniad.timm_models import size_options

_EXTRACTOR_PREFIXES = ("model.", "body.")
_FILTERS = ("checkpoint_filter_fn", "_filter_fn", "_filter_torchvision_pretrained")
_FILTER_ERRORS = (
    RuntimeError,
    TypeError,
    ValueError,
    IndexError,
    KeyError,
    AttributeError,
    AssertionError,
    NotImplementedError,
)
_PLACES = ("pos", "rope", "freqs")
_COUNTER = "num_batches_tracked"


def fit(
    state: Mapping[str, Tensor],
    wanted: Mapping[str, Tensor],
    *,
    name: str,
    size: tuple[int, int] | None,
    what: str,
) -> dict[str, Tensor]:
    """Picks out of some weights exactly those that a network wants.

    Args:
        state: tensors under the names of the whole timm model or of its feature extractor.
        wanted: names, shapes and types.
        name: timm model name, for its own conversion of other layouts and for the resizing of
            position embeddings.
        size: rows and columns of the pictures, or None for the model's own size.
        what: what the weights are, for the user.

    Returns:
        Every tensor wanted, in its shape and type. Batch counters, which no inference reads, are
        zero where the weights have none.

    Raises:
        WeightsError: a tensor is missing, has another shape, or holds what is no number.
    """
    options = size_options(name, size) if size is not None else {}
    # At another size the number of tokens may be equal though rows and columns are not, so the
    # position embeddings go through timm in any case.
    problem = "" if options else _problem(state, wanted)
    if options or problem:
        converted = _converted(state, name, options)
        problem = _problem(converted, wanted) or _bent(state, converted)
        state = converted
    if problem:
        raise WeightsError(
            f"{what} does not fit the backbone '{name}': {problem}. Choose the weights of this "
            "backbone, or the backbone of these weights."
        )
    fitted = {}
    by_name = _by_plain_name(state)
    for key, pattern in wanted.items():
        tensor = _find(key, state, by_name)
        if tensor is None:
            tensor = torch.zeros(pattern.shape)
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise WeightsError(
                f"{what} holds values in {key} that are no numbers (NaN or infinite); it is "
                "damaged, or its training failed. Choose another file."
            )
        fitted[key] = tensor.detach().to(pattern.dtype).contiguous()
    return fitted


def full_model(name: str, options: Mapping[str, Any] | None = None) -> nn.Module:
    """The whole timm model without memory for its weights, where timm can build it so."""
    try:
        with torch.device("meta"):
            model: nn.Module = timm.create_model(name, pretrained=False, **(options or {}))
    except _FILTER_ERRORS:
        model = timm.create_model(name, pretrained=False, **(options or {}))
    return model


def _converted(
    state: Mapping[str, Tensor], name: str, options: Mapping[str, Any]
) -> dict[str, Tensor]:
    """What timm itself makes of the weights before it loads them."""
    state = dict(state)
    for prefix in _EXTRACTOR_PREFIXES:
        if all(key.startswith(prefix) for key in state):
            state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}
    try:
        model = full_model(name, options)
        home = sys.modules[type(model).__module__]
        conversion = next((getattr(home, one) for one in _FILTERS if hasattr(home, one)), None)
        if conversion is None:
            return state
        converted = conversion(dict(state), model)
    except _FILTER_ERRORS:
        return state  # not a layout that timm knows: the check of names and shapes says what is off
    return {key: one for key, one in converted.items() if isinstance(one, Tensor)}


def _bent(before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> str:
    """Says what timm resampled besides positions: weights of another patch size do not pass."""
    former = _by_plain_name(before)
    for key, tensor in after.items():
        old = _find(key, before, former)
        if (
            old is not None
            and old.numel() != tensor.numel()
            and not any(place in key for place in _PLACES)
        ):
            return f"{key} has the shape {tuple(old.shape)}, not {tuple(tensor.shape)}"
    return ""


def _problem(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """What is wrong with the weights, or nothing."""
    by_name = _by_plain_name(state)
    missing = []
    for key, pattern in wanted.items():
        tensor = _find(key, state, by_name)
        if tensor is None:
            if not key.endswith(_COUNTER):
                missing.append(key)
        elif tensor.shape != pattern.shape:
            return f"{key} has the shape {tuple(tensor.shape)}, not {tuple(pattern.shape)}"
    if missing:
        return f"{len(missing)} of {len(wanted)} tensors are missing, the first is {missing[0]}"
    return ""


def _find(
    key: str, state: Mapping[str, Tensor], by_name: Mapping[str, Tensor | None]
) -> Tensor | None:
    if key in state:
        return state[key]
    return by_name.get(_plain_name(key))


def _by_plain_name(state: Mapping[str, Tensor]) -> dict[str, Tensor | None]:
    names: dict[str, Tensor | None] = {}
    for key, tensor in state.items():
        plain = _plain_name(key)
        names[plain] = None if plain in names else tensor  # two of one name: neither is meant
    return names


def _plain_name(key: str) -> str:
    """A name without what timm's extractors change: ``stages.0`` is ``stages_0`` in them."""
    for prefix in _EXTRACTOR_PREFIXES:
        key = key.removeprefix(prefix)
    return key.replace(".", "_")
