"""What the model expects to see, painted from the features it rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.detector import choose_device, load_model
from uniad_desktop.engine.layout import Layout, tiles_of
from uniad_desktop.engine.package import ModelPackage, PackageError
from uniad_desktop.engine.preprocess import View, preprocess
from uniad_desktop.engine.stitching import stitcher_for

_TILES_AT_ONCE = 8


class Paint(Protocol):
    """Paints the expected appearance of an image."""

    def __call__(
        self, image: NDArray[np.uint8], product: str | None = None, /
    ) -> NDArray[np.uint8]:
        """Paints it.

        Args:
            image: (H, W) or (H, W, 3) uint8, RGB.
            product: key of the product whose regions and tiles are painted; None: the whole.

        Returns:
            (h, w, 3) uint8 of the whole image, at the size of its anomaly map; black outside of
            all regions.
        """


def expected_appearance(package: ModelPackage, device: str = "auto") -> Paint | None:
    """The painter of a package, or None where it has no visualisation decoder.

    Raises:
        PackageError: the decoder's weights do not fit.
        DetectorError: the device cannot be used.
    """
    shape = package.manifest.visualisation
    if shape is None:
        return None
    from uniad_desktop.uniad.visualisation import VisualisationDecoder

    config = package.manifest.architecture
    size = (config.input_height, config.input_width)
    decoder = VisualisationDecoder(shape, config.backbone.feature_channels, config.grid, size)
    try:
        decoder.load_state_dict(package.visualisation_weights())
    except RuntimeError as error:
        raise PackageError(
            f"The visualisation decoder in {package.folder} does not fit its network "
            f"({str(error).splitlines()[0]}); import the model again."
        ) from error
    chosen = choose_device(device)
    model = load_model(package).to(chosen)
    decoder = decoder.to(chosen).eval().requires_grad_(False)

    def paint_tiles(views: Sequence[View]) -> NDArray[np.float32]:
        with torch.inference_mode():
            batch = torch.stack([preprocess(view.pixels(), *size) for view in views]).to(chosen)
            painted = decoder(model.network(model.pyramid(batch))).clamp(0.0, 1.0)
            levels: NDArray[np.float32] = painted.mul(255.0).cpu().numpy()
            return levels

    def paint(image: NDArray[np.uint8], product: str | None = None, /) -> NDArray[np.uint8]:
        entry = package.manifest.products.get(product) if product is not None else None
        layout = entry.layout if entry is not None else Layout()
        frame = (image.shape[1], image.shape[0])
        views = [View(image, tile.box) for tile in tiles_of(layout, *frame)]
        tiles = np.concatenate(
            [
                paint_tiles(views[start : start + _TILES_AT_ONCE])
                for start in range(0, len(views), _TILES_AT_ONCE)
            ]
        )
        stitcher = stitcher_for(layout, frame, size)
        whole = [stitcher.stitch(np.ascontiguousarray(tiles[:, one])) for one in range(3)]
        return np.stack(whole, axis=-1).round().astype(np.uint8)

    return paint
