"""The versions of a model at a station: where they lie, and opening a certain one."""

from __future__ import annotations

from pathlib import Path

from uniad_desktop.engine import shipped
from uniad_desktop.engine.package import ModelPackage, PackageError, find_packages, open_package
from uniad_desktop.teaching.activation_log import VersionRef


def model_folders(data_folder: Path) -> list[Path]:
    """Where the models of a station lie: the data folder's, then the shipped ones."""
    there = shipped.shipped_models()
    return [data_folder / "models", *([there] if there is not None else [])]


def open_version(data_folder: Path, name: str, version: str) -> ModelPackage:
    """Opens a version of a model, whichever is active.

    Raises:
        PackageError: there is none of that name and version, or it cannot be used.
    """
    for found, number, folder in find_packages(model_folders(data_folder)):
        if (found, number) == (name, version):
            return check_name(open_package(folder), name, version)
    raise PackageError(
        f"There is no version '{version}' of a model named '{name}' "
        f"({versions_there(data_folder, name)}); choose another one or import it with "
        "`uniad-desktop versions import FILE.uniad`."
    )


def find_exact(data_folder: Path, name: str, wanted: VersionRef) -> ModelPackage | str:
    """Opens the package of that version and hash; a sentence why not where there is none."""
    reason = f"There is no folder of version {wanted.version} any more."
    for found, version, folder in find_packages(model_folders(data_folder)):
        if (found, version) != (name, wanted.version):
            continue
        try:
            package = check_name(open_package(folder), name, version)
        except PackageError as error:
            reason = str(error)
            continue
        if package.identity.sha256 == wanted.sha256:
            return package
        reason = f"{folder} is another package than the one of that version known here."
    return reason


def check_name(package: ModelPackage, name: str, version: str) -> ModelPackage:
    """The package, if it is what its folder's name says. Raises PackageError if not."""
    identity = package.identity
    if (identity.name, identity.version) != (name, version):
        raise PackageError(
            f"{package.folder} holds {identity.name} {identity.version}, not {name} {version}; "
            "import the model again."
        )
    return package


def versions_there(data_folder: Path, name: str) -> str:
    """For a sentence: which versions of a model there are, newest first."""
    found = find_packages(model_folders(data_folder))
    versions = list(dict.fromkeys(version for one, version, _ in found if one == name))
    return f"versions there: {', '.join(versions) or 'none'}"
