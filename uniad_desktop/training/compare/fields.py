"""The fields that a comparison may set, and values for them from files and command line."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from uniad_desktop.training.compare.variants import CompareError
from uniad_desktop.training.recipes import TrainSettings
from uniad_desktop.uniad.config import BackboneConfig, UniADConfig
from uniad_desktop.uniad.network import ReconstructionNetwork

PAIRS = {
    "neighbour": ("neighbour_height", "neighbour_width"),
    "layers": ("encoder_layers", "decoder_layers"),
    "input": ("input_height", "input_width"),
}
"""One word for two fields: a number for both, or a list of two."""

SHARED = ("backbone", "input", "input_height", "input_width", "alignment")
"""What gives the features, which all variants share."""

_NOT_TRAINED = ("spread",)
_OF_RUN = ("seed", "save_every_s")
_CONFIG = {one.name for one in fields(UniADConfig)} - {*SHARED, *_NOT_TRAINED}
_SETTINGS = {one.name for one in fields(TrainSettings)} - set(_OF_RUN)

VARIANT_FIELDS = tuple(sorted({*_CONFIG, *_SETTINGS, "neighbour", "layers", "stages", "separate"}))
"""What a variant may change."""

BASE_FIELDS = tuple(sorted({*VARIANT_FIELDS, *SHARED} - {"separate"}))
"""What the base may set besides what belongs to the whole suite."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An architecture and how it is trained.

    Attributes:
        config: the architecture.
        settings: of the training.
        whole: the backbone with all stages that there are features of.
    """

    config: UniADConfig
    settings: TrainSettings
    whole: BackboneConfig


def check_names(given: Iterable[str], allowed: Iterable[str], where: str) -> None:
    """Raises CompareError if a name is not allowed there."""
    known = sorted(allowed)
    for name in given:
        if name not in known:
            raise CompareError(f"{where} has a field '{name}'; there are {', '.join(known)}.")


def changed(start: Choice, values: Mapping[str, Any], where: str) -> Choice:
    """A choice with some fields other than before.

    Args:
        start: the choice to begin with.
        values: fields by name, as a file has them; no ``backbone``.
        where: what a message begins with, for example the file and the variant.

    Raises:
        CompareError: a value makes no sense.
    """
    plain = unpaired({name: one for name, one in values.items() if name != "separate"}, where)
    # The feed-forward blocks are four times as wide as the tokens, unless somebody says otherwise.
    if "hidden" in plain and "feed_forward" not in plain and isinstance(plain["hidden"], int):
        plain["feed_forward"] = 4 * plain["hidden"]
    stages = plain.pop("stages", None)
    config = _typed(UniADConfig, plain, where)
    settings = _typed(TrainSettings, plain, where)
    try:
        if stages is not None:
            config["backbone"] = _of_stages(start.whole, stages, where)
        choice = replace(
            start,
            config=replace(start.config, **config),
            settings=replace(start.settings, **settings),
        )
        ReconstructionNetwork(choice.config)
    except ValueError as error:
        raise CompareError(f"{where}: {error}") from error
    return choice


def value_of(name: str, hint: Any, value: object, where: str) -> Any:  # noqa: ANN401 - any field
    """A value of a field in its own type. Raises CompareError where it is none."""
    try:
        typed = TypeAdapter(hint).validate_python(value)
    except ValidationError as error:
        problem = error.errors()[0]
        raise CompareError(f"{where}, field '{name}' = {value!r}: {problem['msg']}.") from error
    if isinstance(typed, float) and not math.isfinite(typed):
        raise CompareError(f"{where}, field '{name}' = {value!r}: it must be a finite number.")
    return typed


def unpaired(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Values with the fields of `PAIRS` in place of their words.

    Raises:
        CompareError: neither one number nor two are given for a pair.
    """
    single = {name: value for name, value in values.items() if name not in PAIRS}
    for word, names in PAIRS.items():
        if word not in values:
            continue
        given = values[word]
        both = tuple(given) if isinstance(given, list | tuple) else (given, given)
        if len(both) != len(names):
            raise CompareError(f"{where}, field '{word}' = {given!r}: give one number or two.")
        single.update(zip(names, both, strict=True))
    return single


def _typed(kind: type, values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Those of the values that are fields of a dataclass, each in its type."""
    hints = _hints(kind)
    return {
        name: value_of(name, hints[name], value, where)
        for name, value in values.items()
        if name in hints
    }


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _of_stages(backbone: BackboneConfig, stages: object, where: str) -> BackboneConfig:
    chosen = value_of("stages", tuple[int, ...], stages, where)
    channels = dict(zip(backbone.stages, backbone.channels, strict=True))
    if not chosen or not set(chosen) <= set(channels):
        known = ", ".join(map(str, backbone.stages))
        raise CompareError(
            f"{where}, field 'stages' = {stages!r}: choose some of {known}, those of the backbone."
        )
    ordered = tuple(sorted(set(chosen)))
    return replace(backbone, stages=ordered, channels=tuple(channels[one] for one in ordered))
