"""Which package a command line means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uniad_desktop.engine.package import ModelPackage

SHIPPED: Final = "shipped"
PACKAGE_HELP: Final = f"folder NAME/VERSION of a model, NAME, NAME@VERSION, or {SHIPPED}"


def keep_active(package: ModelPackage, data_folder: Path, *, who: str, why: str) -> None:
    """Puts on record what is in use, before another version of it is written.

    Where nothing is on record the newest version is used, and the new one would go live unasked.

    Raises:
        ActivationError: the record cannot be written.
    """
    from uniad_desktop.teaching.activation import activate, active_version

    if active_version(data_folder, package.identity.name) is None:
        activate(data_folder, package, who=who, why=why)


def open_named_package(name: str, data_folder: Path) -> ModelPackage:
    """Opens the package that a folder, a name or ``shipped`` stands for.

    Raises:
        PackageError: there is none, or it is damaged.
    """
    from uniad_desktop.app import DEFAULT_MODEL, open_model
    from uniad_desktop.engine.package import open_newest
    from uniad_desktop.engine.shipped import shipped_models
    from uniad_desktop.station_options import StationOptions

    if name == SHIPPED and not Path(name).is_dir():
        models = shipped_models()
        return open_newest(DEFAULT_MODEL, [] if models is None else [models])
    return open_model(StationOptions(camera="", data_folder=data_folder, model=name))
