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
import getpass
import hashlib
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.arguments import count, key, not_negative, rate, whole
from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_FAILED, EXIT_OK, CommandError
from uniad_desktop.commands.packages import PACKAGE_HELP, keep_active, open_named_package
from uniad_desktop.commands.train_options import add_layout_arguments, layout_of
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.engine.manifest import ProductEntry
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.teaching.products import Product
    from uniad_desktop.teaching.teach import Taught, TeachPlan
    from uniad_desktop.training.datasets import Sample

_log = logging.getLogger(__name__)


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
    add_layout_arguments(parser.add_argument_group("regions and tiles").add_argument)
    add = parser.add_argument_group("training").add_argument
    add("--steps", type=count, metavar="N", help="of the training (default: by the parts)")
    add("--hold-out", type=rate, default=0.2, metavar="P", help="share held back (default: 0.2)")
    add("--no-replay", action="store_true", help="show the new parts only; the others are lost")
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
    from uniad_desktop.teaching.image_folder import StoreError
    from uniad_desktop.teaching.teach import TeachError

    if options.activate and not options.why:
        raise CommandError("--activate goes on record: say why with --why.", 2)
    try:
        return _teach(options, interrupt)
    except (TeachError, StoreError) as error:
        raise CommandError(str(error), EXIT_DATA) from error


def _teach(options: argparse.Namespace, interrupt: Interrupt) -> int:
    from uniad_desktop.teaching.mixture import rows_shown
    from uniad_desktop.teaching.teach import teach, teach_settings
    from uniad_desktop.training.checkpoints import remove_checkpoint
    from uniad_desktop.training.memory import TRAINED, memory_key
    from uniad_desktop.training.network import Report
    from uniad_desktop.training.recipes import TrainSettings
    from uniad_desktop.training.training_log import TrainingLog, progress_bar

    folder: Path = options.data_dir or default_data_folder()
    package = open_named_package(options.package, folder)
    plan = _plan(options, folder, package, interrupt)
    if options.dry_run:
        memory = package.memory() if plan.replay else {}
        keys = [memory_key(key, TRAINED) for key in package.manifest.products if key != plan.key]
        former = [len(memory[one]) for one in keys if one in memory]
        rows = sum(rows_shown(len(plan.train) * plan.layout.tile_count, former))
        settings = teach_settings(rows, plan)
        sys.stdout.write(
            f"{package.identity.name} {package.identity.version} would be taught '{plan.key}' "
            f"from {len(plan.train)} parts, {len(plan.held)} held back, in "
            f"{settings.steps} steps; it knows {', '.join(package.manifest.products) or 'nothing'}."
            "\n"
        )
        return EXIT_OK
    _be_gentle(options.threads)
    why = f"in use before '{options.product}' was taught"
    keep_active(package, folder, who=_who(options), why=why)
    logs: list[TrainingLog] = []

    def started(settings: TrainSettings) -> Report:
        log = TrainingLog(
            "Teaching", settings.steps, settings.steps, settings.batch, table=plan.run / "teach.csv"
        )
        logs.append(log.__enter__())
        return log

    try:
        with progress_bar("Features") as progress:
            taught = teach(plan, stop=interrupt.is_asked, progress=progress, started=started)
    finally:
        for log in logs:
            log.__exit__(None, None, None)
    remove_checkpoint(plan.run / "checkpoint.pt")
    return _report(options, folder, taught)


def _plan(
    options: argparse.Namespace, folder: Path, package: ModelPackage, interrupt: Interrupt
) -> TeachPlan:
    from uniad_desktop.engine.detector import choose_device
    from uniad_desktop.teaching.challenge import ChallengeSet
    from uniad_desktop.teaching.products import ProductStore
    from uniad_desktop.teaching.teach import TeachPlan

    layout = layout_of(options)
    known: Product | ProductEntry | None = package.manifest.products.get(options.product)
    least_area = options.least_area
    if not options.data:
        known = ProductStore(folder).get(options.product)
    titles = {"en": options.title or options.product}
    if known is not None:
        titles = {**known.titles, **({"en": options.title} if options.title else {})}
        layout = layout if layout.regions or layout.mm_per_pixel else known.layout
        least_area = least_area or known.least_area
    train, held = _samples(options, folder, interrupt)
    device = choose_device(options.device)
    return TeachPlan(
        package=package,
        models=folder / "models",
        key=options.product,
        titles=titles,
        train=train,
        held=held,
        layout=layout,
        least_area=least_area,
        run=options.run or folder / "runs" / f"teach-{_run_name(options, package)}",
        cache=options.cache or folder / "cache",
        limit_bytes=round(options.cache_limit * 1e9),
        device=device,
        steps=options.steps,
        replay=not options.no_replay,
        false_reject_rate=options.false_reject_rate,
        seed=options.seed,
        note={
            "who": _who(options),
            "why": options.why,
            "sources": list(options.data) or ["collected parts"],
        },
        challenges={
            key: ChallengeSet(folder, key) for key in (*package.manifest.products, options.product)
        },
    )


def _run_name(options: argparse.Namespace, package: ModelPackage) -> str:
    """One folder for each thing to be taught, so that the same command finds its checkpoint."""
    told = json.dumps([package.identity.sha256, options.product, options.data, options.seed])
    digest = hashlib.sha256(told.encode()).hexdigest()[:8]
    return f"{package.identity.name}-{options.product}-{digest}"


def _samples(
    options: argparse.Namespace, folder: Path, interrupt: Interrupt
) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """Good training parts, split by what their files hold."""
    if not options.data:
        from uniad_desktop.teaching.collection import PartCollection

        parts = PartCollection(folder, options.product)
        return parts.training_samples(), parts.held_out_samples()
    from uniad_desktop.training.datasets import DataError, ImageReader, open_data
    from uniad_desktop.training.hold_out import split_hold_out
    from uniad_desktop.training.pictures import hashed

    data = open_data(
        options.data,
        products=[options.data_product] if options.data_product else [],
        work=folder / "work",
        report=lambda done, all_: interrupt.raise_if_asked(),
    )
    if len(data.products) > 1:
        raise DataError(
            f"The data hold {len(data.products)} products ({', '.join(data.products)}); say which "
            "one is meant with --data-product."
        )
    for note in data.notes:
        _log.info("%s", note)
    data.require_training()
    known = hashed(data.train(), ImageReader(strict=False))
    samples, hashes = [one for one, _ in known], [one for _, one in known]
    train, held = split_hold_out(samples, hashes, options.hold_out, options.seed)
    return [samples[one] for one in train], [samples[one] for one in held]


def _be_gentle(threads: int | None) -> None:
    """Others on this computer come first: a station may be inspecting."""
    import psutil
    import torch

    from uniad_desktop.app import inference_threads

    torch.set_num_threads(threads or inference_threads())
    process = psutil.Process()
    process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10)


def _who(options: argparse.Namespace) -> str:
    return str(options.who or getpass.getuser())


def _report(options: argparse.Namespace, folder: Path, taught: Taught) -> int:
    from dataclasses import asdict

    from uniad_desktop.teaching.activation import activate

    identity = taught.package.identity
    blocked = bool(taught.problems) and not options.override
    active = options.activate and not blocked
    if active:
        activate(
            folder,
            taught.package,
            who=_who(options),
            why=options.why,
            override=bool(taught.problems),
        )
    if options.json:
        told = {
            "package": str(taught.package.folder),
            "version": identity.version,
            "sha256": identity.sha256,
            "checks": [{**asdict(one), "worse": one.worse} for one in taught.checks],
            "odd": [str(one) for one in taught.odd],
            "active": active,
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(_table(taught))
        sys.stdout.write(f"{taught.package.folder} is ready")
        sys.stdout.write(" and active.\n" if active else ", not active.\n")
    if options.activate and blocked:
        raise CommandError(
            f"{identity.name} {identity.version} was not activated: {' '.join(taught.problems)} "
            "Look at these products first, or activate it with --override.",
            EXIT_FAILED,
        )
    if not active and not taught.problems:
        _log.info(
            "Activate it with: uniad-desktop versions activate %s %s --why …",
            identity.name,
            identity.version,
        )
    return EXIT_OK


def _table(taught: Taught) -> str:
    lines = [
        f"{'product':20}{'parts':>6}{'rejected before':>17}{'after':>8}"
        f"{'AUROC before':>14}{'after':>8}{'challenge':>11}"
    ]
    for one in taught.checks:
        cells = [
            f"{one.key[:19]:20}{one.parts:>6}",
            f"{_percent(one.rejected_before):>17}{_percent(one.rejected_after):>8}",
            f"{_number(one.auroc_before):>14}{_number(one.auroc_after):>8}",
            f"{'–' if one.challenge is None else f'{one.challenge[0]} → {one.challenge[1]}':>11}",
            "   new" if one.new else ("   WORSE" if one.worse else ""),
        ]
        lines.append("".join(cells))
    lines += taught.problems
    for one in taught.checks:
        if one.new:
            entry = taught.package.manifest.products[one.key]
            lines.append(f"{one.key}: limit {entry.reject:.4g}. {entry.calibration.note}".rstrip())
    if taught.odd:
        lines.append(
            f"{len(taught.odd)} parts look unlike the other normal ones; look whether they are "
            f"good: {', '.join(str(path) for path in taught.odd[:10])}"
        )
    return "\n".join(lines) + "\n"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
