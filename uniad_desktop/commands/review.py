"""Look at what was inspected: this station's records, a folder of images, or a zip of them.

  uniad-desktop review
  uniad-desktop review yesterdays-rejects
  uniad-desktop review pictures --list --verdict fail --order highest
  uniad-desktop review --set-label good --ids 17,18 --note "only dust"
  uniad-desktop review --send --label good --since 7d
  uniad-desktop review --rescore unified@1.2.0 --verdict fail --since yesterday
  uniad-desktop review --what-if 23.5 --product flange

Without an action it opens the window; where there is no display it prints the list. What is new in
a folder or zip is judged first. Images are never copied, changed or removed. docs/review.md has
more.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_DATA_FOLDER, EXIT_OK, CommandError
from uniad_desktop.commands.review_options import add_arguments, filter_of
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import Settings, default_data_folder, load_settings

if TYPE_CHECKING:
    from uniad_desktop.review.source import ReviewSource

__all__ = ["add_arguments", "run"]

_log = logging.getLogger(__name__)


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it and returns the exit code; may raise `CommandError`."""
    from uniad_desktop.files import check_writable
    from uniad_desktop.records.database import RecordsError
    from uniad_desktop.review.errors import ReviewError

    _check(options)
    folder: Path = options.data_dir or default_data_folder()
    problem = check_writable(folder)
    if problem:
        raise CommandError(problem, EXIT_DATA_FOLDER)
    settings, problem = load_settings(folder)
    if problem:
        _log.warning("%s", problem)
    try:
        return _run(options, folder, settings, interrupt)
    except RecordsError as error:
        raise CommandError(str(error), EXIT_DATA_FOLDER) from error
    except ReviewError as error:
        raise CommandError(str(error), EXIT_DATA) from error


def _check(options: argparse.Namespace) -> None:
    """Raises CommandError where arguments do not fit together."""
    if options.events and not options.inspect:
        raise CommandError("--events belongs to --inspect.", EXIT_DATA)
    if options.what_if is None and (options.apply or options.accept is not None):
        raise CommandError("--accept and --apply belong to --what-if.", EXIT_DATA)
    if options.what_if is not None and not options.product:
        raise CommandError("A limit is that of a product: say which with --product KEY.", EXIT_DATA)
    if options.apply and not options.why.strip():
        raise CommandError("Say with --why why the limit is changed; it goes on record.", EXIT_DATA)
    if options.inspect and not options.source:
        raise CommandError("--inspect needs a folder or zip.", EXIT_DATA)


def _run(
    options: argparse.Namespace, folder: Path, settings: Settings, interrupt: Interrupt
) -> int:
    from uniad_desktop.commands import review_actions, review_again
    from uniad_desktop.review.source import open_source

    actions: dict[str, Callable[[review_actions.Review], int]] = {
        "counts": review_actions.counts,
        "set_label": review_actions.label,
        "send": review_actions.send_to_teaching,
        "rescore": review_again.rescore,
        "what_if": review_again.what_if,
    }
    chosen = next((one for one in actions if getattr(options, one) not in (None, False)), "")
    if not (chosen or options.list or options.inspect or options.json) and _has_window(options):
        return int(options.window(options, filter_of(options, options.product)))
    source = open_source(
        options.source, folder, settings.records.database, check=interrupt.raise_if_asked
    )
    with closing(source):
        _judge(options, folder, settings, source, interrupt)
        if options.inspect:
            return EXIT_OK
        wanted = filter_of(options, _product(options, source))
        review = review_actions.Review(options, folder, settings, source, wanted, interrupt)
        return actions.get(chosen, review_actions.listing)(review)


def _has_window(options: argparse.Namespace) -> bool:
    """Whether the window can be shown; why not is said."""
    if options.window is None:
        return False
    from uniad_desktop.doctor.display import why_no_window

    problem = why_no_window()
    if problem:
        _log.warning("%s — printing the list instead (--list).", problem)
    return not problem


def _judge(
    options: argparse.Namespace,
    folder: Path,
    settings: Settings,
    source: ReviewSource,
    interrupt: Interrupt,
) -> None:
    from uniad_desktop.commands.review_inspect import judge_source
    from uniad_desktop.review.source import SourceKind

    if source.kind is not SourceKind.STATION and not options.as_is:
        judge_source(options, folder, settings, source, interrupt)
    sys.stdout.flush()


def _product(options: argparse.Namespace, source: ReviewSource) -> str:
    """The product to filter by: of a folder that was judged as this product, its key."""
    from uniad_desktop.records.query import choices
    from uniad_desktop.training.datasets.sample import product_key

    if not options.product or options.product in choices(source.records).products:
        return str(options.product)
    return product_key(options.product)
