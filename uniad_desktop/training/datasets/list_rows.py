"""The rows of a CSV or JSON-lines list, with the numbers of their lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uniad_desktop.training.datasets.sample import DataError, listed, printable
from uniad_desktop.training.datasets.words import folded

CSV = "CSV list"
JSON_LINES = "JSON-lines list"

COLUMNS: dict[str, tuple[str, ...]] = {
    "image": ("image", "filename", "path", "file", "image_path", "img_path"),
    "label": ("label", "anomaly"),
    "kind": ("kind", "defect_type", "label_name"),
    "split": ("split",),
    "product": ("product", "clsname", "object", "class", "cls_name", "class_name"),
    "mask": ("mask", "maskname", "mask_path"),
    "root": ("root",),
}
"""What a row may say, and the names under which lists have it; the first that is set counts."""

_KNOWN = frozenset(name for names in COLUMNS.values() for name in names)
_LARGEST_LIST = 1 << 30
_NOTHING = frozenset({"", "none", "null", "nan"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list.

    Attributes:
        line: its number in the file, from 1.
        values: what it says, by the keys of `COLUMNS`; what it does not say is missing.
    """

    line: int
    values: Mapping[str, Any]

    def text(self, column: str) -> str:
        """A value as text; empty if the row does not have it."""
        return str(self.values.get(column, "")).strip()


@dataclass(frozen=True, slots=True)
class Table:
    """A list that was read.

    Attributes:
        rows: its rows.
        layout: `CSV` or `JSON_LINES`.
        unknown: names of columns that mean nothing to us.
    """

    rows: tuple[Row, ...]
    layout: str
    unknown: tuple[str, ...]


def read_rows(path: Path) -> Table:
    """Reads a list, in UTF-8: JSON lines (or one JSON array) if it begins with a bracket, else CSV.

    The columns of CSV are parted by comma, semicolon or tab. Names of columns in any case.

    Raises:
        DataError: it cannot be read; a line is no JSON object or does not fit the header; no
            column names the images.
    """
    text = _text(path)
    is_json = text.lstrip()[:1] in ("{", "[")
    raw = list(_json_rows(path, text) if is_json else _csv_rows(path, text))
    if not raw:
        raise DataError(f"{printable(path)} lists no images.")
    names = dict.fromkeys(name for _, values in raw for name in values)
    _check_columns(path, names)
    rows = tuple(Row(line, _known_values(values)) for line, values in raw)
    unknown = tuple(name for name in names if name and _column(name) not in _KNOWN)
    return Table(rows, JSON_LINES if is_json else CSV, unknown)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_LIST:
            raise DataError(f"{printable(path)} is larger than 1 GB, which is no list of images.")
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{printable(path)} cannot be read: {error.strerror or error}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{printable(path)} is no list in UTF-8. Save it as CSV in UTF-8 or as JSON lines; "
            "for a single image, give the folder that it lies in."
        ) from error


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        if reader.fieldnames:
            _check_columns(path, reader.fieldnames)
        for values in reader:
            if None in values:
                raise DataError(
                    f"{printable(path)}, line {reader.line_num}: there are more fields than the "
                    "header has columns; put fields that hold a separator in quotes."
                )
            yield reader.line_num, {name: value or "" for name, value in values.items()}
    except csv.Error as error:
        # The number is that of the last row that was whole.
        raise DataError(
            f"{printable(path)}, line {reader.line_num + 1}: no valid CSV ({error})."
        ) from error


def _check_columns(path: Path, names: Iterable[str]) -> None:
    if not any(_column(name) in COLUMNS["image"] for name in names):
        raise DataError(
            f"{printable(path)} has the columns {listed(names)}, none of which names the images; "
            f"call it {' or '.join(COLUMNS['image'][:3])}."
        )


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    if text.lstrip().startswith("["):
        for number, values in enumerate(_parsed(path, "", text), start=1):
            yield number, _object(path, f", entry {number}", values)
        return
    # Not splitlines: it also parts at characters that JSON allows inside a string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            place = f", line {number}"
            yield number, _object(path, place, _parsed(path, place, line))


def _parsed(path: Path, place: str, text: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "nested too deeply"
        raise DataError(
            f"{printable(path)}{place}: no valid JSON ({reason}); there must be one JSON object "
            "per line."
        ) from error


def _object(path: Path, place: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataError(
            f"{printable(path)}{place}: there must be a JSON object such as "
            '{"filename": "cap/001.png", "label": 0}.'
        )
    return value


def _column(name: str) -> str:
    return folded(name).replace(" ", "_")


def _known_values(values: Mapping[str, Any]) -> dict[str, Any]:
    by_name = {_column(name): value for name, value in values.items()}
    found: dict[str, Any] = {}
    for column, names in COLUMNS.items():
        for name in names:
            value = by_name.get(name)
            if value is not None and folded(str(value)) not in _NOTHING:
                found[column] = value
                break
    return found
