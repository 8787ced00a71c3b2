"""Weights of backbones: fetched once, carried to stations without internet.

uniad-desktop weights fetch tf_efficientnet_b4.aa_in1k
uniad-desktop weights export tf_efficientnet_b4.aa_in1k b4.safetensors
uniad-desktop weights import b4.safetensors
uniad-desktop weights list
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.outcome import EXIT_MODEL, EXIT_OK, CommandError
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.engine.weights_cache import WeightsEntry

FOLDER = "weights"

_NAME_HELP = "timm model name, best with the tag of its weights"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the four things that can be done."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    fetch = actions.add_parser("fetch", help="fetch the weights of a timm model into the cache")
    fetch.add_argument("name", metavar="NAME", help=_NAME_HELP)
    fetch.add_argument("--again", action="store_true", help="even if they are there already")
    export = actions.add_parser("export", help="write them to a file; fetched first if need be")
    export.add_argument("name", metavar="NAME", help=_NAME_HELP)
    export.add_argument("file", metavar="FILE", type=Path, help="the file to write")
    bring = actions.add_parser("import", help="check such a file and put it into the cache")
    bring.add_argument("file", metavar="FILE", type=Path, help="a file that 'export' has written")
    show = actions.add_parser("list", help="show what the cache holds")
    for action in (fetch, export, bring, show):
        action.add_argument(
            "--cache",
            metavar="FOLDER",
            type=Path,
            help="the cache folder (default: weights in the data folder)",
        )
        action.add_argument("--data-dir", metavar="FOLDER", type=Path, help="the data folder")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it."""
    from uniad_desktop.engine.weights_cache import export_entry, import_entry
    from uniad_desktop.engine.weights_file import WeightsError

    cache = options.cache or (options.data_dir or default_data_folder()) / FOLDER
    try:
        if options.action == "list":
            _show(cache)
        elif options.action == "import":
            _say("Imported", import_entry(options.file, cache))
        else:
            entry = _held_or_fetched(
                options.name, cache, interrupt, again=getattr(options, "again", False)
            )
            if options.action == "export":
                if options.file.is_dir():
                    raise CommandError(f"{options.file} is a folder; name a file in it.")
                _say("Exported", export_entry(entry, options.file))
    except WeightsError as error:
        raise CommandError(str(error), EXIT_MODEL) from error
    return EXIT_OK


def _held_or_fetched(name: str, cache: Path, interrupt: Interrupt, *, again: bool) -> WeightsEntry:
    from uniad_desktop.engine.weights_cache import full_name
    from uniad_desktop.engine.weights_file import WeightsError
    from uniad_desktop.engine.weights_hub import fetch

    name = full_name(name)
    try:
        entry = fetch(name, cache, again=again, stop=interrupt.is_asked)
    except WeightsError as error:
        raise CommandError(
            f"{error} On a machine with internet access run 'uniad-desktop weights export {name} "
            "FILE', bring FILE here and run 'uniad-desktop weights import FILE'. Whatever part "
            "came is kept; the same command goes on from there.",
            EXIT_MODEL,
        ) from error
    _say("In the cache", entry)
    return entry


def _show(cache: Path) -> None:
    from uniad_desktop.engine.weights_cache import list_entries

    entries = list_entries(cache)
    if not entries:
        sys.stdout.write(f"There are no weights in {cache}.\n")
        return
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        size = entry.path.stat().st_size / 1e6
        sys.stdout.write(
            f"{entry.name:<{width}}  {size:8.1f} MB  {entry.licence:<12}  {entry.source}\n"
        )


def _say(what: str, entry: WeightsEntry) -> None:
    sys.stdout.write(
        f"{what}: {entry.path}\n"
        f"  name     {entry.name}\n"
        f"  source   {entry.source}\n"
        f"  licence  {entry.licence}\n"
        f"  SHA-256  {entry.sha256}\n"
    )
    sys.stdout.flush()
