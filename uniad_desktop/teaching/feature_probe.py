"""Pooled features: what a frame looks like to the frozen backbone, in one short vector."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.layout import Layout, LayoutError, tiles_of
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.preprocess import ImageError, View, check_image, preprocess
from uniad_desktop.files import write_durably
from uniad_desktop.teaching.collection import Part, PartCollection
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.training.feature_cache import PREPROCESSING, folded, raw_features
from uniad_desktop.training.tiling import WHOLE

FEATURES: Final = "features"

_BATCH = 8


class ProbeError(ValueError):
    """A frame has no features; the message is a sentence for the user."""


class FeatureProbe:
    """Computes pooled features with the backbone of a package, on the CPU.

    Args:
        package: whose backbone and standardisation are used.
        threads: of torch while it computes, in the calling thread; None: as they are.

    Raises:
        PackageError: the weights do not fit the architecture.
    """

    def __init__(self, package: ModelPackage, threads: int | None = None) -> None:
        config = package.manifest.architecture
        self._size = config.input_height, config.input_width
        self._threads = threads
        self._pyramid = folded(load_model(package).pyramid, self._size)
        digest = hashlib.sha256(f"{package.manifest.backbone.sha256} {PREPROCESSING} ".encode())
        digest.update(f"{self._size} {config.alignment} {config.standardised} ".encode())
        for values in (self._pyramid.mean, self._pyramid.deviation):
            digest.update(values.numpy().tobytes())
        self._key = digest.hexdigest()

    def key(self, layout: Layout) -> str:
        """Tells features of this probe and layout from others (hex)."""
        return hashlib.sha256(f"{self._key} {layout}".encode()).hexdigest()[:16]

    def pooled(self, image: NDArray[np.uint8], layout: Layout = WHOLE) -> NDArray[np.float32]:
        """Mean over tiles and tokens of the standardised features.

        Args:
            image: (H, W) or (H, W, 3) uint8, RGB.
            layout: of the product.

        Returns:
            (C,) float32.

        Raises:
            ProbeError: it is no frame, or a region does not fit it.
            TrainingError: the backbone gives values that are not numbers.
        """
        try:
            check_image(image)
            tiles = tiles_of(layout, image.shape[1], image.shape[0])
            views = [View(image, tile.box) for tile in tiles]
            total = np.zeros(len(self._pyramid.mean))
            with _torch_threads(self._threads):
                for start in range(0, len(views), _BATCH):
                    batch = views[start : start + _BATCH]
                    inputs = [preprocess(view.pixels(), *self._size) for view in batch]
                    tokens = raw_features(self._pyramid, inputs)
                    total += tokens.mean(axis=1, dtype=np.float64).sum(axis=0)
        except (ImageError, LayoutError) as error:
            raise ProbeError(str(error)) from error
        mean = torch.from_numpy((total / len(views)).astype(np.float32))
        standardised: NDArray[np.float32] = self._pyramid.standardise(mean).numpy()
        return standardised


class PooledFeatures:
    """Pooled features of a collection's parts, computed once and kept in a file.

    The file is a convenience: where it is missing, damaged or not writable, features are computed
    again.

    Args:
        collection: the parts.
        probe: computes what is missing.
        layout: of the product.
    """

    def __init__(self, collection: PartCollection, probe: FeatureProbe, layout: Layout) -> None:
        self._collection, self._probe, self._layout = collection, probe, layout
        folder = collection.folder.parent / FEATURES
        self._path = folder / f"pooled-{probe.key(layout)}.npz"
        self._known = _load(self._path)
        self._saved = set(self._known)

    def of(self, part: Part) -> NDArray[np.float32] | None:
        """(C,) of a part; None where its image cannot be read or does not fit the layout."""
        if part.id not in self._known:
            try:
                image = self._collection.image(part)
                self._known[part.id] = self._probe.pooled(image, self._layout)
            except (StoreError, ProbeError):
                return None
        return self._known[part.id]

    def all_of(self, parts: Sequence[Part]) -> NDArray[np.float32] | None:
        """(n, C) of those parts that have some; None where none has."""
        rows = [row for part in parts if (row := self.of(part)) is not None]
        return np.stack(rows) if rows else None

    def put(self, part: Part, features: NDArray[np.float32]) -> None:
        """Keeps features that were computed before."""
        self._known[part.id] = features

    def save(self) -> None:
        """Writes the file where there is something new; a full disk is no reason to stop."""
        if set(self._known) == self._saved or not self._known:
            return
        buffer = io.BytesIO()
        np.savez(buffer, ids=np.array(list(self._known)), rows=np.stack(list(self._known.values())))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(self._path, buffer.getvalue())
        except OSError:
            return
        self._saved = set(self._known)


def _load(path: Path) -> dict[str, NDArray[np.float32]]:
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            ids, rows = file["ids"], file["rows"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}
    if len(ids) != len(rows) or rows.dtype != np.float32 or not np.isfinite(rows).all():
        return {}
    return {str(part_id): row for part_id, row in zip(ids, rows, strict=True)}


@contextmanager
def _torch_threads(wanted: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    if wanted is None or wanted == before:
        yield
        return
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
