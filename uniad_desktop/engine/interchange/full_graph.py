"""The graph that is given away, and what stands in the file beside it."""

from __future__ import annotations

import json

from torch import Tensor, nn
from torch.nn import functional as F

from uniad_desktop.engine.graph import InspectionGraph
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.uniad.config import ScoreKind
from uniad_desktop.uniad.model import UniAD
from uniad_desktop.uniad.scoring import image_score

FRAMES, MAPS, SCORES = "frames", "anomaly_maps", "image_scores"


class FullGraph(nn.Module):
    """Scaled pictures to maps and scores, with nothing left to do outside.

    Args:
        model: trained, in eval mode. Its modules are shared, not copied.
    """

    def __init__(self, model: UniAD) -> None:
        super().__init__()
        config = model.config
        self.inspection = InspectionGraph(model)
        self.size = (config.input_height, config.input_width)
        self.score, self.pool = config.score, config.score_pool

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3, h, w) grey levels 0..255 to maps (B, h, w) and scores (B,), raw distance."""
        coarse = self.inspection(pictures).unsqueeze(1)
        maps = F.interpolate(coarse, size=self.size, mode="bilinear", align_corners=True)
        if self.score is ScoreKind.MAX_POOLED:
            # One axis after the other: the same means as in a square, at an eighth of the work.
            rows = F.avg_pool2d(maps, (self.pool, 1), stride=1)
            return maps.squeeze(1), F.avg_pool2d(rows, (1, self.pool), stride=1).amax((1, 2, 3))
        return maps.squeeze(1), image_score(maps.squeeze(1), self.score, self.pool)


def description(package: ModelPackage) -> dict[str, str]:
    """What a file says of itself: model, hash, and the products with their limits as JSON."""
    identity = package.identity
    products = {
        key: {
            "titles": entry.titles,
            "accept": entry.accept,
            "reject": entry.reject,
            "layout": entry.model_dump(mode="json")["layout"],
        }
        for key, entry in package.manifest.products.items()
    }
    return {
        "model": identity.name,
        "version": identity.version,
        "sha256": identity.sha256,
        "products": json.dumps(products, ensure_ascii=False),
        "frames": "uint8 (batch, height, width, 3), RGB; any size; one size per batch",
        "scaling": "bilinear with antialiasing (as PIL's), inside the graph",
        "scores": "raw distance; above a product's 'reject' a part fails",
    }
