"""The audit trail: what was changed that affects decisions, by whom, and whether it is untouched.

  uniad-desktop audit list
  uniad-desktop audit list --action in-force --most 20 --json
  uniad-desktop audit verify
  uniad-desktop audit verify --images

verify looks at the audit trail of the records and at the log of activations of every model; with
--images also at the database itself and at the hash of every stored image. It ends with 1 where
something is not as it was written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.arguments import count
from uniad_desktop.commands.outcome import EXIT_DATA_FOLDER, EXIT_FAILED, EXIT_OK, CommandError
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder, load_settings

if TYPE_CHECKING:
    from uniad_desktop.records.check import RecordsCheck
    from uniad_desktop.records.database import Records


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|verify")

    def action(name: str, does: str) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
        made.add_argument("--data-dir", type=Path, metavar="FOLDER", help="data folder")
        made.add_argument("--json", action="store_true", help="as JSON")
        return made

    listing = action("list", "what was changed, newest first")
    listing.add_argument("--most", type=count, default=50, metavar="N", help="entries (default 50)")
    listing.add_argument("--before", type=count, metavar="N", help="only entries before this one")
    listing.add_argument("--of", default="", metavar="ACTION", help="only of this action")
    verify = action("verify", "whether everything is as it was written")
    verify.add_argument("--images", action="store_true", help="also database, images and hashes")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it and returns the exit code; may raise `CommandError`."""
    from uniad_desktop.records.database import RecordsError

    interrupt.raise_if_asked()
    folder: Path = options.data_dir or default_data_folder()
    try:
        if options.action == "list":
            return _list(options, folder)
        return _verify(options, folder, interrupt)
    except RecordsError as error:
        raise CommandError(str(error), EXIT_DATA_FOLDER) from error


def _open(folder: Path) -> Records | None:
    """The records of a data folder; None where there are none. Nothing is made."""
    from uniad_desktop.records.database import database_file, open_records

    settings, problem = load_settings(folder)
    if problem:
        sys.stderr.write(f"uniad-desktop audit: {problem}\n")
    url = settings.records.database
    if not url and not database_file(folder).exists():
        return None
    return open_records(folder, url)


def _list(options: argparse.Namespace, folder: Path) -> int:
    from uniad_desktop.records.audit import entries

    records = _open(folder)
    if records is None:
        sys.stdout.write("[]\n" if options.json else f"There are no records in {folder} yet.\n")
        return EXIT_OK
    with closing(records):
        found = entries(records, before=options.before, most=options.most, action=options.of)
    if options.json:
        values = [asdict(one) for one in found]
        sys.stdout.write(json.dumps(values, ensure_ascii=False, indent=2) + "\n")
        return EXIT_OK
    for one in found:
        what = " ".join(part for part in (one.action, one.subject) if part)
        why = f" “{one.why}”" if one.why else ""
        changes = "; ".join(_changes(one.old, one.new))
        sys.stdout.write(
            f"{one.number:>6}  {one.at[:19]}  {one.station}  {one.who}  {what}: {changes}{why}\n"
        )
    return EXIT_OK


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        if name == "from":
            yield f"from part {new[name].get('number')} on"
        elif name not in old:
            yield f"{name} {new[name]}"
        elif old[name] != new.get(name):
            yield f"{name} {old[name]} → {new.get(name, 'none')}"


def _verify(options: argparse.Namespace, folder: Path, interrupt: Interrupt) -> int:
    from uniad_desktop.records.audit import verify
    from uniad_desktop.records.check import check_records

    results: list[dict[str, Any]] = []
    records = _open(folder)
    if records is not None:
        with closing(records):
            trail = verify(records)
            results.append(
                {
                    "what": "audit trail",
                    "entries": trail.entries,
                    "first_broken": trail.first_broken,
                    "whole": trail.first_broken is None,
                    "sentence": trail.sentence,
                }
            )
            if options.images:
                checked = check_records(records, stop=interrupt.is_asked)
                interrupt.raise_if_asked()
                results.append(
                    {
                        "what": "records",
                        "inspections": checked.inspections,
                        "images": checked.images,
                        "missing": checked.missing,
                        "changed": checked.changed,
                        "damage": checked.damage,
                        "whole": checked.whole,
                        "sentence": _sentence(checked),
                    }
                )
    results.extend(_activations(folder))
    if options.json:
        sys.stdout.write(json.dumps(results, ensure_ascii=False, indent=2) + "\n")
    elif not results:
        sys.stdout.write(f"There is nothing on record in {folder} yet.\n")
    else:
        for one in results:
            sign = "✓" if one["whole"] else "✕"
            sys.stdout.write(f"{sign} {one['what']}: {one['sentence']}\n")
    return EXIT_OK if all(one["whole"] for one in results) else EXIT_FAILED


def _activations(folder: Path) -> Iterator[dict[str, Any]]:
    from uniad_desktop.teaching.activation import LOG, ActivationError, verify

    for path in sorted((folder / "models").glob(f"*/{LOG}")):
        name = path.parent.name
        try:
            found = verify(folder, name)
        except ActivationError as error:
            yield {"what": f"activations of {name}", "whole": False, "sentence": str(error)}
            continue
        yield {
            "what": f"activations of {name}",
            "entries": found.lines,
            "first_broken": found.first_changed,
            "whole": found.intact,
            "sentence": found.sentence,
        }


def _sentence(checked: RecordsCheck) -> str:
    from uniad_desktop.records.check import MOST_NAMED

    count_of = f"{checked.inspections} inspections, {checked.images} images"
    if checked.whole:
        return f"Everything is there and as it was stored: {count_of}."
    parts = [f"Of {count_of}"]
    if checked.damage:
        parts.append(f"the database is damaged ({checked.damage})")
    for names, what in ((checked.missing, "missing"), (checked.changed, "changed")):
        if names:
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            parts.append(f"{what}: {', '.join(names[:MOST_NAMED])}{more}")
    return f"{parts[0]}: {'; '.join(parts[1:])}. Compare with a backup."
