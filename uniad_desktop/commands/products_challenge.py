"""The challenge images of a product: adding, removing and replaying them."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_FAILED, EXIT_OK
from uniad_desktop.commands.packages import PACKAGE_HELP, open_named_package
from uniad_desktop.commands.products_parts import DEFAULT_MODEL
from uniad_desktop.engine.runtimes.names import AUTO, RUNTIME_NAMES
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    from uniad_desktop.teaching.challenge import ChallengeResult, ChallengeSet
    from uniad_desktop.teaching.products import Product


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``products challenge KEY``."""
    parser.add_argument("--who", default="", help="name on record (default: this user)")
    actions = parser.add_subparsers(dest="challenge", required=True, metavar="add|list|remove|run")
    added = actions.add_parser("add", help="keep images")
    added.add_argument(
        "images", nargs="+", type=Path, metavar="FOLDER", help="folders of images, or files"
    )
    added.add_argument("--label", required=True, choices=["good", "defect"], help="the truth")
    added.add_argument("--kind", default="", help="kind of the defect")
    added.add_argument("--note", default="", help="for the engineer")
    listed = actions.add_parser("list", help="the images")
    removed = actions.add_parser("remove", help="put images into the trash")
    removed.add_argument("ids", nargs="+", metavar="ID", help="of an image, or how it begins")
    replayed = actions.add_parser(
        "run", help="show all images to a model; the exit code is 1 where one is judged wrong"
    )
    replayed.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"{PACKAGE_HELP} (default: {DEFAULT_MODEL})"
    )
    replayed.add_argument(
        "--runtime",
        choices=RUNTIME_NAMES,
        default=AUTO,
        help=f"what computes (default: {AUTO}, as on the line)",
    )
    replayed.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    replayed.add_argument("--json", action="store_true", help="JSON instead of text")
    for one in (added, removed, replayed):  # the two are taken here as well
        one.add_argument("--who", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    for one in (added, listed, removed, replayed):
        one.add_argument("--data-dir", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(options: argparse.Namespace, folder: Path, product: Product, interrupt: Interrupt) -> int:
    """Does it and returns the exit code; may raise `CommandError` or StoreError."""
    from uniad_desktop.teaching.challenge import ChallengeSet

    challenge = ChallengeSet(folder, product.key)
    if options.challenge == "add":
        return _add(options, challenge, interrupt)
    if options.challenge == "remove":
        sys.stdout.write(f"{challenge.remove(options.ids)} put into the trash.\n")
        return EXIT_OK
    if options.challenge == "list":
        for image in challenge.images():
            sys.stdout.write(
                f"{image.id}  {image.label:6}  {image.kind:16}  {Path(image.origin).name}"
                f"{'  ' if image.note else ''}{image.note}\n"
            )
        for problem in challenge.problems():
            sys.stderr.write(f"uniad-desktop products: {problem}\n")
        return EXIT_OK
    return _run(options, folder, challenge, interrupt)


def _add(options: argparse.Namespace, challenge: ChallengeSet, interrupt: Interrupt) -> int:
    from uniad_desktop.teaching.challenge import Label
    from uniad_desktop.teaching.image_paths import images_in
    from uniad_desktop.training.datasets import ImageReader, Sample, Split

    reader = ImageReader()
    paths = images_in(options.images)
    added = again = 0
    for path in paths:
        interrupt.raise_if_asked()
        image = reader.read(Sample(path, challenge.product, Split.TEST))
        if image is None:
            continue
        _, there = challenge.add(
            image,
            Label(options.label),
            kind=options.kind,
            note=options.note,
            who=_who(options),
            origin=str(path.absolute()),
        )
        again += there
        added += not there
    sys.stdout.write(
        f"{added} images added, {again} there already, {len(reader.skipped)} unreadable.\n"
    )
    if reader.skipped:
        sys.stderr.write(f"uniad-desktop products: {reader.summary()}\n")
    return EXIT_DATA if len(reader.skipped) == len(paths) else EXIT_OK


def _run(
    options: argparse.Namespace, folder: Path, challenge: ChallengeSet, interrupt: Interrupt
) -> int:
    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.teaching.challenge import replay

    package = open_named_package(options.model, folder)
    detector = Detector.open(package, runtime=options.runtime, device=options.device)
    try:
        result = replay(
            detector,
            challenge.product,
            challenge,
            who=_who(options),
            progress=lambda done, count: interrupt.raise_if_asked(),
        )
    finally:
        detector.close()
    challenge.record(result)
    if options.json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        _write(result)
    return EXIT_OK if result.passed else EXIT_FAILED


def _write(result: ChallengeResult) -> None:
    wrong = {
        "missed": result.missed,
        "good, but rejected": result.rejected,
        "not judged": result.errors,
    }
    for words, cases in wrong.items():
        for case in cases:
            score = "" if case.score is None else f" score {50 * case.score / result.reject:.0f}"
            details = " ".join(one for one in (case.kind, case.problem) if one)
            sys.stdout.write(f"{case.id}  {words}{score}{': ' if details else ''}{details}\n")
    model = f"{result.model} {result.model_version} ({result.model_sha256[:12]}, {result.runtime})"
    sys.stdout.write(f"{model}: {result.sentence}\n")


def _who(options: argparse.Namespace) -> str:
    if options.who:
        return str(options.who)
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container whose user has no name
        return ""
