"""The versions of a station's model, from its data folder. No Qt."""

from __future__ import annotations

import getpass
from pathlib import Path

from uniad_desktop.engine.package import open_package
from uniad_desktop.teaching.activation import (
    Activation,
    ActivationError,
    activate,
    active_version,
    roll_back,
)
from uniad_desktop.teaching.activation_log import VersionRef
from uniad_desktop.teaching.version_list import KnownVersion, known_problems, known_versions
from uniad_desktop.ui.versions_like import VersionList

WHY = "chosen on the screen"


class StationVersions:
    """`ModelVersions` of one model in one data folder.

    Args:
        data_folder: of the station.
        name: of the model.
    """

    def __init__(self, data_folder: Path, name: str) -> None:
        self._folder, self._name = data_folder, name

    def list(self) -> VersionList:
        """Every version in the data folder and of the shipped ones, newest first."""
        versions = tuple(known_versions(self._folder, self._name))
        intact = {(one.version, one.sha256): one for one in versions if not one.problem}
        try:
            state = active_version(self._folder, self._name)
        except ActivationError:
            state = None  # choosing a version puts the record right again
        former = state.former if state is not None else ()
        back = next(
            (intact[one.version, one.sha256] for one in former if _key(one) in intact), None
        )
        return VersionList(versions, back)

    def active(self) -> VersionRef | None:
        """What the record says is active. Raises ActivationError."""
        state = active_version(self._folder, self._name)
        return state.reference if state is not None else None

    def activate(self, chosen: KnownVersion) -> VersionRef:
        """Makes a listed version the active one.

        Raises:
            PackageError: it is damaged or not the one any more that was listed, or the record
                cannot be written. What was active stays active.
        """
        package = open_package(chosen.folder)
        if package.identity.sha256 != chosen.sha256:
            raise ActivationError(
                f"{chosen.folder} is not the version any more that was chosen; look at the list "
                "again."
            )
        problems = known_problems(package.manifest.training)
        if problems:
            raise ActivationError(
                f"{chosen.version} is not put into use: {' '.join(problems)} An engineer can do it "
                f"with: uniad-desktop versions activate {self._name} {chosen.version} --override"
            )
        return _reference(activate(self._folder, package, who=_login(), why=WHY))

    def roll_back(self) -> VersionRef:
        """Makes the former version active. Raises ActivationError."""
        return _reference(roll_back(self._folder, self._name, who=_login(), why=WHY))


def _key(one: VersionRef) -> tuple[str, str]:
    return one.version, one.sha256


def _reference(activation: Activation) -> VersionRef:
    return VersionRef(version=activation.version, sha256=activation.sha256)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a name, as in a container
        return "unknown"
