"""Which pictures a calibration looks at, and with what regions."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.outcome import EXIT_DATA, CommandError
from uniad_desktop.commands.train_options import layout_of
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    from uniad_desktop.engine.layout import Layout
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.training.datasets import DataSet, Sample

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is inspected.

    Attributes:
        samples: good pictures, and those of defects.
        sources: what they came from, for the record.
        parts_key: of the collected parts (`stored_scores.CollectedParts`), empty of other data.
    """

    samples: tuple[Sample, ...]
    sources: tuple[str, ...]
    parts_key: str = ""


def pictures_of(
    options: argparse.Namespace,
    folder: Path,
    package: ModelPackage,
    product: str,
    interrupt: Interrupt,
) -> Pictures:
    """The pictures of DATA, or what was collected of the product where none were named.

    Raises:
        CommandError: there are none, or whose they are cannot be told.
        DataError: DATA cannot be read.
    """
    if not options.data:
        return _collected(folder, package, product)
    data = _open_data(options, product, folder, interrupt)
    return Pictures(_samples(options, data, package, product), data.sources)


def _collected(folder: Path, package: ModelPackage, product: str) -> Pictures:
    from uniad_desktop.teaching.image_folder import StoreError
    from uniad_desktop.teaching.products import ProductStore
    from uniad_desktop.teaching.stored_scores import collected_parts

    try:
        parts = collected_parts(folder, product)
        if not parts.good:
            raise CommandError(
                f"No data were named, and no part of '{product}' was collected; give "
                "pictures of normal parts, collect some with `uniad-desktop products collect "
                f"{product} FOLDER`, or give a limit with --limit.",
                EXIT_DATA,
            )
        known = package.manifest.products.get(product)
        if known is not None and ProductStore(folder).get(product).layout != known.layout:
            _log.warning(
                "The model was taught '%s' with other regions and tiles than the product has now; "
                "its own are used.",
                product,
            )
    except StoreError as error:
        raise CommandError(str(error), EXIT_DATA) from error
    sources = ["collected parts", *(["challenge images"] if parts.bad else [])]
    return Pictures(parts.samples, tuple(sources), parts.key)


def _open_data(
    options: argparse.Namespace, product: str, folder: Path, interrupt: Interrupt
) -> DataSet:
    from uniad_desktop.training.datasets import open_data
    from uniad_desktop.training.datasets.simulated_source import is_simulated

    wanted = options.data_product
    if wanted is None and all(is_simulated(one) for one in options.data):
        wanted = product  # what is not wanted is not rendered
    return open_data(
        options.data,
        products=[wanted] if wanted is not None else [],
        work=folder / "work",
        report=lambda done, all_: interrupt.raise_if_asked(),
    )


def _samples(
    options: argparse.Namespace, data: DataSet, package: ModelPackage, product: str
) -> tuple[Sample, ...]:
    """The pictures of the product; of several products in the data the one of the same name."""
    from uniad_desktop.training.datasets import Split, product_key
    from uniad_desktop.training.datasets.sample import listed

    names: Sequence[str] = data.products
    if len(names) > 1:
        entry = package.manifest.products.get(product)
        titles = set(entry.titles.values()) if entry is not None else set()
        meant = {options.product, options.title} | titles
        names = [one for one in names if one in meant or product_key(one) == product]
    if len(names) != 1:
        raise CommandError(
            f"The data show several products ({listed(data.products, 20)}), and which of them is "
            f"'{options.product}' cannot be told; name it with --data-product.",
            EXIT_DATA,
        )
    if names[0] != options.product:
        _log.info("The pictures of '%s' are taken for the product %s.", names[0], product)
    return tuple(
        one
        for one in data.samples
        if one.product == names[0]
        and not (one.split is Split.TRAIN and not one.good)
        and (not one.good or options.parts == "all" or one.split is Split(options.parts))
    )


def layout_wished(
    options: argparse.Namespace, package: ModelPackage, product: str
) -> Layout | None:
    """The new regions and tiles; None where the product keeps its own."""
    entry = package.manifest.products.get(product)
    if options.tiles is None and not options.region:
        if options.mm_per_pixel is None:
            return None
        if entry is not None:
            return replace(entry.layout, mm_per_pixel=options.mm_per_pixel)
    values = vars(options) | {
        "tiles": options.tiles or (1, 1),
        "overlap": 0.1 if options.overlap is None else options.overlap,
    }
    layout = layout_of(argparse.Namespace(**values))
    if entry is not None and options.mm_per_pixel is None:
        return replace(layout, mm_per_pixel=entry.layout.mm_per_pixel)
    return layout
