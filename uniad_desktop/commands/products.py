"""Products of the station: what is inspected, the parts collected for it, its challenge images.

  uniad-desktop products create cap --title "Bottle cap" --tiles 2x2
  uniad-desktop products code cap add 4006381333931
  uniad-desktop products collect cap pictures/cap
  uniad-desktop products show cap
  uniad-desktop products camera cap --load line3.pfs
  uniad-desktop products accept cap --all-doubtful
  uniad-desktop products challenge cap add pictures/scratches --label defect --kind scratch
  uniad-desktop products challenge cap run

Every image is checked for focus, exposure, size, near-duplicates and an unusual look before it is
taken; a doubtful one is set aside until somebody accepts or deletes it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands import products_camera, products_challenge, products_parts
from uniad_desktop.commands.arguments import positive
from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_OK, CommandError
from uniad_desktop.commands.train_options import add_layout_arguments, layout_of
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.teaching.products import Product, ProductStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, words: str, *, json_too: bool = False) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = actions.add_parser(name, help=words, description=words)
        if name != "list":
            made.add_argument("key", metavar="KEY", help="key of the product")
        made.add_argument("--data-dir", type=Path, metavar="FOLDER", help="data folder")
        if json_too:
            made.add_argument("--json", action="store_true", help="JSON instead of text")
        return made

    listing = action("list", "the products of the data folder", json_too=True)
    listing.add_argument("--archived", action="store_true", help="those out of use, too")
    created = action("create", "make a new product")
    _add_titles(created, required=True)
    created.add_argument(
        "--code",
        action="append",
        default=[],
        metavar="CODE",
        help="what a barcode reader gives for it; repeatable",
    )
    created.add_argument("--notes", default="", help="for the engineer")
    created.add_argument(
        "--pixel-limit",
        type=positive,
        metavar="F",
        help="raw distance above which a pixel is marked (default: the product's limit)",
    )
    created.add_argument(
        "--camera",
        action="append",
        default=[],
        metavar="FEATURE=VALUE",
        help="camera feature by its SFNC name, such as ExposureTime=5000; repeatable",
    )
    add_layout_arguments(created.add_argument_group("regions and tiles").add_argument)
    copied = action("copy", "make a product with the settings of another, without its images")
    copied.add_argument("new_key", metavar="NEW-KEY", help="key of the new product")
    _add_titles(copied, required=False)
    renamed = action("rename", "change the title; the key stays")
    _add_titles(renamed, required=True)
    coded = action("code", "add or remove what a barcode reader gives for the product")
    coded.add_argument("change", choices=("add", "remove"), help="what to do with the codes")
    coded.add_argument("codes", nargs="+", metavar="CODE", help="text of a barcode")
    action("archive", "take a product out of use; nothing is deleted")
    action("restore", "take an archived product back into use")
    products_parts.add_arguments(action)
    products_camera.add_arguments(action("camera", "the camera settings of the product"))
    products_challenge.add_arguments(action("challenge", "the product's challenge images"))


def _add_titles(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--title", required=required, metavar="TEXT", help="what the operator reads"
    )
    parser.add_argument("--title-zh", metavar="TEXT", help="the same in Chinese")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it and returns the exit code; may raise `CommandError`."""
    from uniad_desktop.teaching.image_folder import StoreError
    from uniad_desktop.teaching.products import ProductStore

    interrupt.raise_if_asked()
    folder: Path = options.data_dir or default_data_folder()
    store = ProductStore(folder)
    actions: dict[str, Callable[[], int]] = {
        "list": partial(_list, store, options),
        "create": partial(_create, store, options),
        "copy": partial(_copy, store, options),
        "rename": partial(_rename, store, options),
        "code": partial(_code, store, options),
        "archive": partial(_archive, store, options),
        "restore": partial(_restore, store, options),
    }
    try:
        if options.action in actions:
            return actions[options.action]()
        product = store.get(options.key)
        if options.action == "challenge":
            return products_challenge.run(options, folder, product, interrupt)
        if options.action == "camera":
            return products_camera.run(options, folder, product)
        return products_parts.run(options, folder, product, interrupt)
    except StoreError as error:
        raise CommandError(str(error), EXIT_DATA) from error


def _list(store: ProductStore, options: argparse.Namespace) -> int:
    listing = store.listing(archived=options.archived)
    if options.json:
        values = [product.model_dump(mode="json") for product in listing.products]
        text = json.dumps({"products": values, "problems": listing.problems}, indent=2)
        sys.stdout.write(text + "\n")
        return EXIT_DATA if listing.problems else EXIT_OK
    if not listing.products and not listing.problems:
        sys.stdout.write(f"There is no product in {store.folder}; make one with products create.\n")
    for product in listing.products:
        out_of_use = "  (archived)" if product.archived else ""
        codes = f"  (codes: {', '.join(product.codes)})" if product.codes else ""
        sys.stdout.write(f"{product.key:24}  {product.title()}{codes}{out_of_use}\n")
    for problem in listing.problems:
        sys.stderr.write(f"uniad-desktop products: {problem}\n")
    return EXIT_DATA if listing.problems else EXIT_OK


def _create(store: ProductStore, options: argparse.Namespace) -> int:
    product = store.create(
        options.key,
        _titles(options),
        codes=options.code,
        layout=layout_of(options),
        pixel_limit=options.pixel_limit,
        least_area=options.least_area,
        camera=dict(_feature(text) for text in options.camera),
        notes=options.notes,
    )
    return _said(
        f"The product {product.key} was made; collect parts with: uniad-desktop products collect "
        f"{product.key} FOLDER"
    )


def _copy(store: ProductStore, options: argparse.Namespace) -> int:
    titles = store.get(options.key).titles | _titles(options)
    product = store.copy(options.key, options.new_key, titles)
    return _said(f"The product {product.key} was made with the settings of {options.key}.")


def _rename(store: ProductStore, options: argparse.Namespace) -> int:
    product: Product | None = None
    for language, title in _titles(options).items():
        product = store.rename(options.key, title, language)
    return _said(f"{options.key} is now called: {product.title() if product else ''}")


def _code(store: ProductStore, options: argparse.Namespace) -> int:
    product = store.get(options.key)
    codes = tuple(code.strip() for code in options.codes)
    if options.change == "add":
        product = store.save(product.changed(codes=(*product.codes, *codes)))
    else:
        absent = [code for code in codes if code not in product.codes]
        if absent:
            raise CommandError(
                f"The product {product.key} has no code '{absent[0]}'; its codes: "
                f"{', '.join(product.codes) or 'none'}.",
                EXIT_DATA,
            )
        left = tuple(code for code in product.codes if code not in codes)
        product = store.save(product.changed(codes=left))
    return _said(f"Codes of {product.key}: {', '.join(product.codes) or 'none'}")


def _archive(store: ProductStore, options: argparse.Namespace) -> int:
    store.archive(options.key)
    return _said(f"{options.key} is out of use; bring it back with: products restore {options.key}")


def _restore(store: ProductStore, options: argparse.Namespace) -> int:
    store.restore(options.key)
    return _said(f"{options.key} is in use again.")


def _titles(options: argparse.Namespace) -> dict[str, str]:
    titles = {"en": options.title, "zh_CN": options.title_zh}
    return {language: title for language, title in titles.items() if title is not None}


def _feature(text: str) -> tuple[str, Any]:
    """``NAME=VALUE``; a number or true and false where it reads like one, else text."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise CommandError(f"'{text}' is not FEATURE=VALUE like ExposureTime=5000.")
    plain = value.strip()
    if plain.lower() in ("true", "false"):
        return name.strip(), plain.lower() == "true"
    for kind in (int, float):
        try:
            return name.strip(), kind(plain)
        except ValueError:
            continue
    return name.strip(), plain


def _said(sentence: str) -> int:
    sys.stdout.write(sentence + "\n")
    return EXIT_OK
