"""Collecting parts for a product from files, and looking after them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from uniad_desktop.commands.arguments import count
from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_OK, CommandError
from uniad_desktop.commands.packages import PACKAGE_HELP, open_named_package
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    from uniad_desktop.teaching.collection import Part, PartCollection
    from uniad_desktop.teaching.products import Product

DEFAULT_MODEL = "unified"


class AddAction(Protocol):
    """Adds an action with the arguments that all have."""

    def __call__(self, name: str, words: str, *, json_too: bool = False) -> argparse.ArgumentParser:
        """Gives the action's parser."""


def add_arguments(action: AddAction) -> None:
    """Adds the actions that deal with parts."""
    shown = action("show", "counts, doubtful parts and what is still missing", json_too=True)
    _add_model(shown)
    collected = action("collect", "take images in; doubtful ones are set aside", json_too=True)
    collected.add_argument(
        "images", nargs="+", type=Path, metavar="FOLDER", help="folders of images, or files"
    )
    _add_model(collected)
    accepted = action("accept", "take doubtful or deleted parts in")
    accepted.add_argument("parts", nargs="*", metavar="ID", help="of a part, or how it begins")
    accepted.add_argument("--all-doubtful", action="store_true", help="every doubtful one")
    deleted = action("delete", "put parts into the trash")
    deleted.add_argument("parts", nargs="+", metavar="ID", help="of a part, or how it begins")
    action("undo", "take the last action back; again for the one before")
    action("empty-trash", "remove deleted parts for good")


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"{PACKAGE_HELP} (default: {DEFAULT_MODEL})"
    )
    parser.add_argument("--threads", type=count, metavar="N", help="processor threads")


def run(options: argparse.Namespace, folder: Path, product: Product, interrupt: Interrupt) -> int:
    """Does it and returns the exit code; may raise `CommandError` or StoreError."""
    from uniad_desktop.teaching.collection import PartCollection

    collection = PartCollection(folder, product.key)
    if options.action == "show":
        return _show(options, folder, product, collection)
    if options.action == "collect":
        return _collect(options, folder, product, collection, interrupt)
    if options.action == "accept":
        return _accept(options, collection)
    if options.action == "delete":
        done = collection.delete(options.parts)
        return _said(f"{_parts(done)} put into the trash; undo brings back.")
    if options.action == "empty-trash":
        return _said(f"{_parts(collection.empty_trash())} removed for good.")
    undone = collection.undo()
    if undone is None:
        return _said("There is nothing to undo.")
    return _said(f"Undone: {undone.action} of {_parts(len(undone.parts))}.")


def _accept(options: argparse.Namespace, collection: PartCollection) -> int:
    from uniad_desktop.teaching.collection import State

    chosen = list(options.parts)
    if options.all_doubtful:
        chosen += [part.id for part in collection.parts(State.DOUBTFUL)]
    elif not chosen:
        raise CommandError("Name the parts to accept, or give --all-doubtful.")
    return _said(f"{_parts(collection.accept(chosen))} taken in.")


def _collect(
    options: argparse.Namespace,
    folder: Path,
    product: Product,
    collection: PartCollection,
    interrupt: Interrupt,
) -> int:
    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.teaching.examiner import FrameExaminer
    from uniad_desktop.teaching.feature_probe import FeatureProbe
    from uniad_desktop.teaching.image_paths import images_in
    from uniad_desktop.teaching.part_intake import PartIntake
    from uniad_desktop.training.training_log import progress_bar

    paths = images_in(options.images)
    package = open_named_package(options.model, folder)
    detector = None
    if product.key in package.manifest.products:
        detector = Detector(package, "cpu", options.threads)
    examiner = FrameExaminer(product, collection, FeatureProbe(package, options.threads), detector)
    intake = PartIntake(collection, examiner)
    try:
        with progress_bar("Parts") as progress:
            for number, path in enumerate(paths, 1):
                interrupt.raise_if_asked()
                intake.take_file(path)
                progress(number, len(paths))
    finally:
        examiner.save()
    summary = {
        "taken": len(intake.taken),
        "set_aside": len(intake.aside),
        "there_already": intake.duplicates,
        "unreadable": intake.unreadable,
    }
    if options.json:
        _json({**summary, "doubtful": [_described(one) for one in intake.aside]})
    else:
        _said(
            f"{_parts(len(intake.taken))} taken in, {len(intake.aside)} set aside, "
            f"{intake.duplicates} there already, {intake.unreadable} unreadable."
        )
        _list_doubtful(intake.aside)
        if intake.aside:
            _said(
                f"Look at {collection.folder}, then: uniad-desktop products accept {product.key} "
                "ID, or delete."
            )
    if intake.unreadable:
        sys.stderr.write(f"uniad-desktop products: {intake.summary()}\n")
    return EXIT_DATA if intake.unreadable == len(paths) else EXIT_OK


def _show(
    options: argparse.Namespace, folder: Path, product: Product, collection: PartCollection
) -> int:
    from uniad_desktop.engine.package import PackageError
    from uniad_desktop.teaching.collection import State
    from uniad_desktop.teaching.coverage import coverage_of
    from uniad_desktop.teaching.examiner import figures_of
    from uniad_desktop.teaching.feature_probe import FeatureProbe, PooledFeatures

    accepted, doubtful = collection.parts(State.ACCEPTED), collection.parts(State.DOUBTFUL)
    features, problems = None, list(collection.problems())
    if accepted:
        try:
            probe = FeatureProbe(open_named_package(options.model, folder), options.threads)
        except PackageError as error:
            problems.append(f"How varied the parts are cannot be told: {error}")
        else:
            pooled = PooledFeatures(collection, probe, product.layout)
            features = pooled.all_of(accepted)
            pooled.save()
    coverage = coverage_of(features, figures_of(accepted, "brightness"), len(accepted))
    counts = collection.counts()
    if options.json:
        _json(
            {
                "product": product.model_dump(mode="json"),
                "counts": asdict(counts),
                "doubtful": [_described(one) for one in doubtful],
                "covered": coverage.covered,
                "missing": coverage.words,
                "problems": problems,
            }
        )
        return EXIT_OK
    regions = (
        "whole frame"
        if not product.layout.regions
        else (
            f"{len(product.layout.regions)} regions, {product.layout.tile_count} tiles"
            if len(product.layout.regions) > 1
            else f"1 region, {product.layout.tile_count} tiles"
        )
    )
    _said(f"{product.key}: {product.title()}{' (archived)' if product.archived else ''}")
    if product.codes:
        _said(f"codes         {', '.join(product.codes)}")
    _said(f"looked at     {regions}")
    _said(f"parts         {counts.accepted} accepted ({counts.held_out} held out)")
    _said(f"doubtful      {counts.doubtful}")
    _said(f"in the trash  {counts.rejected}")
    if coverage.covered:
        _said(f"covered       {coverage.covered[-1]:.0%} of the parts' spread")
    _list_doubtful(doubtful)
    for words in (*coverage.words, *problems):
        _said(words)
    return EXIT_OK


def _list_doubtful(parts: Sequence[Part]) -> None:
    for part in parts:
        name = Path(part.origin.source).name or "-"
        _said(f"  {part.id}  {name}: {' '.join(one.sentence for one in part.doubts)}")


def _described(part: Part) -> dict[str, Any]:
    return {
        "id": part.id,
        "source": part.origin.source,
        "reasons": [one.reason.value for one in part.doubts],
        "sentences": [one.sentence for one in part.doubts],
        "figures": part.figures,
    }


def _parts(number: int) -> str:
    return "1 part" if number == 1 else f"{number} parts"


def _json(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values, indent=2, ensure_ascii=False) + "\n")


def _said(sentence: str) -> int:
    sys.stdout.write(sentence + "\n")
    return EXIT_OK
