"""What the authors' weights do not show: heads, masks and the like.

Their training script stores its own configuration beside the weights, as ``arch``: a list of
modules, each with a name, a type and arguments. Where it is there, it is read; where it is not,
the published values stand in, and a caller may give others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uniad_desktop.uniad.authors_efficientnet import EFFICIENTNETS
from uniad_desktop.uniad.config import Attention, ScoreKind

_PLACES = (Attention.ENCODER, Attention.DECODER_ENCODED, Attention.DECODER_PREVIOUS)
"""The order of the authors' three mask switches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorsSettings:
    """Fields of the config that no tensor's shape shows; the published values by default.

    Attributes:
        backbone: ``b0`` to ``b7``; only used for weights without a backbone; empty: by channels.
        stride: stride of the tokens' grid in pixels.
        grid: rows and columns of tokens, or None; only used where positions are not learned.
        heads: attention heads.
        neighbour: rows and columns of the neighbour mask.
        masked: which attentions wear it.
        dropout: dropout probability while training.
        jitter_scale, jitter_probability: of the feature jitter.
        score: how a map becomes one number; the authors choose it when they evaluate.
    """

    backbone: str = ""
    stride: int = 16
    grid: tuple[int, int] | None = None
    heads: int = 8
    neighbour: tuple[int, int] = (7, 7)
    masked: frozenset[Attention] = frozenset(Attention)
    dropout: float = 0.1
    jitter_scale: float = 20.0
    jitter_probability: float = 1.0
    score: ScoreKind = ScoreKind.MAX_POOLED


def read_settings(arch: object) -> AuthorsSettings:
    """Reads what the authors' training script noted of its own configuration.

    Args:
        arch: plain lists, dicts, numbers and texts, from a file that nobody vouches for. What is
            not there keeps its published value.

    Returns:
        The settings.

    Raises:
        ValueError: it describes a network that cannot be built here, or makes no sense; the
            message is the end of a sentence about the file.
    """
    modules = {
        one["name"]: one
        for one in (arch if isinstance(arch, list) else [])
        if isinstance(one, Mapping) and isinstance(one.get("name"), str)
    }
    network = _arguments(modules, "reconstruction")
    if network.get("normalize_before"):
        raise ValueError("it normalises before each attention, which is not supported")
    if network.get("activation", "relu") != "relu":
        raise ValueError(f"its activation is '{network['activation']}'; only relu is supported")
    settings: dict[str, Any] = {}
    kind = str(modules.get("backbone", {}).get("type", "")).rpartition("efficientnet_")[2]
    if kind in EFFICIENTNETS:
        settings["backbone"] = kind
    strides = _arguments(modules, "neck").get("outstrides")
    if strides is not None:
        settings["stride"] = _numbers("outstrides", strides, 1)[0]
    if network.get("feature_size") is not None:
        settings["grid"] = _numbers("feature_size", network["feature_size"], 2)
    if network.get("nhead") is not None:
        settings["heads"] = _number("nhead", network["nhead"])
    if "dropout" in network:
        settings["dropout"] = _share("dropout", network["dropout"])
    if "feature_jitter" in network:
        jitter = _mapping("feature_jitter", network["feature_jitter"])
        settings["jitter_scale"] = _real("feature_jitter.scale", jitter.get("scale", 0.0))
        settings["jitter_probability"] = _share("feature_jitter.prob", jitter.get("prob", 1.0))
    if "neighbor_mask" in network:
        mask = _mapping("neighbor_mask", network["neighbor_mask"])
        switches = mask.get("mask", [False] * 3)
        if not isinstance(switches, list) or len(switches) != 3:
            raise ValueError("its setting 'neighbor_mask.mask' makes no sense")
        settings["masked"] = frozenset(p for p, on in zip(_PLACES, switches, strict=True) if on)
        if mask.get("neighbor_size") is not None:
            size = _numbers("neighbor_mask.neighbor_size", mask["neighbor_size"], 2)
            settings["neighbour"] = size
    return AuthorsSettings(**settings)


def _arguments(modules: Mapping[str, Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    given = modules.get(name, {}).get("kwargs")
    return given if isinstance(given, Mapping) else {}


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    """A group of settings; the authors switch one off by leaving it empty."""
    if not value:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"its setting '{name}' makes no sense")
    return value


def _number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 4096:
        raise ValueError(f"its setting '{name}' makes no sense")
    return value


def _numbers(name: str, value: object, count: int) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) != count:
        raise ValueError(f"its setting '{name}' makes no sense")
    return tuple(_number(name, one) for one in value)


def _real(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"its setting '{name}' makes no sense")
    if value < 0:
        raise ValueError(f"its setting '{name}' makes no sense")
    return float(value)


def _share(name: str, value: object) -> float:
    share = _real(name, value)
    if share > 1.0:
        raise ValueError(f"its setting '{name}' makes no sense")
    return share
