"""The text of `docs/catalogue.md`: every event in Chinese and English, with its fields, and a glossary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemas.catalogue import SENSITIVITIES, SPEAKERS, EventType
from schemas.compatibility import fields_of, shape
from schemas.fields import FIELDS
from schemas.offences import OFFENCES

_HEAD = """\
<!-- Generated from schemas/ by `linkage schemas generate`: do not edit. -->
# Catalogue of events (事件目录)

Each event is one Avro record in `schemas/avro/`, framed as 0x00, schema id (4 bytes, big-endian), Avro body. The
envelope (who says it, about which case, when it happened) travels in CloudEvents headers, see
[architecture.md](architecture.md). When something happened is always the envelope's `ce_time`, so that no payload
repeats it. Times in payloads are milliseconds since 1970 in UTC, money is in fen (分).

A field without "yes" under *required* may be left out. Numbers and lengths in brackets are bounds.
"""


def catalogue_page(
    contracts: Sequence[tuple[EventType, Mapping[str, Any]]], examples: Mapping[str, Sequence[str]]
) -> str:
    """The page for these types with their schemas; `examples` lists the example files of each type."""
    lines = [_HEAD, *_levels(), *_roles(), *_index(contracts), *_shared(contracts)]
    for conversation in dict.fromkeys(row.conversation for row, _ in contracts):
        lines += [f"## Conversation `{conversation}`", ""]
        for row, schema in contracts:
            if row.conversation == conversation:
                lines += _event(row, schema, examples.get(row.name, ()))
    return "\n".join([*lines, *_glossary(contracts)]) + "\n"


def _table(*heads: str) -> list[str]:
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _levels() -> Iterator[str]:
    yield "## Sensitivity of fields (敏感级别)\n"
    yield from _table("level", "中文", "meaning")
    for level, (zh, en) in SENSITIVITIES.items():
        yield _row(f"`{level}`", zh, en)
    yield ""


def _roles() -> Iterator[str]:
    yield "## Who speaks (角色)\n"
    yield from _table("role", "中文", "English")
    for role, (zh, en) in SPEAKERS.items():
        yield _row(f"`{role}`", zh, en)
    yield ""


def _index(contracts: Sequence[tuple[EventType, Mapping[str, Any]]]) -> Iterator[str]:
    yield "## All events (全部事件)\n"
    yield from _table("id", "event", "中文", "English", "who may say it")
    for row, _ in contracts:
        yield _row(row.schema_id, f"[`{row.name}`](#{_anchor(row)})", row.zh, row.en, _speakers(row))
    yield ""


def _shared(contracts: Sequence[tuple[EventType, Mapping[str, Any]]]) -> Iterator[str]:
    yield "## Shared records (共用结构)\n"
    for name, schema in sorted(_shared_records(contracts).items()):
        yield f"### `{name}` {schema['doc']}\n"
        yield from _fields(schema)
        yield ""


def _shared_records(contracts: Sequence[tuple[EventType, Mapping[str, Any]]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for _, schema in contracts:
        for field in schema["fields"]:
            kind = field["type"]
            if isinstance(kind, Mapping) and isinstance(kind.get("items"), Mapping):
                found.setdefault(kind["items"]["name"], kind["items"])
    return found


def _event(row: EventType, schema: Mapping[str, Any], examples: Sequence[str]) -> Iterator[str]:
    yield f"### {_title(row)}\n"
    yield f"{row.zh} — {row.en}. Said by {_speakers(row)}; schema id {row.schema_id}, version {row.version}.\n"
    yield from _fields(schema)
    if examples:
        yield "\nExamples: " + ", ".join(
            f"[{name}](../schemas/examples/{row.name}.v{row.version}/{name}.json)" for name in examples
        )
    yield ""


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from _table("field", "type", "required", "sensitivity", "中文", "English")
    for path, field in fields_of(schema).items():
        if "." not in path:
            zh, _, en = field["doc"].partition(" — ")
            needed = "" if "default" in field else "yes"
            yield _row(f"`{path}`", _type(field), needed, field["sensitivity"], zh, en)


def _type(field: Mapping[str, Any]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    bounds = f" ({low} to {high})" if low is not None else ""
    longest = f" (≤ {field['maxLength']})" if "maxLength" in field else ""
    return f"{shape(field['type'])}{bounds}{longest}"


def _glossary(contracts: Sequence[tuple[EventType, Mapping[str, Any]]]) -> Iterator[str]:
    yield "## Glossary (术语对照)\n"
    yield from _table("中文", "English", "where")
    terms = [(row.zh, row.en, f"event `{row.name}`") for row, _ in contracts]
    terms += [(zh, en, f"role `{role}`") for role, (zh, en) in SPEAKERS.items()]
    terms += [(one.zh, one.en, f"field `{one.code}`") for one in FIELDS]
    terms += [(one.zh, one.en, "offence") for one in OFFENCES]
    for zh, en, where in sorted(terms, key=lambda term: term[1].lower()):
        yield _row(zh, en, where)


def _speakers(row: EventType) -> str:
    return ", ".join(f"`{role}`" for role in SPEAKERS if role in row.speakers)


def _title(row: EventType) -> str:
    return f"`{row.name}`"


def _anchor(row: EventType) -> str:
    return row.name.replace(".", "")
