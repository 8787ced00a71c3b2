"""Rendered parts as a data set: ``simulated``, ``simulated:N`` or ``simulated:N:M``.

N normal parts of every product are for training. M good ones are for testing, and for each kind of
defect a fifth as many, at least one; without M, a quarter of N, at least five. The parts are those
of `uniad_desktop.training.simulated_data`, in the nominal light. Each is rendered once and kept as
PNG in MVTec AD layout; what is there already is not rendered again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.files import write_durably
from uniad_desktop.simulator import parts as renderer
from uniad_desktop.simulator.parts import DEFECT_KINDS, PRODUCTS, render_part
from uniad_desktop.training.datasets.sample import DataError, Reading, Sample, Split
from uniad_desktop.training.simulated_data import Light, Use, seed_of

WORD = "simulated"
SIMULATED = "simulated parts"

_SOURCE = re.compile(rf"{WORD}(?::(\d{{1,6}}))?(?::(\d{{1,6}}))?", re.ASCII)
_TRAINING = 100
_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many parts of every product.

    Attributes:
        training: normal parts for training.
        good: good parts for testing.
        per_kind: defective parts for testing, of each kind of defect.
    """

    training: int
    good: int
    per_kind: int


def is_simulated(source: str) -> bool:
    """Whether a source means rendered parts; a folder of that name is given as ``./simulated``."""
    return source == WORD or source.startswith(f"{WORD}:")


def amounts_of(source: str) -> Amounts:
    """The amounts that a source asks for. Raises DataError if they are no numbers above 0."""
    match = _SOURCE.fullmatch(source)
    training, good = (int(text) if text else None for text in match.groups()) if match else (0, 0)
    training = _TRAINING if training is None else training
    good = max(5, training // 4) if good is None else good
    if not (0 < training <= _LARGEST and 0 < good <= _LARGEST):
        raise DataError(
            f"{source} is no source of simulated parts; write {WORD}, {WORD}:100 (normal parts "
            f"per product for training) or {WORD}:100:25 (and good parts for testing), numbers "
            f"from 1 to {_LARGEST}."
        )
    return Amounts(training, good, max(1, good // 5))


def read_simulated(
    source: str,
    work: Path,
    products: Sequence[str] = PRODUCTS,
    report: Callable[[int, int], None] | None = None,
) -> Reading:
    """The rendered parts; those that are not there yet are rendered first.

    Args:
        source: ``simulated`` and perhaps amounts.
        work: folder under which they are kept, about 1 MB each, in a folder of their own for each
            version of the renderer and each amount.
        products: those of `PRODUCTS` that are wanted.
        report: called before each part with the number that are there and that of all; what it
            raises ends the work, and the next call goes on from there.

    Raises:
        DataError: the source cannot be understood.
        OSError: the parts cannot be written.
    """
    amounts = amounts_of(source)
    folder = work / (
        f"{WORD}-{amounts.training}-{amounts.good}-{amounts.per_kind}-{_renderer_hash()}"
    )
    plan = [planned for product in products for planned in _plan(folder, product, amounts)]
    for done, (sample, seed) in enumerate(plan):
        if report is not None:
            report(done, len(plan))
        _render(sample, seed)
    if report is not None:
        report(len(plan), len(plan))
    return Reading(tuple(sample for sample, _ in plan), SIMULATED)


def _plan(folder: Path, product: str, amounts: Amounts) -> Iterator[tuple[Sample, int]]:
    """Every part of a product with its seed, numbered as `simulated_data` numbers them."""
    for number in range(amounts.training):
        path = folder / product / "train" / "good" / f"{number:03d}.png"
        yield Sample(path, product, Split.TRAIN), seed_of(Use.TRAIN, number)
    number = 0
    kinds = [("", amounts.good), *((kind, amounts.per_kind) for kind in DEFECT_KINDS[product])]
    for kind, count in kinds:
        for index in range(count):
            path = folder / product / "test" / (kind or "good") / f"{index:03d}.png"
            mask = folder / product / "ground_truth" / kind / f"{index:03d}_mask.png"
            sample = Sample(path, product, Split.TEST, kind, mask if kind else None)
            yield sample, seed_of(Use.TEST, number)
            number += 1


def _render(sample: Sample, seed: int) -> None:
    """Writes the picture of a part, after its mask; each is whole or not there."""
    if sample.path.is_file() and (sample.mask is None or sample.mask.is_file()):
        return
    part = render_part(sample.product, seed, defect=sample.kind or None, light=Light().of(seed))
    if sample.mask is not None:
        _write(sample.mask, part.mask * np.uint8(255))
    _write(sample.path, np.ascontiguousarray(part.image[:, :, ::-1]))


def _write(path: Path, image: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Noise hardly gets smaller with more effort; level 1 is several times faster.
    _, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    write_durably(path, data.tobytes())


def _renderer_hash() -> str:
    """Changes with the code that draws the parts and with the library that it draws with."""
    digest = hashlib.sha256(cv2.__version__.encode())
    for file in sorted(Path(renderer.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
