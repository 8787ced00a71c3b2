"""The parts that were collected for a product, on disk under ``products/KEY/parts``.

Every change is one file replaced at once, and the way back is written down before it, so a power
cut at any moment leaves the former state or the new one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.teaching.checks import Finding, Findings, Reason
from uniad_desktop.teaching.image_folder import (
    ImageFolder,
    Record,
    StoreError,
    encode_png,
    id_of,
    locked,
    pixel_hash,
    set_file_aside,
    write_file,
)
from uniad_desktop.teaching.products import PRODUCTS, Feature
from uniad_desktop.training.datasets.sample import Sample, Split

PARTS: Final = "parts"
HOLD_OUT_OF: Final = 5
"""One part in so many is held out."""

MOST_STEPS: Final = 200
"""Actions that can be undone."""

_HISTORY = "history.json"


class CollectionError(StoreError):
    """A part cannot be kept or found; the message is a sentence for the user."""


class State(StrEnum):
    """What a part is to the training; rejected ones are in the trash."""

    ACCEPTED = "accepted"
    DOUBTFUL = "doubtful"
    REJECTED = "rejected"


class Action(StrEnum):
    """What was done."""

    ADD = "add"
    ACCEPT = "accept"
    SET_ASIDE = "set aside"
    DELETE = "delete"
    NOTE = "note"


class Origin(BaseModel):
    """Where an image comes from: serial number of the camera or path of the file, and its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = ""
    kind: SourceKind = SourceKind.FILE
    frame_id: int = 0
    pixel_format: str = ""

    @classmethod
    def of(cls, frame: Frame) -> Origin:
        """That of a camera's frame."""
        return cls(
            source=frame.source,
            kind=frame.kind,
            frame_id=frame.id,
            pixel_format=frame.pixel_format,
        )


class Part(Record):
    """A collected part; its image lies beside it.

    Attributes:
        version: of the file's layout.
        id: first 16 digits of `sha256`, name of the files.
        sha256: of the pixels.
        width, height: of the image in pixels.
        colour: whether it has three channels.
        when: UTC, ISO 8601.
        origin: where it comes from.
        camera: values of the camera's features when it was taken, by their SFNC names.
        state: whether it is learnt from.
        doubts: what the checks found; it stays when the part is accepted.
        figures: what the checks measured.
        note: of the engineer.
    """

    version: Literal[1] = 1
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    colour: bool
    when: str
    origin: Origin = Origin()
    camera: dict[str, Feature] = Field(default_factory=dict)
    state: State
    doubts: tuple[Finding, ...] = ()
    figures: dict[str, float] = Field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an image: its part, and whether the same pixels were there already."""

    part: Part
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Undone:
    """Which action was taken back, and of which parts."""

    action: Action
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many parts there are.

    Attributes:
        accepted: to train on or held out.
        doubtful: waiting for a look.
        rejected: in the trash.
        held_out: of the accepted, never trained on.
    """

    accepted: int = 0
    doubtful: int = 0
    rejected: int = 0
    held_out: int = 0


class _Before(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    state: State
    note: str = ""


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    when: str
    before: dict[str, _Before | None]  # None: the part was not there


class _History(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    steps: tuple[_Step, ...] = ()


class PartCollection:
    """The parts of one product.

    Nothing is kept in memory: two programs may use the same collection. Images whose record was
    lost, say in a power cut, are taken up as doubtful when the collection is opened.

    Args:
        data_folder: of the station.
        product: key of the product.

    Raises:
        CollectionError: what an interrupted writing left cannot be put in order.
    """

    def __init__(self, data_folder: Path, product: str) -> None:
        self.product = product
        self.folder = data_folder / PRODUCTS / product / PARTS
        self._files = ImageFolder(self.folder, Part)
        if self._files.orphans() or not self._files.is_tidy():
            with self._changing():
                self._recover()

    def add(
        self,
        image: NDArray[np.uint8],
        origin: Origin,
        camera: Mapping[str, Feature],
        checks: Findings,
        note: str = "",
    ) -> Added:
        """Keeps an image: accepted where the checks found nothing, else doubtful.

        Args:
            image: (H, W) or (H, W, 3) uint8, RGB.
            origin: where it comes from.
            camera: values of the camera's features.
            checks: what they found.
            note: of the engineer.

        Raises:
            CollectionError: it is no frame, or the disk refuses. An image that was written without
                its record is taken up as doubtful later.
        """
        with self._changing():
            sha256 = pixel_hash(image)
            part_id = id_of(sha256)
            known = self._files.record(part_id)
            if known is not None and self._files.image_path(part_id).is_file():
                if known.sha256 != sha256:
                    raise CollectionError(
                        f"The image has the same name as the part {part_id}; take another one."
                    )
                return Added(known, duplicate=True)
            png = encode_png(image)
            part = _part(
                image,
                sha256,
                State.ACCEPTED if checks.fit else State.DOUBTFUL,
                origin=origin,
                camera={name: _plain(value) for name, value in camera.items()},
                doubts=checks.doubts,
                figures={
                    name: value for name, value in checks.figures.items() if math.isfinite(value)
                },
                note=note,
            )
            self._remember(Action.ADD, {part_id: None})
            self._files.write_image(part_id, png)
            self._files.write_record(part)
        return Added(part)

    def accept(self, parts: Iterable[str]) -> int:
        """Takes parts in, from the trash too. Returns how many changed. Raises CollectionError."""
        return self._set_state(Action.ACCEPT, parts, State.ACCEPTED)

    def set_aside(self, parts: Iterable[str]) -> int:
        """Makes parts doubtful. Returns how many changed. Raises CollectionError."""
        return self._set_state(Action.SET_ASIDE, parts, State.DOUBTFUL)

    def delete(self, parts: Iterable[str]) -> int:
        """Puts parts into the trash. Returns how many changed. Raises CollectionError."""
        return self._set_state(Action.DELETE, parts, State.REJECTED)

    def set_note(self, part_id: str, note: str) -> Part:
        """Writes a note to a part. Raises CollectionError."""
        with self._changing():
            part = self.get(part_id)
            if part.note != note:
                self._remember(Action.NOTE, {part.id: _before(part)})
                part = part.model_copy(update={"note": note})
                self._files.write_record(part)
        return part

    def undo(self) -> Undone | None:
        """Takes the last action back, after a restart too; None where there is none.

        Raises:
            CollectionError: the disk refuses; it can be tried again.
        """
        with self._changing():
            steps = self._history().steps
            if not steps:
                return None
            last = steps[-1]
            for part_id, before in last.before.items():
                part = self._files.record(part_id)
                if part is None:  # it was never written, or the trash was emptied
                    continue
                if before is None:
                    changes: dict[str, object] = {"state": State.REJECTED}
                else:
                    changes = {"state": before.state, "note": before.note}
                self._files.write_record(part.model_copy(update=changes))
            self._write_history(steps[:-1])
        return Undone(last.action, tuple(last.before))

    def empty_trash(self) -> int:
        """Removes the files of rejected parts for good; how many. Raises CollectionError."""
        with self._changing():
            parts = self.parts(State.REJECTED)
            for part in parts:
                try:
                    self._files.image_path(part.id).unlink()
                    self._files.record_path(part.id).unlink()
                except OSError as error:
                    raise CollectionError(
                        f"The part {part.id} cannot be removed: {error.strerror or error}; check "
                        f"the access rights of {self.folder}."
                    ) from error
        return len(parts)

    def parts(self, state: State | None = None) -> tuple[Part, ...]:
        """The parts in the order in which they were taken, of one state or all."""
        found, _ = self._files.records()
        chosen = [one for one in found.values() if state is None or one.state is state]
        return tuple(sorted(chosen, key=lambda one: (one.when, one.id)))

    def problems(self) -> tuple[str, ...]:
        """Sentences on files that are in no order."""
        return tuple(self._files.records()[1])

    def get(self, part_id: str) -> Part:
        """The part with this id, or with the only id that begins so.

        Raises:
            CollectionError: there is none, or more than one.
        """
        return self._chosen(self._files.records()[0], part_id)

    def path(self, part: Part) -> Path:
        """Where the image of a part lies."""
        return self._files.image_path(part.id)

    def image(self, part: Part) -> NDArray[np.uint8]:
        """(H, W) or (H, W, 3) RGB uint8. Raises CollectionError."""
        with _as_collection_error():
            return self._files.image(part.id)

    def counts(self) -> Counts:
        """How many parts there are."""
        parts = self.parts()
        states = [part.state for part in parts]
        _, held = split_parts([one for one in parts if one.state is State.ACCEPTED])
        return Counts(
            accepted=states.count(State.ACCEPTED),
            doubtful=states.count(State.DOUBTFUL),
            rejected=states.count(State.REJECTED),
            held_out=len(held),
        )

    def split(self) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """The accepted parts to train on, and those held out; see `split_parts`."""
        return split_parts(self.parts(State.ACCEPTED))

    def accepted_samples(self) -> tuple[Sample, ...]:
        """All accepted parts in the order in which they were taken, to measure."""
        return tuple(self._sample(part, Split.TEST) for part in self.parts(State.ACCEPTED))

    def training_samples(self) -> tuple[Sample, ...]:
        """Accepted parts to train on."""
        return tuple(self._sample(part, Split.TRAIN) for part in self.split()[0])

    def held_out_samples(self) -> tuple[Sample, ...]:
        """Accepted parts that are never trained on: limits are set on them."""
        return tuple(self._sample(part, Split.TEST) for part in self.split()[1])

    def _sample(self, part: Part, split: Split) -> Sample:
        return Sample(self.path(part), self.product, split)

    def _set_state(self, action: Action, parts: Iterable[str], state: State) -> int:
        with self._changing():
            known, _ = self._files.records()
            chosen = {part.id: part for part in (self._chosen(known, one) for one in parts)}
            found = [part for part in chosen.values() if part.state is not state]
            if found:
                self._remember(action, {part.id: _before(part) for part in found})
            for part in found:
                self._files.write_record(part.model_copy(update={"state": state}))
        return len(found)

    def _chosen(self, known: Mapping[str, Part], name: str) -> Part:
        alike = [known[name]] if name in known else []
        if name and not alike:
            alike = [one for key, one in known.items() if key.startswith(name.lower())]
        if len(alike) != 1:
            what = "no part" if not alike else f"{len(alike)} parts"
            raise CollectionError(
                f"There is {what} '{name}' in {self.folder}; list them with: uniad-desktop "
                f"products show {self.product}"
            )
        return alike[0]

    def _recover(self) -> None:
        """Takes up images without a record; under the lock."""
        self._files.tidy()
        for part_id in self._files.orphans():
            try:
                image = self._files.image(part_id)
            except StoreError:
                set_file_aside(self._files.image_path(part_id))
                continue
            sha256 = pixel_hash(image)
            if id_of(sha256) != part_id:  # somebody's own file, or it was changed
                set_file_aside(self._files.image_path(part_id))
                continue
            doubt = Finding(
                reason=Reason.INCOMPLETE,
                sentence="The record of this image was lost, by a power cut for example; look at "
                "it before it is learnt.",
            )
            part = _part(image, sha256, State.DOUBTFUL, doubts=(doubt,))
            self._files.write_record(part)

    def _history(self) -> _History:
        path = self.folder / _HISTORY
        try:
            return _History.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return _History()
        except OSError as error:
            raise CollectionError(
                f"{path} cannot be read: {error.strerror or error}; check the access rights."
            ) from error
        except ValidationError:
            set_file_aside(path)
            return _History()

    def _remember(self, action: Action, before: Mapping[str, _Before | None]) -> None:
        """Writes the way back; comes before the change itself."""
        step = _Step(action=action, when=_now(), before=dict(before))
        self._write_history((*self._history().steps, step)[-MOST_STEPS:])

    def _write_history(self, steps: tuple[_Step, ...]) -> None:
        text = _History(steps=steps).model_dump_json()
        write_file(self.folder / _HISTORY, text.encode())

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with _as_collection_error(), locked(self.folder):
            yield


def split_parts(parts: Iterable[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Parts to train on and parts held out, about a fifth, told by the hash of the pixels.

    A part's side does not depend on the others, so none that was trained on is held out later.
    The one exception: of two parts or more at least one is on each side.

    Returns:
        (to train on, held out), each in the order given.
    """
    parts = tuple(parts)
    held = {one.id for one in parts if int(one.sha256[:8], 16) % HOLD_OUT_OF == 0}
    if len(parts) > 1 and not held:
        held = {min(one.id for one in parts)}
    if len(parts) > 1 and len(held) == len(parts):
        held -= {max(held)}
    if len(parts) == 1:
        held = set()
    return (
        tuple(one for one in parts if one.id not in held),
        tuple(one for one in parts if one.id in held),
    )


def _plain(value: Feature) -> Feature:
    """A feature's value as JSON can hold it; cameras do send infinity."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _part(
    image: NDArray[np.uint8],
    sha256: str,
    state: State,
    **more: Any,  # noqa: ANN401 - further fields
) -> Part:
    return Part(
        id=id_of(sha256),
        sha256=sha256,
        width=image.shape[1],
        height=image.shape[0],
        colour=image.ndim == 3,
        when=_now(),
        state=state,
        **more,
    )


def _before(part: Part) -> _Before:
    return _Before(state=part.state, note=part.note)


@contextmanager
def _as_collection_error() -> Iterator[None]:
    try:
        yield
    except CollectionError:
        raise
    except StoreError as error:
        raise CollectionError(str(error)) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
