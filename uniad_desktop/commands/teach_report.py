"""What ``uniad-desktop teach`` says at its end."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.outcome import EXIT_FAILED, EXIT_OK, CommandError
from uniad_desktop.commands.teach_plan import who

if TYPE_CHECKING:
    from uniad_desktop.teaching.teach import Taught

_log = logging.getLogger(__name__)


def report(options: argparse.Namespace, folder: Path, taught: Taught) -> int:
    """Activates the new version where that was asked for, and says how every product fares.

    Raises:
        CommandError: a product got worse, so the version was not activated.
    """
    from dataclasses import asdict

    from uniad_desktop.teaching.activation import activate

    identity = taught.package.identity
    blocked = bool(taught.problems) and not options.override
    active = options.activate and not blocked
    if active:
        activate(
            folder,
            taught.package,
            who=who(options),
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
            "notes": list(taught.notes),
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
    lines += taught.notes
    return "\n".join(lines) + "\n"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
