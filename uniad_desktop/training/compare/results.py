"""Results of finished trainings, kept so that nothing is trained twice."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from uniad_desktop.files import write_durably
from uniad_desktop.training.compare.curves import Curve, curve_as_json, curve_from_json
from uniad_desktop.training.compare.variants import Variant

_log = logging.getLogger(__name__)

RESULT = "result.json"
_VERSION = 1
"""Counts up when the same settings would give other figures, so that all is trained anew."""


def run_key(
    variant: Variant, seed: int, product: str | None, *, every: int, material_key: str
) -> str:
    """Tells one training and its evaluations from another (hex); a variant's name is no part."""
    config: dict[str, Any] = asdict(variant.config)
    # The order of a set of strings differs from process to process.
    config["masked"] = sorted(config["masked"])
    settings = {**asdict(variant.settings), "seed": seed}
    del settings["save_every_s"]
    content = [_VERSION, config, settings, product, every, material_key]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def keep_result(folder: Path, key: str, title: str, curve: Curve) -> None:
    """Writes the result of a run, and removes what was only good for going on with it.

    Raises:
        OSError: the disk is full, and so on.
    """
    text = json.dumps({"key": key, "variant": title, **curve_as_json(curve)}, indent=1)
    write_durably(folder / RESULT, text.encode())
    for one in folder.iterdir():
        if one.name != RESULT:
            one.unlink()


def former_result(folder: Path, key: str) -> Curve | None:
    """The result that was kept, or None where there is none of that key."""
    path = folder / RESULT
    try:
        values = json.loads(path.read_bytes())
        return curve_from_json(values) if values["key"] == key else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s cannot be used (%s); it is trained again.", path, error)
        return None
