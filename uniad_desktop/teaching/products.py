"""Products: what is inspected and how, one versioned file each in the data folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from uniad_desktop.engine.layout import Layout
from uniad_desktop.engine.manifest import Key
from uniad_desktop.teaching.image_folder import StoreError, locked, set_file_aside, write_file
from uniad_desktop.teaching.product_codes import product_of, taken_code

PRODUCTS: Final = "products"
FILE: Final = "product.json"
PREVIOUS: Final = "product.previous.json"
CAMERA: Final = "camera.pfs"
"""The camera's feature set for the product, see `camera_sets`."""
VERSION: Final = 2
"""Of the file's layout: 1 knew no codes, and is still read."""

WHOLE_FRAME: Final = Layout()

Feature = str | int | float | bool
"""Value of a camera feature."""

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
"""What a barcode reader gives; blanks around it do not count."""

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# Folders that Windows cannot have; a product should be movable between stations.
_RESERVED = frozenset({"con", "prn", "aux", "nul"}) | frozenset(
    f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10)
)


class ProductError(StoreError):
    """A product cannot be made, read or changed; the message is a sentence for the user."""


class Product(BaseModel):
    """A product of the station.

    Attributes:
        version: of the file's layout.
        key: what it is called in files and packages; never changes.
        titles: what a person reads, per language code (``en``, ``zh_CN``).
        codes: what a barcode reader gives for it; no other product in use has the same.
        layout: regions and tiles.
        pixel_limit: raw distance above which a pixel of the map is marked; None: the limit.
        least_area: full-frame pixels that a marked region must cover to be reported.
        camera: values of camera features by their SFNC names, set when the product is chosen.
        notes: of the engineer.
        created: UTC, ISO 8601.
        archived: whether it is out of use; nothing of it is deleted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    version: Literal[2] = VERSION
    key: Key
    titles: dict[str, str] = Field(min_length=1)
    codes: tuple[Code, ...] = Field(default=(), max_length=100)
    layout: Layout = Layout()
    pixel_limit: float | None = Field(default=None, gt=0)
    least_area: float = Field(default=0.0, ge=0)
    camera: dict[str, Feature] = Field(default_factory=dict)
    notes: str = ""
    created: str
    archived: bool = False

    @field_validator("codes")
    @classmethod
    def _each_code_once(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(codes))

    def title(self, language: str = "en") -> str:
        """The title in a language, else the English one, else any."""
        return (
            self.titles.get(language) or self.titles.get("en") or next(iter(self.titles.values()))
        )

    def changed(self, **changes: Any) -> Product:  # noqa: ANN401 - values of any field
        """The product with some fields changed and checked.

        Raises:
            ProductError: a value makes no sense.
        """
        return _checked({**self.model_dump(), **changes})


@dataclass(frozen=True, slots=True)
class Listing:
    """Products, by key, and sentences on those that cannot be read."""

    products: tuple[Product, ...]
    problems: tuple[str, ...]


class ProductStore:
    """The products of a data folder: ``products/KEY/product.json``.

    Args:
        data_folder: of the station.
    """

    def __init__(self, data_folder: Path) -> None:
        self.folder = data_folder / PRODUCTS

    def create(
        self,
        key: str,
        titles: Mapping[str, str],
        *,
        codes: Iterable[str] = (),
        layout: Layout = WHOLE_FRAME,
        pixel_limit: float | None = None,
        least_area: float = 0.0,
        camera: Mapping[str, Feature] | None = None,
        notes: str = "",
    ) -> Product:
        """Makes a new product.

        Raises:
            ProductError: the key is not allowed or taken, a code is another product's, a value
                makes no sense, or the disk refuses.
        """
        check_key(key)
        product = _checked(
            {
                "key": key,
                "titles": dict(titles),
                "codes": tuple(codes),
                "layout": layout,
                "pixel_limit": pixel_limit,
                "least_area": least_area,
                "camera": dict(camera or {}),
                "notes": notes,
                "created": _now(),
            }
        )
        return self._add(product)

    def copy(self, key: str, new_key: str, titles: Mapping[str, str] | None = None) -> Product:
        """A new product with the settings of another, without its parts, images and codes.

        Args:
            key: of the product to copy.
            new_key: of the new one.
            titles: of the new one; None: those of the other.

        Raises:
            ProductError: as `create` and `get`.
        """
        check_key(new_key)
        source = self.get(key)
        names = dict(titles) if titles is not None else source.titles
        changes = {"key": new_key, "titles": names, "codes": (), "archived": False}
        made = self._add(source.changed(**changes, created=_now()))
        camera = self._path(key).with_name(CAMERA)
        with _as_product_error(), suppress(FileNotFoundError):
            write_file(self._path(new_key).with_name(CAMERA), camera.read_bytes())
        return made

    def rename(self, key: str, title: str, language: str = "en") -> Product:
        """Changes the title in a language; the key stays. Raises ProductError."""
        product = self.get(key)
        return self.save(product.changed(titles={**product.titles, language: title}))

    def archive(self, key: str) -> Product:
        """Takes a product out of use; nothing is deleted. Raises ProductError."""
        return self.save(self.get(key).changed(archived=True))

    def restore(self, key: str) -> Product:
        """Takes an archived product back into use. Raises ProductError."""
        return self.save(self.get(key).changed(archived=False))

    def listing(self, *, archived: bool = False) -> Listing:
        """All products in use, with `archived` the others too; never raises for a broken one."""
        products, problems = [], []
        for path in sorted(self.folder.glob(f"*/{FILE}")):
            try:
                product = self.get(path.parent.name)
            except ProductError as error:
                problems.append(str(error))
            else:
                if archived or not product.archived:
                    products.append(product)
        return Listing(tuple(products), tuple(problems))

    def by_code(self, text: str) -> Product | None:
        """The product in use that a scanned text means, see `product_of`; None where none does.

        Files that cannot be read are passed over and left as they are; `listing` tells of them.
        """
        return product_of(self._in_use(), text)

    def get(self, key: str) -> Product:
        """Reads a product.

        A file that cannot be understood is set aside. Where the settings before the last change
        are good, they are put back, so that the next `get` gives those; this one still raises, as
        nobody should inspect with former regions unknowingly.

        Raises:
            ProductError: there is none, or its file cannot be read or understood.
        """
        check_key(key)
        path = self._path(key)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise ProductError(self._unknown(key)) from error
        except OSError as error:
            raise ProductError(
                f"{path} cannot be read: {error.strerror or error}; check the access rights."
            ) from error
        try:
            return _parse(path, data)
        except ValueError as error:
            raise ProductError(self._set_aside(path, str(error))) from error

    def save(self, product: Product) -> Product:
        """Writes a product that exists already; the former file is kept beside it.

        Raises:
            ProductError: there is no such product, a code is another one's, or the disk refuses;
                the former file stays.
        """
        self._check_codes(product)
        path = self._path(product.key)
        with _as_product_error(), locked(path.parent):
            if not path.exists():
                raise ProductError(self._unknown(product.key))
            text, former = _text(product), path.read_bytes()
            if former != text:
                write_file(path.with_name(PREVIOUS), former)
                write_file(path, text)
        return product

    def _add(self, product: Product) -> Product:
        path = self._path(product.key)
        if path.exists():
            raise ProductError(self._taken(product.key))
        self._check_codes(product)
        with _as_product_error(), locked(path.parent):
            if path.exists():
                raise ProductError(self._taken(product.key))
            write_file(path, _text(product))
        return product

    def _in_use(self) -> list[Product]:
        """The products in use; nothing is set aside, as nobody would be told."""
        found = []
        for path in sorted(self.folder.glob(f"*/{FILE}")):
            with suppress(OSError, ValueError, ProductError):
                found.append(_parse(path, path.read_bytes()))
        return [product for product in found if not product.archived]

    def _check_codes(self, product: Product) -> None:
        taken = None if product.archived else taken_code(product, self._in_use())
        if taken is not None:
            code, other = taken
            raise ProductError(
                f"The code '{code}' means the product '{other.key}' already; take it away there "
                "first, or use another one."
            )

    def _path(self, key: str) -> Path:
        return self.folder / key / FILE

    def _taken(self, key: str) -> str:
        return (
            f"There is a product '{key}' already; choose another key, or restore it if it is "
            "archived."
        )

    def _unknown(self, key: str) -> str:
        there = ", ".join(path.parent.name for path in sorted(self.folder.glob(f"*/{FILE}")))
        return (
            f"There is no product '{key}' in {self.folder} (products there: {there or 'none'}); "
            "create it first, or choose another one."
        )

    def _set_aside(self, path: Path, reason: str) -> str:
        """Sets a broken file aside, puts the former one back where it is good; a sentence."""
        with _as_product_error(), locked(path.parent):
            aside = set_file_aside(path)
            sentence = f"{path} could not be understood ({reason}) and was kept as {aside.name}. "
            try:
                former = path.with_name(PREVIOUS).read_bytes()
                _parse(path, former)
            except (OSError, ValueError, ProductError):
                return sentence + "Create the product again; its parts and images are still there."
            write_file(path, former)
        return (
            sentence + "The settings before the last change were put back; look at them and try "
            "again."
        )


def check_key(key: str) -> None:
    """Raises ProductError for what cannot be a product's key."""
    if not _KEY.fullmatch(key):
        raise ProductError(
            f"'{key}' cannot be the key of a product; use small letters a to z, digits, - and _, "
            "beginning with a letter or digit, 64 at most. The title may be anything."
        )
    if key in _RESERVED:
        raise ProductError(f"'{key}' is a name that Windows keeps for itself; choose another key.")


@contextmanager
def _as_product_error() -> Iterator[None]:
    try:
        yield
    except ProductError:
        raise
    except StoreError as error:
        raise ProductError(str(error)) from error


def _checked(values: Mapping[str, Any]) -> Product:
    titles = values["titles"]
    if not titles or not all(str(title).strip() for title in titles.values()):
        raise ProductError("A product needs a title; give one that the operator recognises.")
    try:
        return Product.model_validate(values)
    except ValidationError as error:
        raise ProductError(f"The product cannot be saved: {_first_problem(error)}.") from error


def _parse(path: Path, data: bytes) -> Product:
    """Raises ValueError for a damaged file, ProductError for one of a newer application."""
    values = json.loads(data)
    version = values.get("version") if isinstance(values, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise ProductError(
            f"{path} was made by a newer application (layout {version}, this one reads up to "
            f"{VERSION}); update the application."
        )
    if version == 1:
        values["version"] = VERSION
        data = json.dumps(values).encode()
    try:
        product = Product.model_validate_json(data)
    except ValidationError as error:
        raise ValueError(_first_problem(error)) from error
    if product.key != path.parent.name:
        raise ValueError(f"it is of the product '{product.key}'")
    return product


def _text(product: Product) -> bytes:
    return (product.model_dump_json(indent=2) + "\n").encode()


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = ".".join(str(step) for step in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
