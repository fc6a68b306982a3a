"""The Python text of `schemas/events/`: one frozen dataclass per event type, made from its Avro schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.catalogue import EventType

Contracts = Iterable[tuple[EventType, Mapping[str, Any]]]
"""Event types, each with its Avro schema."""

_PRIMITIVES = {"string": "str", "int": "int", "long": "int", "boolean": "bool", "bytes": "bytes"}
_GENERATED = "Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead."
_PARTS = "parts"
_SHARED = "linkage"
"""Namespace of the named types that many events use; they are one module, imported by the others."""


def event_modules(contracts: Contracts) -> dict[str, str]:
    """Module text by module name: one module per conversation, `parts`, and `__init__` with the closed union."""
    parts = _Module(_PARTS)
    modules: dict[str, _Module] = {}
    for event_type, schema in contracts:
        module = modules.setdefault(event_type.conversation, _Module(event_type.conversation, parts))
        module.add_event(event_type, schema)
    names = {name: module.events for name, module in modules.items()}
    return {"__init__": _union(names), _PARTS: parts.text()} | {n: m.text() for n, m in modules.items()}


@dataclass
class _Module:
    """The classes of one module, in the order in which they can be defined."""

    name: str
    parts: _Module | None = None
    events: list[str] = field(default_factory=list)
    _classes: dict[str, str] = field(default_factory=dict)
    _imported: set[str] = field(default_factory=set)

    def add_event(self, event_type: EventType, schema: Mapping[str, Any]) -> None:
        """Adds the dataclass of an event, and of the named types that it is the first to use."""
        self.events.append(schema["name"])
        head = [f'    TYPE: ClassVar[str] = "{event_type.name}"', ""]
        tail = ["", "    def to_avro(self) -> dict[str, Any]:"]
        tail += ['        """The payload by Avro field name."""', "        return asdict(self)"]
        self._add_record(schema, head, tail)

    def define(self, schema: Mapping[str, Any]) -> None:
        """Adds the class of a named type, once."""
        if schema["name"] in self._classes:
            return
        if schema["type"] == "enum":
            self._add_enum(schema)
        else:
            self._add_record(schema)

    def text(self) -> str:
        """The module's source."""
        about = f"the conversation `{self.name}`" if self.parts else "the types that many events share"
        classes = "\n\n\n".join(self._classes.values())
        return f'"""Events: {about}.\n\n{_GENERATED}\n"""\n\n{self._imports(classes)}\n\n{classes}\n'

    def _imports(self, classes: str) -> str:
        dataclasses = "asdict, dataclass" if self.events else "dataclass"
        lines = ["from __future__ import annotations", "", f"from dataclasses import {dataclasses}"]
        if "(StrEnum)" in classes:
            lines.append("from enum import StrEnum")
        if self.events:
            lines.append("from typing import Any, ClassVar")
        if self._imported:
            lines += ["", f"from schemas.events.{_PARTS} import {', '.join(sorted(self._imported))}"]
        return "\n".join(lines) + "\n"

    def _add_record(
        self, schema: Mapping[str, Any], head: Iterable[str] = (), tail: Iterable[str] = ()
    ) -> None:
        fields = [line for one in schema["fields"] for line in self._field(one)]
        lines = ["@dataclass(frozen=True, slots=True, kw_only=True)", f"class {schema['name']}:"]
        lines += [f'    """{schema["doc"]}."""', "", *head, *fields, *tail]
        self._classes[schema["name"]] = "\n".join(lines)

    def _add_enum(self, schema: Mapping[str, Any]) -> None:
        members = [f'    {symbol.upper()} = "{symbol}"' for symbol in schema["symbols"]]
        lines = [f"class {schema['name']}(StrEnum):", f'    """{schema["doc"]}."""', "", *members]
        self._classes[schema["name"]] = "\n".join(lines)

    def _field(self, one: Mapping[str, Any]) -> list[str]:
        hint = self._hint(one["type"])
        default = f" = {_default(hint, one['default'])}" if "default" in one else ""
        unit = " (milliseconds since 1970, UTC)" if "timestamp-millis" in str(one["type"]) else ""
        return [f"    {one['name']}: {hint}{default}", f'    """{one["doc"]}{unit}."""']

    def _hint(self, kind: Any) -> str:
        if isinstance(kind, list):
            return f"{self._hint(kind[1])} | None"
        if isinstance(kind, str):
            return _PRIMITIVES.get(kind) or kind.rpartition(".")[2]
        if kind["type"] == "array":
            return f"tuple[{self._hint(kind['items'])}, ...]"
        if kind["type"] in ("record", "enum"):
            return self._named(kind)
        return self._hint(kind["type"])

    def _named(self, schema: Mapping[str, Any]) -> str:
        home = self
        if schema.get("namespace") == _SHARED and self.parts is not None:
            home = self.parts
            self._imported.add(schema["name"])
        home.define(schema)
        return str(schema["name"])


def _default(hint: str, default: Any) -> str:
    if isinstance(default, list):
        return "()"
    if isinstance(default, str) and hint != "str":
        return f"{hint}.{default.upper()}"
    return repr(default)


def _union(names: Mapping[str, list[str]]) -> str:
    lines = [f'"""Everything that may be said, as one closed union.\n\n{_GENERATED}\n"""', ""]
    lines += ["from typing import get_args", ""]
    for module in sorted(names):
        lines += [f"from schemas.events.{module} import ("]
        lines += [f"    {name}," for name in sorted(names[module], key=str.lower)] + [")"]
    events = [name for module in names.values() for name in module]
    lines += ["", f"Event = (\n    {chr(10).join([events[0], *(f'    | {name}' for name in events[1:])])}\n)"]
    lines += ["", "EVENTS: tuple[type[Event], ...] = get_args(Event)", "", "__all__ = ["]
    lines += [f'    "{name}",' for name in sorted([*events, "EVENTS", "Event"])] + ["]", ""]
    return "\n".join(lines)
