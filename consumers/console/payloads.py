"""What an event says, field by field in words, with what is personal or restricted masked. By the contracts alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from consumers.views.contents import MASK, is_masked
from consumers.views.fields import contract_of
from schemas.catalogue import BY_NAME
from schemas.spans import CHINA

DOCUMENTS = "documents"
"""The field of an event that lists its documents; shown on their own."""


@dataclass(frozen=True, slots=True)
class Line:
    """One field. `zh` and `en` are its name; `level` is how deep it stands; `masked` whether the value is hidden."""

    zh: str
    en: str
    value: str
    level: int
    masked: bool


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    zh: str
    en: str
    masked: bool
    timestamp: bool
    inner: tuple[_Field, ...]


def lines(type_name: str, data: Mapping[str, Any], *, revealed: bool) -> list[Line]:
    """The fields of an event that have a value, in the contract's order, without its documents."""
    return list(_lines(_fields(type_name), data, 0, revealed=revealed))


def _lines(
    fields: tuple[_Field, ...], data: Mapping[str, Any], level: int, *, revealed: bool
) -> Iterator[Line]:
    for field in fields:
        value = data.get(field.name)
        if value in (None, "", [], b"") or (field.name == DOCUMENTS and not level):
            continue
        records = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
        hidden = field.masked and not revealed
        if not records or hidden:
            yield Line(field.zh, field.en, MASK if hidden else _told(value, field), level, hidden)
            continue
        for number, record in enumerate(records, start=1):
            count = f"{number}" if len(records) > 1 else ""
            yield Line(field.zh, field.en, count, level, masked=False)
            yield from _lines(field.inner, record, level + 1, revealed=revealed)


def _told(value: Any, field: _Field) -> str:
    if isinstance(value, list):
        return "、".join(_told(one, field) for one in value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, bytes):
        return f"{len(value)} B"
    if field.timestamp and isinstance(value, int):
        return f"{datetime.fromtimestamp(value / 1000, UTC).astimezone(CHINA):%Y-%m-%d %H:%M}"
    if isinstance(value, int) and field.name.endswith("_fen"):
        return f"{value / 100:,.2f}"
    return str(value)


@cache
def _fields(type_name: str) -> tuple[_Field, ...]:
    row = BY_NAME.get(type_name)
    if row is None:
        return ()
    named: dict[str, Any] = {}
    return tuple(_field(one, named) for one in contract_of(row)["fields"])


def _field(field: Mapping[str, Any], named: dict[str, Any]) -> _Field:
    zh, _, en = field["doc"].partition(" — ")
    record = _record_of(field["type"], named)
    return _Field(
        name=field["name"],
        zh=zh.partition("，")[0].partition("：")[0],
        en=en.partition(",")[0].partition(":")[0],
        masked=is_masked(field),
        timestamp="timestamp" in json.dumps(field["type"]) and record is None,
        inner=() if record is None else tuple(_field(one, named) for one in record["fields"]),
    )


def _record_of(kind: Any, named: dict[str, Any]) -> Mapping[str, Any] | None:
    """The record that a field's type holds, through unions, lists and names given before."""
    if isinstance(kind, list):
        return next((found for one in kind if (found := _record_of(one, named))), None)
    if isinstance(kind, str):
        return named.get(kind) or named.get(kind.rpartition(".")[2])
    if kind.get("type") == "record":
        named[kind["name"]] = kind
        return dict(kind)
    return _record_of(kind["items"], named) if kind.get("type") == "array" else None
