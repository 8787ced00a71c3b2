"""The report as a document: figures become blocks, and blocks become pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from uniad_desktop.records.database import Records
from uniad_desktop.reports.archive_image import FoundImage, find_image
from uniad_desktop.reports.chosen import filter_values
from uniad_desktop.reports.fields import local, utc
from uniad_desktop.reports.figures import ReportFigures
from uniad_desktop.reports.provenance import APPLICATION
from uniad_desktop.ui.reports.blocks import Block
from uniad_desktop.ui.reports.details import picture_blocks
from uniad_desktop.ui.reports.sections import section_blocks, title_of
from uniad_desktop.ui.reports.sheets import Footer
from uniad_desktop.ui.reports.words import translate, with_zone


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A report that can be drawn on any device, in the language in force when it was made.

    Attributes:
        title: of the document.
        footer: of every page.
        blocks: from top to bottom.
        provenance: plain values that go into the PDF as a file.
    """

    title: str
    footer: Footer
    blocks: tuple[Block, ...] = field(repr=False)
    provenance: dict[str, Any] = field(repr=False)

    @property
    def provenance_text(self) -> str:
        """Its provenance as JSON."""
        return json.dumps(self.provenance, ensure_ascii=False, indent=2) + "\n"


def make_document(
    records: Records,
    figures: ReportFigures,
    titles: Mapping[str, str] | None = None,
    find: Callable[..., FoundImage] | None = None,
) -> ReportDocument:
    """Makes the document of some figures; pictures are read when it is drawn.

    Args:
        records: where the pictures are; must stay open until it is drawn.
        figures: what it says.
        titles: what a person calls the products, by key.
        find: reads the files of an inspection; None: from the records.
    """

    def of_records(record: Any) -> FoundImage:  # noqa: ANN401 - a Record
        return find_image(records, record, heatmaps=True)

    blocks = [
        *section_blocks(figures, titles or {}),
        *picture_blocks(figures, titles or {}, find or of_records),
    ]
    title = title_of(figures)
    return ReportDocument(title, _footer(figures), tuple(blocks), _provenance(figures, title))


def _footer(figures: ReportFigures) -> Footer:
    made = translate("Report", "{program} · made {when} by {who} · {database}").format(
        program=APPLICATION,
        when=with_zone(figures.made_at),
        who=figures.who,
        database=figures.database,
    )
    trail = translate("Report", "audit trail: entry {n}, {sha256}").format(
        n=figures.audit.entries, sha256=figures.audit.sha256
    )
    if figures.facts.simulated:
        trail = f"{translate('Report', 'SIMULATED')} · {trail}"
    return Footer(f"{made}\n{trail}", translate("Report", "Page {page} of {pages}"))


def _provenance(figures: ReportFigures, title: str) -> dict[str, Any]:
    total = figures.total
    models = {one.model for one in figures.in_force}
    return {
        "format": "uniad-desktop report",
        "schema": 1,
        "title": title,
        "made_at_utc": utc(figures.made_at),
        "made_at_local": local(figures.made_at),
        "made_by": figures.who,
        "application": APPLICATION,
        "database": figures.database,
        "audit_entries": figures.audit.entries,
        "audit_sha256": figures.audit.sha256,
        "filter": filter_values(figures.wanted),
        "filter_in_words": figures.filter_words,
        "records": total.total,
        "verdicts": {
            "PASS": total.passed,
            "REVIEW": total.review,
            "FAIL": total.failed,
            "ERROR": total.error,
        },
        "simulated": figures.facts.simulated,
        "stations": list(figures.facts.stations),
        "models": sorted(
            ({"name": m.name, "version": m.version, "sha256": m.sha256} for m in models),
            key=lambda one: (one["name"], one["version"], one["sha256"]),
        ),
        "pictures": [
            {"id": one.id, "image": one.image, "sha256": one.image_sha256}
            for one in figures.pictures
        ],
    }
