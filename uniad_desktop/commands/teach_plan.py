"""What a command line of ``uniad-desktop teach`` asks for."""

from __future__ import annotations

import argparse
import getpass
import hashlib
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.train_options import layout_of
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    from uniad_desktop.engine.manifest import ProductEntry
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.teaching.products import Product
    from uniad_desktop.teaching.teach import TeachPlan
    from uniad_desktop.training.datasets import Sample

_log = logging.getLogger(__name__)

# Given anew by whoever goes on, or with a place of their own.
_NOT_AGAIN = frozenset(
    {"package", "product", "data", "run", "data_dir", "events", "verbose", "json", "dry_run"}
)


def plan_of(
    options: argparse.Namespace, folder: Path, package: ModelPackage, interrupt: Interrupt
) -> TeachPlan:
    """The plan of a command line.

    Raises:
        CommandError: the regions make no sense.
        DataError, DetectorError, StoreError: data, device or product are not there.
    """
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
    train, held = samples_of(options, folder, interrupt)
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
        augment=options.augment,
        note={
            "who": who(options),
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


def samples_of(
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


def again(
    options: argparse.Namespace, defaults: Callable[[str], Any], package: ModelPackage, run: Path
) -> tuple[str, ...]:
    """The arguments that go on with a teaching, from any folder and whatever is active by then.

    Args:
        options: of the command that began it.
        defaults: gives the default of an option.
        package: the version that it goes on from.
        run: folder of its checkpoint.
    """
    places = [str(Path(one).resolve()) if Path(one).exists() else one for one in options.data]
    words = [str(package.folder.resolve()), options.product, *places]
    for name, value in sorted(vars(options).items()):
        flag = "--" + name.replace("_", "-")
        if name in _NOT_AGAIN or value == defaults(name):
            continue
        if value is True:
            words.append(flag)
        elif name == "tiles":
            words += [flag, "x".join(map(str, value))]
        elif name == "region":
            words += [f"{flag}={','.join(map(str, one))}" for one in value]
        else:
            shown = value.resolve() if isinstance(value, Path) else value
            words.append(f"{flag}={shown}")
    return (*words, f"--run={run.resolve()}")


def be_gentle(threads: int | None) -> None:
    """Others on this computer come first: a station may be inspecting."""
    import psutil
    import torch

    from uniad_desktop.app import inference_threads

    torch.set_num_threads(threads or inference_threads())
    process = psutil.Process()
    process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10)


def who(options: argparse.Namespace) -> str:
    """Who goes on record."""
    return str(options.who or getpass.getuser())
