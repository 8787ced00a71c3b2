"""The model package on disk: opened with every hash checked, written all or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from safetensors import SafetensorError

from uniad_desktop.engine.manifest import (
    SCHEMA_VERSION,
    BackboneProvenance,
    FileEntry,
    Manifest,
    ProductEntry,
)
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.uniad.config import UniADConfig, VisualisationConfig

if TYPE_CHECKING:
    from torch import Tensor

MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
MEMORY = "memory.safetensors"
VISUALISATION = "visualisation.safetensors"
SAMPLE = "sample.safetensors"

_LARGEST_MANIFEST = 4 << 20
_LARGEST_FILE = 2 << 30


class PackageError(Exception):
    """A model package cannot be used or written; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """An opened package whose files all matched their hashes.

    Attributes:
        folder: where it lies.
        manifest: what it says of itself.
        identity: name, version and SHA-256 of the manifest's bytes. The manifest holds the hash
            of every other file, so this one hash stands for the whole package.
    """

    folder: Path
    manifest: Manifest
    identity: ModelIdentity

    def weights(self) -> dict[str, Tensor]:
        """Tensors of network and backbone. Raises PackageError when the file changed."""
        return self._tensors(WEIGHTS)

    def memory(self) -> dict[str, Tensor]:
        """A bounded sample of each product's normal features; empty where none is kept."""
        return self._tensors(MEMORY) if MEMORY in self.manifest.files else {}

    def visualisation_weights(self) -> dict[str, Tensor]:
        """Tensors of the visualisation decoder; empty where the package has none."""
        return self._tensors(VISUALISATION) if VISUALISATION in self.manifest.files else {}

    def sample(self) -> dict[str, Tensor]:
        """A few normal pictures per product, (n, 3, H, W) uint8; empty where none are kept."""
        return self._tensors(SAMPLE) if SAMPLE in self.manifest.files else {}

    def preview(self, product: str) -> Path | None:
        """Picture of a normal part of a product, or None."""
        for name in (f"preview-{product}.png", f"preview-{product}.jpg"):
            if name in self.manifest.files:
                return self.folder / name
        return None

    def _tensors(self, name: str) -> dict[str, Tensor]:
        # The bytes that were checked are the bytes that are parsed.
        import safetensors.torch  # not above: opening a package must not wait for torch

        data = _checked_bytes(self.folder / name, self.manifest.files[name])
        try:
            tensors: dict[str, Tensor] = safetensors.torch.load(data)
        except (SafetensorError, ValueError) as error:
            raise PackageError(
                f"{self.folder / name} is not a valid safetensors file ({error}); "
                "copy or import the model again."
            ) from error
        return tensors


def open_package(folder: Path | str) -> ModelPackage:
    """Opens a package and checks its manifest and the hash of every file.

    Args:
        folder: the folder that holds ``manifest.json``.

    Raises:
        PackageError: something is missing, damaged, too large or made by a newer application.
    """
    folder = Path(folder)
    data = _manifest_bytes(folder)
    manifest = _parse_manifest(folder / MANIFEST, data)
    for name, entry in manifest.files.items():
        _check_file(folder / name, entry)
    identity = ModelIdentity(manifest.name, manifest.version, hashlib.sha256(data).hexdigest())
    return ModelPackage(folder, manifest, identity)


def find_packages(folders: Iterable[Path | str]) -> list[tuple[str, str, Path]]:
    """Lists packages laid out as ``FOLDER/NAME/VERSION/manifest.json`` without opening them.

    Args:
        folders: where to look; one that does not exist is skipped.

    Returns:
        (name, version, folder), by name, newest version first; of the same name and version the
        one in the earlier folder comes first.
    """
    found = [
        (manifest.parent.parent.name, manifest.parent.name, manifest.parent)
        for folder in folders
        for manifest in sorted(Path(folder).glob(f"*/*/{MANIFEST}"))
        if version_number(manifest.parent.name) is not None
    ]
    found.sort(key=lambda one: version_number(one[1]) or (), reverse=True)
    found.sort(key=lambda one: one[0])
    return found


def open_newest(name: str, folders: Iterable[Path | str]) -> ModelPackage:
    """Opens the newest version of a named package.

    Raises:
        PackageError: there is none of that name, or the newest cannot be used.
    """
    folders = [Path(folder) for folder in folders]
    packages = find_packages(folders)
    for found, _, folder in packages:
        if found == name:
            return open_package(folder)
    places = ", ".join(str(folder) for folder in folders) or "no folder"
    there = ", ".join(sorted({found for found, _, _ in packages})) or "none"
    raise PackageError(
        f"There is no model named '{name}' in {places} (models there: {there}); "
        "import the model or choose another one."
    )


def version_number(version: str) -> tuple[int, ...] | None:
    """``1.2.3`` as a tuple that sorts, or None for anything else."""
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return tuple(int(part) for part in parts)


def write_package(
    models: Path | str,
    *,
    name: str,
    version: str,
    architecture: UniADConfig,
    weights: Mapping[str, Tensor],
    products: Mapping[str, ProductEntry],
    backbone_source: str,
    backbone_licence: str,
    title: str = "",
    training: Mapping[str, Any] | None = None,
    memory: Mapping[str, Tensor] | None = None,
    previews: Mapping[str, bytes] | None = None,
    visualisation: tuple[VisualisationConfig, Mapping[str, Tensor]] | None = None,
    sample: Mapping[str, Tensor] | None = None,
    replace: bool = False,
) -> ModelPackage:
    """Writes a package: everything into a temporary folder, flushed, renamed, opened again.

    Args:
        models: folder of all models; the package becomes ``models/NAME/VERSION``.
        name: name of the model.
        version: ``major.minor.patch``.
        architecture: the network in numbers.
        weights: state of `UniAD` (backbone under ``pyramid.backbone.``).
        products: the products by key.
        backbone_source: where the backbone's weights come from.
        backbone_licence: their licence.
        title: what a person reads in a list.
        training: provenance, JSON values.
        memory: sample of normal features, product key to tensor.
        previews: PNG bytes per product key.
        visualisation: the visualisation decoder, its shape and its weights.
        sample: a few normal pictures per product as the network sees them, (n, 3, H, W) uint8;
            runtimes have to prove themselves on them.
        replace: whether a package of the same name and version may be replaced.

    Raises:
        PackageError: the version exists already, a value is not allowed, or the disk refuses.
    """
    target = Path(models) / name / version
    if target.exists() and not replace:
        raise PackageError(
            f"{target} exists already; versions are never overwritten, choose a new version."
        )
    contents: dict[str, bytes] = {WEIGHTS: _to_safetensors(weights)}
    if memory:
        contents[MEMORY] = _to_safetensors(memory)
    if visualisation is not None:
        contents[VISUALISATION] = _to_safetensors(visualisation[1])
    if sample:
        contents[SAMPLE] = _to_safetensors(sample)
    for key, png in (previews or {}).items():
        contents[f"preview-{key}.png"] = png
    try:
        manifest = Manifest(
            name=name,
            version=version,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            title=title,
            architecture=architecture,
            backbone=BackboneProvenance(
                source=backbone_source,
                licence=backbone_licence,
                sha256=backbone_hash(weights),
            ),
            products=dict(products),
            visualisation=visualisation[0] if visualisation is not None else None,
            training=dict(training or {}),
            files={
                file: FileEntry(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
                for file, data in contents.items()
            },
        )
    except ValidationError as error:
        raise PackageError(f"The model cannot be saved: {_first_problem(error)}.") from error
    contents[MANIFEST] = (manifest.model_dump_json(indent=2) + "\n").encode()
    try:
        write_folder(target, contents)
    except OSError as error:
        raise PackageError(
            f"The model could not be written to {target}: {error.strerror or error}; "
            "free space or choose another folder."
        ) from error
    return open_package(target)


def backbone_hash(weights: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, shapes and bytes of the backbone's tensors, hex."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        if name.startswith("pyramid.backbone."):
            tensor = weights[name].detach().cpu().contiguous()
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
            digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()


def _to_safetensors(tensors: Mapping[str, Tensor]) -> bytes:
    import safetensors.torch

    data: bytes = safetensors.torch.save(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    )
    return data


def write_folder(target: Path, contents: Mapping[str, bytes]) -> None:
    """Writes a whole folder or nothing; a former one stays until the new one is complete.

    Args:
        target: the folder.
        contents: bytes per file name.

    Raises:
        OSError: the disk refuses.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".writing-", dir=target.parent))
    try:
        for name, data in contents.items():
            with (fresh / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        fresh.chmod(0o755)
        if target.exists():
            former = Path(tempfile.mkdtemp(prefix=".former-", dir=target.parent))
            target.replace(former)
            try:
                fresh.rename(target)
            except OSError:
                former.replace(target)
                raise
            shutil.rmtree(former)
        else:
            fresh.rename(target)
    finally:
        if fresh.exists():
            shutil.rmtree(fresh)


def _manifest_bytes(folder: Path) -> bytes:
    path = folder / MANIFEST
    if not folder.is_dir():
        raise PackageError(f"There is no model package at {folder}; choose another folder.")
    try:
        if path.stat().st_size > _LARGEST_MANIFEST:
            raise PackageError(f"{path} is too large to be a manifest; import the model again.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise PackageError(
            f"{folder} holds no {MANIFEST}, so it is not a model package; choose the folder "
            "NAME/VERSION of a model."
        ) from error
    except OSError as error:
        raise PackageError(
            f"{path} cannot be read: {error.strerror or error}; check the access rights."
        ) from error


def _parse_manifest(path: Path, data: bytes) -> Manifest:
    try:
        values = json.loads(data)
    except ValueError as error:
        raise PackageError(f"{path} is damaged ({error}); import the model again.") from error
    schema = values.get("schema_version") if isinstance(values, dict) else None
    if isinstance(schema, int) and schema > SCHEMA_VERSION:
        raise PackageError(
            f"{path} was made by a newer application (layout {schema}, this one reads up to "
            f"{SCHEMA_VERSION}); update the application."
        )
    try:
        return Manifest.model_validate(values)
    except ValidationError as error:
        raise PackageError(
            f"{path} is not a valid manifest ({_first_problem(error)}); import the model again."
        ) from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = ".".join(str(step) for step in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]


def _check_file(path: Path, entry: FileEntry) -> None:
    try:
        size = path.stat().st_size
        if size == entry.size and size <= _LARGEST_FILE:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest == entry.sha256:
                return
    except FileNotFoundError as error:
        raise PackageError(f"{path} is missing; copy or import the model again.") from error
    except OSError as error:
        raise PackageError(
            f"{path} cannot be read: {error.strerror or error}; check the access rights."
        ) from error
    if size > _LARGEST_FILE:
        raise PackageError(f"{path} is larger than a model may be; import the model again.")
    raise PackageError(
        f"{path} is not the file that the model was saved with (its SHA-256 differs); "
        "copy or import the model again."
    )


def _checked_bytes(path: Path, entry: FileEntry) -> bytes:
    _check_file(path, entry)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise PackageError(f"{path} changed while it was read; try again.")
    return data
