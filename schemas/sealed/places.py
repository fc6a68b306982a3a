"""Which places of each contract are sealed: read from sensitivity and type in the Avro schema, like the views."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from schemas.catalogue import AVRO, BY_NAME, Sensitivity

_OPEN = frozenset({Sensitivity.PUBLIC, Sensitivity.INTERNAL})
NAMES = frozenset({"party", "parties.name"})
"""Names of parties: sealed alike in all events of a case, since rules ask whether two are the same."""


class Form(StrEnum):
    """What stands in a place."""

    TEXT = "text"
    TEXTS = "texts"
    RECORDS = "records"
    EVENT = "event"  # another event, as its record's value: sealed itself


@dataclass(frozen=True, slots=True)
class Place:
    """A field whose content is sealed. `path` is its name with those above it; `inner` are the fields of records."""

    name: str
    path: str
    form: Form
    inner: tuple[Place, ...] = ()


@cache
def places(type_name: str) -> tuple[Place, ...]:
    """The sealed places of the latest version of an event type, in the order of its fields.

    What a word of a fixed list says (an enum) stays readable: rules decide by it, and it names nobody.
    """
    event_type = BY_NAME[type_name]
    schema: Mapping[str, Any] = json.loads((AVRO / event_type.avsc).read_text(encoding="utf-8"))
    return _places(schema["fields"], "")


def _places(fields: list[Mapping[str, Any]], above: str) -> tuple[Place, ...]:
    found = (
        _place(field["name"], above + field["name"], field["type"])
        for field in fields
        if field["sensitivity"] not in _OPEN
    )
    return tuple(place for place in found if place is not None)


def _place(name: str, path: str, type_: Any) -> Place | None:
    match type_:
        case "string" | ["null", "string"]:
            return Place(name, path, Form.TEXT)
        case "bytes":
            return Place(name, path, Form.EVENT)
        case {"type": "array", "items": "string"}:
            return Place(name, path, Form.TEXTS)
        case {"type": "array", "items": {"type": "record", "fields": fields}}:
            return Place(name, path, Form.RECORDS, _places(fields, f"{path}."))
        case {"type": "enum"}:
            return None
    raise ValueError(f"{path} is personal or restricted and of a type that cannot be sealed: {type_!r}")
