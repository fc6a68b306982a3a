"""A record that was not applied, held against its contract: which field, what was expected, what was found. Pure.

Content is masked by the sensitivity of its field; what stands in no contract is shown by name and size only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from struct import Struct
from typing import Any

from fastavro import parse_schema, schemaless_reader

from consumers.views.contents import masked, masked_text, without_values
from consumers.views.fields import contract_of
from schemas import codec
from schemas.catalogue import BY_NAME, BY_SCHEMA_ID, EventType, Sensitivity
from schemas.envelope import EnvelopeError, read_headers
from schemas.payload import UnfitError, conformer
from schemas.sealed.ingress import is_sealed, sealed_to

_FRAME = Struct(">BI")
_BY_NAME = {"ce_operator": Sensitivity.PERSONAL}
"""Envelope headers that may name a person; the others tell of units, events and cases."""


@dataclass(frozen=True, slots=True)
class Line:
    """One header or field. `problem` is empty where there is none; `found` is masked."""

    name: str
    about: str
    expected: str
    found: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole record beside its contract. `contract` names it; empty: none could be told."""

    contract: str
    problems: list[str]
    envelope: list[Line]
    fields: list[Line]


def compare(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> Comparison:
    """Hold a record against the contract that its frame or its `ce_type` names. Never raises for any bytes."""
    problems = []
    try:
        read_headers(headers)
    except (EnvelopeError, OverflowError) as error:
        problems.append(str(error))
    event_type = _type_of(value, headers)
    if value is None:
        problems.append("没有内容 — the record has no value")
    else:
        problems += _payload_problems(value, event_type, headers)
    return Comparison(
        contract="" if event_type is None else f"{event_type.name} v{event_type.version}",
        problems=problems,
        envelope=[_header(name, raw) for name, raw in headers],
        fields=[] if event_type is None else _fields(event_type, value or b""),
    )


def _type_of(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> EventType | None:
    if value is not None and len(value) >= _FRAME.size:
        magic, schema_id = _FRAME.unpack_from(value)
        if magic == 0 and schema_id in BY_SCHEMA_ID:
            return BY_SCHEMA_ID[schema_id]
    told = next((raw for name, raw in headers if name == "ce_type" and raw), b"")
    return BY_NAME.get(told.decode(errors="replace"))


def _payload_problems(
    value: bytes, event_type: EventType | None, headers: Sequence[tuple[str, bytes | None]]
) -> list[str]:
    told = next((raw for name, raw in headers if name == "ce_type" and raw), b"").decode(errors="replace")
    problems = []
    if told not in BY_NAME:
        problems.append(f"ce_type {told[:80]!r}不在目录中 — is no event type: see docs/catalogue.md")
    elif event_type is not None and event_type.name != told:
        problems.append(f"ce_type为{told}，内容却是{event_type.name} — the value is a {event_type.name}")
    if is_sealed(value):
        name = sealed_to(value) or "—"
        return [*problems, f"以接收密钥 {name} 加密，尚未打开 — sealed to ingress key {name}, and not opened"]
    try:
        codec.check(value, codec.decode(value))
    except codec.Undecodable as error:
        problems.append(without_values(error.reason))
    return problems


def _header(name: str, raw: bytes | None) -> Line:
    known = name.startswith("ce_") or name in {"content-type", "traceparent"}
    if raw is None:
        return Line(name, "", "", "", "空值 — null")
    if not known:
        return Line(name, "", "", f"〔{len(raw)} bytes〕")
    text = raw.decode(errors="replace")
    return Line(name, "", "", masked_text(text, _BY_NAME.get(name, Sensitivity.INTERNAL)))


def _fields(event_type: EventType, value: bytes) -> list[Line]:
    schema = contract_of(event_type)
    read, broken = _read_as_far_as_possible(schema, value)
    at, problem = _first_misfit(schema, read)
    lines = []
    for number, field in enumerate(schema["fields"]):
        name = field["name"]
        found = masked(read[name], field) if name in read else "—"
        wrong = problem if name == at else ""
        if number == len(read) and broken:
            wrong = f"读到此处中断 — cannot be read from here on: {broken}"
        lines.append(Line(name, field["doc"], _expected(field), found, wrong))
    return lines


def _read_as_far_as_possible(schema: Mapping[str, Any], value: bytes) -> tuple[dict[str, Any], str]:
    """The fields up to the first that cannot be read, and why not; empty: all could."""
    read: dict[str, Any] = {}
    for upto in range(1, len(schema["fields"]) + 1):
        some = parse_schema(codec.plain({**schema, "fields": schema["fields"][:upto]}))
        body = BytesIO(value)
        body.seek(_FRAME.size)
        try:
            read = dict(schemaless_reader(body, some, None))  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001  (fastavro raises what its parts raise; any means "no field")
            return read, type(error).__name__
    return read, ""


def _first_misfit(schema: Mapping[str, Any], read: Mapping[str, Any]) -> tuple[str, str]:
    """The first field whose value the contract does not admit, and what it expects there."""
    known = [field for field in schema["fields"] if field["name"] in read]
    try:
        conformer({**schema, "fields": known})(read)
    except UnfitError as error:
        name = error.path.replace("[", ".").partition(".")[0]
        return name, f"{error.path}: {without_values(error.problem)}"
    return "", ""


def _expected(field: Mapping[str, Any]) -> str:
    bounds = [
        f"{word} {field[key]}"
        for key, word in (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "≤ characters:"))
        if key in field
    ]
    optional = ["optional"] if "default" in field else []
    return ", ".join([_type_name(field["type"]), *bounds, *optional])


def _type_name(type_: Any) -> str:
    if isinstance(type_, list):
        return _type_name(type_[-1])
    if isinstance(type_, str):
        return type_.rpartition(".")[2]
    match type_["type"]:
        case "array":
            return f"list of {_type_name(type_['items'])}"
        case "enum":
            return "one of " + ", ".join(type_["symbols"])
        case "record":
            return str(type_["name"])
    return str(type_.get("logicalType") or _type_name(type_["type"]))
