"""What may change in a contract: a released schema hardly at all, a new version only so that it reads the old ones.

`released.json` keeps what every schema id has promised. In place only documentation may change, bounds may widen
and sensitivity may rise: the bytes in the log are read with the very schema that wrote them. Everything else is a
new version, which must be able to read every earlier one (BACKWARD_TRANSITIVE).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import make_avsc_object

from schemas.catalogue import EventType, Sensitivity

Schemas = Mapping[int, Mapping[str, Any]]
"""Avro schema (as JSON) by schema id."""

_LEVELS = list(Sensitivity)
_NARROWER = {"minimum": max, "maximum": min, "maxLength": min}


WORDING: Mapping[str, str] = MappingProxyType(
    {
        "withdrawn": "is released, but no longer in the catalogue",
        "gone": "is gone, but the log holds records with it",
        "added": "is new: add it in a new version, since records in the log do not have it",
        "reordered": "its fields stand in another order",
        "without-default": "is new and has no default, so that earlier records cannot be read",
        "default-dropped": "has no default any more, so that senders who leave it out are refused",
        "renamed": "the record was named {was}, now {now}",
        "retyped": "its type was {was}, now {now}{detail}",
        "narrowed": "its {detail} was {was}, now {now}: what was admitted would be refused",
        "bounded": "its {detail} was open, now {now}: what was admitted would be refused",
        "exposed": "its sensitivity was {was}, now {now}: it would show what was held back",
    }
)
"""What may have happened, in English: whoever shows it in other words has a phrase for each code."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a field or record: a code of WORDING, what stood there before, and what stands now.

    `detail` is the bound's name, or what Avro says of two types.
    """

    code: str
    was: str = ""
    now: str = ""
    detail: str = ""

    def __str__(self) -> str:
        return WORDING[self.code].format(was=self.was, now=self.now, detail=self.detail)


@dataclass(frozen=True, slots=True)
class Break:
    """One breaking change: in which schema, at which field (empty: the record itself), and what it is."""

    schema: str
    field: str
    change: Change

    def __str__(self) -> str:
        return f"{self.schema}: {f'field {self.field}: ' if self.field else ''}{self.change}"


def released_text(types: Iterable[EventType], schemas: Schemas, before: Schemas) -> str:
    """`released.json` with the promises of `before`, which never change, and those of ids new in `types`."""
    promises = {row.schema_id: promise(schemas[row.schema_id]) for row in types} | dict(before)
    lines = (f'"{key}": {json.dumps(promises[key], ensure_ascii=False)}' for key in sorted(promises))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_released(text: str) -> Schemas:
    """The promises in the text of `released.json`, by schema id."""
    return {int(key): value for key, value in json.loads(text).items()}


def promise(schema: Any) -> Any:
    """The part of a schema that its users rely on: everything but the documentation."""
    if isinstance(schema, list):
        return [promise(one) for one in schema]
    if isinstance(schema, dict):
        return {key: promise(value) for key, value in schema.items() if key != "doc"}
    return schema


def breaks(types: Iterable[EventType], schemas: Schemas, released: Schemas) -> list[Break]:
    """Every breaking change in the catalogue, against what was released and between versions of a type."""
    rows = sorted(types, key=lambda row: (row.name, row.version))
    found = [
        Break(f"schema id {key}", "", Change("withdrawn"))
        for key in sorted(released.keys() - {row.schema_id for row in rows})
    ]
    for row in rows:
        if row.schema_id in released:
            found += _against(row, altered(released[row.schema_id], schemas[row.schema_id]))
    for old, new in combinations(rows, 2):
        if old.name == new.name:
            found += _against(
                new, unreadable(schemas[new.schema_id], schemas[old.schema_id]), f" reading v{old.version}"
            )
    return found


def _against(row: EventType, changes: Iterable[tuple[str, Change]], how: str = "") -> list[Break]:
    return [Break(f"{row.name} v{row.version}{how}", field, change) for field, change in changes]


def altered(released: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Change]]:
    """(field, change) for each breaking edit of a released schema in place."""
    yield from _renamed(released, now)
    before, after = fields_of(released), fields_of(now)
    for path, old in before.items():
        if path not in after:
            yield path, Change("gone")
        else:
            yield from ((path, change) for change in _edits(old, after[path]))
    for path in after:
        if path not in before:
            yield path, Change("added")
    if before.keys() == after.keys() and list(before) != list(after):
        yield "", Change("reordered")


def unreadable(reader: Mapping[str, Any], writer: Mapping[str, Any]) -> Iterator[tuple[str, Change]]:
    """(field, change) for each reason why data written by `writer` cannot be used by `reader`."""
    yield from _renamed(writer, reader)
    before = fields_of(writer)
    for path, field in fields_of(reader).items():
        old = _counterpart(path, field, before)
        if old is not None:
            yield from ((path, change) for change in _misread(old, field))
        elif "default" not in field and _parent(path) in (*before, ""):
            yield path, Change("without-default")


def fields_of(schema: Mapping[str, Any], path: str = "") -> dict[str, Mapping[str, Any]]:
    """Every field at every depth, by its path: `parties` and `parties[].name`."""
    found: dict[str, Mapping[str, Any]] = {}
    for field in schema["fields"]:
        here = f"{path}{field['name']}"
        found[here] = field
        inner, suffix = _inside(field["type"])
        if isinstance(inner, Mapping) and inner["type"] == "record":
            found |= fields_of(inner, f"{here}{suffix}.")
    return found


def _inside(kind: Any) -> tuple[Any, str]:
    """The type within unions with null and arrays, and `[]` for each array."""
    if isinstance(kind, list):
        return _inside(next(one for one in kind if one != "null"))
    if isinstance(kind, Mapping) and kind["type"] == "array":
        inner, suffix = _inside(kind["items"])
        return inner, f"[]{suffix}"
    return kind, ""


def _edits(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if shape(old["type"]) != shape(new["type"]):
        yield Change("retyped", shape(old["type"]), shape(new["type"]))
    if "default" in old and "default" not in new:
        yield Change("default-dropped")
    yield from _narrowed(old, new)


def _misread(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    then, now = _outline(old["type"]), _outline(new["type"])
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # avro annotates half of it
    result = checker.get_compatibility(make_avsc_object(now), make_avsc_object(then))
    if result.compatibility is SchemaCompatibilityType.incompatible:
        yield Change("retyped", shape(then), shape(now), f" ({'; '.join(sorted(result.messages))})")
    elif _blind_spots(then) != _blind_spots(now):
        yield Change("retyped", shape(then), shape(now))
    yield from _narrowed(old, new)


def _narrowed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for bound, narrower in _NARROWER.items():
        if bound in new and (bound not in old or narrower(old[bound], new[bound]) != old[bound]):
            code = "narrowed" if bound in old else "bounded"
            yield Change(code, str(old.get(bound, "")), str(new[bound]), bound)
    then, now = (_LEVELS.index(Sensitivity(field["sensitivity"])) for field in (old, new))
    if now < then:
        yield Change("exposed", _LEVELS[then], _LEVELS[now])


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Change]]:
    if _name(old) != _name(new):  # avro.compatibility compares names without their namespace
        yield "", Change("renamed", _name(old), _name(new))


def _counterpart(
    path: str, field: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    stem = path.removesuffix(field["name"])
    names = (field["name"], *field.get("aliases", []))
    return next((before[stem + name] for name in names if stem + name in before), None)


def _parent(path: str) -> str:
    return path.rpartition(".")[0].replace("[]", "")


def _outline(kind: Any) -> Any:
    """The type without the fields of records in it: those are compared one by one."""
    if isinstance(kind, list):
        return [_outline(one) for one in kind]
    if isinstance(kind, Mapping):
        return {
            key: [] if key == "fields" else _outline(value) if key in ("type", "items") else value
            for key, value in kind.items()
        }
    return kind


def _blind_spots(kind: Any) -> list[Any]:
    """What avro.compatibility does not look at: namespaces, logical types, and a decimal's precision and scale."""
    if isinstance(kind, list):
        return [spot for one in kind for spot in _blind_spots(one)]
    if isinstance(kind, Mapping):
        spots = [kind.get(key) for key in ("namespace", "logicalType", "precision", "scale")]
        return [spot for spot in spots if spot is not None] + _blind_spots(kind.get("items", []))
    return []


def _name(schema: Mapping[str, Any]) -> str:
    return f"{schema['namespace']}.{schema['name']}" if "namespace" in schema else str(schema["name"])


def shape(kind: Any) -> str:
    """The type in words, with all that decides how it is written."""
    if isinstance(kind, list):
        return " or ".join(shape(one) for one in kind)
    if not isinstance(kind, Mapping):
        return str(kind)
    match kind["type"]:
        case "record":
            return _name(kind)
        case "enum":
            return f"{_name(kind)} ({', '.join(kind['symbols'])})"
        case "array":
            return f"array of {shape(kind['items'])}"
    details = [str(kind[key]) for key in ("logicalType", "precision", "scale", "size") if key in kind]
    return f"{shape(kind['type'])} ({', '.join(details)})" if details else shape(kind["type"])
