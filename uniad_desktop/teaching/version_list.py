"""What a person reads of every version of a model: products, date, hash and what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from uniad_desktop.engine.package import PackageError, find_packages, open_package
from uniad_desktop.teaching.activation import ActivationError, active_version
from uniad_desktop.teaching.activation_log import VersionRef
from uniad_desktop.teaching.versions import check_name, model_folders


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version at this station; of a damaged one only name, version, folder and the problem.

    Attributes:
        name: of the model.
        version: ``major.minor.patch``.
        folder: where it lies.
        active: whether it is the package that was activated.
        created: UTC, ISO 8601.
        products: keys of its products.
        sha256: hash of the package, hex.
        change: what was changed in it, in a line; empty where it does not say.
        problem: a sentence where it cannot be used, else empty.
    """

    name: str
    version: str
    folder: Path
    active: bool = False
    created: str = ""
    products: tuple[str, ...] = ()
    sha256: str = ""
    change: str = ""
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """Values for JSON."""
        return {**asdict(self), "folder": str(self.folder), "products": list(self.products)}


def known_versions(data_folder: Path, name: str = "") -> list[KnownVersion]:
    """Every version in the data folder and of the shipped models, all files checked.

    The same package in both places is listed once.

    Args:
        data_folder: of the station.
        name: of one model; empty: all of them.

    Returns:
        By name, newest first.
    """
    listed: list[KnownVersion] = []
    active: dict[str, VersionRef | None] = {}
    seen: set[tuple[str, str, str]] = set()
    for model, version, folder in find_packages(model_folders(data_folder)):
        if name and model != name:
            continue
        if model not in active:
            active[model] = _active(data_folder, model)
        one = _known(model, version, folder, active[model])
        if one.problem or (model, version, one.sha256) not in seen:
            listed.append(one)
        seen.add((model, version, one.sha256))
    return listed


def what_changed(training: Mapping[str, Any]) -> str:
    """What a manifest's provenance says of the last step, in a line.

    Args:
        training: `Manifest.training`; it may hold anything.
    """
    changes = training.get("changes")
    if isinstance(changes, list) and changes and isinstance(changes[-1], dict):
        last = changes[-1]
        what = _line(last.get("what")) or "changed"
        origin = _line(last.get("from"))
        what = f"{what} (from {origin})" if origin else what
        return f"{what}; a product got WORSE" if known_problems(training) else what
    recipe = _line(training.get("recipe"))
    return f"trained, recipe {recipe}" if recipe else _line(training.get("data"))


def known_problems(training: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a version should not go live, as teaching found; empty where nothing got worse.

    What a product lost in one step stays lost in the steps that were built on it.

    Args:
        training: `Manifest.training`; it may hold anything.
    """
    changes = training.get("changes")
    told: list[str] = []
    for change in changes if isinstance(changes, list) else []:
        found = change.get("problems") if isinstance(change, dict) else None
        told += [str(one) for one in found] if isinstance(found, list) else []
    return tuple(told)


def _known(model: str, version: str, folder: Path, active: VersionRef | None) -> KnownVersion:
    try:
        package = check_name(open_package(folder), model, version)
    except PackageError as error:
        return KnownVersion(model, version, folder, problem=str(error))
    manifest, sha256 = package.manifest, package.identity.sha256
    return KnownVersion(
        model,
        version,
        folder,
        active=active == VersionRef(version=version, sha256=sha256),
        created=manifest.created,
        products=tuple(manifest.products),
        sha256=sha256,
        change=what_changed(manifest.training),
    )


def _active(data_folder: Path, name: str) -> VersionRef | None:
    try:
        state = active_version(data_folder, name)
    except ActivationError:
        return None
    return state.reference if state is not None else None


def _line(value: object) -> str:
    """A printable line of what should be text."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return "".join(one for one in text if one.isprintable())
