"""What is to be judged and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.inspection.types import Region, Verdict


class ScoringError(Exception):
    """Images cannot be judged at all; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Job:
    """One image that is to be judged.

    Attributes:
        number: place in the order of the input, from 0.
        path: of the file, absolute.
        root: folder whose disappearance means that the whole source is gone.
        product: key of its product.
        label: what a person said of it (``good``, ``defect``, …); empty where nobody did.
    """

    number: int
    path: Path
    root: Path
    product: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class ScoredImage:
    """One line of the results.

    Attributes:
        path: of the file; bytes that are no text are written in hexadecimal.
        sha256: of the file's bytes (hex); empty where it could not be read.
        modified_ns: time of its last change, nanoseconds since the epoch; 0 where unknown.
        product: key of the product whose limits were used.
        label: what a person said of it, or empty.
        verdict: ERROR for whatever could not be judged.
        score: 0-100, 50 = reject limit; None for an ERROR.
        raw_score: raw distance; None for an ERROR.
        accept, reject: limits in force, raw.
        regions: boxes above the limit, strongest first.
        model: ``NAME@VERSION``.
        model_sha256: hash of the package (hex).
        runtime: for example ``openvino cpu bf16``.
        width, height: of the image in pixels; 0 where unknown.
        latency_ms: pre-processing, network, score and verdict; a share of the batch's.
        error: a sentence where the verdict is ERROR, else empty.
    """

    path: str
    sha256: str
    modified_ns: int
    product: str
    label: str
    verdict: Verdict
    score: float | None
    raw_score: float | None
    accept: float
    reject: float
    regions: tuple[Region, ...]
    model: str
    model_sha256: str
    runtime: str
    width: int
    height: int
    latency_ms: float
    error: str
