"""The camera settings of a product, as a feature set."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_OK, CommandError

if TYPE_CHECKING:
    from uniad_desktop.teaching.products import Product


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what can be done with the set."""
    group = parser.add_mutually_exclusive_group()
    add = group.add_argument
    add("--load", type=Path, metavar="FILE", help="keep the feature set of a file for the product")
    add("--save", type=Path, metavar="FILE", help="write the product's feature set to a file")
    add("--clear", action="store_true", help="take the product's feature set away")
    add("--show", action="store_true", help="print it (what happens where nothing is asked)")


def run(options: argparse.Namespace, folder: Path, product: Product) -> int:
    """Does it and returns the exit code; may raise `CommandError` or StoreError."""
    from uniad_desktop.cameras import feature_set
    from uniad_desktop.cameras.feature_set import FeatureSetError
    from uniad_desktop.teaching import camera_sets

    key = product.key
    try:
        if options.load is not None:
            found = feature_set.load(options.load)
            camera_sets.keep_for_product(folder, key, found)
            return _said(f"{len(found.entries)} camera settings are kept for the product {key}.")
        if options.clear:
            there = camera_sets.clear_for_product(folder, key)
            return _said(
                f"The camera settings of the product {key} were taken away; they stay as "
                "camera.previous.pfs."
                if there
                else f"The product {key} has no camera settings."
            )
        wanted = camera_sets.set_of_product(folder, key)
        if wanted is None:
            sentence = (
                f"The product {key} has no camera settings; keep some with: uniad-desktop features "
                f"--save FILE, then: uniad-desktop products camera {key} --load FILE"
            )
            if options.save is not None:
                raise CommandError(sentence, EXIT_DATA)
            return _said(sentence)
        if options.save is not None:
            feature_set.save(options.save, wanted)
            return _said(f"{len(wanted.entries)} camera settings are in {options.save}.")
    except FeatureSetError as error:
        raise CommandError(str(error), EXIT_DATA) from error
    made = " ".join(one for one in (wanted.vendor, wanted.model, wanted.serial) if one)
    if made:
        _said(f"made with  {made}")
    for entry in wanted.entries:
        _said(f"{entry.title} = {entry.value}")
    return EXIT_OK


def _said(sentence: str) -> int:
    sys.stdout.write(sentence + "\n")
    return EXIT_OK
