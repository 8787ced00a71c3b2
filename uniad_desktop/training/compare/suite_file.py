"""Suites from their names, from TOML or JSON files, and from what the command line says."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from uniad_desktop.training.compare.fields import (
    BASE_FIELDS,
    SHARED,
    VARIANT_FIELDS,
    Choice,
    changed,
    check_names,
    unpaired,
    value_of,
)
from uniad_desktop.training.compare.suites import SIZES, SUITES
from uniad_desktop.training.compare.variants import CompareError, Suite, Variant
from uniad_desktop.training.datasets import product_key
from uniad_desktop.training.errors import TrainingError
from uniad_desktop.training.recipes import TrainSettings
from uniad_desktop.training.train_config import make_config
from uniad_desktop.uniad.config import Attention, UniADConfig

_OF_SUITE: dict[str, Any] = {
    "data": tuple[str, ...],
    "products": tuple[str, ...],
    "seeds": tuple[int, ...],
    "every": int,
    "size": str,
}
_MOST_VARIANTS = 100
_LONGEST_NAME = 60
_POINTS = 20
"""Evaluations of a training where nobody says how many."""


def read_suites(names: Sequence[str], overrides: Mapping[str, Any]) -> tuple[Suite, ...]:
    """The suites of some CONFIGs.

    Args:
        names: each the name of a built-in suite or a file.
        overrides: fields of the base that win over those of the file, for example ``steps``.

    Raises:
        CompareError: one is neither, cannot be read, or holds what makes no sense.
    """
    suites: list[Suite] = []
    for text in names:
        suite = _suite(text, overrides)
        taken = {one.name for one in suites}
        if suite.name in taken:
            raise CompareError(
                f"Two of the comparisons are called {suite.name}; name each once, and files "
                "differently."
            )
        suites.append(suite)
    return tuple(suites)


def _suite(text: str, overrides: Mapping[str, Any]) -> Suite:
    if text in SUITES:
        values = SUITES[text]
        base = {"size": "small", **values.get("base", {})}
        return build_suite(text, text, {**values, "base": base}, overrides)
    path = Path(text)
    if not path.is_file():
        raise CompareError(
            f"{text} is neither a built-in comparison ({', '.join(SUITES)}) nor a file."
        )
    return build_suite(product_key(path.stem), str(path), _read(path), overrides)


def build_suite(
    name: str, where: str, values: Mapping[str, Any], overrides: Mapping[str, Any]
) -> Suite:
    """A suite from plain values.

    Args:
        name: of its folder.
        where: what messages call it, a file for example.
        values: ``base`` with fields, ``variant`` with a list of a name and changed fields each,
            and perhaps a ``title``.
        overrides: fields of the base that win.

    Raises:
        CompareError: a field is unknown or its value makes no sense.
    """
    check_names(values, ("base", "variant", "title"), where)
    title = value_of("title", str, values.get("title", name), where)
    given = value_of("base", dict[str, Any], values.get("base", {}), where)
    given = {**given, **overrides}
    check_names(given, (*BASE_FIELDS, *_OF_SUITE), f"{where}, base")
    size = given.get("size", "full")
    if size not in SIZES:
        raise CompareError(f"{where}, base, field 'size' = {size!r}: there are {', '.join(SIZES)}.")
    base = {**SIZES[size], **given}
    place = f"{where}, base"
    suite = {
        field: value_of(field, hint, _listed(hint, base.pop(field)), place)
        for field, hint in _OF_SUITE.items()
        if field in base
    }
    whole, start = _start(base, place)
    every = suite.get("every", max(1, start.settings.steps // _POINTS))
    seeds = suite.get("seeds", (0,))
    if every < 1 or not seeds or min(seeds) < 0 or len(set(seeds)) != len(seeds):
        raise CompareError(
            f"{place}: 'every' must be at least 1, and 'seeds' whole numbers of at least 0, each "
            "once."
        )
    return Suite(
        name=name,
        title=title,
        config=whole,
        base=start.config,
        variants=_variants(where, values.get("variant"), start),
        data=suite["data"],
        products=suite.get("products", ()),
        seeds=seeds,
        every=every,
    )


def _listed(hint: object, value: object) -> object:
    """A single source, product or seed as a list of one."""
    single = isinstance(value, str | int) and hint not in (str, int)
    return [value] if single else value


def _start(base: dict[str, Any], place: str) -> tuple[UniADConfig, Choice]:
    """The features of all variants, and the base on top of them."""
    seen = unpaired({name: base.pop(name) for name in SHARED if name in base}, place)
    try:
        # Whether the neighbour square fits into the input is for each variant to say.
        whole = replace(make_config({**seen, "masked": []}), masked=frozenset(Attention))
    except TrainingError as error:
        raise CompareError(f"{place}: {error}") from error
    start = Choice(whole, TrainSettings(average=0.0), whole.backbone)
    return whole, changed(start, base, place)


def _variants(where: str, given: object, start: Choice) -> tuple[Variant, ...]:
    if not isinstance(given, list) or not 1 <= len(given) <= _MOST_VARIANTS:
        raise CompareError(
            f"{where} needs a list of 1 to {_MOST_VARIANTS} variants, in TOML [[variant]] each."
        )
    variants: list[Variant] = []
    for number, values in enumerate(given, 1):
        place = f"{where}, variant {number}"
        one = value_of("variant", dict[str, Any], values, place)
        variant = _variant(where, number, dict(one), start)
        if variant.name in {other.name for other in variants}:
            raise CompareError(f"{where} has two variants called '{variant.name}'.")
        variants.append(variant)
    return tuple(variants)


def _variant(where: str, number: int, values: dict[str, Any], start: Choice) -> Variant:
    name = value_of("name", str, values.pop("name", ""), f"{where}, variant {number}").strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise CompareError(
            f"{where}, variant {number} needs a name of 1 to {_LONGEST_NAME} characters."
        )
    place = f"{where}, variant '{name}'"
    check_names(values, VARIANT_FIELDS, place)
    choice = changed(start, values, place)
    return Variant(
        name=name,
        changes=values,
        config=choice.config,
        settings=choice.settings,
        separate=value_of("separate", bool, values.get("separate", False), place),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise CompareError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise CompareError(
            f"{path} is neither TOML nor JSON ({error}); name it .toml or .json according to what "
            "it holds."
        ) from error
    if not isinstance(values, dict):
        raise CompareError(f"{path} must hold 'base' and 'variant'.")
    return values
