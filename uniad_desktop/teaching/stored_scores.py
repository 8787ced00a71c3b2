"""Scores of what was collected of a product, kept so that limits are moved without inference.

``products/KEY/scores.json`` in the data folder. Scores hold for one network, one layout and one
set of parts; limits do not change them, so they outlast a version that only moved a limit.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.teaching.challenge import ChallengeSet, Label
from uniad_desktop.teaching.collection import PartCollection
from uniad_desktop.teaching.image_folder import write_file
from uniad_desktop.teaching.part_scores import PartScore, trained_pictures
from uniad_desktop.teaching.products import PRODUCTS
from uniad_desktop.training.calibration import CalibrationError
from uniad_desktop.training.datasets.sample import DEFECT, Sample, Split

SCORES: Final = "scores.json"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CollectedParts:
    """What limits are set on and measured with.

    Attributes:
        good: accepted parts that are never trained on, in the order in which they were taken.
        bad: challenge images of defects. Good ones are left out: they were picked, for being
            difficult mostly, and a limit promises something for parts as they come.
        key: changes where one of them comes, goes or is labelled anew.
    """

    good: tuple[Sample, ...]
    bad: tuple[Sample, ...]
    key: str

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All of them, the good ones first."""
        return (*self.good, *self.bad)


def collected_parts(data_folder: Path, product: str) -> CollectedParts:
    """The accepted parts and the challenge images of defects of a product.

    Parts that a model was trained on are left out later, by their hashes: what is not held out is
    as good as what is while nobody learnt from it.

    Args:
        data_folder: of the station.
        product: key; one of which nothing was collected has none.

    Raises:
        StoreError: they cannot be read.
    """
    good = PartCollection(data_folder, product).accepted_samples()
    challenge = ChallengeSet(data_folder, product)
    bad = tuple(
        Sample(challenge.path(one), product, Split.TEST, one.kind or DEFECT)
        for one in challenge.images()
        if one.label is Label.DEFECT
    )
    # A file is named by the hash of its pixels.
    told = sorted([one.path.stem, one.kind] for one in (*good, *bad))
    return CollectedParts(good, bad, hashlib.sha256(json.dumps(told).encode()).hexdigest())


def network_key(package: ModelPackage, product: str) -> str:
    """What the raw scores of a product depend on: the network, what it was trained on, the layout.

    Args:
        package: opened, so that its files are those of its manifest.
        product: key of a product that it knows.
    """
    manifest = package.manifest
    told = {
        "weights": manifest.files["weights.safetensors"].sha256,
        # A set has another order in every process.
        "architecture": {
            name: sorted(value) if isinstance(value, list) else value
            for name, value in manifest.model_dump(mode="json")["architecture"].items()
        },
        "layout": manifest.products[product].model_dump(mode="json", include={"layout"}),
        # Parts that were trained on are left out.
        "trained": sorted(trained_pictures(manifest.training)),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class StoredPart(_Frozen):
    """A part and its raw score; `kind` is empty of a good one."""

    path: str
    kind: str = ""
    score: float
    sha256: str
    unusual: bool = False


class StoredScores(_Frozen):
    """``scores.json``.

    Attributes:
        schema_version: layout of this file.
        product: key.
        model, version, package_sha256: the package that gave the scores.
        network_key: see `network_key`.
        parts_key: see `CollectedParts`.
        runtime: what computed.
        when: UTC, ISO 8601.
        parts: in the order in which they were taken, then the defects.
        notes: what was odd, sentences.
    """

    schema_version: Literal[1] = 1
    product: str
    model: str
    version: str
    package_sha256: str
    network_key: str
    parts_key: str
    runtime: str
    when: str
    parts: tuple[StoredPart, ...]
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> tuple[StoredPart, ...]:
        """The normal parts."""
        return tuple(one for one in self.parts if not one.kind)

    @property
    def bad(self) -> tuple[StoredPart, ...]:
        """The parts with a defect."""
        return tuple(one for one in self.parts if one.kind)

    def fits(self, package: ModelPackage, parts: CollectedParts) -> bool:
        """Whether these are the scores that the package gives these parts today."""
        known = self.product in package.manifest.products
        return (
            known
            and self.parts_key == parts.key
            and self.network_key == network_key(package, self.product)
        )

    def part_scores(self, parts: Sequence[StoredPart]) -> tuple[PartScore, ...]:
        """Stored parts as `calibrate` has them; their shapes are not kept."""
        return tuple(
            PartScore(
                Sample(Path(one.path), self.product, Split.TEST, one.kind),
                one.sha256,
                one.score,
                (),
            )
            for one in parts
        )


def scores_of_result(package: ModelPackage, result: Mapping[str, Any]) -> StoredScores:
    """What ``calibrate --events`` told of collected parts.

    Args:
        package: that was asked.
        result: its last event.

    Raises:
        CalibrationError: it is something else.
    """
    try:
        return StoredScores(
            product=result["product"],
            model=package.identity.name,
            version=package.identity.version,
            package_sha256=package.identity.sha256,
            network_key=result["network_key"],
            parts_key=result["parts_key"],
            runtime=result["runtime"],
            when=datetime.now(UTC).isoformat(timespec="seconds"),
            parts=tuple(StoredPart(**one) for one in (*result["parts"], *result["dropped"])),
            notes=tuple(result["notes"]),
        )
    except (KeyError, TypeError, ValidationError) as error:
        raise CalibrationError(
            "The scores could not be understood; score the parts again."
        ) from error


def load_scores(data_folder: Path, product: str) -> StoredScores | None:
    """The kept scores of a product; None where there are none that can be understood."""
    path = _path(data_folder, product)
    try:
        found = StoredScores.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        log.warning("%s cannot be used, the parts are scored again: %s", path, error)
        return None
    return found if found.product == product else None


def save_scores(data_folder: Path, scores: StoredScores) -> None:
    """Keeps scores, durably. Raises StoreError when the disk refuses."""
    text = scores.model_dump_json(indent=1)
    write_file(_path(data_folder, scores.product), text.encode())


def _path(data_folder: Path, product: str) -> Path:
    return data_folder / PRODUCTS / product / SCORES
