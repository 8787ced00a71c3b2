"""The architecture to train: the recipe's, then a file's, then what the command line says."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from uniad_desktop.training.errors import TrainingError
from uniad_desktop.training.starter_backbone import STARTER
from uniad_desktop.uniad.backbones import backbone_config
from uniad_desktop.uniad.config import BackboneConfig, UniADConfig
from uniad_desktop.uniad.network import ReconstructionNetwork


def make_config(
    recipe: Mapping[str, Any],
    *,
    file: Path | None = None,
    changes: Mapping[str, Any] | None = None,
    backbone: str = "",
    stages: Sequence[int] | None = None,
) -> UniADConfig:
    """Puts an architecture together; later sources win.

    Args:
        recipe: fields that belong to the recipe.
        file: TOML or JSON with fields of `UniADConfig`; ``backbone`` is a timm name or a table of
            `BackboneConfig` fields with at least ``name``.
        changes: fields from the command line.
        backbone: timm name, instead of the file's; without either, the starter backbone.
        stages: its feature stages, instead of the usual ones.

    Raises:
        TrainingError: the file cannot be read, or a field or the backbone makes no sense.
    """
    values = {**recipe, **(_read(file) if file is not None else {}), **(changes or {})}
    where = f"The configuration{f' {file}' if file else ''}"
    unknown = sorted(set(values) - {one.name for one in fields(UniADConfig)})
    if unknown:
        known = ", ".join(one.name for one in fields(UniADConfig))
        raise TrainingError(f"{where} has a field '{unknown[0]}'; there are {known}.")
    # The feed-forward blocks are four times as wide as the tokens, unless somebody says otherwise.
    if "hidden" in values and "feed_forward" not in values and isinstance(values["hidden"], int):
        values["feed_forward"] = 4 * values["hidden"]
    size = (values.get("input_height", 224), values.get("input_width", 224))
    try:
        values["backbone"] = _backbone(values.get("backbone"), backbone, stages, size)
        config: UniADConfig = TypeAdapter(UniADConfig).validate_python(values)
        ReconstructionNetwork(config)
    except ValidationError as error:
        problem = error.errors()[0]
        place = "".join(f"{step}: " for step in problem["loc"])
        # What our own checks raise comes back with the name of its class before it.
        what = problem["msg"].removeprefix("Value error, ").removesuffix(".")
        raise TrainingError(f"{where} makes no sense: {place}{what}.") from error
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{where} cannot be built: {error}") from error
    return config


def _backbone(
    given: object, name: str, stages: Sequence[int] | None, size: tuple[int, int]
) -> BackboneConfig:
    if isinstance(given, str):
        given = {"name": given}
    table = dict(given) if isinstance(given, Mapping) and not name else {}
    name = name or str(table.get("name", ""))
    if not name or (name == STARTER.name and set(table) <= {"name"}):
        if stages is None:
            return STARTER
        return backbone_config(STARTER.name, stages=stages, pad_type="same", input_size=size)
    stages = stages if stages is not None else table.get("stages")
    usual = backbone_config(
        name, stages=stages, pad_type=str(table.get("pad_type", "")), input_size=size
    )
    rest = {one: value for one, value in table.items() if one not in ("name", "stages")}
    unknown = sorted(set(rest) - set(asdict(usual)))
    if unknown:
        raise ValueError(f"a backbone has no field '{unknown[0]}'.")
    config: BackboneConfig = TypeAdapter(BackboneConfig).validate_python({**asdict(usual), **rest})
    return config


def _read(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        values = json.loads(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise TrainingError(
            f"The configuration {file} cannot be read: {error.strerror or error}."
        ) from error
    except ValueError as error:
        raise TrainingError(
            f"The configuration {file} is neither TOML nor JSON ({error}); name it .toml or .json "
            "according to what it holds."
        ) from error
    if not isinstance(values, dict):
        raise TrainingError(f"The configuration {file} must hold fields with values.")
    return values
