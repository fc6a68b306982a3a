"""Event payloads on the wire: Avro in Confluent framing (0x00, schema id in 4 bytes, Avro body)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from struct import Struct
from typing import Any, cast

from fastavro import parse_schema, schemaless_reader, schemaless_writer

from schemas import wire
from schemas.catalogue import AVRO, EVENT_TYPES, EventType
from schemas.payload import MAX_ITEMS, Conform, UnfitError, conformer

_FRAME = Struct(">BI")
_MAGIC = 0


class Unencodable(ValueError):  # noqa: N818  (says what the data is)
    """Data that is no payload of its event type: the message names the field and what is expected.

    `path` is that field's place in the data, such as `documents[2].seal`; empty for the data as a whole.
    """

    def __init__(self, type_name: str, problem: str, path: str = "") -> None:
        super().__init__(f"{type_name}: {path or 'data'}: {problem}")
        self.path = path


class Undecodable(ValueError):  # noqa: N818  (says what the bytes are)
    """Bytes that are no payload of a known event type; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownSchema(Undecodable):
    """A well-formed frame whose schema id nobody uses here."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A payload by Avro field name. Timestamps are milliseconds since 1970 (UTC), as on the wire.

    `event_type` is the version that was written; `data` has the fields of the latest version.
    """

    event_type: EventType
    data: dict[str, Any]


SchemaIds = Callable[[EventType], int]
"""Where wire ids come from: the committed catalogue, or a registry that is asked once at start."""


@dataclass(frozen=True, slots=True)
class _Contract:
    """One version of one type, ready for use."""

    event_type: EventType
    frame: bytes
    writer: Any  # fastavro's form of the schema that this version is written with
    reader: Any  # the latest version's, or None if this is the latest
    conform: Conform  # to the latest version
    conform_json: Conform


class Codec:
    """Encodes and decodes the given event types, whose Avro schemas are files in `directory`.

    Reads all files when it is made and nothing later. Whichever version wrote a record, decoding gives the
    fields of the latest one. Everybody on one bus must use the same ids. May be shared between threads.
    """

    def __init__(
        self, types: Iterable[EventType], directory: Path, ids: SchemaIds = attrgetter("schema_id")
    ) -> None:
        self._by_name: dict[str, _Contract] = {}
        self._by_id: dict[int, _Contract] = {}
        for event_type in sorted(types, key=lambda row: -row.version):
            latest = self._by_name.get(event_type.name)
            contract = _contract(event_type, ids(event_type), directory, latest)
            self._by_name.setdefault(event_type.name, contract)
            self._by_id[ids(event_type)] = contract

    def encode(self, type_name: str, data: Mapping[str, Any]) -> bytes:
        """`data` as a framed payload of the latest version. Raises Unencodable, naming the field."""
        contract = self._named(type_name)
        try:
            return _write(contract, contract.conform(data))
        except UnfitError as error:
            raise Unencodable(type_name, error.problem, error.path) from None

    def encode_json(self, type_name: str, data: object) -> bytes:
        """The same for data that came as JSON: bytes are base64. Raises Unencodable, naming the JSON path."""
        contract = self._named(type_name)
        try:
            return _write(contract, contract.conform_json(data))
        except UnfitError as error:
            raise Unencodable(type_name, error.problem, error.path) from None

    def write(self, type_name: str, data: Mapping[str, Any]) -> bytes:
        """The same without looking: for a payload that was decoded here and changed within its contract."""
        return _write(self._named(type_name), data)

    def decode(self, value: bytes) -> Decoded:
        """The payload in `value`. Raises Undecodable. Memory and time are bounded by the length of `value`.

        Trusts that the bytes were admitted once; records from outside also need `check`.
        """
        contract = self._framed(value)
        data = _read(contract, value)
        if len(value) > MAX_ITEMS:  # an item takes a byte at least: a shorter record cannot have too many
            try:
                contract.conform(data)
            except UnfitError as error:
                raise Undecodable(f"{contract.event_type.name}: {error}") from None
        return Decoded(contract.event_type, data)

    def decode_json(self, value: bytes) -> dict[str, Any]:
        """The payload in `value` as JSON can carry it: bytes as base64. Raises Undecodable."""
        data: dict[str, Any] = _jsonable(self.decode(value).data)
        return data

    def check(self, value: bytes, decoded: Decoded) -> None:
        """Refuses what decodes, but holds impossible values or would not mean the same to every reader.

        For records from outside, after `decode`; what is in the log has passed. Raises Undecodable.
        """
        contract = self._framed(value)
        try:
            data = contract.conform(decoded.data)
            if contract.reader is not None or _write(contract, data) != value:
                wire.check(contract.writer, value[_FRAME.size :])
        except (UnfitError, wire.MalformedError) as error:
            raise Undecodable(f"{decoded.event_type.name}: {error}") from None

    def _named(self, type_name: str) -> _Contract:
        contract = self._by_name.get(type_name)
        if contract is None:
            raise Unencodable(repr(type_name), "is no event type: see docs/catalogue.md", "type")
        return contract

    def _framed(self, value: bytes) -> _Contract:
        if len(value) < _FRAME.size:
            raise Undecodable(f"{len(value)} bytes are too few: the frame alone (0x00, schema id) takes 5")
        magic, schema_id = _FRAME.unpack_from(value)
        if magic != _MAGIC:
            raise Undecodable(f"the first byte is {magic:#04x}, not 0x00: use the Confluent wire format")
        contract = self._by_id.get(schema_id)
        if contract is None:
            raise UnknownSchema(f"schema id {schema_id} is not in the catalogue: see docs/catalogue.md")
        return contract


def _contract(event_type: EventType, schema_id: int, directory: Path, latest: _Contract | None) -> _Contract:
    schema = json.loads((directory / event_type.avsc).read_text(encoding="utf-8"))
    return _Contract(
        event_type=event_type,
        frame=_FRAME.pack(_MAGIC, schema_id),
        writer=parse_schema(plain(schema)),
        reader=None if latest is None else latest.writer,
        conform=conformer(schema) if latest is None else latest.conform,
        conform_json=conformer(schema, from_json=True) if latest is None else latest.conform_json,
    )


def plain(schema: Any) -> Any:
    """The schema without logical types: fastavro then leaves a timestamp as the integer it is on the wire."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if isinstance(schema, dict):
        return {key: plain(value) for key, value in schema.items() if key != "logicalType"}
    return schema


def _write(contract: _Contract, data: Any) -> bytes:
    body = BytesIO()
    body.write(contract.frame)
    schemaless_writer(body, contract.writer, data)
    return body.getvalue()


def _read(contract: _Contract, value: bytes) -> dict[str, Any]:
    name = contract.event_type.name
    body = BytesIO(value)
    body.seek(_FRAME.size)
    try:
        data = cast("dict[str, Any]", schemaless_reader(body, contract.writer, contract.reader))
    except EOFError:
        raise Undecodable(
            f"{name}: the bytes end before the record does, or a length in it is wrong"
        ) from None
    except IndexError:
        raise Undecodable(f"{name}: a number is cut off, or an enum or union index is out of range") from None
    except Exception as error:  # noqa: BLE001  (fastavro raises what its parts raise; any means "no record")
        raise Undecodable(f"{name}: not a record of this type ({error})") from None
    if body.tell() != len(value):
        raise Undecodable(f"{name}: {len(value) - body.tell()} bytes follow the record")
    return data


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _jsonable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_jsonable(one) for one in value]
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else value


_CODEC = Codec(EVENT_TYPES, AVRO)
encode = _CODEC.encode
encode_json = _CODEC.encode_json
write = _CODEC.write
decode = _CODEC.decode
decode_json = _CODEC.decode_json
check = _CODEC.check
