"""What a layout comes to on the pictures at hand, for people."""

from __future__ import annotations

from collections.abc import Collection

from uniad_desktop.engine.layout import DefectSize, Layout, RegionOfInterest, smallest_defect
from uniad_desktop.uniad.config import UniADConfig


def tile_facts(
    layout: Layout, sizes: Collection[tuple[int, int]], rows: int, config: UniADConfig
) -> dict[str, str]:
    """Lines for the plan of a training: how pictures are cut up, and what can be seen then.

    Args:
        layout: of the training.
        sizes: (width, height) of the pictures, as far as they are known.
        rows: tiles of all pictures to train on.
        config: tells the network's input.
    """
    facts = {}
    if layout.regions:
        count = layout.tile_count
        regions = "; ".join(_region(region) for region in layout.regions)
        facts["tiles"] = f"{count} of every picture ({regions}), {rows} rows to train on"
    if sizes:
        worst = max(
            (
                _defect(layout, region, size, config)
                for region in layout.inspected_regions
                for size in sizes
            ),
            key=lambda one: one.side,
        )
        scale = "" if worst.side_mm is None else f" ({worst.side_mm:.2g} mm)"
        facts["defects"] = (
            f"{worst.width:.0f} x {worst.height:.0f} pixels{scale} is the smallest to rely on, in "
            f"pictures of {_sizes(sizes)}"
        )
    return facts


def _region(region: RegionOfInterest) -> str:
    where = "the whole picture" if region.box is None else str(region.box)
    if region.rows * region.columns == 1:
        return where
    return f"{region.rows} x {region.columns} of {where}, overlap {region.overlap:g}"


def _defect(
    layout: Layout, region: RegionOfInterest, size: tuple[int, int], config: UniADConfig
) -> DefectSize:
    width, height = (region.box.width, region.box.height) if region.box else size
    return smallest_defect(
        width,
        height,
        rows=region.rows,
        columns=region.columns,
        overlap=region.overlap,
        input_height=config.input_height,
        input_width=config.input_width,
        stride=config.backbone.stride,
        mm_per_pixel=layout.mm_per_pixel,
    )


def _sizes(sizes: Collection[tuple[int, int]]) -> str:
    ordered = sorted(set(sizes))
    if len(ordered) == 1:
        return f"{ordered[0][0]} x {ordered[0][1]}"
    low, high = ordered[0], ordered[-1]
    return f"{len(ordered)} sizes from {low[0]} x {low[1]} to {high[0]} x {high[1]}"
