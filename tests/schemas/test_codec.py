"""Payloads on the wire: what we write others read, what others write we read, and errors name the field."""

from __future__ import annotations

import base64
import io
import json
import struct
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec
from schemas.catalogue import AVRO, BY_NAME, EventType
from schemas.samples import Sample, all_samples
from schemas.units import Role

SAMPLES = [pytest.param(one, id=f"{one.envelope.type}-{one.name}") for one in all_samples()]


@pytest.mark.parametrize("name", BY_NAME)
def test_any_payload_comes_back_as_it_was_sent(name: str, payloads: Any) -> None:
    @settings(max_examples=15, deadline=None)
    @given(payloads(name))
    def there_and_back(data: dict[str, Any]) -> None:
        value = codec.encode(name, data)
        decoded = codec.decode(value)
        codec.check(value, decoded)
        assert decoded.event_type is BY_NAME[name]
        assert _says(decoded.data, data)
        assert codec.encode(name, decoded.data) == value

    there_and_back()


def _says(read: Any, sent: Any) -> bool:
    """Whether `read` is `sent`, with defaults filled in."""
    if isinstance(sent, dict):
        return all(_says(read[name], value) for name, value in sent.items())
    if isinstance(sent, list):
        return len(read) == len(sent) and all(map(_says, read, sent))
    return bool(read == sent)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_reference_implementation_reads_what_we_write(sample: Sample) -> None:
    """Apache's own Avro for Python, with the committed schema, stands for any Confluent-compatible consumer."""
    event_type = BY_NAME[sample.envelope.type]
    value = codec.encode_json(event_type.name, sample.data)
    magic, schema_id = struct.unpack(">bI", value[:5])
    body = io.BytesIO(value[5:])
    schema = avro.schema.parse((AVRO / event_type.avsc).read_text("utf-8"))
    read: Any = avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(body))
    assert (magic, schema_id) == (0, event_type.schema_id)
    assert body.read() == b""
    ours = codec.decode(value).data
    for field, logical in read.items():
        theirs = logical.timestamp() * 1000 if hasattr(logical, "timestamp") else logical
        assert theirs == ours[field]


def test_we_read_what_the_reference_implementation_writes() -> None:
    sample = next(one for one in all_samples() if one.envelope.type == "transfer.sent")
    expected = codec.decode(codec.encode_json("transfer.sent", sample.data))
    body = io.BytesIO()
    schema = avro.schema.parse((AVRO / BY_NAME["transfer.sent"].avsc).read_text("utf-8"))
    avro.io.DatumWriter(schema).write(expected.data, avro.io.BinaryEncoder(body))
    value = struct.pack(">bI", 0, BY_NAME["transfer.sent"].schema_id) + body.getvalue()
    decoded = codec.decode(value)
    codec.check(value, decoded)
    assert decoded == expected


def test_an_array_in_several_blocks_with_sizes_is_read() -> None:
    """The specification lets an encoder split an array; Go encoders do."""
    consulted = codec.encode("intervention.opined", {"addressee": "by-env", "items": ["a", "b"]})
    assert consulted.count(b"\x04\x02a\x02b\x00") == 1
    split = consulted.replace(b"\x04\x02a\x02b\x00", b"\x01\x04\x02a" + b"\x02\x02b" + b"\x00")
    decoded = codec.decode(split)
    codec.check(split, decoded)
    assert decoded.data["items"] == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "path", "expected"),
    [
        ({"addressee": None}, "addressee", "expected a string, got None"),
        ({"addressee": 7}, "addressee", "expected a string, got 7"),
        ({"addressee": "x" * 65}, "addressee", "has 65 characters, at most 64"),
        ({"adressee": "by-police"}, "adressee", "no such field; TransferSent has addressee"),
        ({"items_count": "six"}, "items_count", "expected a whole number, got 'six'"),
        ({"items_count": True}, "items_count", "expected a whole number"),
        ({"items_count": 2**40}, "items_count", "expected 0 to 1000000"),
        ({"amount_fen": -1}, "amount_fen", "expected 0 to"),
        ({"summary": "a\0b"}, "summary", "NUL"),
        ({"summary": "\ud800"}, "summary", "surrogate"),
        ({"documents": {}}, "documents", "expected a list"),
        ({"documents": [{"kind": "移送书"}]}, "documents[0].title", "is missing"),
        (
            {"documents": [{"kind": "a", "title": "a"}, {"kind": "a", "title": "a", "seal": "wax"}]},
            "documents[1].seal",
            "expected one of unknown, none, paper, electronic, got 'wax'",
        ),
        ({"parties": ["陈某某"]}, "parties[0]", "expected an object with the fields id_no, kind, name, role"),
    ],
)
def test_an_error_names_the_field_and_what_is_expected(
    changes: dict[str, Any], path: str, expected: str
) -> None:
    for encode in (codec.encode, codec.encode_json):
        with pytest.raises(codec.Unencodable) as caught:
            encode("transfer.sent", {"addressee": "by-police"} | changes)
        assert caught.value.path == path
        assert f"transfer.sent: {path}: " in str(caught.value)
        assert expected in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_json_that_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(codec.Unencodable, match=r"transfer.sent: data: expected an object"):
        codec.encode_json("transfer.sent", data)


def test_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(codec.Unencodable, match=r"'transfer.teleported'"):
        codec.encode("transfer.teleported", {})


def test_bytes_are_base64_in_json() -> None:
    sample = next(one for one in all_samples() if one.envelope.type == "mirror.copied")
    value = codec.encode_json("mirror.copied", sample.data)
    assert codec.decode(value).data["opinion_value"] == base64.b64decode(sample.data["opinion_value"])
    assert codec.decode_json(value)["opinion_value"] == sample.data["opinion_value"]
    with pytest.raises(codec.Unencodable, match="opinion_value: expected bytes as base64"):
        codec.encode_json("mirror.copied", sample.data | {"opinion_value": "不是"})


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_no_data_makes_encoding_fail_in_another_way(junk: Any) -> None:
    for data in (junk, {"addressee": junk}, {"addressee": "by-police", "documents": junk}):
        try:
            codec.encode_json("transfer.sent", data)
        except codec.Unencodable:
            continue


def test_encoding_leaves_the_given_data_alone() -> None:
    data = {"addressee": "by-police"}
    codec.encode("transfer.sent", data)
    assert data == {"addressee": "by-police"}


def _two_versions(tmp_path: Path) -> tuple[EventType, EventType]:
    first = EventType(1, "visit.paid", "走访", "Visit paid", "visit", frozenset({Role.AGENCY}))
    second = EventType(2, "visit.paid", "走访", "Visit paid", "visit", frozenset({Role.AGENCY}), version=2)
    fields: list[dict[str, Any]] = [{"name": "place", "type": "string"}]
    for row in (first, second):
        schema = {"type": "record", "name": "VisitPaid", "namespace": "linkage.visit", "fields": fields}
        (tmp_path / row.avsc).write_text(json.dumps(schema), "utf-8")
        fields = [*fields, {"name": "guests", "type": ["null", "int"], "default": None}]
    return first, second


def test_records_of_an_earlier_version_have_the_fields_of_the_latest(tmp_path: Path) -> None:
    first, second = _two_versions(tmp_path)
    old = codec.Codec([first], tmp_path).encode("visit.paid", {"place": "白云"})
    both = codec.Codec([first, second], tmp_path)
    decoded = both.decode(old)
    both.check(old, decoded)
    assert decoded.event_type is first
    assert decoded.data == {"place": "白云", "guests": None}
    assert both.decode(both.encode("visit.paid", {"place": "白云", "guests": 3})).event_type is second


def test_ids_may_come_from_a_registry(tmp_path: Path) -> None:
    first, second = _two_versions(tmp_path)
    registry = {1: 70001, 2: 70044}
    ours = codec.Codec([first, second], tmp_path, ids=lambda row: registry[row.version])
    value = ours.encode("visit.paid", {"place": "白云"})
    assert value[:5] == struct.pack(">bI", 0, 70044)
    assert ours.decode(value).event_type is second
