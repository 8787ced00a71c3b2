"""What people labelled goes back to teaching: good parts to learn from, defects to be caught."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.records.database import Records
from uniad_desktop.records.query import fetch, image_path
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import Label
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.scoring.decode import decode_file
from uniad_desktop.teaching import challenge as challenges
from uniad_desktop.teaching.challenge import ChallengeSet
from uniad_desktop.teaching.checks import ANY_FRAME, CheckContext, examine
from uniad_desktop.teaching.collection import Origin, Part, PartCollection, State
from uniad_desktop.teaching.examiner import figures_of
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.known_product import ensure_product


@dataclass(frozen=True, slots=True)
class SentPart:
    """An image that was sent, and what it was before.

    Attributes:
        product: key.
        id: of the part or challenge image.
        inspection: id.
        former: state of a part that was there already; None: it was not.
    """

    product: str
    id: str
    inspection: int
    former: State | None = None


@dataclass(slots=True)
class Sent:
    """What was sent.

    Attributes:
        parts: good ones, taken into the collections.
        challenge: defects, kept in the challenge sets.
        there_already: ids of inspections whose very pixels were there.
        problems: sentences on those that could not be sent, by id of the inspection.
        doubts: what the checks find odd about parts that were taken all the same, by id.
    """

    parts: list[SentPart] = field(default_factory=list)
    challenge: list[SentPart] = field(default_factory=list)
    there_already: list[int] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)
    doubts: dict[int, str] = field(default_factory=dict)


def send(
    records: Records,
    ids: Sequence[int],
    data_folder: Path,
    who: str,
    *,
    known: dict[str, ProductEntry] | None = None,
    kind: str = "",
    check: Callable[[], None] = lambda: None,
) -> Sent:
    """Sends labelled inspections: good parts to be learnt, defects to the challenge set.

    Only what a person labelled good or defect is taken, and only where its image is the one that
    was judged. A person said good, so a part is accepted even where a check finds it odd; what it
    found stays with the part. The product is made known to this station where only the model knows
    it. Reads and writes images: not on the Qt thread.

    Args:
        records: the database.
        ids: of the inspections.
        data_folder: of this station.
        who: sends them.
        known: products of the model by key; None: only those of the station.
        kind: kind of the defects.
        check: called before each; may raise to end it, what was sent stays.

    Returns:
        What was sent, for `take_back`.

    Raises:
        RecordsError: the database cannot be read.
    """
    sent = Sent()
    takers: dict[str, _Product | str] = {}
    for number in ids:
        check()
        found = fetch(records, [number])
        if not found:
            sent.problems[number] = "It is not on record any more."
            continue
        record = found[0]
        if record.product not in takers:
            takers[record.product] = _open(data_folder, record.product, known or {})
        taker = takers[record.product]
        if isinstance(taker, str):
            sent.problems[number] = taker
            continue
        try:
            _send_one(records, record, taker, sent, who, kind)
        except (ReviewError, StoreError) as error:
            sent.problems[number] = str(error)
    return sent


def take_back(sent: Sent, data_folder: Path) -> int:
    """Undoes a `send`: what it added goes to the trash, parts get their former state.

    Returns:
        How many were taken back.

    Raises:
        ReviewError: the disk refuses.
    """
    back = 0
    try:
        for product in dict.fromkeys(one.product for one in sent.parts):
            parts = [one for one in sent.parts if one.product == product]
            collection = PartCollection(data_folder, product)
            for state, change in (
                (None, collection.delete),
                (State.REJECTED, collection.delete),
                (State.DOUBTFUL, collection.set_aside),
            ):
                back += change([one.id for one in parts if one.former is state])
        for product in dict.fromkeys(one.product for one in sent.challenge):
            kept = ChallengeSet(data_folder, product)
            there = {one.id for one in kept.images()}
            ours = [one.id for one in sent.challenge if one.product == product and one.id in there]
            back += kept.remove(ours)
    except StoreError as error:
        raise ReviewError(str(error)) from error
    return back


class _Product:
    """Takes the images of one product."""

    def __init__(self, data_folder: Path, key: str, entry: ProductEntry | None) -> None:
        self.key = key
        self.challenge = ChallengeSet(data_folder, key)
        self.collection = PartCollection(data_folder, key)
        parts = self.collection.parts(State.ACCEPTED)
        # Without a network, so that the model of the station stays the only one in memory.
        self._context = CheckContext(
            focus=figures_of(parts, "focus"),
            brightness=figures_of(parts, "brightness"),
            saturated=figures_of(parts, "saturated"),
            frame=(entry.frame if entry is not None else None) or ANY_FRAME,
        )

    def keep_good(
        self, image: NDArray[np.uint8], record: Record, note: str
    ) -> tuple[Part, bool, State | None, str]:
        """The part, whether it changed anything, its former state, and what is odd about it."""
        findings = examine(image, None, None, self._context)
        origin = Origin(
            source=record.source,
            kind=record.setup.kind,
            frame_id=max(0, record.frame_id),
            pixel_format=record.setup.pixel_format,
        )
        added = self.collection.add(image, origin, record.setup.features, findings, note)
        part = added.part
        former = part.state if added.duplicate else None
        changed = not added.duplicate or part.state is not State.ACCEPTED
        if part.state is not State.ACCEPTED:
            self.collection.accept([part.id])
        return part, changed, former, " ".join(one.sentence for one in findings.doubts)


def _open(data_folder: Path, key: str, known: dict[str, ProductEntry]) -> _Product | str:
    try:
        ensure_product(data_folder, key, known.get(key))
        return _Product(data_folder, key, known.get(key))
    except StoreError as error:
        return str(error)


def _send_one(  # noqa: PLR0917
    records: Records, record: Record, taker: _Product, sent: Sent, who: str, kind: str
) -> None:
    if record.label not in {Label.GOOD, Label.DEFECT}:
        raise ReviewError("It is not labelled as a good part or a real defect; label it first.")
    image = _image(records, record)
    origin = f"inspection {record.id} of {record.setup.station}, {record.source}"
    if record.label is Label.DEFECT:
        kept, there = taker.challenge.add(
            image, challenges.Label.DEFECT, kind=kind, note=record.note, who=who, origin=origin
        )
        if there:
            sent.there_already.append(record.id)
        else:
            sent.challenge.append(SentPart(taker.key, kept.id, record.id))
        return
    said = f"Labelled good by {who} in review ({origin})."
    part, changed, former, odd = taker.keep_good(
        image, record, f"{record.note} {said}" if record.note else said
    )
    if not changed:
        sent.there_already.append(record.id)
        return
    sent.parts.append(SentPart(taker.key, part.id, record.id, former))
    if odd:
        sent.doubts[record.id] = odd


def _image(records: Records, record: Record) -> NDArray[np.uint8]:
    """The pixels, if they are those that were judged. Raises ReviewError."""
    path = None
    with suppress(ValueError):
        path = image_path(records, record)
    if path is None:
        raise ReviewError("Its image was not kept, or is gone.")
    decoded = decode_file(path)
    if decoded.sha256 and record.image_sha256 and decoded.sha256 != record.image_sha256:
        raise ReviewError(f"{path} is not the image that was judged; it was changed since.")
    if decoded.image is None:
        raise ReviewError(decoded.error)
    return decoded.image
