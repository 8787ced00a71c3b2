"""The next version of a package: everything as it was but for what is given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import (
    ModelPackage,
    PackageError,
    find_packages,
    version_number,
    write_package,
)

if TYPE_CHECKING:
    from torch import Tensor

    from uniad_desktop.uniad.config import VisualisationConfig


def free_version(package: ModelPackage, models: Path) -> str:
    """The first version after every one of this model, in `models` and where the package lies.

    Args:
        package: the model.
        models: folder of all models that the new version will be written to.

    Returns:
        ``major.minor.patch``, one more in the last place.
    """
    folders = {models, package.folder.parents[1]}
    taken = [
        version_number(version) or (0, 0, 0)
        for name, version, _ in find_packages(folders)
        if name == package.manifest.name
    ]
    major, minor, patch = max([*taken, version_number(package.manifest.version) or (0, 0, 0)])
    return f"{major}.{minor}.{patch + 1}"


def write_next(
    package: ModelPackage,
    models: Path,
    *,
    note: Mapping[str, Any],
    products: Mapping[str, ProductEntry] | None = None,
    weights: Mapping[str, Tensor] | None = None,
    memory: Mapping[str, Tensor] | None = None,
    sample: Mapping[str, Tensor] | None = None,
    previews: Mapping[str, bytes] | None = None,
    visualisation: tuple[VisualisationConfig, Mapping[str, Tensor]] | None = None,
    version: str = "",
    replace: bool = False,
) -> ModelPackage:
    """Writes the next version; the former one stays as it is.

    Args:
        package: the version that it comes from.
        models: folder of all models.
        note: what was changed, JSON values; it goes into the provenance as the last of its
            ``changes``, with name, version and hash of where it comes from.
        products: in place of the former ones; None: as they were.
        weights: likewise.
        memory: likewise.
        sample: likewise.
        previews: PNG bytes per product; others stay.
        visualisation: the decoder's shape and weights in place of the former; None: as it was.
        version: of the new package; empty: the first free one.
        replace: whether the same version may be replaced.

    Raises:
        PackageError: the package cannot be read, or the new one not be written.
    """
    manifest = package.manifest
    entries = dict(manifest.products if products is None else products)
    kept = {key: package.preview(key) for key in entries}
    shown = {key: _png(path) for key, path in kept.items() if path is not None}
    origin = {
        "from": f"{manifest.name} {manifest.version}",
        "from_sha256": package.identity.sha256,
    }
    changes = [*manifest.training.get("changes", []), {**note, **origin}]
    if visualisation is None and manifest.visualisation is not None:
        visualisation = manifest.visualisation, package.visualisation_weights()
    return write_package(
        models,
        name=manifest.name,
        version=version or free_version(package, models),
        architecture=manifest.architecture,
        weights=package.weights() if weights is None else weights,
        products=entries,
        backbone_source=manifest.backbone.source,
        backbone_licence=manifest.backbone.licence,
        title=manifest.title,
        training={**manifest.training, "changes": changes},
        memory=package.memory() if memory is None else memory,
        previews={**shown, **(previews or {})},
        visualisation=visualisation,
        sample=package.sample() if sample is None else sample,
        replace=replace,
    )


def _png(path: Path) -> bytes:
    """A preview as PNG, as it is where it is one."""
    data = path.read_bytes()
    if path.suffix == ".png":
        return data
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise PackageError(f"{path} is no picture; import the model again.")
    return bytes(cv2.imencode(".png", image)[1].tobytes())
