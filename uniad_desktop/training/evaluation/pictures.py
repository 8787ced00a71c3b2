"""Pictures of the worst and best cases of an evaluation, one file each."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.engine.detector import Detector
from uniad_desktop.files import write_durably
from uniad_desktop.training.datasets import product_key
from uniad_desktop.training.evaluation.appearance import Paint
from uniad_desktop.training.evaluation.cases import Case, choose_cases
from uniad_desktop.training.evaluation.count import COLOUR_QUANTILE
from uniad_desktop.training.evaluation.drawing import CasePicture, draw_case
from uniad_desktop.training.evaluation.figures import ClassFigures, Evaluation
from uniad_desktop.training.evaluation.run import known_product

if TYPE_CHECKING:
    from uniad_desktop.training.datasets import ImageReader

PICTURES = "pictures"
_UNFINISHED = ".pictures-"


@dataclass(frozen=True, slots=True)
class Shown:
    """A case and its picture, relative to the evaluation's folder with ``/`` between names."""

    product: str
    case: Case
    file: str


def cases_of(evaluation: Evaluation, number: int) -> list[tuple[ClassFigures, list[Case]]]:
    """The cases of every class, at most `number` each."""
    return [
        (
            figures,
            choose_cases(
                figures,
                [one for one in evaluation.scores if one.sample.product == figures.product],
                number,
            ),
        )
        for figures in evaluation.classes
    ]


def draw_pictures(
    chosen: Sequence[tuple[ClassFigures, list[Case]]],
    detector: Detector,
    reader: ImageReader,
    paint: Paint | None,
    folder: Path,
    *,
    check: Callable[[], None] = lambda: None,
    done: Callable[[int], object] = lambda count: None,
) -> list[Shown]:
    """Draws all cases into ``folder/pictures/CLASS/CASE.png``: all of them or none.

    Args:
        chosen: see `cases_of`.
        detector: the package that was evaluated; runs once more on each case.
        reader: reads images and masks.
        paint: paints the expected appearance, or None.
        folder: the evaluation's folder, without pictures of a former one.
        check: called before each picture; may raise to end the work.
        done: called after each picture with 1.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    shown = []
    names = _folder_names([figures.product for figures, _ in chosen])
    with _whole_folder(folder) as fresh:
        for (figures, cases), name in zip(chosen, names, strict=True):
            for case in cases:
                check()
                image = reader.read(case.result.sample)
                if image is not None:
                    mask = reader.mask(case.result.sample, image.shape[:2])
                    product = known_product(figures.product, detector.products)
                    prediction = detector.predict(image, product)
                    picture = CasePicture(
                        image=image,
                        mask=mask,
                        good=case.result.sample.good,
                        anomaly_map=prediction.anomaly_map,
                        colours=figures.colours,
                        reject=figures.limit.reject if figures.limit else None,
                        expected=paint(image, product) if paint is not None else None,
                        caption=caption(figures, case),
                    )
                    file = f"{name}/{case.name}.png"
                    _save(picture, fresh / file)
                    shown.append(Shown(figures.product, case, f"{PICTURES}/{file}"))
                done(1)
    return shown


def caption(figures: ClassFigures, case: Case) -> tuple[str, ...]:
    """The lines above a picture."""
    sample = case.result.sample
    kind = "good" if sample.good else sample.kind
    low, high = figures.colours
    if figures.limit is not None:
        judged = f"{case.verdict}: score {case.result.score:.4g}, limit {figures.limit.reject:.4g}"
        scale = f"colours {low:.3g} to {high:.3g}, the model's scale for this product"
    else:
        judged = f"score {case.result.score:.4g}; the model has no limit for this product"
        scale = (
            f"colours {low:.3g} to {high:.3g}: {100 * COLOUR_QUANTILE:.1f} % of this class's map "
            "values lie within"
        )
    return (f"{figures.product} · {kind} · {sample.path.name}", judged, scale)


def remove_pictures(folder: Path) -> None:
    """Removes the pictures of a former evaluation, finished or not."""
    for former in (folder / PICTURES, *folder.glob(f"{_UNFINISHED}*")):
        if former.is_dir():
            shutil.rmtree(former)


def _save(picture: CasePicture, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    data = io.BytesIO()
    draw_case(picture).save(data, "PNG")
    write_durably(path, data.getvalue())


def _folder_names(products: Sequence[str]) -> list[str]:
    """A name of each product that every file system takes, each once."""
    names: list[str] = []
    for product in products:
        key = product_key(product)
        # What differs in case or accents only has the same key.
        names.append(f"{key}-{names.count(key) + 1}" if key in names else key)
    return names


@contextlib.contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """A folder under a temporary name, which becomes ``folder/pictures`` if all goes well."""
    fresh = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
    try:
        yield fresh
        fresh.chmod(0o755)
        fresh.rename(folder / PICTURES)
    finally:
        if fresh.exists():
            shutil.rmtree(fresh)
