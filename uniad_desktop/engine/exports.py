"""Exported models kept beside their package, so that a station prepares each of them once.

They lie in ``NAME/.runtimes/VERSION/`` beside the folder of the version. Those of the package that
comes with the application, or where that place cannot be written, lie in the data folder or the
user's cache folder. A file is used only while its
SHA-256 is the one that was noted when it was made.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from uniad_desktop.engine.agreement import Agreement
from uniad_desktop.engine.graph import GRAPH_VERSION
from uniad_desktop.engine.package import ModelPackage, write_folder
from uniad_desktop.engine.shipped import shipped_models

_log = logging.getLogger(__name__)

NOTE = "export.json"


class ExportKey(BaseModel):
    """Everything that an export depends on.

    Attributes:
        package: SHA-256 of the package.
        runtime: name of the runtime, with its precision.
        version: version of the runtime.
        device: what it was checked on.
        graph: version of the graph's arithmetic.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: str
    runtime: str
    version: str
    device: str
    graph: int = GRAPH_VERSION

    def folder_name(self) -> str:
        """A short name that tells exports apart."""
        digest = hashlib.sha256(self.model_dump_json().encode()).hexdigest()
        return f"{self.runtime}-{digest[:16]}"


class Export(BaseModel):
    """``export.json``: what an export is and whether it gave the reference's answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: ExportKey
    agreement: Agreement
    files: dict[str, str]


def find_export(package: ModelPackage, key: ExportKey) -> tuple[Path, Export] | None:
    """An export made before whose files are still what they were, and what was noted of it."""
    for place in _places(package):
        folder = place / key.folder_name()
        try:
            export = Export.model_validate_json((folder / NOTE).read_bytes())
            if export.key == key and all(
                _sha256(folder / name) == digest for name, digest in export.files.items()
            ):
                return folder, export
            _log.info("The exported model in %s is damaged and is made anew.", folder)
        except FileNotFoundError:
            continue
        except (OSError, ValidationError) as error:
            _log.info("The exported model in %s is made anew: %s", folder, error)
    return None


def make_export(
    package: ModelPackage,
    key: ExportKey,
    write: Callable[[Path], None],
    check: Callable[[Path], Agreement],
) -> tuple[Path, Export] | None:
    """Exports, checks and keeps a model.

    Args:
        package: whose model.
        key: what it is kept under.
        write: writes the runtime's files into an empty folder.
        check: runs what was written against the reference.

    Returns:
        The folder where it was kept and what was noted, or None where no place can be written;
        what `write` and `check` raise passes through and nothing is kept.
    """
    with tempfile.TemporaryDirectory(prefix="uniad-export-") as name:
        fresh = Path(name)
        write(fresh)
        agreement = check(fresh)
        contents = {one.name: one.read_bytes() for one in sorted(fresh.iterdir())}
    export = Export(
        key=key,
        agreement=agreement,
        files={name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    )
    note = json.dumps(export.model_dump(), indent=2).encode()
    for place in _places(package):
        folder = place / key.folder_name()
        try:
            write_folder(folder, {**contents, NOTE: note})
        except OSError as error:
            _log.info("No export can be kept in %s: %s", place, error.strerror or error)
            continue
        return folder, export
    return None


def _places(package: ModelPackage) -> tuple[Path, ...]:
    """Where exports of a package may lie, the best first."""
    cache = os.environ.get("UNIAD_DATA_DIR") or platformdirs.user_cache_dir("uniad-desktop", False)
    identity = package.identity
    elsewhere = Path(cache) / "runtimes" / f"{identity.name}-{identity.version}"
    shipped = shipped_models()
    if shipped is not None and package.folder.resolve().is_relative_to(shipped.resolve()):
        return (elsewhere,)
    return package.folder.parent / ".runtimes" / package.folder.name, elsewhere


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
