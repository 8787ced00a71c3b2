"""What is to be done: a product for every image, and what a former run has done already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.scoring.image_list import Found
from uniad_desktop.scoring.job import Job, ScoredImage, ScoringError
from uniad_desktop.training.datasets.sample import listed, printable
from uniad_desktop.training.evaluation.run import known_product


def make_jobs(
    images: Sequence[Found],
    products: Mapping[str, ProductEntry],
    *,
    product: str = "",
    from_folder: bool = False,
) -> list[Job]:
    """One job for every image; a file that is meant twice is judged once.

    The product is what a list says of the image, else `product`, else the name of its folder, else
    the only one that the model knows.

    Args:
        images: what was found.
        products: what the model knows.
        product: key or title of the product of all images without one.
        from_folder: whether the first folder below the one that was given names the product.

    Raises:
        ScoringError: a product is not said, or not known to the model.
    """
    named: dict[str, str | None] = {}
    unknown: dict[str, Path] = {}
    jobs: dict[Path, Job] = {}
    only = next(iter(products)) if len(products) == 1 else ""
    for one in images:
        name = one.product or product or (one.folder_name if from_folder else only)
        if not name:
            raise ScoringError(
                "The model knows several products; say with --product which one the images show, "
                "or with --product-from folder that their folders are named after it. It knows: "
                f"{', '.join(products) or 'none'}."
            )
        if name not in named:
            named[name] = name if name in products else known_product(name, products)
        key = named[name]
        if key is None:
            unknown.setdefault(name, one.path)
        elif one.path not in jobs:
            jobs[one.path] = Job(len(jobs), one.path, one.root, key, one.label)
    if unknown:
        example = printable(next(iter(unknown.values())))
        raise ScoringError(
            f"The model does not know {listed(unknown)} (for example {example}). It knows: "
            f"{', '.join(products) or 'none'}. Name the folders after these, or use --product."
        )
    return list(jobs.values())


def left_to_do(
    jobs: Sequence[Job],
    former: Sequence[ScoredImage],
    model_sha256: str,
    check: Callable[[], None] = lambda: None,
) -> tuple[list[ScoredImage], list[Job]]:
    """Sorts out what a former run has done.

    A line counts if it is of the same model and product, no ERROR, and its file is the same: by
    the time of its last change or, where that differs, by its hash.

    Returns:
        The lines to keep and the jobs that are left, both in the order of the input.
    """
    done = {line.path: line for line in former}
    kept, left = [], []
    for job in jobs:
        check()
        line = done.get(printable(job.path))
        if (
            line is not None
            and line.verdict is not Verdict.ERROR
            and (line.model_sha256, line.product) == (model_sha256, job.product)
            and _is_same(job.path, line)
        ):
            kept.append(replace(line, label=job.label))
        else:
            left.append(job)
    return kept, left


def _is_same(path: Path, line: ScoredImage) -> bool:
    try:
        if path.stat().st_mtime_ns == line.modified_ns:
            return True
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == line.sha256
    except OSError:
        return False


class Roots:
    """Notices a drive that vanished: the folder is gone, or an empty one is in its place.

    Args:
        jobs: whose folders are looked after; they must be there now.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._known = {root: _identity(root) for root in {job.root for job in jobs}}

    def require(self, root: Path) -> None:
        """Raises ScoringError where the folder is no longer the one that it was."""
        before = self._known.get(root)
        if before is not None and _identity(root) != before:
            raise ScoringError(
                f"The folder {printable(root)} is gone; was the drive removed, or the network "
                "lost? What was judged so far is kept; bring it back and go on with --resume."
            )


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        about = folder.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino
