"""The part of ``report`` that draws; the only command that needs Qt, and no display."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import ModelPackage, PackageError
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.spc.baseline import Baseline, Quantity
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.reports.facts import InForce
from uniad_desktop.reports.figures import gather
from uniad_desktop.teaching.chart_baselines import chart_baselines
from uniad_desktop.teaching.products import ProductStore
from uniad_desktop.teaching.versions import open_version
from uniad_desktop.ui import language
from uniad_desktop.ui.reports.document import make_document
from uniad_desktop.ui.reports.pdf import headless_application, write_pdf
from uniad_desktop.ui.reports.printing import print_named


@dataclass(frozen=True, slots=True)
class MadeReport:
    """What came of it: pages, inspections, and a sentence."""

    pages: int
    records: int
    sentence: str


def make_report(
    records: Records,
    wanted: RecordFilter,
    *,
    who: str,
    pictures: int,
    language_code: str,
    data_folder: Path,
    target: Path | None,
    printer: str | None,
    tell: Callable[[int, int], None],
    check: Callable[[], None],
) -> MadeReport:
    """Makes a report as PDF, on paper, or both.

    Args:
        records: the database.
        wanted: which inspections.
        who: who makes it.
        pictures: how many at most.
        language_code: ``en``, ``zh_CN`` or ``system``.
        data_folder: knows what products are called.
        target: the PDF; None: none.
        printer: name, empty for the default one; None: do not print.
        tell: told of progress; may raise to end it.
        check: called often while pages are drawn; likewise.

    Raises:
        RecordsError: the database cannot be read.
        ReportError: the file cannot be written, or there is no such printer.
    """
    headless_application(language_code)
    versions = Versions(data_folder)
    figures = gather(
        records, wanted, who=who, pictures=pictures, known=versions.score_baseline, tell=tell
    )
    document = make_document(records, figures, versions.titles(figures.in_force))
    said: list[str] = []
    pages = 0

    if target is not None:
        pages = write_pdf(document, target, check)
        said.append(f"in {target}")
    if printer is not None:
        pages = print_named(document, printer, check)
        said.append("to the printer")
    count = figures.total.total
    parts = f"{count} inspection{'' if count == 1 else 's'}"
    line = f"A report of {parts}, {pages} page{'' if pages == 1 else 's'}, {' and '.join(said)}."
    return MadeReport(pages, count, line)


class Versions:
    """What the versions that decided know of their products; each is opened once.

    Args:
        data_folder: of the station.
    """

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder
        self._opened: dict[ModelIdentity, ModelPackage | None] = {}

    def entry(self, product: str, model: ModelIdentity) -> ProductEntry | None:
        """A product under a model; None where just this version is not there any more."""
        if model not in self._opened:
            try:
                found = open_version(self._folder, model.name, model.version)
                self._opened[model] = found if found.identity.sha256 == model.sha256 else None
            except PackageError:
                self._opened[model] = None
        package = self._opened[model]
        return None if package is None else package.manifest.products.get(product)

    def score_baseline(self, product: str, model: ModelIdentity) -> Mapping[Quantity, Baseline]:
        """What normal scores are, by the calibration; empty where it is not known.

        Light and focus are compared with the first parts of the period: the figures that teaching
        keeps of them are measured in another way than those on record.
        """
        entry = self.entry(product, model)
        if entry is None:
            return {}
        found = chart_baselines(self._folder, model, product, entry.calibration)
        return {one: value for one, value in found.items() if one is Quantity.SCORE}

    def titles(self, in_force: Iterable[InForce]) -> dict[str, str]:
        """What products are called in the language in force: by the station, else by the model."""
        code = language.current()
        found = {}
        for one in in_force:
            entry = self.entry(one.product, one.model)
            if entry is not None:
                title = entry.titles.get(code) or entry.titles.get("en")
                found[one.product] = title or one.product
        listing = ProductStore(self._folder).listing(archived=True)
        return found | {one.key: one.title(code) for one in listing.products}
