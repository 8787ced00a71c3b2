"""The challenge set: kept good and defective parts that a model has to judge right.

It is replayed through the active model on demand, at the start of a shift and before another
model goes live; every result goes on record.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from uniad_desktop.teaching.image_folder import (
    ImageFolder,
    Record,
    StoreError,
    encode_png,
    id_of,
    locked,
    pixel_hash,
)
from uniad_desktop.teaching.products import PRODUCTS

if TYPE_CHECKING:
    from uniad_desktop.engine.detector import Detector

CHALLENGE: Final = "challenge"
RESULTS: Final = "results.jsonl"


class ChallengeError(StoreError):
    """A challenge cannot be kept or run; the message is a sentence for the user."""


class Label(StrEnum):
    """The truth about a part."""

    GOOD = "good"
    DEFECT = "defect"


class Outcome(StrEnum):
    """What the limits say of a score; review is between the accept and the reject limit."""

    PASS = "PASS"
    REVIEW = "REVIEW"
    FAIL = "FAIL"
    ERROR = "ERROR"


class ChallengeImage(Record):
    """A kept image.

    Attributes:
        version: of the file's layout.
        id: first 16 digits of `sha256`, name of the files.
        sha256: of the pixels.
        label: good or defect.
        kind: kind of the defect, empty where nobody said.
        note: of the engineer.
        when: UTC, ISO 8601.
        who: added it.
        origin: serial number of the camera or path of the file.
        removed: whether it is in the trash.
    """

    version: Literal[1] = 1
    label: Label
    kind: str = ""
    note: str = ""
    when: str
    who: str = ""
    origin: str = ""
    removed: bool = False


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ChallengeCase(_Frozen):
    """How one image was judged; `score` is raw and None after an error, which `problem` tells."""

    id: str
    label: Label
    kind: str = ""
    outcome: Outcome
    score: float | None = None
    problem: str = ""

    @property
    def missed(self) -> bool:
        """Whether a defect passed."""
        return self.label is Label.DEFECT and self.outcome is Outcome.PASS

    @property
    def rejected(self) -> bool:
        """Whether a good part failed."""
        return self.label is Label.GOOD and self.outcome is Outcome.FAIL


class ChallengeResult(_Frozen):
    """A replay.

    Attributes:
        version: of the record's layout.
        product: key.
        when: UTC, ISO 8601.
        who: asked for it.
        model, model_version, model_sha256: which model judged.
        runtime: what computed.
        accept, reject: limits, raw.
        images_sha256: over ids and labels of the images.
        cases: per image.
    """

    version: Literal[1] = 1
    product: str
    when: str
    who: str = ""
    model: str
    model_version: str
    model_sha256: str
    runtime: str
    accept: float
    reject: float
    images_sha256: str
    cases: tuple[ChallengeCase, ...]

    @property
    def missed(self) -> tuple[ChallengeCase, ...]:
        """Defects that passed."""
        return tuple(case for case in self.cases if case.missed)

    @property
    def rejected(self) -> tuple[ChallengeCase, ...]:
        """Good parts that failed."""
        return tuple(case for case in self.cases if case.rejected)

    @property
    def errors(self) -> tuple[ChallengeCase, ...]:
        """Images that could not be judged."""
        return tuple(case for case in self.cases if case.outcome is Outcome.ERROR)

    @property
    def passed(self) -> bool:
        """Whether there are images and all were judged right."""
        return bool(self.cases) and not (self.missed or self.rejected or self.errors)

    @property
    def sentence(self) -> str:
        """The result in plain words."""
        labels = [case.label for case in self.cases]
        shown = f"{labels.count(Label.GOOD)} good and {labels.count(Label.DEFECT)} defect images"
        found = [
            f"{len(cases)} {what}"
            for cases, what in (
                (self.missed, "missed"),
                (self.rejected, "good rejected"),
                (self.errors, "not judged"),
            )
            if cases
        ]
        if found:
            return f"Not passed: {', '.join(found)} of {shown}."
        extra = "" if Label.DEFECT in labels else " There is no defect among them; add some."
        return f"Passed: {shown} judged right.{extra}"


class ChallengeSet:
    """The challenge images of one product and the record of their replays.

    Args:
        data_folder: of the station.
        product: key of the product.
    """

    def __init__(self, data_folder: Path, product: str) -> None:
        self.product = product
        self.folder = data_folder / PRODUCTS / product / CHALLENGE
        self._files = ImageFolder(self.folder, ChallengeImage)

    def add(
        self,
        image: NDArray[np.uint8],
        label: Label,
        *,
        kind: str = "",
        note: str = "",
        who: str = "",
        origin: str = "",
    ) -> tuple[ChallengeImage, bool]:
        """Keeps an image.

        Args:
            image: (H, W) or (H, W, 3) uint8, RGB.
            label: the truth about it.
            kind: kind of the defect.
            note: of the engineer.
            who: adds it.
            origin: serial number of the camera or path of the file.

        Returns:
            What is kept, and whether the same pixels were there already, with the same label.

        Raises:
            ChallengeError: it is no frame, is there with the other label, or the disk refuses.
        """
        if label is Label.GOOD and kind:
            raise ChallengeError("A good part has no kind of defect; leave the kind out.")
        with self._changing():
            self._files.tidy()
            sha256 = pixel_hash(image)
            image_id = id_of(sha256)
            known = self._files.record(image_id)
            if known is not None and not known.removed and known.label is not label:
                raise ChallengeError(
                    f"The same image is in the challenge set as {known.label}; remove {image_id} "
                    "first if that is wrong."
                )
            there = known is not None and self._files.image_path(image_id).is_file()
            if known is not None and there and not known.removed:
                return known, True
            entry = ChallengeImage(
                id=image_id,
                sha256=sha256,
                label=label,
                kind=kind,
                note=note,
                when=_now(),
                who=who,
                origin=origin,
            )
            self._files.write_image(image_id, encode_png(image))
            self._files.write_record(entry)
        return entry, False

    def remove(self, images: Iterable[str]) -> int:
        """Puts images into the trash; how many. Raises ChallengeError where there is no such."""
        return self._set_removed(images, removed=True)

    def restore(self, images: Iterable[str]) -> int:
        """Takes images out of the trash; how many. Raises ChallengeError."""
        return self._set_removed(images, removed=False)

    def images(self, *, removed: bool = False) -> tuple[ChallengeImage, ...]:
        """The images in the order in which they were added, or those in the trash."""
        found, _ = self._files.records()
        chosen = [one for one in found.values() if one.removed == removed]
        return tuple(sorted(chosen, key=lambda one: (one.when, one.id)))

    def problems(self) -> tuple[str, ...]:
        """Sentences on files that are in no order."""
        lost = [
            f"{self._files.image_path(one)} has no record, so its label is not known; add the "
            "image again."
            for one in self._files.orphans()
        ]
        return (*self._files.records()[1], *lost)

    def path(self, image: ChallengeImage) -> Path:
        """Where an image lies."""
        return self._files.image_path(image.id)

    def image(self, image: ChallengeImage) -> NDArray[np.uint8]:
        """(H, W) or (H, W, 3) RGB uint8. Raises ChallengeError where it changed or is gone."""
        with _as_challenge_error():
            pixels = self._files.image(image.id)
        if pixel_hash(pixels) != image.sha256:
            raise ChallengeError(f"{self.path(image)} is not the image that was kept; add it anew.")
        return pixels

    def record(self, result: ChallengeResult) -> None:
        """Appends a result to ``results.jsonl`` and flushes it to the disk.

        Raises:
            ChallengeError: the disk refuses.
        """
        path = self.folder / RESULTS
        line = result.model_dump_json().encode() + b"\n"
        with self._changing():
            try:
                with path.open("a+b") as file:
                    file.seek(0, os.SEEK_END)
                    if file.tell():
                        file.seek(-1, os.SEEK_END)
                        if file.read(1) != b"\n":  # a power cut tore the last line
                            line = b"\n" + line
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                raise ChallengeError(
                    f"The result could not be put on record in {path}: {error.strerror or error}; "
                    "free space on the disk or check the access rights, and run it again."
                ) from error

    def results(self) -> tuple[ChallengeResult, ...]:
        """All results on record, oldest first; lines that a power cut tore are left out.

        Raises:
            ChallengeError: the file cannot be read.
        """
        path = self.folder / RESULTS
        try:
            lines = path.read_bytes().splitlines() if path.exists() else []
        except OSError as error:
            raise ChallengeError(
                f"{path} cannot be read: {error.strerror or error}; check the access rights."
            ) from error
        found = []
        for line in lines:
            try:
                found.append(ChallengeResult.model_validate_json(line))
            except ValidationError:
                continue
        return tuple(found)

    def _set_removed(self, images: Iterable[str], *, removed: bool) -> int:
        with self._changing():
            there = {one.id: one for one in self.images(removed=not removed)}
            chosen = []
            for name in images:
                alike = [one for key, one in there.items() if key.startswith(name.lower())]
                if not name or len(alike) != 1:
                    what = "no image" if not alike else f"{len(alike)} images"
                    raise ChallengeError(
                        f"There is {what} '{name}' in {self.folder}; list them with: uniad-desktop "
                        f"products challenge {self.product} list"
                    )
                chosen.append(alike[0])
            for one in dict.fromkeys(chosen):
                self._files.write_record(one.model_copy(update={"removed": removed}))
        return len(set(chosen))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with _as_challenge_error(), locked(self.folder):
            yield


def replay(
    detector: Detector,
    product: str,
    challenge: ChallengeSet,
    *,
    who: str = "",
    progress: Callable[[int, int], None] = lambda done, count: None,
) -> ChallengeResult:
    """Shows all images to a model; the result is not yet on record, see `ChallengeSet.record`.

    An image that cannot be judged is an error, and the challenge not passed.

    Args:
        detector: the model.
        product: key of the product whose regions and limits are used.
        challenge: the images.
        who: asks for it.
        progress: told of every image; may raise to end it.

    Raises:
        ChallengeError: the model does not know the product, or there are no images.
    """
    entry = detector.products.get(product)
    if entry is None:
        model = f"{detector.model.name} {detector.model.version}"
        raise ChallengeError(
            f"The model {model} does not know the product '{product}'; teach it first, or choose "
            "another model."
        )
    images = challenge.images()
    if not images:
        raise ChallengeError(
            f"There is no challenge image of '{product}'; add some with: uniad-desktop products "
            f"challenge {product} add FOLDER --label good|defect"
        )
    cases = []
    for number, image in enumerate(images, 1):
        cases.append(_case(detector, product, challenge, image))
        progress(number, len(images))
    seen = json.dumps([[one.sha256, one.label] for one in images])
    return ChallengeResult(
        product=product,
        when=_now(),
        who=who,
        model=detector.model.name,
        model_version=detector.model.version,
        model_sha256=detector.model.sha256,
        runtime=detector.runtime,
        accept=entry.accept,
        reject=entry.reject,
        images_sha256=hashlib.sha256(seen.encode()).hexdigest(),
        cases=tuple(cases),
    )


def outcome_of(score: float, accept: float, reject: float) -> Outcome:
    """What limits say of a raw score; one that is not finite is an error."""
    if not math.isfinite(score):
        return Outcome.ERROR
    if score <= accept:
        return Outcome.PASS
    return Outcome.FAIL if score > reject else Outcome.REVIEW


def _case(
    detector: Detector, product: str, challenge: ChallengeSet, image: ChallengeImage
) -> ChallengeCase:
    from uniad_desktop.engine.detector import DetectorError

    entry = detector.products[product]
    score, problem = math.nan, ""
    try:
        score = detector.predict(challenge.image(image), product).image_score
    except (ChallengeError, DetectorError) as error:
        problem = str(error)
    outcome = outcome_of(score, entry.accept, entry.reject)
    if outcome is Outcome.ERROR and not problem:
        problem = "The model gave a score that is not a number."
    return ChallengeCase(
        id=image.id,
        label=image.label,
        kind=image.kind,
        outcome=outcome,
        score=score if math.isfinite(score) else None,
        problem=problem,
    )


@contextmanager
def _as_challenge_error() -> Iterator[None]:
    try:
        yield
    except ChallengeError:
        raise
    except StoreError as error:
        raise ChallengeError(str(error)) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
