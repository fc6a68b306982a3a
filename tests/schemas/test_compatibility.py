"""A breaking change is found and named: schema, field and what happened, in place and between versions."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer

from schemas.catalogue import EventType
from schemas.compatibility import (
    Break,
    Change,
    altered,
    breaks,
    promise,
    read_released,
    released_text,
    unreadable,
)
from schemas.units import Role

Schema = dict[str, Any]
Edit = Callable[[Schema], Any]

PAID = EventType(1, "visit.paid", "走访", "Visit paid", "visit", frozenset({Role.AGENCY}))
AGAIN = EventType(2, "visit.paid", "走访", "Visit paid", "visit", frozenset({Role.AGENCY}), version=2)


def _field(name: str, kind: Any, **more: Any) -> Schema:
    return {"name": name, "type": kind, "doc": "说明 — About", "sensitivity": "personal"} | more


def _visit() -> Schema:
    guest = {
        "type": "record",
        "name": "Guest",
        "namespace": "linkage",
        "fields": [
            _field("name", "string"),
            _field("kind", {"type": "enum", "name": "Kind", "symbols": ["person", "organ"]}),
        ],
    }
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}
    fields = [
        _field("place", "string", maxLength=100),
        _field("hours", "int", minimum=0, maximum=24),
        _field("note", ["null", "string"], default=None),
        _field("at", {"type": "long", "logicalType": "timestamp-millis"}),
        _field("fee", decimal),
        _field("guests", {"type": "array", "items": guest}, default=[]),
    ]
    return {
        "type": "record",
        "name": "VisitPaid",
        "namespace": "linkage.visit",
        "doc": "走访",
        "fields": fields,
    }


def _edited(edit: Edit) -> Schema:
    schema = copy.deepcopy(_visit())
    edit(schema)
    return schema


def _at(path: str, **changes: Any) -> Edit:
    def edit(schema: Schema) -> None:
        fields = schema["fields"]
        *parents, last = path.split(".")
        for parent in parents:
            fields = next(one for one in fields if one["name"] == parent)["type"]["items"]["fields"]
        next(one for one in fields if one["name"] == last).update(changes)

    return edit


def _kind(*symbols: str) -> Schema:
    return {"type": "enum", "name": "Kind", "symbols": list(symbols)}


def _decimal(scale: int) -> Schema:
    return {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": scale}


def _move_guest(schema: Schema) -> None:
    schema["fields"][5]["type"]["items"]["namespace"] = "elsewhere"


NEW = _field("mood", "string")
NEW_OPTIONAL = _field("mood", ["null", "string"], default=None)


@dataclass(frozen=True)
class Tried:
    """An edit, what is said of it in place, and what of it as a new version (None: it can be read)."""

    edit: Edit
    field: str
    in_place: str
    as_version: str | None


SYMBOL_GONE = "Kind (person, organ), now Kind (person)"
CHANGES = {
    "type": Tried(_at("place", type="int"), "place", "its type was string, now int", "was string, now int"),
    "promotion": Tried(_at("hours", type="long"), "hours", "its type was int, now long", None),
    "not null": Tried(_at("note", type="string"), "note", "was null or string, now string", "now string"),
    "removed": Tried(lambda s: s["fields"].pop(0), "place", "is gone", None),
    "added": Tried(lambda s: s["fields"].append(NEW), "mood", "is new", "has no default"),
    "added optional": Tried(lambda s: s["fields"].append(NEW_OPTIONAL), "mood", "is new", None),
    "renamed": Tried(_at("place", name="site"), "place", "is gone", "has no default"),
    "reordered": Tried(lambda s: s["fields"].reverse(), "", "another order", None),
    "nested": Tried(_at("guests.name", type="int"), "guests[].name", "was string, now int", "now int"),
    "symbol": Tried(_at("guests.kind", type=_kind("person")), "guests[].kind", SYMBOL_GONE, "'organ'"),
    "symbols": Tried(
        _at("guests.kind", type=_kind("person", "organ", "x")), "guests[].kind", "organ, x)", None
    ),
    "namespace": Tried(_move_guest, "guests", "now array of elsewhere.Guest", "array of elsewhere.Guest"),
    "moved": Tried(lambda s: s.update(namespace="x"), "", "now x.VisitPaid", "now x.VisitPaid"),
    "scale": Tried(_at("fee", type=_decimal(3)), "fee", "now bytes (decimal, 10, 3)", "(decimal, 10, 3)"),
    "logical": Tried(_at("at", type="long"), "at", "long (timestamp-millis), now long", "now long"),
    "shorter": Tried(_at("place", maxLength=50), "place", "its maxLength was 100, now 50", "now 50"),
    "maximum": Tried(_at("hours", maximum=12), "hours", "its maximum was 24, now 12", "now 12"),
    "minimum": Tried(_at("hours", minimum=1), "hours", "its minimum was 0, now 1", "now 1"),
    "bounded": Tried(_at("note", maxLength=9), "note", "its maxLength was open, now 9", "now 9"),
    "exposed": Tried(_at("note", sensitivity="public"), "note", "was personal, now public", "now public"),
    "no default": Tried(lambda s: s["fields"][2].pop("default"), "note", "no default any more", None),
}
EACH_CHANGE = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())


@EACH_CHANGE
def test_a_breaking_edit_of_a_released_schema_is_named(change: Tried) -> None:
    found = breaks([PAID], {1: _edited(change.edit)}, {1: promise(_visit())})
    said = [(one.schema, one.field) for one in found if change.in_place in str(one.change)]
    assert said == [("visit.paid v1", change.field)]


@EACH_CHANGE
def test_a_new_version_must_read_the_old_one(change: Tried) -> None:
    found = breaks([PAID, AGAIN], {1: _visit(), 2: _edited(change.edit)}, {1: promise(_visit())})
    said = [str(one) for one in found]
    if change.as_version is None:
        assert said == []
    else:
        assert [one for one in said if change.as_version in one] == said[:1]
        assert said[0].startswith("visit.paid v2 reading v1: ")


@pytest.mark.parametrize("change", [c for c in CHANGES.values() if c.as_version is None])
def test_what_is_called_readable_can_be_read(change: Tried) -> None:
    """fastavro is the judge: it resolves an old record to the new schema."""
    old = {
        "place": "白云",
        "hours": 2,
        "note": None,
        "at": 0,
        "fee": Decimal("1.00"),
        "guests": [{"name": "a", "kind": "organ"}],
    }
    body = io.BytesIO()
    schemaless_writer(body, parse_schema(_visit()), old)
    body.seek(0)
    new = schemaless_reader(body, parse_schema(_visit()), parse_schema(_edited(change.edit)))
    assert isinstance(new, dict)
    assert new["hours"] == 2


@pytest.mark.parametrize(
    "edit",
    [
        lambda schema: schema.update(doc="别的 — Other"),
        _at("place", doc="别的 — Other"),
        _at("place", maxLength=200),
        _at("hours", maximum=48, minimum=-1),
        _at("place", sensitivity="restricted"),
        _at("place", default="白云"),
        lambda schema: schema["fields"][0].pop("maxLength"),
    ],
)
def test_words_wider_bounds_and_more_secrecy_may_change_in_place(edit: Edit) -> None:
    assert breaks([PAID], {1: _edited(edit)}, {1: promise(_visit())}) == []


def test_every_earlier_version_must_be_readable_not_only_the_last() -> None:
    third = EventType(3, "visit.paid", "走访", "Visit paid", "visit", frozenset({Role.AGENCY}), version=3)
    without = _edited(lambda s: s["fields"].pop(0))
    back_as_number = _edited(_at("place", type="int", default=0))
    found = breaks([PAID, AGAIN, third], {1: _visit(), 2: without, 3: back_as_number}, {})
    assert [(one.schema, one.field) for one in found] == [("visit.paid v3 reading v1", "place")]


def test_a_field_renamed_with_an_alias_is_readable() -> None:
    renamed = _edited(_at("place", name="site", aliases=["place"]))
    assert list(unreadable(renamed, _visit())) == []


def test_a_released_id_may_not_vanish() -> None:
    found = breaks([], {}, {1: promise(_visit())})
    assert found == [Break("schema id 1", "", Change("withdrawn"))]


def test_the_record_of_releases_only_grows() -> None:
    first = read_released(released_text([PAID], {1: _visit()}, {}))
    assert list(altered(first[1], _visit())) == []
    changed = _edited(_at("place", type="int"))
    second = read_released(released_text([PAID, AGAIN], {1: changed, 2: _visit()}, first))
    assert second == {1: first[1], 2: promise(_visit())}
    assert "doc" not in json.dumps(second)
