"""What a part should look like: painted by the model where it can, else a real normal part.

Works on a thread of its own. A real part is never passed off as what the model expected.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.image_files import read_image
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.engine.package import ModelPackage, PackageError
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.records.record import Record
from uniad_desktop.teaching.collection import State
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.limit_change import open_in_use
from uniad_desktop.teaching.products import PRODUCTS
from uniad_desktop.teaching.versions import open_version
from uniad_desktop.ui.review.layers import Layer, layer_of
from uniad_desktop.ui.teach.part_list import read_parts

if TYPE_CHECKING:
    from uniad_desktop.training.evaluation.appearance import Paint

log = logging.getLogger(__name__)

_KEPT: Final = 4


class Kind(StrEnum):
    """What is shown in place of a part."""

    PAINTED = "painted"  # by the model that decided
    COLLECTED = "collected"  # the newest accepted good part of this station
    PACKAGE = "package"  # the picture of a normal part that the model brings along
    NONE = "none"


class NoPainter(StrEnum):
    """Why nothing is painted."""

    NO_DECODER = "no decoder"
    MODEL_GONE = "model gone"
    NO_IMAGE = "no image"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """A picture to compare with.

    Attributes:
        kind: what it is.
        layer: the picture, None where there is none.
        size: (width, height) of the frame that it shows.
        why: why it is not painted by the model; None where it is.
    """

    kind: Kind
    layer: Layer | None = None
    size: tuple[int, int] = (0, 0)
    why: NoPainter | None = None


class Expectations:
    """Finds and keeps pictures to compare with; one thread.

    Args:
        data_folder: of the station.
        model: name of its model, whose package brings pictures of normal parts.
    """

    def __init__(self, data_folder: Path, model: str) -> None:
        self._data_folder, self._model = data_folder, model
        self._normal: OrderedDict[str, Expected] = OrderedDict()
        self._painter: tuple[ModelIdentity, Paint | NoPainter] | None = None

    def of(self, record: Record, image: Path | None) -> Expected:
        """The picture for an inspection; never raises for what may be missing."""
        paint = self._paint_of(record.setup.model)
        why = paint if isinstance(paint, NoPainter) else None
        if not isinstance(paint, NoPainter):
            if image is None:
                why = NoPainter.NO_IMAGE
            else:
                try:
                    pixels = read_image(image)
                    return _shown(Kind.PAINTED, paint(pixels, record.product), pixels.shape, None)
                except (CameraError, RuntimeError, ValueError) as error:
                    log.warning("No expected appearance of inspection %d: %s", record.id, error)
                    why = NoPainter.FAILED
        normal = self._normal_part(record.product)
        return Expected(normal.kind, normal.layer, normal.size, why)

    def _paint_of(self, identity: ModelIdentity) -> Paint | NoPainter:
        """The painter of just this model; at most one is in memory."""
        if self._painter is not None and self._painter[0] == identity:
            return self._painter[1]
        self._painter = None
        found = self._open_painter(identity)
        self._painter = (identity, found)
        return found

    def _open_painter(self, identity: ModelIdentity) -> Paint | NoPainter:
        try:
            package = open_version(self._data_folder, identity.name, identity.version)
            if package.identity != identity:
                return NoPainter.MODEL_GONE
            if package.manifest.visualisation is None:
                return NoPainter.NO_DECODER
            # It loads torch, which only a package with a decoder needs here.
            from uniad_desktop.training.evaluation.appearance import expected_appearance

            return expected_appearance(package, "cpu") or NoPainter.NO_DECODER
        except PackageError as error:
            log.info("No expected appearance: %s", error)
            return NoPainter.MODEL_GONE

    def _normal_part(self, product: str) -> Expected:
        if product not in self._normal:
            self._normal[product] = self._find_normal(product)
        while len(self._normal) > _KEPT:
            self._normal.popitem(last=False)
        return self._normal[product]

    def _find_normal(self, product: str) -> Expected:
        for kind, find in ((Kind.COLLECTED, self._collected), (Kind.PACKAGE, self._preview)):
            try:
                path = find(product)
                if path is not None:
                    image = read_image(path)
                    return _shown(kind, image, image.shape, None)
            except (CameraError, StoreError, PackageError) as error:
                log.info("No picture of a normal part: %s", error)
        return Expected(Kind.NONE)

    def _collected(self, product: str) -> Path | None:
        if not product or not (self._data_folder / PRODUCTS / product).is_dir():
            return None
        parts = read_parts(self._data_folder, product)
        newest = parts.of(State.ACCEPTED)[:1]
        return parts.path(newest[0]) if newest else None

    def _preview(self, product: str) -> Path | None:
        package: ModelPackage = open_in_use(self._data_folder, self._model)
        return package.preview(product)


def _shown(
    kind: Kind, image: NDArray[np.uint8], shape: tuple[int, ...], why: NoPainter | None
) -> Expected:
    return Expected(kind, layer_of(image), (shape[1], shape[0]), why)
