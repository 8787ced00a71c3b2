"""Which inspections go out: page after page, and the filter as values and in words."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, Final

from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, cursor, fetch, matching_ids, page
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import Label
from uniad_desktop.reports.errors import ReportError

PAGE: Final = 2000


def pinned(wanted: RecordFilter) -> RecordFilter:
    """The filter without what comes in from now on, so that an export ends and its counts agree."""
    now = time.time()
    return wanted if wanted.until is not None and wanted.until < now else replace(wanted, until=now)


def pages(records: Records, wanted: RecordFilter, size: int = PAGE) -> Iterator[list[Record]]:
    """Inspections, oldest first, a bounded number at a time. Raises RecordsError."""
    if wanted.ids is not None:
        ids = matching_ids(records, wanted, Order.OLDEST, most=len(wanted.ids))
        for begin in range(0, len(ids), size):
            yield fetch(records, ids[begin : begin + size])
        return
    after = None
    while found := page(records, wanted, Order.OLDEST, after=after, size=size):
        yield found
        after = cursor(found[-1], Order.OLDEST)


def filter_values(wanted: RecordFilter) -> dict[str, Any]:
    """A filter as plain values for JSON; only what is set. `filter_from` reads it back."""
    nothing = asdict(RecordFilter())
    values: dict[str, Any] = {}
    for name, value in asdict(wanted).items():
        if value != nothing[name]:
            values[name] = value
    if wanted.labels:
        values["labels"] = [one.name.lower() for one in wanted.labels]
    return values


def filter_from(values: Mapping[str, Any]) -> RecordFilter:
    """Reads what `filter_values` made.

    Raises:
        ReportError: it is no filter.
    """
    known = {field.name for field in fields(RecordFilter)}
    try:
        if set(values) - known:
            raise ValueError(f"unknown: {', '.join(sorted(set(values) - known))}")
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        if "verdicts" in given:
            given["verdicts"] = tuple(Verdict(one) for one in given["verdicts"])
        if "labels" in given:
            given["labels"] = tuple(Label[one.upper()] for one in given["labels"])
        if "models" in given:
            given["models"] = tuple(ModelIdentity(**one) for one in given["models"])
        if given.get("ids") is not None:
            given["ids"] = tuple(int(one) for one in given["ids"])
        return RecordFilter(**given)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReportError(f"The selection cannot be understood ({error}).") from error


def filter_words(wanted: RecordFilter) -> str:
    """A filter in English, for files; every field that is set is told."""
    parts = [_words(name, value) for name, value in filter_values(wanted).items()]
    return "; ".join(parts) if parts else "everything"


def _words(name: str, value: Any) -> str:  # noqa: ANN401 - values of any field
    if name in ("since", "until"):
        return f"{name} {datetime.fromtimestamp(value).astimezone().isoformat(' ', 'seconds')}"
    if name == "ids":
        return f"{len(value)} chosen one by one"
    if name == "models":
        return "models " + ", ".join(f"{one['name']} {one['version']}" for one in value)
    if name == "simulated":
        return "only simulated" if value else "none simulated"
    if isinstance(value, list | tuple):
        return f"{name} {', '.join(str(one) for one in value)}"
    text = name.replace("_", " ")
    return (
        text
        if value is True
        else f"{text} {value:g}"
        if isinstance(value, float)
        else (f"{text} {value}")
    )
