"""A report of what was inspected: PDF, CSV, JSON lines, or a zip with the images.

  uniad-desktop report --shift last --out shift.pdf
  uniad-desktop report --since 2026-11-25 --until 2026-11-26T06:00 --product flange --out day.csv
  uniad-desktop report --verdict FAIL --label none --out rejects.zip
  uniad-desktop report /media/station2 --shift 12 --print

SOURCE is what uniad-desktop review opens: a data folder of a station, a folder of images, a zip;
without one it is this station. The ending of --out says what is made. No display is needed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uniad_desktop.commands.arguments import whole
from uniad_desktop.commands.outcome import (
    EXIT_DATA,
    EXIT_DATA_FOLDER,
    EXIT_OK,
    CommandError,
)
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import Settings, default_data_folder, load_settings

if TYPE_CHECKING:
    from uniad_desktop.records.database import Records
    from uniad_desktop.records.filters import RecordFilter
    from uniad_desktop.reports.provenance import Summary
    from uniad_desktop.review.source import ReviewSource
    from uniad_desktop.teaching.teach_events import EventWriter

EXIT_ARGUMENTS: Final = 2
ENDINGS: Final = (".pdf", ".csv", ".jsonl", ".zip")
_MOST_NAMED: Final = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own arguments."""
    parser.add_argument("source", nargs="?", default="", metavar="SOURCE", help="see above")
    add = parser.add_argument_group("which inspections (default: all)").add_argument
    add("--shift", metavar="last|ID", help="the last shift, or one by its number")
    add("--since", type=moment, metavar="TIME", help="such as 2026-11-25 or 2026-11-25T06:00")
    add("--until", type=moment, metavar="TIME", help="not included")
    add("--station", action="append", default=[], metavar="NAME", help="may be given several times")
    add("--product", action="append", default=[], metavar="KEY", help="likewise")
    add("--camera", action="append", default=[], metavar="SERIAL", help="likewise")
    add("--verdict", action="append", default=[], choices=("PASS", "REVIEW", "FAIL", "ERROR"))
    add("--label", action="append", default=[], choices=("none", "good", "defect", "unsure"))
    add(
        "--selection", type=Path, metavar="FILE", help="a filter as JSON, as provenance.json has it"
    )
    add = parser.add_argument_group("what is made").add_argument
    add("--out", type=Path, metavar="FILE", help=f"ending in {', '.join(ENDINGS)}")
    add("--overwrite", action="store_true", help="replace the file if there is one")
    add(
        "--print", nargs="?", const="", metavar="PRINTER", help="print the report (default printer)"
    )
    add("--pictures", type=whole, default=24, metavar="N", help="in a PDF at most (default: 24)")
    add("--language", choices=("en", "zh_CN"), help="of a PDF (default: the window's)")
    add("--excel", action="store_true", help="CSV with a byte-order mark")
    add("--no-heatmaps", action="store_true", help="zip without heatmaps")
    add("--who", default="", metavar="NAME", help="who makes it (default: the login name)")
    add("--events", action="store_true", help="progress and result as JSON lines")
    parser.add_argument("--data-dir", type=Path, metavar="FOLDER", help="data folder")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it and returns the exit code; may raise `CommandError`."""
    from uniad_desktop.records.database import RecordsError
    from uniad_desktop.reports.errors import ReportError
    from uniad_desktop.teaching.teach_events import EventWriter

    _check_target(options)
    folder: Path = options.data_dir or default_data_folder()
    settings, problem = load_settings(folder)
    if problem:
        sys.stderr.write(f"uniad-desktop report: {problem}\n")
    events = EventWriter(sys.stdout) if options.events else None
    try:
        with closing(_open(options.source, folder, settings, interrupt)) as source:
            wanted = _wanted(options, source.records)
            if options.out is None or options.out.suffix.lower() == ".pdf":
                return _report(
                    options, source.records, wanted, settings, interrupt=interrupt, events=events
                )
            return _export(options, source.records, wanted, interrupt=interrupt, events=events)
    except RecordsError as error:
        raise CommandError(str(error), EXIT_DATA_FOLDER) from error
    except ReportError as error:
        raise CommandError(str(error)) from error


def moment(text: str) -> float:
    """Local date or time as ISO 8601, as seconds since the epoch."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise argparse.ArgumentTypeError(
            f"{text} is no time such as 2026-11-25 or 2026-11-25T06:00"
        ) from error


def _check_target(options: argparse.Namespace) -> None:
    """Raises CommandError before anything is opened."""
    target: Path | None = options.out
    if target is None and options.print is None:
        raise CommandError("Say where to with --out FILE or --print.", EXIT_ARGUMENTS)
    if target is None:
        return
    if target.suffix.lower() not in ENDINGS:
        raise CommandError(
            f"{target.name} says nothing that can be made; end it in {', '.join(ENDINGS)}.",
            EXIT_ARGUMENTS,
        )
    if options.print is not None and target.suffix.lower() != ".pdf":
        raise CommandError("Only a PDF can be printed as well.", EXIT_ARGUMENTS)
    if target.is_dir():
        raise CommandError(f"{target} is a folder; give a file in it.", EXIT_ARGUMENTS)
    if target.exists() and not options.overwrite:
        raise CommandError(
            f"{target} is there already; choose another name, or replace it with --overwrite.",
            EXIT_ARGUMENTS,
        )


def _open(source: str, folder: Path, settings: Settings, interrupt: Interrupt) -> ReviewSource:
    from uniad_desktop.records.database import database_file
    from uniad_desktop.review.source import ReviewError, open_source

    url = settings.records.database
    if not source and not url and not database_file(folder).exists():
        raise CommandError(f"There are no records in {folder} yet.", EXIT_DATA_FOLDER)
    try:
        return open_source(source, folder, url, check=interrupt.raise_if_asked)
    except ReviewError as error:
        raise CommandError(str(error), EXIT_DATA if source else EXIT_DATA_FOLDER) from error


def _wanted(options: argparse.Namespace, records: Records) -> RecordFilter:
    from uniad_desktop.inspection.types import Verdict
    from uniad_desktop.records.filters import RecordFilter
    from uniad_desktop.records.schema import Label
    from uniad_desktop.reports.figures import find_shift

    wanted = _selection(options.selection) if options.selection else RecordFilter()
    if options.shift is not None:
        if options.shift != "last" and not options.shift.isdecimal():
            raise CommandError(
                f"--shift is “last” or a number, not “{options.shift}”.", EXIT_ARGUMENTS
            )
        number = None if options.shift == "last" else int(options.shift)
        wanted = replace(wanted, shift=find_shift(records, number).id)
    if options.since is not None:
        wanted = replace(wanted, since=options.since)
    if options.until is not None:
        wanted = replace(wanted, until=options.until)
    if options.station:
        wanted = replace(wanted, stations=tuple(options.station))
    if options.product:
        wanted = replace(wanted, products=tuple(options.product))
    if options.camera:
        wanted = replace(wanted, cameras=tuple(options.camera))
    if options.verdict:
        wanted = replace(wanted, verdicts=tuple(Verdict(one) for one in options.verdict))
    if options.label:
        wanted = replace(wanted, labels=tuple(Label[one.upper()] for one in options.label))
    return wanted


def _selection(file: Path) -> RecordFilter:
    from uniad_desktop.reports.chosen import filter_from
    from uniad_desktop.reports.errors import ReportError

    try:
        values: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"The selection {file} cannot be read: {error}.") from error
    # A whole provenance.json will do: the same selection once more.
    inner = values.get("filter", values) if isinstance(values, dict) else None
    if not isinstance(inner, dict):
        raise ReportError(f"The selection {file} is no filter.")
    return filter_from(inner)


def _report(
    options: argparse.Namespace,
    records: Records,
    wanted: RecordFilter,
    settings: Settings,
    *,
    interrupt: Interrupt,
    events: EventWriter | None,
) -> int:
    from uniad_desktop.commands.report_pdf import make_report
    from uniad_desktop.records.recorder import login_name

    made = make_report(
        records,
        wanted,
        who=options.who or login_name(),
        pictures=options.pictures,
        language_code=options.language or settings.language,
        data_folder=options.data_dir or default_data_folder(),
        target=options.out,
        printer=options.print,
        tell=_teller(interrupt, events),
        check=interrupt.raise_if_asked,
    )
    place = str(options.out or "")
    return _told(events, made.sentence, place=place, pages=made.pages, records=made.records)


def _export(
    options: argparse.Namespace,
    records: Records,
    wanted: RecordFilter,
    *,
    interrupt: Interrupt,
    events: EventWriter | None,
) -> int:
    from uniad_desktop.records.recorder import login_name
    from uniad_desktop.reports.archive import export_zip
    from uniad_desktop.reports.tables import export_csv, export_json_lines

    target: Path = options.out
    who, tell = options.who or login_name(), _teller(interrupt, events)
    kind = target.suffix.lower()
    if kind == ".csv":
        done = export_csv(records, wanted, target, who=who, excel=options.excel, tell=tell)
    elif kind == ".jsonl":
        done = export_json_lines(records, wanted, target, who=who, tell=tell)
    else:
        heatmaps = not options.no_heatmaps
        done = export_zip(records, wanted, target, who=who, heatmaps=heatmaps, tell=tell)
    for problem in done.problems[:_MOST_NAMED]:
        sys.stderr.write(f"uniad-desktop report: {problem}\n")
    return _told(
        events,
        _sentence(done),
        place=str(target),
        records=done.records,
        images=done.images,
        problem_count=done.problem_count,
        problems=list(done.problems),
    )


def _teller(interrupt: Interrupt, events: EventWriter | None) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        interrupt.raise_if_asked()
        if events is not None:
            events.emit_seldom("progress", done == total, done=done, total=total)

    return tell


def _sentence(done: Summary) -> str:
    parts = f"{done.records} inspection{'' if done.records == 1 else 's'}"
    images = f" with {done.images} image{'' if done.images == 1 else 's'}" if done.images else ""
    line = f"{parts}{images} in {done.place}."
    if done.problem_count:
        files = "1 file is" if done.problem_count == 1 else f"{done.problem_count} files are"
        line += f" {files} missing or not as stored; the manifest names each."
    return line


def _told(events: EventWriter | None, sentence: str, **values: object) -> int:
    if events is not None:
        events.emit("result", sentence=sentence, **values)
    else:
        sys.stdout.write(sentence + "\n")
    return EXIT_OK
