"""The part of ``report`` that draws; the only command that needs Qt, and no display."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.engine.package import PackageError
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.spc.baseline import Baseline, Quantity
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.reports.drifts import Known
from uniad_desktop.reports.figures import gather
from uniad_desktop.teaching.chart_baselines import chart_baselines
from uniad_desktop.teaching.products import ProductStore
from uniad_desktop.teaching.versions import open_version
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
    language: str,
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
        language: ``en``, ``zh_CN`` or ``system``.
        data_folder: knows what products are called.
        target: the PDF; None: none.
        printer: name, empty for the default one; None: do not print.
        tell: told of progress; may raise to end it.
        check: called often while pages are drawn; likewise.

    Raises:
        RecordsError: the database cannot be read.
        ReportError: the file cannot be written, or there is no such printer.
    """
    headless_application(language)
    figures = gather(
        records, wanted, who=who, pictures=pictures, known=score_baselines(data_folder), tell=tell
    )
    document = make_document(records, figures, titles_of(data_folder))
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


def titles_of(data_folder: Path) -> dict[str, str]:
    """What the station calls its products, in the language in force."""
    from uniad_desktop.ui import language

    code = language.current()
    return {one.key: one.title(code) for one in ProductStore(data_folder).listing().products}


def score_baselines(data_folder: Path) -> Known:
    """Asks the calibration of each version what normal scores are.

    Light and focus are compared with the first parts of the period: the figures that teaching
    keeps of them are measured in another way than those on record.
    """

    def known(product: str, model: ModelIdentity) -> Mapping[Quantity, Baseline]:
        try:
            package = open_version(data_folder, model.name, model.version)
        except PackageError:
            return {}  # the version is gone; the first parts have to do
        entry = package.manifest.products.get(product)
        if entry is None or package.identity.sha256 != model.sha256:
            return {}
        found = chart_baselines(data_folder, model, product, entry.calibration)
        return {one: value for one, value in found.items() if one is Quantity.SCORE}

    return known
