"""The arguments of ``score`` and what of them fits together."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from uniad_desktop.commands.arguments import count
from uniad_desktop.commands.outcome import CommandError
from uniad_desktop.commands.packages import PACKAGE_HELP
from uniad_desktop.engine.runtimes.names import AUTO, RUNTIME_NAMES

DEFAULT_MODEL: Final = "unified"
LOCAL: Final = "local"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add = parser.add_argument
    add(
        "sources",
        nargs="*",
        type=Path,
        metavar="FOLDER",
        help="folders of images with all that is below, or files",
    )
    add(
        "--list",
        type=Path,
        metavar="FILE",
        help="images as JSON lines with path and, if known, product and label",
    )
    add(
        "--model",
        default=DEFAULT_MODEL,
        metavar="NAME|FOLDER",
        help=f"{PACKAGE_HELP} (default: {DEFAULT_MODEL}, its active version)",
    )
    product = parser.add_mutually_exclusive_group()
    product.add_argument("--product", default="", metavar="KEY", help="product of all images")
    product.add_argument(
        "--product-from",
        choices=["folder"],
        help="folder: the first folder below FOLDER is named after the product",
    )
    _add_output(parser.add_argument_group("results"))
    _add_speed(parser.add_argument_group("what computes"))
    add = parser.add_argument_group("what changed between two runs").add_argument
    add(
        "--compare",
        nargs=2,
        type=Path,
        metavar=("BEFORE", "AFTER"),
        help="two files of results instead of FOLDER: flips and counts",
    )
    add("--json", type=Path, metavar="FILE", help="write the comparison to a file, too")
    parser.add_argument("--data-dir", type=Path, metavar="FOLDER", help="where models lie")


def _add_output(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--out", type=Path, metavar="FILE", help="results: a .csv or .jsonl file")
    already = group.add_mutually_exclusive_group()
    already.add_argument(
        "--resume", action="store_true", help="go on where a former run of this model stopped"
    )
    already.add_argument("--overwrite", action="store_true", help="replace a former file")
    add(
        "--heatmaps",
        type=Path,
        metavar="FOLDER",
        help="write a PNG with the heatmap over the image for each that does not pass",
    )
    add("--events", action="store_true", help="progress and results as lines of JSON")


def _add_speed(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--runtime",
        choices=RUNTIME_NAMES,
        default=AUTO,
        help=f"default: {AUTO}, as on the line",
    )
    add("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    add("--threads", type=count, metavar="N", help="processor threads of the model")
    add("--workers", type=count, metavar="N", help="processes that read images")
    add("--batch", type=count, metavar="N", help="most images that the model gets at once")
    add(
        "--ray",
        nargs="?",
        const=LOCAL,
        metavar="ADDRESS",
        help="spread over a Ray cluster: auto, HOST:PORT or ray://HOST:PORT; without ADDRESS on "
        "this machine alone",
    )
    add("--actors", type=count, metavar="N", help="with --ray: models at the same time")


def check_options(options: argparse.Namespace) -> None:
    """Says what cannot be done before the work.

    Raises:
        CommandError: options do not fit together.
    """
    meant = bool(options.sources) or options.list is not None
    if options.compare is not None:
        if meant or options.out is not None:
            raise CommandError("--compare takes two files of results and nothing else.")
        return
    if options.json is not None:
        raise CommandError("--json belongs to --compare; results go to --out.")
    if not meant:
        raise CommandError("Say which images are to be judged: FOLDER or --list FILE.")
    if options.out is None:
        raise CommandError("Say where the results go: --out results.csv (or results.jsonl).")
    if options.ray is None and options.actors is not None:
        raise CommandError("--actors belongs to --ray; on one machine there is one model.")
    if options.ray is not None and options.heatmaps is not None:
        raise CommandError(
            "--heatmaps cannot be had with --ray, as the images stay where they are read; leave "
            "one of them out."
        )
    if options.ray is not None and options.workers is not None:
        raise CommandError("--workers has no meaning with --ray: every actor reads for itself.")
    if options.out.exists() and not (options.resume or options.overwrite):
        raise CommandError(
            f"{options.out} is there already; go on with it (--resume), replace it (--overwrite) "
            "or choose another file."
        )
