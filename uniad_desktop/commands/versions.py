"""Versions of a model: which is active, since when and why; change it, go back, pass one on.

  uniad-desktop versions list
  uniad-desktop versions activate unified 1.0.2 --why "knows the new flange"
  uniad-desktop versions rollback unified --why "rejects too many labels"
  uniad-desktop versions history  unified
  uniad-desktop versions export   unified@1.0.2 unified-1.0.2.uniad
  uniad-desktop versions import   unified-1.0.2.uniad --activate --why "from line 2"

A station uses the active version, a running one from the next part on; where none was ever
activated it uses the newest. A damaged active version is an error, never replaced by another one in
silence.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.outcome import EXIT_MODEL, EXIT_OK, CommandError
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.teaching.activation_log import VersionRef

_LONGEST_CHANGE = 60
_ACTIONS = "list|activate|rollback|history|export|import"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar=_ACTIONS)

    def action(name: str, does: str) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
        made.add_argument("--data-dir", type=Path, metavar="FOLDER", help="data folder")
        return made

    listing = action("list", "all versions, and which is active")
    listing.add_argument("name", nargs="?", default="", metavar="NAME", help="of this model only")
    listing.add_argument("--json", action="store_true", help="as JSON")
    activate = action("activate", "make a version the active one")
    activate.add_argument("name", metavar="NAME", help="name of the model")
    activate.add_argument("version", metavar="VERSION", help="its version, X.Y.Z")
    activate.add_argument(
        "--override",
        action="store_true",
        help="even where teaching made a product worse; on record",
    )
    _add_reason(activate, required=True)
    rollback = action("rollback", "go back to the version that was active before")
    rollback.add_argument("name", metavar="NAME", help="name of the model")
    _add_reason(rollback, required=True)
    history = action("history", "what was activated, and whether its log is as it was written")
    history.add_argument("name", metavar="NAME", help="name of the model")
    history.add_argument("--json", action="store_true", help="as JSON")
    exported = action("export", "a version as one file")
    exported.add_argument("model", metavar="NAME[@VERSION]", help="without version: the active one")
    exported.add_argument("file", type=Path, metavar="FILE.uniad")
    imported = action("import", "bring a version here from a file")
    imported.add_argument("file", type=Path, metavar="FILE.uniad")
    imported.add_argument("--activate", action="store_true", help="and make it the active one")
    _add_reason(imported, required=False)


def _add_reason(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--why", default="", required=required, help="the reason, kept on record")
    parser.add_argument("--who", default="", help="who asks for it (default: the login name)")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it and returns the exit code; may raise `CommandError`."""
    interrupt.raise_if_asked()
    folder: Path = options.data_dir or default_data_folder()
    actions = {
        "list": _list,
        "activate": _activate,
        "rollback": _roll_back,
        "history": _history,
        "export": _export,
        "import": _import,
    }
    return actions[options.action](options, folder)


def _list(options: argparse.Namespace, folder: Path) -> int:
    from uniad_desktop.engine.package import PackageError
    from uniad_desktop.teaching.activation import open_active
    from uniad_desktop.teaching.version_list import known_versions

    found = known_versions(folder, options.name)
    if not found and options.name:
        open_active(folder, options.name)  # says so where one is active and gone
        raise CommandError(
            f"There is no model named '{options.name}'; see `uniad-desktop versions list`.",
            EXIT_MODEL,
        )
    problems = [one.problem for one in found if one.problem]
    for name in dict.fromkeys(one.name for one in found):
        try:
            open_active(folder, name)
        except PackageError as error:
            problems.append(str(error))
    if options.json:
        sys.stdout.write(json.dumps([one.as_json() for one in found], indent=2) + "\n")
    elif not found:
        sys.stdout.write("There is no model yet.\n")
    else:
        rows: list[tuple[str, ...]] = [
            ("", "MODEL", "VERSION", "CREATED", "PRODUCTS", "HASH", "CHANGE")
        ]
        rows += [
            (
                "*" if one.active else "",
                one.name,
                one.version,
                _shown_time(one.created),
                "damaged" if one.problem else ", ".join(one.products) or "none yet",
                one.sha256[:12],
                _shortened(one.change),
            )
            for one in found
        ]
        sys.stdout.write(_table(rows))
        for name in dict.fromkeys(one.name for one in found):
            sys.stdout.write(_what_is_active(folder, name))
    for sentence in problems:
        sys.stderr.write(f"uniad-desktop versions: {sentence}\n")
    return EXIT_MODEL if problems else EXIT_OK


def _activate(options: argparse.Namespace, folder: Path) -> int:
    from uniad_desktop.teaching.activation import activate
    from uniad_desktop.teaching.version_list import known_problems
    from uniad_desktop.teaching.versions import open_version

    package = open_version(folder, options.name, options.version)
    problems = known_problems(package.manifest.training)
    if problems and not options.override:
        raise CommandError(
            f"{options.name} {options.version} was not activated, since a product got worse with "
            f"it: {' '.join(problems)} Look at it first, or activate it with --override."
        )
    activate(folder, package, who=_who(options), why=options.why, override=bool(problems))
    sys.stdout.write(_what_is_active(folder, options.name))
    return EXIT_OK


def _roll_back(options: argparse.Namespace, folder: Path) -> int:
    from uniad_desktop.teaching.activation import roll_back

    roll_back(folder, options.name, who=_who(options), why=options.why)
    sys.stdout.write(_what_is_active(folder, options.name))
    return EXIT_OK


def _history(options: argparse.Namespace, folder: Path) -> int:
    from uniad_desktop.teaching.activation import history, verify

    entries = history(folder, options.name)
    check = verify(folder, options.name)
    if options.json:
        values: dict[str, Any] = {
            "entries": [entry.model_dump(mode="json") for entry in entries],
            "first_changed": check.first_changed,
            "check": check.sentence,
        }
        sys.stdout.write(json.dumps(values, indent=2) + "\n")
        return EXIT_OK if check.intact else EXIT_MODEL
    rows: list[tuple[str, ...]] = [("LINE", "TIME", "WHAT", "FROM", "TO", "WHO", "WHY")]
    rows += [
        (
            str(entry.number),
            _shown_time(entry.time),
            entry.kind.value + (" (override)" if entry.override else ""),
            _shown(entry.from_version),
            _shown(entry.to_version),
            entry.who,
            " ".join([entry.why, entry.note]).rstrip(),
        )
        for entry in entries
    ]
    if entries:
        sys.stdout.write(_table(rows))
    sys.stdout.write(_what_is_active(folder, options.name))
    if check.intact:
        sys.stdout.write(f"{check.sentence}\n")
        return EXIT_OK
    sys.stderr.write(f"uniad-desktop versions: {check.sentence}\n")
    return EXIT_MODEL


def _export(options: argparse.Namespace, folder: Path) -> int:
    from uniad_desktop.commands.packages import open_named_package
    from uniad_desktop.teaching.archive import export_archive

    package = open_named_package(options.model, folder)
    export_archive(package, options.file)
    identity = package.identity
    sys.stdout.write(
        f"Exported {identity.name} {identity.version} ({identity.sha256[:12]}) to {options.file}, "
        f"{options.file.stat().st_size / 1e6:.1f} MB.\n{_what_is_active(folder, identity.name)}"
    )
    return EXIT_OK


def _import(options: argparse.Namespace, folder: Path) -> int:
    from uniad_desktop.teaching.activation import activate
    from uniad_desktop.teaching.archive import import_archive

    if options.activate and not options.why.strip():
        raise CommandError("An activation is kept on record; say why with --why.")
    who = _who(options) if options.activate else ""
    package = import_archive(options.file, folder / "models")
    identity = package.identity
    sys.stdout.write(
        f"{identity.name} {identity.version} ({identity.sha256[:12]}) is at {package.folder}\n"
    )
    if options.activate:
        activate(folder, package, who=who, why=options.why)
    sys.stdout.write(_what_is_active(folder, identity.name))
    return EXIT_OK


def _who(options: argparse.Namespace) -> str:
    if options.who:
        return str(options.who)
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:  # a user without a name, as in a container
        raise CommandError("This user has no login name; say who asks with --who.") from error


def _what_is_active(folder: Path, name: str) -> str:
    from uniad_desktop.engine.package import find_packages
    from uniad_desktop.teaching.activation import ActivationError, active_version
    from uniad_desktop.teaching.versions import model_folders

    try:
        active = active_version(folder, name)
    except ActivationError as error:
        return f"{error}\n"
    if active is not None:
        return (
            f"Active: {name} {active.version} ({active.sha256[:12]}) since "
            f"{_shown_time(active.since)} by {active.who}: {active.why}\n"
        )
    newest = next((v for one, v, _ in find_packages(model_folders(folder)) if one == name), "")
    used = f"; the newest, {newest}, is used" if newest else ""
    return f"No version of {name} was ever activated{used}.\n"


def _shown(version: VersionRef | None) -> str:
    return "none" if version is None else f"{version.version} ({version.sha256[:12]})"


def _shown_time(utc: str) -> str:
    return utc.removesuffix("+00:00").replace("T", " ")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_CHANGE else text[: _LONGEST_CHANGE - 1] + "…"


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines) + "\n"
