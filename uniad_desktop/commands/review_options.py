"""The arguments of ``review`` and the filter that they mean."""

from __future__ import annotations

import argparse
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uniad_desktop.commands.arguments import count, numbers, positive
from uniad_desktop.commands.packages import PACKAGE_HELP
from uniad_desktop.engine.runtimes.names import AUTO, RUNTIME_NAMES

if TYPE_CHECKING:
    from uniad_desktop.records.filters import RecordFilter

ORDERS: Final = ("newest", "oldest", "highest", "lowest")
LABELS: Final = ("good", "defect", "unsure", "none")
_AGO: Final = {"min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "source",
        nargs="?",
        default="",
        metavar="SOURCE",
        help="folder of images, zip of them, or data folder of a station (default: the records of "
        "this station)",
    )
    _add_actions(parser)
    _add_filter(parser.add_argument_group("which inspections"))
    add = parser.add_argument_group("folders and zips").add_argument
    add("--model", default="", metavar="NAME|FOLDER", help=f"{PACKAGE_HELP} (default: that in use)")
    add("--again", action="store_true", help="try once more what could not be judged before")
    add("--as-is", action="store_true", help="judge nothing; show what is on record")
    add("--runtime", choices=RUNTIME_NAMES, default=AUTO, help=f"default: {AUTO}, as on the line")
    add("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    add("--workers", type=count, metavar="N", help="processes that read images")
    add = parser.add_argument_group("output").add_argument
    add("--json", action="store_true", help="a JSON object per line")
    add("--most", type=count, default=100, metavar="N", help="inspections to list (default: 100)")
    add("--order", choices=ORDERS, default="newest", help="what comes first (default: newest)")
    add("--events", action="store_true", help="with --inspect: progress as lines of JSON")
    add("--data-dir", type=Path, metavar="FOLDER", help="data folder of this station")
    add("--who", default="", metavar="NAME", help="name on record (default: this user)")
    add("--why", default="", metavar="TEXT", help="with --apply: the reason, which goes on record")


def _add_actions(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what to do (default: the window)").add_mutually_exclusive_group
    one = add().add_argument
    one("--list", action="store_true", help="print the inspections")
    one("--counts", action="store_true", help="print how many of each verdict and label")
    one("--inspect", action="store_true", help="only judge what is new in a folder or zip")
    one("--set-label", choices=LABELS, help="label them; takes --note")
    one("--send", action="store_true", help="send good parts and defects, as labelled, to teaching")
    one("--rescore", metavar="MODEL", help="judge them again with another version and compare")
    one(
        "--what-if",
        type=positive,
        metavar="LIMIT",
        help="what this reject limit (raw, as in `calibrate`) would have done; takes --accept and "
        "--apply",
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="with --set-label")
    parser.add_argument("--kind", default="", metavar="TEXT", help="with --send: kind of defects")
    parser.add_argument(
        "--accept", type=positive, metavar="LIMIT", help="with --what-if: accept limit, raw"
    )
    parser.add_argument("--apply", action="store_true", help="with --what-if: put it into force")


def _add_filter(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    verdicts = ("pass", "review", "fail", "error")
    add("--product", default="", metavar="KEY", help="of a folder: product of all its images")
    add(
        "--verdict",
        action="append",
        type=str.lower,
        choices=verdicts,
        help="may be given several times",
    )
    add("--label", action="append", choices=LABELS, help="may be given several times")
    add("--since", type=moment, metavar="TIME", help="2026-11-26, 2026-11-26T14:00, 90min, 8h, 7d")
    add("--until", type=moment, metavar="TIME", help="likewise; that moment is not included")
    add("--least-score", type=float, metavar="N", help="0 to 100; 50 is the reject limit")
    add("--most-score", type=float, metavar="N")
    add("--text", default="", metavar="TEXT", help="part of a file name, a note, an operator")
    add(
        "--camera",
        action="append",
        metavar="SERIAL",
        help="serial number of the camera, may be given several times",
    )
    add("--ids", type=numbers, metavar="N,N", help="just these")


def moment(text: str) -> float:
    """A time in seconds since the epoch: a date or time here, or so long ago."""
    ago = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)(min|h|d|w)", text)
    if ago:
        return time.time() - float(ago[1]) * _AGO[ago[2]]
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    if text in {"today", "yesterday"}:
        return (midnight - timedelta(days=text == "yesterday")).timestamp()
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise argparse.ArgumentTypeError(
            f"{text} is no time like 2026-11-26, 2026-11-26T14:00, yesterday, 8h or 7d"
        ) from error


def filter_of(options: argparse.Namespace, product: str) -> RecordFilter:
    """The filter; `product` is a key or empty."""
    from uniad_desktop.inspection.types import Verdict
    from uniad_desktop.records.filters import RecordFilter
    from uniad_desktop.records.schema import Label

    return RecordFilter(
        since=options.since,
        until=options.until,
        products=(product,) if product else (),
        verdicts=tuple(Verdict(one.upper()) for one in options.verdict or ()),
        labels=tuple(Label[one.upper()] for one in options.label or ()),
        least_score=options.least_score,
        most_score=options.most_score,
        text=options.text,
        ids=options.ids,
        cameras=tuple(options.camera or ()),
    )
