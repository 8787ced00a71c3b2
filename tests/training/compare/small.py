"""A comparison small enough for a test: made-up features, networks of a few thousand numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.helpers import tiny_config
from uniad_desktop.training.compare.material import Material
from uniad_desktop.training.compare.variants import Suite, Variant
from uniad_desktop.training.datasets import Sample, Split
from uniad_desktop.training.features import StoredFeatures
from uniad_desktop.training.recipes import TrainSettings

GRID, CHANNELS = 20, 24


def material(*, unmasked: bool = False) -> Material:
    """Two products, four training pictures and two good and two defective test pictures each."""
    rng = np.random.default_rng(0)
    samples, rows, masks = {split: [] for split in Split}, {split: [] for split in Split}, []
    for product in ("bolt", "cap"):
        normal = rng.normal(size=(GRID, CHANNELS))
        for split, kind, count in (
            (Split.TRAIN, "", 4),
            (Split.TEST, "", 2),
            (Split.TEST, "dent", 2),
        ):
            for number in range(count):
                path = Path(f"{product}-{split}-{kind}-{number}.png")
                row = normal + 0.1 * rng.normal(size=normal.shape)
                mask = np.zeros((64, 80), dtype=np.bool_)
                if kind:
                    row[7] += 2.0
                    mask[16:32, 32:48] = True
                if split is Split.TEST:
                    masks.append(None if kind and unmasked else mask)
                samples[split].append(Sample(path, product, split, kind))
                rows[split].append(row.astype(np.float32))

    def stored(split: Split) -> StoredFeatures:
        hashes = tuple(bytes([number]) * 32 for number in range(len(rows[split])))
        return StoredFeatures(tuple(samples[split]), np.stack(rows[split]), hashes)

    return Material(
        train=stored(Split.TRAIN),
        test=stored(Split.TEST),
        masks=tuple(masks),
        backbone="made up",
        key="made up",
        remark="",
    )


def variant(name: str, *, separate: bool = False, steps: int = 9, **changes) -> Variant:
    settings = TrainSettings(steps=steps, batch=3, rate=1e-3, average=0.0)
    config = tiny_config(dropout=0.1, **changes)
    return Variant(name=name, changes=changes, config=config, settings=settings, separate=separate)


def suite(*variants: Variant, every: int = 3, seeds: tuple[int, ...] = (0,)) -> Suite:
    return Suite(
        name="small",
        title="A small comparison",
        config=tiny_config(),
        base=tiny_config(),
        variants=variants or (variant("UniAD"), variant("plain", masked=frozenset())),
        data=("made up",),
        products=(),
        seeds=seeds,
        every=every,
    )
