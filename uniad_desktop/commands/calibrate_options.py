"""The arguments of ``calibrate``, and which of them do not go together."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from uniad_desktop.commands.arguments import count, not_negative, positive, rate
from uniad_desktop.commands.outcome import EXIT_DATA, CommandError
from uniad_desktop.commands.packages import PACKAGE_HELP
from uniad_desktop.commands.train_options import add_layout_arguments
from uniad_desktop.engine.runtimes.names import RUNTIME_NAMES, TORCH

STANDARD_OUTPUT: Final = Path("-")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add = parser.add_argument
    add("package", metavar="PACKAGE", help=PACKAGE_HELP)
    add("product", metavar="PRODUCT", help="key or title of a product")
    add(
        "data",
        nargs="*",
        metavar="DATA",
        help="folder of images (MVTec AD, VisA, BTAD, plain), list (CSV, JSON lines) or simulated; "
        "(default: what was collected of the product)",
    )
    add("--data-product", metavar="P", help="what DATA calls it, where that is another name")
    add(
        "--parts",
        choices=["all", "train", "test"],
        default="all",
        help="which good pictures of DATA are used (default: all)",
    )
    add("--title", default="", help="add the product if the model has none such; its title")
    add("--strict", action="store_true", help="end at the first picture that cannot be used")
    add("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    add(
        "--runtime",
        choices=RUNTIME_NAMES,
        default=TORCH,
        help=f"what computes the scores (default: {TORCH}, the reference)",
    )
    add("--batch", type=count, default=8, metavar="N", help="images at a time (default: 8)")
    _add_limits(parser.add_argument_group("limits").add_argument)
    add_layout_arguments(
        parser.add_argument_group(
            "regions and tiles",
            "Left out, the product keeps its own; --tiles 1x1 alone is the whole picture at once.",
        ).add_argument
    )
    parser.set_defaults(tiles=None, overlap=None, least_area=None)
    add = parser.add_argument_group("what becomes of it").add_argument
    add("--why", default="", metavar="TEXT", help="the reason, kept in the package")
    add("--who", default="", metavar="NAME", help="who changes it (default: the login name)")
    add("--activate", action="store_true", help="make the new version the active one at once")
    add("--dry-run", action="store_true", help="show what would be done and write nothing")
    add("--events", action="store_true", help="progress and result as lines of JSON, no table")
    add("--json", type=Path, metavar="FILE", help="all figures and scores; - instead of the table")
    add("--out", type=Path, metavar="FOLDER", help="models (default: models in the data folder)")
    add("--data-dir", type=Path, metavar="FOLDER", help="the data folder")


def _add_limits(add: Any) -> None:  # noqa: ANN401 - argparse's bound method
    add(
        "--false-reject-rate",
        type=rate,
        default=0.005,
        metavar="RATE",
        help="wished share of good parts above the limit (default: 0.005)",
    )
    add(
        "--review-rate",
        type=rate,
        metavar="RATE",
        help="share of good parts that may go to review or worse (default: no review band)",
    )
    add(
        "--margin",
        type=not_negative,
        default=0.0,
        metavar="SHARE",
        help="raise the limits by this share of themselves (default: 0)",
    )
    add(
        "--drop-outliers",
        action="store_true",
        help="leave out good pictures that look like defects; else they are named and kept",
    )
    add("--limit", type=positive, metavar="RAW", help="set the reject limit by hand, raw score")
    add(
        "--score-limit",
        type=positive,
        metavar="SCORE",
        help="the same as a score on the present scale, where 50 is the present limit",
    )
    add(
        "--accept-limit",
        type=positive,
        metavar="RAW",
        help="set the accept limit T1 by hand, raw score; not above the reject limit",
    )
    add(
        "--no-review-band",
        action="store_true",
        help="take the review band away: the accept limit becomes the reject limit",
    )


def by_hand(options: argparse.Namespace) -> bool:
    """Whether a limit was given, so that there is something to do without any picture."""
    return bool(
        options.limit is not None
        or options.score_limit is not None
        or options.accept_limit is not None
        or options.no_review_band
    )


def check_options(options: argparse.Namespace) -> None:
    """Says before the work what would else be said after it."""
    new_layout = any(
        value is not None
        for value in (options.tiles, options.mm_per_pixel, options.least_area, options.overlap)
    )
    if options.limit is not None and options.score_limit is not None:
        raise CommandError("--limit and --score-limit say the same twice; give one of them.")
    if options.no_review_band and (options.accept_limit is not None or options.review_rate):
        raise CommandError(
            "--no-review-band takes the band away that --accept-limit and --review-rate open; "
            "leave one of them out."
        )
    if options.accept_limit is not None and options.review_rate:
        raise CommandError("--accept-limit and --review-rate both say T1; give one of them.")
    if options.activate and not options.why.strip():
        raise CommandError("--activate goes on record: say why with --why.", 2)
    if options.activate and (options.dry_run or options.out):
        other = "--dry-run" if options.dry_run else "--out"
        raise CommandError(f"--activate does not go with {other}; leave one of them out.", 2)
    if options.events and options.json:
        raise CommandError("--events and --json both tell the result; give one of them.")
    if (not options.data and by_hand(options)) and (
        new_layout or options.region or options.title or options.review_rate
    ):
        raise CommandError(
            "Without DATA a limit by hand is all that changes; for regions, tiles, a title or a "
            "review rate give pictures of normal parts, or leave the limit out.",
            EXIT_DATA,
        )
    if options.overlap is not None and options.tiles is None:
        raise CommandError("--overlap says how tiles meet; give --tiles with it.")
    if options.json and options.json != STANDARD_OUTPUT:
        if options.dry_run:
            raise CommandError("--dry-run writes nothing; use --json - for standard output.")
        if options.json.is_dir() or not options.json.absolute().parent.is_dir():
            raise CommandError(
                f"{options.json} cannot be written; name a file in a folder that exists."
            )
