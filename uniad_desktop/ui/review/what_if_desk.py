"""What the what-if view works on: stored scores of a product and the limits in use. No Qt."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import ModelPackage, PackageError
from uniad_desktop.records.database import Records, RecordsError, open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.what_if import ScoreTable, WhatIf, apply, load_scores, same_network
from uniad_desktop.teaching.limit_change import open_in_use


@dataclass(frozen=True, slots=True)
class Desk:
    """Scores of a product as the network in use gives them.

    Attributes:
        product: key.
        package: the version in use.
        entry: the product as it knows it.
        table: the scores.
    """

    product: str
    package: ModelPackage
    entry: ProductEntry
    table: ScoreTable


def load_desk(
    data_folder: Path, model: str, records: Records, product: str, wanted: RecordFilter
) -> Desk:
    """Reads all that; takes a moment, not for the Qt thread.

    What people said and what was decided are what the limit is held against, so of the filter only
    time, station and source count.

    Raises:
        ReviewError: the model in use cannot be read, or does not know the product.
        RecordsError: the database cannot be read.
    """
    try:
        package = open_in_use(data_folder, model)
    except PackageError as error:
        raise ReviewError(str(error)) from error
    entry = package.manifest.products.get(product)
    if entry is None:
        raise ReviewError(
            f"{package.identity.name} {package.identity.version}, which is in use, does not know "
            f"the product “{product}”; choose another product."
        )
    table = load_scores(
        records, product, same_network(data_folder, package, product), of_all(wanted)
    )
    return Desk(product, package, entry, table)


def of_all(wanted: RecordFilter) -> RecordFilter:
    """The filter without what a limit is held against."""
    return replace(
        wanted,
        verdicts=(),
        labels=(),
        disagrees=False,
        least_score=None,
        most_score=None,
        models=(),
        text="",
    )


def put_in_force(
    data_folder: Path, url: str, desk: Desk, what: WhatIf, *, station: str, who: str, why: str
) -> ModelPackage:
    """Makes the limits those of the product; on record at this station, whatever is reviewed.

    Raises:
        ReviewError: as `review.what_if.apply`.
    """
    try:
        with closing(open_records(data_folder, url)) as own:
            return apply(
                data_folder,
                own,
                desk.package,
                desk.product,
                what,
                station=station,
                who=who,
                why=why,
            )
    except RecordsError as error:
        raise ReviewError(f"Nothing was changed, as it cannot be put on record: {error}") from error
