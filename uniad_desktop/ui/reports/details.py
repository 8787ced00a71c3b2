"""The last pages of a report: pictures of the rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import Label
from uniad_desktop.reports.archive_image import FoundImage
from uniad_desktop.reports.figures import ReportFigures
from uniad_desktop.ui import text
from uniad_desktop.ui.reports.blocks import Block, Heading, Space, Text
from uniad_desktop.ui.reports.pen import DIM, Style
from uniad_desktop.ui.reports.pictures import Picture, PictureWords
from uniad_desktop.ui.reports.words import exact_score, label_word, moment, translate

_LONGEST_NOTE = 200


def picture_blocks(
    figures: ReportFigures, titles: Mapping[str, str], find: Callable[[Record], FoundImage]
) -> Iterator[Block]:
    """The rejects, or everything of a hand-picked selection, the highest score first."""
    total, shown = figures.reject_count, len(figures.pictures)
    if not total:
        return
    heading = (
        translate("Report", "The chosen parts")
        if figures.picked
        else translate("Report", "Rejects and parts to review")
    )
    yield Heading(heading, translate("Report", "image measured, boxes and heatmap computed"))
    if shown < total:
        words = translate(
            "Report", "{shown} of {total} are shown, the highest scores first; {more} more are not."
        )
    else:
        words = translate("Report", "All {total} are shown, the highest scores first.")
    line = words.format(
        shown=text.number(shown), total=text.number(total), more=text.number(total - shown)
    )
    scale = translate("Report", "Heatmaps have one fixed scale: the reject limit is in its middle.")
    yield Text(f"{line} {scale}", Style.SMALL, DIM, keep=shown > 0)
    yield Space(1.5, keep=shown > 0)
    for record in figures.pictures:
        yield Picture(record, _words(record, titles), find)


def _words(record: Record, titles: Mapping[str, str]) -> PictureWords:
    head = f"{text.verdict_word(record.verdict)} {exact_score(record.score)}"
    product = titles.get(record.product) or record.product
    lines = [
        product,
        moment(record.decided_at),
        translate("Report", "Part {number} · record {id}").format(
            number=text.number(record.number), id=record.id
        ),
        f"{record.setup.model.name} {record.setup.model.version}",
    ]
    if record.regions:
        largest = max(record.regions, key=lambda one: one.area)
        words = (
            translate("Report", "1 region, {area} at ({x}, {y})")
            if len(record.regions) == 1
            else translate("Report", "{n} regions, largest {area} at ({x}, {y})")
        )
        lines.append(
            words.format(n=len(record.regions), area=text.extent(largest), x=largest.x, y=largest.y)
        )
    else:
        lines.append(text.reason_sentence(record.reason))
    if record.label is not Label.NONE:
        note = record.note if len(record.note) <= _LONGEST_NOTE else record.note[:199] + "…"
        lines.append(f"{label_word(record.label)}: {note}" if note else label_word(record.label))
    if record.simulated:
        lines.append(translate("Report", "SIMULATED"))
    if record.image_sha256:
        lines.append(f"SHA-256 {record.image_sha256[:16]}…")
    return PictureWords(
        head=head,
        lines=tuple(lines),
        no_heatmap=translate("Report", "No heatmap was kept."),
        too_large=translate("Report", "The image is too large to be drawn here."),
        unreadable=translate("Report", "The image cannot be read; the file may be cut off."),
        why_none=_why_none,
    )


def _why_none(found: FoundImage) -> str:
    return {
        "none": translate("Report", "No image was kept of this part."),
        "removed": translate("Report", "The image was removed when its time was over."),
        "lost": translate("Report", "The image could not be stored."),
        "missing": translate("Report", "The image is missing; it should be in the records."),
        "damaged": translate("Report", "The image is not as it was stored: its hash differs."),
    }.get(found.state) or translate("Report", "The image cannot be read.")
