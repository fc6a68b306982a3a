"""What a payload must look like: data checked against its Avro schema, with an error that names the field.

The schemas of this project use a small part of Avro: records, arrays, enums, unions of null and one other
type, strings, bytes, booleans, ints and longs. Besides Avro's own attributes a field may bound its values by
`minimum` and `maximum` (numbers) and `maxLength` (characters), because a number that no calendar can hold or
a letter number of a megabyte would do its harm far from here.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from reprlib import repr as brief
from typing import Any

from schemas.sealed.tokens import is_token

Conform = Callable[[Any], Any]
"""value → the value as it goes into Avro; raises UnfitError."""

MAX_ITEMS = 10_000
"""Most items that any array of a payload may have."""

# Milliseconds since 1970, UTC: from the founding of the organs that speak here to what any calendar can hold.
EARLIEST_MS = -639_129_600_000  # 1949-10-01
LATEST_MS = 7_258_118_400_000  # 2200-01-01

_SEALABLE = ("personal", "restricted")
_TOKEN_MARGIN = 200  # frame, label, nonce, tag and padding; besides, 4 bytes of UTF-8 take 5.4 characters

_RANGES = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}


class UnfitError(ValueError):
    """Data that does not fit its schema: the message names the field and what is expected there."""

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(f"{path or 'data'}: {problem}")
        self.problem = problem
        self.path = path

    def inside(self, place: str) -> UnfitError:
        """The same problem, seen from the value that holds it: `place` is `name` or `[index]`."""
        joint = "." if self.path and not self.path.startswith("[") else ""
        return UnfitError(self.problem, f"{place}{joint}{self.path}")


def conformer(schema: Mapping[str, Any], *, from_json: bool = False) -> Conform:
    """A function that checks data against a record `schema` and fills in defaults.

    It returns new data and leaves what it was given alone. With `from_json`, bytes are given as base64.
    Raises ValueError at once for a schema outside the part of Avro that is used here.
    """
    return _record(schema, _Names(from_json))


class _Names:
    """The named types met so far, and how bytes are given."""

    def __init__(self, from_json: bool) -> None:
        self.from_json = from_json
        self.known: dict[str, Conform] = {}


def _compile(schema: Any, bounds: Mapping[str, Any], names: _Names) -> Conform:
    if isinstance(schema, list):
        return _nullable(schema, bounds, names)
    if isinstance(schema, str):
        return names.known.get(schema) or _primitive(schema, bounds, names)
    kind = schema["type"]
    if kind in _NAMED:
        return _NAMED[kind](schema, names)
    if kind == "array":
        return _array(_compile(schema["items"], bounds, names))
    if schema.get("logicalType") == "timestamp-millis":
        return _number("long", {"minimum": EARLIEST_MS, "maximum": LATEST_MS} | dict(bounds))
    return _compile(kind, bounds, names)


def _primitive(name: str, bounds: Mapping[str, Any], names: _Names) -> Conform:
    match name:
        case "string":
            return _string(bounds.get("maxLength"), sealable=bounds.get("sensitivity") in _SEALABLE)
        case "int" | "long":
            return _number(name, bounds)
        case "boolean":
            return _boolean
        case "bytes":
            return _base64 if names.from_json else _bytes
    raise ValueError(f"the schemas of this project do not use the Avro type {name!r}")


def _record(schema: Mapping[str, Any], names: _Names) -> Conform:
    fields = [
        (field["name"], _compile(field["type"], field, names), "default" in field, field.get("default"))
        for field in schema["fields"]
    ]
    known = frozenset(name for name, *_ in fields)

    def conform(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _unfit(f"an object with the fields {', '.join(sorted(known))}", value)
        if not value.keys() <= known:
            unknown = min(str(key)[:80] for key in value.keys() - known)
            raise UnfitError(f"no such field; {schema['name']} has {', '.join(sorted(known))}", unknown)
        data = {}
        for name, check, optional, default in fields:
            if name in value:
                try:
                    data[name] = check(value[name])
                except UnfitError as error:
                    raise error.inside(name) from None
            elif optional:
                data[name] = list(default) if isinstance(default, list) else default
            else:
                raise UnfitError("is missing and has no default", name)
        return data

    names.known[_full_name(schema)] = conform
    return conform


def _enum(schema: Mapping[str, Any], names: _Names) -> Conform:
    symbols = frozenset(schema["symbols"])

    def conform(value: Any) -> Any:
        if not isinstance(value, str) or value not in symbols:
            raise _unfit("one of " + ", ".join(schema["symbols"]), value)
        return value

    names.known[_full_name(schema)] = conform
    return conform


def _array(item: Conform) -> Conform:
    def conform(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _unfit("a list", value)
        if len(value) > MAX_ITEMS:
            raise UnfitError(f"has {len(value)} items, at most {MAX_ITEMS} are admitted")
        items = []
        for one in value:
            try:
                items.append(item(one))
            except UnfitError as error:
                raise error.inside(f"[{len(items)}]") from None
        return items

    return conform


def _nullable(union: list[Any], bounds: Mapping[str, Any], names: _Names) -> Conform:
    if len(union) != 2 or union[0] != "null":
        raise ValueError(f"the schemas of this project use unions of null and one other type, not {union!r}")
    inner = _compile(union[1], bounds, names)

    def conform(value: Any) -> Any:
        return None if value is None else inner(value)

    return conform


def _string(longest: int | None, *, sealable: bool) -> Conform:
    """`sealable`: a token may stand here, which is longer than the text in it and bounded all the same."""
    longest_token = 0 if longest is None or not sealable else _TOKEN_MARGIN + 6 * longest

    def conform(value: Any) -> Any:
        if not isinstance(value, str):
            raise _unfit("a string", value)
        if (
            longest is not None
            and len(value) > longest
            and not (len(value) <= longest_token and is_token(value))
        ):
            raise UnfitError(f"has {len(value)} characters, at most {longest} are admitted")
        if "\x00" in value:  # PostgreSQL holds no NUL in text: it would stop a whole batch there
            raise UnfitError("holds a NUL character")
        if not value.isascii():
            _check_unicode(value)
        return value

    return conform


def _check_unicode(value: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise UnfitError("holds half of a surrogate pair, which UTF-8 cannot carry") from None


def _number(name: str, bounds: Mapping[str, Any]) -> Conform:
    low, high = _RANGES[name]
    low, high = max(low, bounds.get("minimum", low)), min(high, bounds.get("maximum", high))

    def conform(value: Any) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _unfit("a whole number", value)
        if not low <= value <= high:
            raise UnfitError(f"is out of range: expected {low} to {high}")
        return value

    return conform


def _boolean(value: Any) -> Any:
    if not isinstance(value, bool):
        raise _unfit("true or false", value)
    return value


def _bytes(value: Any) -> Any:
    if not isinstance(value, bytes):
        raise _unfit("bytes", value)
    return value


def _base64(value: Any) -> Any:
    try:
        return b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise _unfit("bytes as base64", value) from None


_NAMED = {"record": _record, "enum": _enum}


def _full_name(schema: Mapping[str, Any]) -> str:
    return f"{schema['namespace']}.{schema['name']}" if "namespace" in schema else str(schema["name"])


def _unfit(expected: str, value: Any) -> UnfitError:
    return UnfitError(f"expected {expected}, got {brief(value)}")
