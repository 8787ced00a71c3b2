"""What becomes of the products that a model knew before it was taught another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.training.features import Features
from uniad_desktop.training.memory import HELD, TRAINED, memory_key
from uniad_desktop.training.metrics import auroc
from uniad_desktop.uniad.model import UniAD

MOST_LOST_AUROC = 0.005
"""How much a product may lose in telling marked from normal pictures: half a point."""

LARGEST_MOVE = 1.15
"""How far typical scores may move, up or down. With replay they move by a few per cent, without by
a fifth and more, and then a product is rebuilt less well even where its limit went along."""

_BATCH = 16


@dataclass(frozen=True, slots=True)
class ProductCheck:
    """A product before and after.

    Attributes:
        key: of the product.
        parts: kept normal parts that were looked at.
        held: whether these were held back from training; else they were trained on.
        rejected_before, rejected_after: share of them above the limit in force.
        scale: typical score after over before; the limit went along.
        auroc_before, auroc_after: of normal against marked pictures of the package's sample; None
            where there are none.
        new: whether it is the product that was taught.
        challenge: kept challenge images that were judged wrongly, before (None where the model did
            not know the product) and after; None where there is no challenge set.
    """

    key: str
    parts: int
    held: bool
    rejected_before: float | None
    rejected_after: float
    scale: float | None
    auroc_before: float | None
    auroc_after: float | None
    new: bool = False
    challenge: tuple[int | None, int] | None = None

    @property
    def worse(self) -> str:
        """Why the product got worse, a sentence; empty where it did not.

        One that was taught anew may move, but not judge challenge images or marked pictures less
        well than before.
        """
        if self.challenge is not None:
            before_wrong, wrong = self.challenge
            if before_wrong is not None and wrong > before_wrong:
                return (
                    f"{self.key} judges {wrong} of its challenge images wrongly, "
                    f"{before_wrong} before."
                )
        if self.parts == 0 and not self.new:
            return (
                f"Nothing was kept of {self.key}, so nobody can tell whether it still works; "
                "check it with parts before this version goes live."
            )
        if self.auroc_before is not None and self.auroc_after is not None:
            lost = self.auroc_before - self.auroc_after
            if lost > MOST_LOST_AUROC:
                return (
                    f"{self.key} tells marked from normal pictures less well: AUROC "
                    f"{self.auroc_after:.3f}, {self.auroc_before:.3f} before."
                )
        if self.new:
            return ""
        if self.scale is not None and not 1 / LARGEST_MOVE <= self.scale <= LARGEST_MOVE:
            return (
                f"Typical scores of {self.key} are {self.scale:.2f} times what they were, so the "
                "model rebuilds its normal parts otherwise than before; its limit went along, but "
                "small defects may no longer stand out."
            )
        before = self.rejected_before or 0.0
        # One part more of a small number may be chance.
        if self.rejected_after > before + max(0.05, 1.5 / self.parts):
            return (
                f"{self.key} rejects {self.rejected_after:.0%} of {self.parts} kept normal parts, "
                f"{before:.0%} before."
            )
        return ""


def picture_scores(model: UniAD, features: Features, tiles: int) -> NDArray[np.float64]:
    """Raw image scores of pictures whose features are known; of several tiles the highest.

    Args:
        model: in eval mode.
        features: (n * tiles, N, C_org) raw.
        tiles: of each picture.
    """
    device = model.pyramid.mean.device
    scores = []
    with torch.inference_mode():
        for start in range(0, len(features), _BATCH):
            rows = np.asarray(features[start : start + _BATCH], np.float32)
            tokens = model.pyramid.standardise(torch.from_numpy(rows).to(device))
            scores.append(model.score_tokens(tokens)[1].double().cpu().numpy())
    highest: NDArray[np.float64] = np.concatenate(scores).reshape(-1, tiles).max(axis=1)
    return highest


def marked_auroc(model: UniAD, normal: Tensor, marked: Tensor) -> float:
    """How well a model tells a product's marked pictures from its normal ones.

    Args:
        model: in eval mode.
        normal: (n, 3, H, W) uint8, as the network sees them.
        marked: likewise.
    """
    with torch.inference_mode():
        scores = [
            model(one[None].to(model.pyramid.mean.device).float() / 255.0)[1].cpu()
            for one in (*normal, *marked)
        ]
    labels = np.concatenate((np.zeros(len(normal)), np.ones(len(marked))))
    return auroc(labels, torch.cat(scores).numpy())


def kept_rows(memory: Mapping[str, Tensor], key: str) -> tuple[Tensor | None, bool]:
    """What is remembered of a product to check it with, and whether it was held back."""
    for part in (HELD, TRAINED):
        rows = memory.get(memory_key(key, part))
        if rows is not None and len(rows):
            return rows, part == HELD
    return None, False


def carried_over(entry: ProductEntry, scale: float, parts: int) -> ProductEntry:
    """A product's limits on another version of the model, whose typical score is `scale` times.

    Raises:
        ValueError: the scale is no positive number.
    """
    if not (math.isfinite(scale) and scale > 0.0):
        raise ValueError(f"Limits cannot be scaled by {scale}.")
    basis = entry.calibration
    note = basis.note.split("Carried over")[0].strip()
    told = f"{note} Carried over to this version: scaled by {scale:.3f} on {parts} kept parts."
    return entry.model_copy(
        update={
            "accept": entry.accept * scale,
            "reject": entry.reject * scale,
            "map_range": (entry.map_range[0] * scale, entry.map_range[1] * scale),
            "pixel_limit": None if entry.pixel_limit is None else entry.pixel_limit * scale,
            "calibration": basis.model_copy(
                update={
                    "median": basis.median * scale,
                    "deviation": basis.deviation * scale,
                    "largest": basis.largest * scale,
                    "note": told.strip(),
                }
            ),
        }
    )
