"""Payloads of any event type, made up by Hypothesis from its schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from schemas.catalogue import BY_NAME
from schemas.generate import read_schemas
from schemas.payload import EARLIEST_MS, LATEST_MS

_SCHEMAS = read_schemas()


@cache
def payloads_of(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Payloads of an event type, of every shape that its schema allows."""
    return _record(_SCHEMAS[BY_NAME[name].schema_id])


def _record(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    needed: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in schema["fields"]:
        (optional if "default" in field else needed)[field["name"]] = _values(field["type"], field)
    return st.fixed_dictionaries(needed, optional=optional)


def _values(kind: Any, field: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if isinstance(kind, list):
        return st.none() | _values(kind[1], field)
    if isinstance(kind, str):
        return _PRIMITIVES[kind](field)
    if "logicalType" in kind:
        return st.integers(EARLIEST_MS, LATEST_MS)
    if kind["type"] == "enum":
        return st.sampled_from(kind["symbols"])
    if kind["type"] == "array":
        return st.lists(_values(kind["items"], field), max_size=3)
    return _record(kind)


_TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_PRIMITIVES: dict[str, Callable[[Mapping[str, Any]], st.SearchStrategy[Any]]] = {
    "string": lambda field: st.text(_TEXT, max_size=min(field.get("maxLength", 30), 30)),
    "int": lambda field: st.integers(field.get("minimum", -(2**31)), field.get("maximum", 2**31 - 1)),
    "long": lambda field: st.integers(field["minimum"], field["maximum"]),
    "boolean": lambda _: st.booleans(),
    "bytes": lambda _: st.binary(max_size=50),
}
