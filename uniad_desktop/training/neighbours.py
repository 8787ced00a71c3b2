"""How good are frozen features? Nearest neighbours among those of normal parts tell.

The distance of a patch to the nearest of a memory of normal patches (as in PatchCore, Roth et al.
2022, arXiv 2106.08265, without its coreset) needs no training, so it compares backbones quickly
and fairly. As UniAD does, one memory serves all products together.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from uniad_desktop.engine.preprocess import preprocess
from uniad_desktop.training.metrics import auroc, pixel_auroc
from uniad_desktop.training.starter_backbone import normalise
from uniad_desktop.uniad.config import Alignment
from uniad_desktop.uniad.features import align_features

_IMAGES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"}
_STRIDE = 16
_Item = TypeVar("_Item")


class FolderError(ValueError):
    """A folder of pictures that cannot be used; the message says what it should hold."""


@dataclass(frozen=True, slots=True)
class Example:
    """A test picture: whether the part is bad, and where, if that was marked."""

    path: Path
    bad: bool
    mask: Path | None


@dataclass(frozen=True, slots=True)
class Product:
    """Normal pictures to learn and pictures to test, of one product."""

    name: str
    train: tuple[Path, ...]
    test: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """AUROC over pictures and over pixels, 0 to 1."""

    image: float
    pixel: float


@dataclass(frozen=True, slots=True)
class View:
    """How a picture becomes patches.

    Attributes:
        side: Side in pixels that pictures are scaled to, a multiple of 16.
        alignment: How the stages are brought to the grid of stride 16.
    """

    side: int = 224
    alignment: Alignment = Alignment.AREA

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches."""
        return self.side // _STRIDE, self.side // _STRIDE


@dataclass(frozen=True, slots=True)
class Memory:
    """Standardised normal patches (n, c) and what standardises: mean and deviation (c,)."""

    patches: Tensor
    mean: Tensor
    deviation: Tensor


def read_product(folder: Path, train_limit: int, test_limit: int, seed: int = 0) -> Product:
    """List a folder in MVTec AD's layout, at random if it holds more than wanted.

    Args:
        folder: Holds ``train/good``, ``test/good``, ``test/<kind>`` and
            ``ground_truth/<kind>/<name>_mask.png``. A kind without masks counts for the picture
            score only.
        train_limit: Most pictures to learn.
        test_limit: Most pictures to test, half of them good where there are enough.
        seed: Decides the choice.

    Raises:
        FolderError: If there is no normal, good or bad picture.
    """
    chooser = random.Random(seed)
    train = _choose(chooser, _pictures(folder / "train" / "good"), train_limit)
    good = [Example(path, False, None) for path in _pictures(folder / "test" / "good")]
    bad = [
        Example(path, True, _mask_of(folder, path))
        for kind in sorted((folder / "test").glob("*"))
        if kind.name != "good"
        for path in _pictures(kind)
    ]
    if not (train and good and bad):
        raise FolderError(
            f"{folder} needs pictures in train/good, test/good and test/<kind of defect>."
        )
    good = _choose(chooser, good, max(test_limit // 2, test_limit - len(bad)))
    bad = _choose(chooser, bad, test_limit - len(good))
    return Product(folder.name, tuple(train), tuple(good + bad))


def evaluate(
    backbone: nn.Module,
    products: Sequence[Product],
    view: View = View(),
    memory_limit: int = 20_000,
    seed: int = 0,
) -> dict[str, Score]:
    """Score a frozen backbone on products that share one memory.

    Args:
        backbone: From normalised images (n, 3, h, w) to feature maps (n, c, h', w').
        products: From `read_product`.
        view: How pictures become patches.
        memory_limit: Most patches kept; a random choice of all.
        seed: Decides that choice.

    Returns:
        The scores by the product's name.

    Raises:
        FolderError: If a picture or mask cannot be read.
        ValueError: If a product has no marked defect, so that pixels have no score.
    """
    backbone.eval()
    memory = _remember(backbone, products, view, memory_limit, seed)
    scores = {}
    for product in products:
        maps = [
            distance_map(_patches(backbone, example.path, view), memory, view.side)
            for example in product.test
        ]
        bad = [example.bad for example in product.test]
        image = auroc(np.array(bad), np.array([one.max() for one in maps]))
        scores[product.name] = Score(image, pixel_auroc(_marked(product.test, maps, view.side)))
    return scores


def distance_map(patches: Tensor, memory: Memory, side: int) -> NDArray[np.float32]:
    """Distance of each patch to the nearest remembered one, scaled up to the picture.

    Args:
        patches: Features (rows * columns, c) of a square picture, as they are.
        memory: What normal patches look like.
        side: Side of the result in pixels.

    Returns:
        (side, side), in standard deviations of a feature; its maximum is never above that of
        the patches.
    """
    standardised = (patches - memory.mean) / memory.deviation
    nearest = torch.cdist(standardised, memory.patches).amin(1)
    grid = round(len(patches) ** 0.5)
    grown = F.interpolate(
        nearest.reshape(1, 1, grid, grid), size=(side, side), mode="bilinear", align_corners=False
    )
    result: NDArray[np.float32] = grown[0, 0].numpy()
    return result


def _remember(
    backbone: nn.Module, products: Sequence[Product], view: View, limit: int, seed: int
) -> Memory:
    """The memory of all products' normal pictures."""
    paths = [path for product in products for path in product.train]
    patches = torch.cat([_patches(backbone, path, view) for path in paths])
    mean = patches.mean(0)
    deviation = patches.std(0).clamp_min(1e-6)
    generator = torch.Generator().manual_seed(seed)
    kept = patches[torch.randperm(len(patches), generator=generator)[:limit]]
    return Memory((kept - mean) / deviation, mean, deviation)


@torch.no_grad()
def _patches(backbone: nn.Module, path: Path, view: View) -> Tensor:
    """Features of one picture, all stages on the grid of stride 16: (rows * columns, c)."""
    image = preprocess(_read(path, cv2.IMREAD_COLOR_RGB), view.side, view.side)
    return align_features(backbone(normalise(image[None])), view.grid, view.alignment)[0]


def _marked(
    examples: Sequence[Example], maps: Sequence[NDArray[np.float32]], side: int
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.float32]]]:
    """Masks (side, side) beside the maps; pictures of unmarked defects are left out."""
    for example, one in zip(examples, maps, strict=True):
        if example.mask is not None:
            mask = _read(example.mask, cv2.IMREAD_GRAYSCALE)
            yield cv2.resize(mask, (side, side), interpolation=cv2.INTER_NEAREST) > 127, one
        elif not example.bad:
            yield np.zeros((side, side), dtype=np.bool_), one


def _read(path: Path, flag: int) -> NDArray[np.uint8]:
    # Not cv2.imread: on Windows it cannot open paths with letters outside the code page.
    data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    image = cv2.imdecode(data, flag) if data.size else None
    if image is None:
        raise FolderError(f"{path} is no picture that can be read. Remove or replace it.")
    result: NDArray[np.uint8] = image
    return result


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in _IMAGES)


def _mask_of(folder: Path, path: Path) -> Path | None:
    mask = folder / "ground_truth" / path.parent.name / f"{path.stem}_mask.png"
    return mask if mask.is_file() else None


def _choose(chooser: random.Random, items: list[_Item], limit: int) -> list[_Item]:
    return items if len(items) <= limit else chooser.sample(items, limit)
