"""Finds and runs a subcommand."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol, cast

from uniad_desktop.commands.outcome import EXIT_INTERRUPTED, CommandError, known_errors
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    from uniad_desktop.records.filters import RecordFilter

COMMANDS: Final = {
    "train": "teach one model on folders or lists of images",
    "calibrate": "set the limits of a product from normal parts, without any training",
    "evaluate": "measure a model on images of known truth",
    "compare": "train baselines and variants side by side and draw the comparison",
    "teach": "teach a model another product, without forgetting the others",
    "score": "judge folders of images with any model; compare two such runs",
    "models": "list models, import a checkpoint of the UniAD authors, export for other programs",
    "versions": "which version of a model is active; change it, go back, pass one on",
    "trigger": "fire the software trigger of the running station; wait for its decision",
    "products": "products, the parts collected for them, their challenge images",
    "features": "features of a camera: look, change, keep as a file, bring back, compare",
    "review": "look at what was inspected, here, in a folder or a zip; correct and learn from it",
    "audit": "what was changed that affects decisions, and whether the trail is untouched",
    "report": "what was inspected as PDF, on paper, as CSV, JSON lines or a zip with images",
    "record": "save raw frames of a camera as it sent them, to be played again",
    "cameras": "cameras and GenTL producers of this machine, and why one cannot be used",
    "weights": "fetch, carry and list weights of backbones",
    "benchmark": "measure how fast a model runs here, in every runtime",
}
"""Every command and what it does, in a line. Its module is ``uniad_desktop.commands.NAME``."""


class Command(Protocol):
    """What a module of this package offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the command's own arguments."""

    def run(self, options: argparse.Namespace, interrupt: Interrupt) -> int:
        """Does it and returns the exit code; may raise `CommandError`."""


def run_command(
    name: str,
    arguments: Sequence[str],
    interrupt: Interrupt,
    window: Callable[[argparse.Namespace, RecordFilter], int] | None = None,
) -> int:
    """Parses the arguments of a command and runs it.

    Args:
        name: one of `COMMANDS`.
        arguments: what follows the name.
        interrupt: asked by the command at every safe moment.
        window: shows the window of the command, as commands know no Qt; None: there is none.

    Returns:
        The exit code.
    """
    module = cast(Command, importlib.import_module(f"uniad_desktop.commands.{name}"))
    parser = argparse.ArgumentParser(
        prog=f"uniad-desktop {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    parser.add_argument("--verbose", action="store_true", help="more on what happens")
    options = parser.parse_args(arguments)
    options.window = window
    _set_up_logging(verbose=options.verbose)
    try:
        with known_errors():
            return module.run(options, interrupt)
    except CommandError as error:
        sys.stderr.write(f"uniad-desktop {name}: {error}\n")
        return error.code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _set_up_logging(*, verbose: bool) -> None:
    root = logging.getLogger("uniad_desktop")
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    root.propagate = False
    for old in tuple(root.handlers):
        root.removeHandler(old)
        old.close()
    shown = logging.StreamHandler()
    shown.setFormatter(logging.Formatter("%(message)s"))
    root.addHandler(shown)
