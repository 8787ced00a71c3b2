"""What the model expects to see, painted from the features it rebuilt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.detector import choose_device, load_model
from uniad_desktop.engine.package import ModelPackage, PackageError
from uniad_desktop.engine.preprocess import preprocess

Paint = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
"""An image (H, W) or (H, W, 3) to its expected appearance (input_height, input_width, 3)."""


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

    def paint(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        with torch.inference_mode():
            batch = preprocess(image, *size)[None].to(chosen)
            painted = decoder(model.network(model.pyramid(batch)))[0]
            pixels = painted.clamp(0.0, 1.0).mul(255.0).round().to(torch.uint8)
            return np.ascontiguousarray(pixels.permute(1, 2, 0).cpu().numpy())

    return paint
