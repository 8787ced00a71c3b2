"""Teach a model another product from normal parts, without forgetting the others.

  uniad-desktop teach unified bracket good-parts --title Bracket
  uniad-desktop teach unified bracket good-parts --activate --why "first batch of brackets"
  uniad-desktop teach unified bracket      from the parts of: uniad-desktop products collect

The network goes on from the version that is active, on the new product's parts together with what
the package remembers of every former product; a fifth of the parts is held back, and the limit is
set on them. Then every product, old and new, is held against before. The next version is written in
any case; it is activated with --activate, and only where no product got worse (or with --override,
which is on record). Ctrl-C ends after the step, and the same command goes on from there. It runs at
low priority, so that a station on the same computer goes on inspecting.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from uniad_desktop.commands.arguments import count, key, not_negative, rate, whole
from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_OK, CommandError
from uniad_desktop.commands.packages import PACKAGE_HELP, keep_active, open_named_package
from uniad_desktop.commands.teach_plan import be_gentle, plan_of, who
from uniad_desktop.commands.teach_report import report
from uniad_desktop.commands.train_options import add_layout_arguments
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add = parser.add_argument
    add("package", metavar="MODEL", help=PACKAGE_HELP)
    add("product", type=key, metavar="PRODUCT", help="key of the product; a known one is relearned")
    add(
        "data",
        nargs="*",
        metavar="DATA",
        help="folder of images (MVTec AD, plain), list (CSV, JSON lines) or simulated, whose good "
        "training parts are learned from (default: what was collected of the product)",
    )
    add("--data-product", metavar="P", help="what DATA calls it, where that is another name")
    add("--title", default="", help="what a person reads (default: the key)")
    add("--dry-run", action="store_true", help="show what would be done and end")
    add("--json", action="store_true", help="the result as JSON")
    add("--events", action="store_true", help="what happens as JSON lines, for another program")
    add_layout_arguments(parser.add_argument_group("regions and tiles").add_argument)
    add = parser.add_argument_group("training").add_argument
    add("--steps", type=count, metavar="N", help="of the training (default: by the parts)")
    add("--hold-out", type=rate, default=0.2, metavar="P", help="share held back (default: 0.2)")
    add("--no-replay", action="store_true", help="show the new parts only; the others are lost")
    add(
        "--augment",
        type=whole,
        default=0,
        metavar="N",
        help="also learn from N copies of each part, a little moved, turned, brighter or darker "
        "(default: 0)",
    )
    add("--false-reject-rate", type=rate, default=0.005, metavar="P", help="default: 0.005")
    add("--seed", type=whole, default=0, metavar="N", help="of all random numbers (default: 0)")
    add("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    add("--threads", type=count, metavar="N", help="of the processor (default: all but one)")
    add = parser.add_argument_group("what comes of it").add_argument
    add("--activate", action="store_true", help="make it the active version, if nothing got worse")
    add("--override", action="store_true", help="activate it all the same; goes on record")
    add("--why", default="", help="reason, for the record")
    add("--who", default="", help="name, for the record (default: the login name)")
    add = parser.add_argument_group("places").add_argument
    add("--run", type=Path, metavar="FOLDER", help="checkpoint and log (default: data folder)")
    add("--cache", type=Path, metavar="FOLDER", help="features (default: data folder)")
    add("--cache-limit", type=not_negative, default=20.0, metavar="GB", help="default: 20")
    add("--data-dir", type=Path, metavar="FOLDER", help="data folder")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Teaches; see the module's docstring.

    Raises:
        CommandError: it cannot be done; the sentence says why.
    """
    from uniad_desktop.commands.teach_job import run_as_job
    from uniad_desktop.teaching.image_folder import StoreError
    from uniad_desktop.teaching.teach_plan import TeachError
    from uniad_desktop.teaching.teach_record import one_at_a_time

    if options.activate and not options.why:
        raise CommandError("--activate goes on record: say why with --why.", 2)
    if options.events and (options.json or options.dry_run or options.activate):
        raise CommandError(
            "--events goes neither with --json nor with --dry-run, nor with --activate: activate "
            "the version afterwards, when its checks have been looked at.",
            2,
        )
    folder: Path = options.data_dir or default_data_folder()
    try:
        if options.dry_run:
            return _say_what_would_be_done(options, folder, interrupt)
        if options.events:
            return run_as_job(options, folder, interrupt, default_of)
        with one_at_a_time(folder):
            return _teach(options, folder, interrupt)
    except (TeachError, StoreError) as error:
        raise CommandError(str(error), EXIT_DATA) from error


def default_of(name: str) -> Any:  # noqa: ANN401 - argparse's
    """The default of an option, by its name in the namespace."""
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    return parser.get_default(name)


def _say_what_would_be_done(options: argparse.Namespace, folder: Path, interrupt: Interrupt) -> int:
    from uniad_desktop.teaching.mixture import rows_shown
    from uniad_desktop.teaching.teach_plan import teach_settings
    from uniad_desktop.training.memory import TRAINED, memory_key

    package = open_named_package(options.package, folder)
    plan = plan_of(options, folder, package, interrupt)
    memory = package.memory() if plan.replay else {}
    keys = [memory_key(key, TRAINED) for key in package.manifest.products if key != plan.key]
    former = [len(memory[one]) for one in keys if one in memory]
    rows = sum(rows_shown(len(plan.train) * plan.layout.tile_count, former))
    settings = teach_settings(rows, plan)
    varied = f" and {plan.augment} variants of each" if plan.augment else ""
    sys.stdout.write(
        f"{package.identity.name} {package.identity.version} would be taught '{plan.key}' "
        f"from {len(plan.train)} parts{varied}, {len(plan.held)} held back, in "
        f"{settings.steps} steps; it knows {', '.join(package.manifest.products) or 'nothing'}."
        "\n"
    )
    return EXIT_OK


def _teach(options: argparse.Namespace, folder: Path, interrupt: Interrupt) -> int:
    from uniad_desktop.teaching.teach import CHECKPOINT, teach
    from uniad_desktop.training.checkpoints import remove_checkpoint
    from uniad_desktop.training.network import Report
    from uniad_desktop.training.recipes import TrainSettings
    from uniad_desktop.training.training_log import TrainingLog, progress_bar

    package = open_named_package(options.package, folder)
    plan = plan_of(options, folder, package, interrupt)
    be_gentle(options.threads)
    why = f"in use before '{options.product}' was taught"
    keep_active(package, folder, who=who(options), why=why)
    with ExitStack() as stack:

        def started(settings: TrainSettings) -> Report:
            table = plan.run / "teach.csv"
            log = TrainingLog(
                "Teaching", settings.steps, settings.steps, settings.batch, table=table
            )
            return stack.enter_context(log)

        progress = stack.enter_context(progress_bar("Features"))
        taught = teach(plan, stop=interrupt.is_asked, progress=progress, started=started)
    remove_checkpoint(plan.run / CHECKPOINT)
    return report(options, folder, taught)
