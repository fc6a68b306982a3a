"""Which fields of a contract some view may have to hide, read from their `sensitivity` and type in the Avro schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from consumers.views.masks import HIDDEN
from schemas.catalogue import AVRO, BY_NAME, EventType, Sensitivity


class Matter(StrEnum):
    """What stands in a field that is not for everybody."""

    NAME = "name"  # of a party, without anything that tells who it is
    TEXT = "text"  # anything about anybody
    PERSONS = "persons"  # the parties of the case
    EVENT = "event"  # another event, as its record's value
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Hideable:
    """A field of an event that is personal or restricted. `blank` takes its place and is valid under the contract."""

    name: str
    matter: Matter
    blank: Any


@cache
def contract_of(event_type: EventType) -> Mapping[str, Any]:
    """The contract of a type as its Avro schema says it, with the sensitivity of each field."""
    schema: Mapping[str, Any] = json.loads((AVRO / event_type.avsc).read_text(encoding="utf-8"))
    return schema


@cache
def hideable(type_name: str) -> tuple[Hideable, ...]:
    """The fields of the latest version of an event type that a view may have to hide, in their order.

    Raises ValueError for a contract in which something personal could not be hidden.
    """
    return hideable_in(contract_of(BY_NAME[type_name]))


def hideable_in(schema: Mapping[str, Any]) -> tuple[Hideable, ...]:
    """The same for a schema. Pure."""
    found = []
    for field in schema["fields"]:
        if _is_open(field):
            _refuse_inside(field["type"], field["name"])
        else:
            found.append(Hideable(field["name"], _matter(field), _blank(field)))
    return tuple(found)


def _is_open(field: Mapping[str, Any]) -> bool:
    return field["sensitivity"] in (Sensitivity.PUBLIC, Sensitivity.INTERNAL)


def _matter(field: Mapping[str, Any]) -> Matter:
    if field["sensitivity"] == Sensitivity.RESTRICTED:
        return Matter.RESTRICTED
    if field["name"] == "party":
        return Matter.NAME
    if field["type"] == "bytes":
        return Matter.EVENT
    return Matter.PERSONS if field["name"] == "parties" else Matter.TEXT


def _blank(field: Mapping[str, Any]) -> Any:
    match field["type"]:
        case ["null", _]:
            return None
        case "string":
            return HIDDEN
        case "bytes":
            return b""
        case {"type": "array"}:
            return []
        case {"type": "enum", "symbols": symbols}:
            return next((one for one in ("unknown", "other") if one in symbols), None) or _refuse(
                field["name"]
            )
    return _refuse(field["name"])


def _refuse_inside(type_: Any, path: str) -> None:
    """What is open as a whole must be open in all its parts: a view cuts whole fields, and parties."""
    if isinstance(type_, list):
        for one in type_:
            _refuse_inside(one, path)
    elif isinstance(type_, dict) and type_["type"] == "array":
        _refuse_inside(type_["items"], path)
    elif isinstance(type_, dict) and type_["type"] == "record":
        for field in type_["fields"]:
            if not _is_open(field):
                _refuse(f"{path}.{field['name']}")
            _refuse_inside(field["type"], f"{path}.{field['name']}")


def _refuse(path: str) -> str:
    raise ValueError(
        f"{path} is personal or restricted, but no view could hide it: let it be nullable, a text, a list or an "
        "enum with the symbol unknown, and mark the field that holds it as high as what it holds"
    )
