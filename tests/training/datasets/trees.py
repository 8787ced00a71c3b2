"""Little data sets for the tests of their readers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from uniad_desktop.training.datasets import DataSet, Sample, open_data


def put(path: Path, value: int = 100, size: tuple[int, int] = (8, 6)) -> Path:
    """Writes a small image of one grey value; `size` is width and height."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, value).save(path)
    return path


def put_mask(path: Path, size: tuple[int, int] = (8, 6)) -> Path:
    """Writes a mask whose upper left quarter is defect."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    mask[: size[1] // 2, : size[0] // 2] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).save(path)
    return path


def mvtec(folder: Path, good: int = 3) -> Path:
    """One product in MVTec AD layout: 2 good, 2 scratched (with masks), 1 dented (without)."""
    for number in range(good):
        put(folder / "train" / "good" / f"{number:03d}.png")
    for number in range(2):
        put(folder / "test" / "good" / f"{number:03d}.png")
        put(folder / "test" / "scratch" / f"{number:03d}.png")
        put_mask(folder / "ground_truth" / "scratch" / f"{number:03d}_mask.png")
    put(folder / "test" / "dent" / "000.png")
    return folder


def opened(tmp_path: Path, *sources: object, products: tuple[str, ...] = ()) -> DataSet:
    """Opens sources with a work folder that stays out of the way."""
    return open_data([str(s) for s in sources], products=products, work=tmp_path / "work")


def shown(samples: tuple[Sample, ...], root: Path) -> list[tuple[str, str, str, str]]:
    """Path, split, kind and mask of samples as short text."""
    return [
        (
            s.path.relative_to(root).as_posix(),
            s.split.value,
            s.kind,
            s.mask.relative_to(root).as_posix() if s.mask else "",
        )
        for s in samples
    ]
