"""A product with collected parts and challenge images, for tests of limits."""

from __future__ import annotations

from pathlib import Path

from tests.teaching.parts import FIT, ORIGIN, part_image
from uniad_desktop.teaching.challenge import ChallengeSet, Label
from uniad_desktop.teaching.collection import PartCollection
from uniad_desktop.teaching.products import ProductStore


def collect_parts(data_folder: Path, key: str, good: int, bad: int = 0) -> tuple[int, int]:
    """Collects that many; how many good ones and how many defects."""
    ProductStore(data_folder).create(key, {"en": key.capitalize()})
    collection, challenge = PartCollection(data_folder, key), ChallengeSet(data_folder, key)
    for seed in range(good):
        collection.add(part_image(seed), ORIGIN, {}, FIT)
    for seed in range(bad):
        image = part_image(1000 + seed)
        image[20:40, 20:60] = (255, 0, 255) if seed % 2 else (0, 255, 0)
        challenge.add(image, Label.DEFECT, kind="spot")
    challenge.add(part_image(2000), Label.GOOD)
    return len(collection.accepted_samples()), bad
