"""What the window needs of the versions of its model; every call may take long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from uniad_desktop.teaching.activation_log import VersionRef
from uniad_desktop.teaching.version_list import KnownVersion


@dataclass(frozen=True, slots=True)
class VersionList:
    """The versions of one model at this station.

    Attributes:
        versions: all of them, newest first; damaged ones carry a problem.
        back: what a roll-back goes to, or None where there is no former version.
    """

    versions: tuple[KnownVersion, ...]
    back: KnownVersion | None = None


class ModelVersions(Protocol):
    """Lists and changes the active version of one model.

    Members read and check whole files: the window calls them on a worker, one at a time. All of
    them raise `PackageError` with a sentence for the user.
    """

    def list(self) -> VersionList:
        """Every version, with all files checked."""
        ...

    def active(self) -> VersionRef | None:
        """What the record says is active; None where nothing was ever activated."""
        ...

    def activate(self, chosen: KnownVersion) -> VersionRef:
        """Makes a version the active one; returns what is active now."""
        ...

    def roll_back(self) -> VersionRef:
        """Makes the former version active again; returns what is active now."""
        ...
