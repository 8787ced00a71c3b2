"""Adds to a package of the simulated parts what it was made without: sample and memory."""

from __future__ import annotations

from pathlib import Path

from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.package import ModelPackage, PackageError, write_package
from uniad_desktop.engine.sample import kept_sample, tile_views
from uniad_desktop.simulator.parts import PRODUCTS
from uniad_desktop.training.simulated_data import FRAME, Light, sample_parts
from uniad_desktop.training.simulated_memory import KEPT, simulated_memory
from uniad_desktop.training.simulated_model import renderer_hash


def add_sample(
    package: ModelPackage, models: Path, version: str, *, replace: bool = False
) -> ModelPackage:
    """Writes another version: the same weights, limits and previews, with sample and memory.

    Both are what `simulated_model` would have put there. Frames have to be in colour, as all
    rendered parts are.

    Args:
        package: a package that `simulated_model` made.
        models: folder of all models.
        version: of the new package.
        replace: whether the same version may be replaced.

    Raises:
        PackageError: the package knows other products or looks, or cannot be read or written.
    """
    manifest = package.manifest
    if set(manifest.products) != set(PRODUCTS):
        raise PackageError(
            f"{package.folder} does not know exactly the simulated products "
            f"({', '.join(PRODUCTS)}); name a package that was trained on them."
        )
    if manifest.training.get("renderer_sha256") != renderer_hash():
        raise PackageError(
            f"{package.folder} was trained on parts that look different from those rendered now; "
            "train it anew."
        )
    config = manifest.architecture
    shone, light = (Light(**manifest.training[one]) for one in ("train_light", "light"))
    size = config.input_height, config.input_width
    sample = kept_sample(
        {
            key: tile_views(list(sample_parts(key, light)), entry.layout)
            for key, entry in manifest.products.items()
        },
        size,
    )
    previews = {key: package.preview(key) for key in manifest.products}
    shape = manifest.visualisation
    count = min(len(one) for one in sample.values())
    return write_package(
        models,
        name=manifest.name,
        version=version,
        architecture=config,
        weights=package.weights(),
        products={
            key: entry.model_copy(update={"frame": FRAME})
            for key, entry in manifest.products.items()
        },
        backbone_source=manifest.backbone.source,
        backbone_licence=manifest.backbone.licence,
        title=manifest.title,
        training={
            **manifest.training,
            "added": {
                "what": f"sample of {count} normal parts per product, of the first calibration "
                f"seeds; replay memory of {KEPT} parts of the first training seeds and as many "
                "of the first calibration seeds; frames have to be in colour",
                "to": f"{manifest.name} {manifest.version}, trained {manifest.created}",
                "to_sha256": package.identity.sha256,
            },
        },
        memory=simulated_memory(load_model(package).pyramid, size, shone, light),
        previews={key: one.read_bytes() for key, one in previews.items() if one is not None},
        visualisation=None if shape is None else (shape, package.visualisation_weights()),
        sample=sample,
        replace=replace,
    )
