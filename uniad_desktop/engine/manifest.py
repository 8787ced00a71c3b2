"""What a model package says of itself: the manifest, checked field by field."""

from __future__ import annotations

import math
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Layout
from uniad_desktop.uniad.config import UniADConfig, VisualisationConfig

SCHEMA_VERSION: Final = 1
"""Version of the manifest's layout; a package with a higher one needs a newer application."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Version = Annotated[str, StringConstraints(pattern=r"^\d{1,6}\.\d{1,6}\.\d{1,6}$")]
FileName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.(safetensors|png|jpg)$")
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(_Entry):
    """A file of the package.

    Attributes:
        sha256: SHA-256 of its bytes, hex.
        size: its size in bytes.
    """

    sha256: Sha256
    size: int = Field(ge=0)


class Calibration(_Entry):
    """How a product's limit came about.

    Attributes:
        parts: number of held-out normal parts.
        false_reject_rate: the wished share of normal parts above the limit.
        median: median image score of these parts, raw.
        deviation: robust deviation of their scores (from the median absolute deviation), raw.
        largest: their largest score, raw.
        note: a sentence where the limit rests on too few parts, else empty.
    """

    parts: int = Field(ge=1)
    false_reject_rate: float = Field(gt=0, lt=1)
    median: float
    deviation: float
    largest: float
    note: str = ""


class ProductEntry(_Entry):
    """A product that the model was taught.

    Attributes:
        titles: title per language code (``en``, ``zh_CN``).
        accept: T1, raw distance; at or below it a part passes.
        reject: T2, raw distance; above it a part fails.
        map_range: raw values at the lower and upper end of the heatmap's colour scale.
        calibration: where the limits come from.
        layout: regions and tiles that the limits were calibrated with; they hold for no other.
        pixel_limit: raw distance above which a pixel of the map belongs to a marked region; None:
            the reject limit.
        least_area: full-frame pixels that a region must cover to be reported; the verdict does
            not depend on it.
        frame: what frames it was taught with; None: whatever comes.
    """

    titles: dict[str, str]
    accept: float
    reject: float
    map_range: tuple[float, float]
    calibration: Calibration
    layout: Layout = Layout()
    pixel_limit: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    least_area: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    frame: FrameExpectation | None = None

    @model_validator(mode="after")
    def _ordered(self) -> ProductEntry:
        numbers = (self.accept, self.reject, *self.map_range)
        if not all(math.isfinite(number) and number >= 0 for number in numbers):
            raise ValueError("limits must be finite and not negative")
        if not 0 < self.accept <= self.reject:
            raise ValueError("the accept limit must be positive and not above the reject limit")
        if not self.map_range[0] < self.map_range[1]:
            raise ValueError("the map range must rise")
        return self


class BackboneProvenance(_Entry):
    """Where the backbone's weights come from.

    Attributes:
        source: how they were made or where they were fetched.
        licence: under which licence they may be passed on.
        sha256: hash of the backbone's weights inside ``weights.safetensors`` (names, shapes and
            bytes), so that packages with the same backbone can be told.
    """

    source: str
    licence: str
    sha256: Sha256


class Manifest(_Entry):
    """``manifest.json`` of a package.

    Attributes:
        schema_version: layout of this file.
        name: name of the model.
        version: ``major.minor.patch``.
        created: UTC time of writing, ISO 8601.
        title: what a person reads in a list.
        architecture: the network in numbers.
        backbone: provenance of the backbone.
        products: the products it knows, by key; none in a package whose limits are still to be
            set, such as an imported checkpoint. The station refuses to run such a one.
        visualisation: the visualisation decoder, whose weights lie in
            ``visualisation.safetensors``, or None.
        training: provenance: data, settings, figures measured; for people and reports.
        files: every other file of the package.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    name: Key
    version: Version
    created: str
    title: str = ""
    architecture: UniADConfig
    backbone: BackboneProvenance
    products: dict[Key, ProductEntry] = Field(default_factory=dict)
    visualisation: VisualisationConfig | None = None
    training: dict[str, Any] = Field(default_factory=dict)
    files: dict[FileName, FileEntry]

    @model_validator(mode="after")
    def _has_weights(self) -> Manifest:
        if "weights.safetensors" not in self.files:
            raise ValueError("weights.safetensors is not among the files")
        if self.visualisation is not None and "visualisation.safetensors" not in self.files:
            raise ValueError("visualisation.safetensors is not among the files")
        return self
