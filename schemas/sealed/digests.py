"""Salted digests of the fields of an event: by them a view shows that it was cut from the event that was said. Pure.

Every field is a leaf, each field of a party a leaf of its own. A leaf is the hash of 0x00, a salt of 16 bytes, the
path, 0x00 and the value as JSON (UTF-8, keys sorted, no spaces, bytes as base64); the root is the hash of 0x01, the
event type, 0x00 and all leaves in their order. Who is shown a value is told its salt, of the others the leaf: a salt
follows from the key of the case, so nobody without it can try out values of what is hidden.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas.catalogue import AVRO, BY_SCHEMA_ID, EventType
from schemas.sealed.keys import SubjectKey
from schemas.sealed.payloads import About
from schemas.sealed.places import Form, places
from schemas.sealed.suites import BY_MARK, Suite

SALT_BYTES = 16


class NotProven(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """A view does not follow from the root that it names: the message says which field, or what else."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a view tells of one field: its `salt` if the value is shown, otherwise its `digest`."""

    path: str
    salt: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class FieldProof:
    """The root as it stands in the header `ce_fieldroot`, and every field of the event in order."""

    root: str
    leaves: Sequence[Leaf]


def field_root(event_type: EventType, data: Mapping[str, Any], about: About, key: SubjectKey) -> str:
    """The root over the fields of an event in the clear, with the mark of its suite and the id of its contract."""
    salts = _Salts(about, key)
    leaves = [leaf for _, _, leaf in _leaves(event_type, data, salts)]
    return _root(key.suite, event_type, leaves)


@dataclass(frozen=True, slots=True)
class Part:
    """What a view shows of a payload; `kept` says which records of a list are still there, by field."""

    shown: Mapping[str, Any]
    kept: Mapping[str, Sequence[int]]


def field_proof(
    root: str, data: Mapping[str, Any], part: Part, about: About, key: SubjectKey
) -> FieldProof | None:
    """The proof that `part` is a cut of `data`, the payload as it was said; `root` is the event's.

    None if the root does not come out: the event, the key or the root is not what it was.
    """
    event_type = _contract(root)
    if event_type is None or not data.keys() >= set(_names(event_type)):
        return None
    salts = _Salts(about, key)
    told = dict(_values(event_type, part.shown, part.kept))
    made, leaves = [], []
    for path, value, leaf in _leaves(event_type, data, salts):
        as_said = path in told and told[path] == value
        made.append(leaf)
        leaves.append(Leaf(path, salt=salts.of(path).hex()) if as_said else Leaf(path, digest=leaf.hex()))
    return FieldProof(root, leaves) if _root(key.suite, event_type, made) == root else None


def names_under(root: str) -> tuple[str, ...]:
    """The fields that a root is over: those of the contract that it names, and none that came later."""
    event_type = _contract(root)
    return () if event_type is None else _names(event_type)


def check_view(type_name: str, shown: Mapping[str, Any], proof: FieldProof) -> tuple[str, ...]:
    """The paths of the fields that `shown` proves to be as they were said; the others are masked or left out.

    Raises NotProven. That the root belongs to the event is shown by its record, whose headers the audit chain covers.
    """
    suite, event_type = BY_MARK.get(proof.root.partition(".")[0]), _contract(proof.root)
    if suite is None or event_type is None or event_type.name != type_name:
        raise NotProven(f"the root {proof.root[:20]!r} names no suite and contract of {type_name}")
    values = dict(_as_listed(shown, proof.leaves))
    made, proven = [], []
    for leaf in proof.leaves:
        if not leaf.salt:
            made.append(_bytes(leaf.path, leaf.digest, 32))
            continue
        if leaf.path not in values:
            raise NotProven(f"{leaf.path} is said to be shown, and is not there")
        made.append(_leaf(suite, _bytes(leaf.path, leaf.salt, SALT_BYTES), leaf.path, values[leaf.path]))
        proven.append(leaf.path)
    if _root(suite, event_type, made) != proof.root:
        raise NotProven("a shown field, its salt or the type is not as it was when the event was said")
    return tuple(proven)


class _Salts:
    """The salts of one event."""

    def __init__(self, about: About, key: SubjectKey) -> None:
        self.suite = key.suite
        self._secret = key.suite.mac(key.salts, about.bound("fields"))

    def of(self, path: str) -> bytes:
        return self.suite.hash(self._secret + path.encode())[:SALT_BYTES]


def _leaves(
    event_type: EventType, data: Mapping[str, Any], salts: _Salts
) -> Iterator[tuple[str, Any, bytes]]:
    for path, value in _values(event_type, data, {}):
        yield path, value, _leaf(salts.suite, salts.of(path), path, value)


def _values(
    event_type: EventType, data: Mapping[str, Any], kept: Mapping[str, Sequence[int]]
) -> Iterator[tuple[str, Any]]:
    """Paths and values of the fields that the version of an event has; later ones were not said with it."""
    apart = _apart(event_type.name)
    for name in _names(event_type):
        if name not in apart:
            yield name, data[name]
            continue
        numbers = kept.get(name, range(len(data[name])))
        for number, record in zip(numbers, data[name], strict=True):
            yield from ((f"{name}[{number}].{inner}", value) for inner, value in record.items())


def _as_listed(shown: Mapping[str, Any], leaves: Iterable[Leaf]) -> Iterator[tuple[str, Any]]:
    """The shown values by the paths of the leaves: of a list, the records of which something is shown, in order."""
    numbers: dict[str, list[str]] = {}
    for leaf in leaves:
        name, bracket, rest = leaf.path.partition("[")
        number = rest.partition("]")[0]
        if leaf.salt and bracket and number not in numbers.setdefault(name, []):
            numbers[name].append(number)
    for name, value in shown.items():
        if name not in numbers:
            yield name, value
            continue
        if not isinstance(value, list) or len(value) != len(numbers[name]):
            raise NotProven(f"{name} shows another number of entries than the proof has")
        for number, record in zip(numbers[name], value, strict=True):
            yield from ((f"{name}[{number}].{inner}", one) for inner, one in record.items())


@cache
def _names(event_type: EventType) -> tuple[str, ...]:
    schema = json.loads((AVRO / event_type.avsc).read_text(encoding="utf-8"))
    return tuple(field["name"] for field in schema["fields"])


@cache
def _apart(type_name: str) -> frozenset[str]:
    return frozenset(place.name for place in places(type_name) if place.form is Form.RECORDS)


def _leaf(suite: Suite, salt: bytes, path: str, value: Any) -> bytes:
    return suite.hash(b"\0" + salt + path.encode() + b"\0" + _canonical(value))


def _root(suite: Suite, event_type: EventType, leaves: Iterable[bytes]) -> str:
    over = b"\1" + event_type.name.encode() + b"\0" + b"".join(leaves)
    return f"{suite.mark}.{event_type.schema_id}.{suite.hash(over).hex()}"


def _contract(root: str) -> EventType | None:
    number = root.split(".")[1] if root.count(".") == 2 else ""
    return BY_SCHEMA_ID.get(int(number)) if number.isascii() and number.isdigit() else None


def _canonical(value: Any) -> bytes:
    return _JSON.encode(value).encode()


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_base64)


def _bytes(path: str, told: str, size: int) -> bytes:
    try:
        made = bytes.fromhex(told)
    except ValueError:
        made = b""
    if len(made) != size:
        raise NotProven(f"{path}: what the proof has of it is not {size} bytes in hexadecimal digits")
    return made
