"""Bytes made to harm: refused with a reason, in bounded memory and time, whatever they claim."""

from __future__ import annotations

import struct
import time
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import codec, wire
from schemas.catalogue import BY_NAME, BY_SCHEMA_ID
from schemas.generate import read_schemas
from schemas.payload import MAX_ITEMS
from schemas.samples import all_samples

LARGEST = 256 * 1024
VALUES = [codec.encode_json(one.envelope.type, one.data) for one in all_samples()]


def _long(number: int) -> bytes:
    zigzag = ((number << 1) ^ (number >> 63)) & (2**64 - 1)
    text = b""
    while zigzag > 0x7F:
        text += bytes([zigzag & 0x7F | 0x80])
        zigzag >>= 7
    return text + bytes([zigzag])


def _opined(items: bytes) -> bytes:
    """An `intervention.opined` whose array of items is these bytes; the rest is as it should be."""
    value = codec.encode("intervention.opined", {"addressee": "by-env", "items": []})
    assert value[5:] == b"\x0cby-env\x00\x00\x00\x00"
    return value[:5] + b"\x0cby-env" + items + b"\x00\x00\x00"


def _refused(value: bytes) -> str:
    with pytest.raises(codec.Undecodable) as caught:
        codec.check(value, codec.decode(value))
    return caught.value.reason


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"", "0 bytes are too few"),
        (b"\x00\x00\x00", "3 bytes are too few"),
        (b"\x01\x00\x00\x00\x01abc", "the first byte is 0x01"),
        (b'{"addressee": "by-police"}', "the first byte is 0x7b"),
        (b"\xc3\x01" + b"\0" * 20, "the first byte is 0xc3"),
        (struct.pack(">BI", 0, 99_999) + b"abc", "schema id 99999 is not in the catalogue"),
        (VALUES[0][:-1], "end before the record does"),
        (VALUES[0] + b"\0", "1 bytes follow the record"),
        (VALUES[0] * 2, "bytes follow the record"),
        (_opined(_long(2**62)), "end before the record does"),
        (_opined(_long(-(2**62)) + _long(0)), "end before the record does"),
        (_opined(_long(1) + _long(2**40) + b"abc"), "end before the record does"),
        (_opined(_long(1) + _long(-3) + b"abc\0"), "a length in it is wrong"),
        (_opined(_long(1) + b"\x80" * 500 + b"\x00" + b"\x00"), "an integer is longer than 10 bytes"),
        (_opined(_long(-(2**63)) + _long(0) + b"\x00"), "bytes expected"),
        (_opined(_long(-1) + _long(77) + b"\x02a" + b"\x00"), "does not have the size it states"),
        (_opined(_long(1) + b"\x04\xff\xfe\x00"), "utf-8"),
        (_opined(_long(1) + b"\x02\x00\x00"), "items[0]: holds a NUL"),
        (_opined(b"\x80" * 50)[:-3], "a number is cut off"),
    ],
)
def test_hostile_bytes_are_refused_with_a_reason(value: bytes, why: str) -> None:
    assert why in _refused(value)


@pytest.mark.parametrize("index", [-1, -2, 2, 2**40])
def test_an_index_outside_an_enum_or_union_is_refused(index: int) -> None:
    """Python would read -1 as the last branch; other readers would not."""
    value = codec.encode("filing.declined", {"reasons": "", "file_returned": False})
    body = value[5:]  # notice_no (null), reasons, file_returned, party (null), …
    assert body[:4] == b"\x00\x00\x00\x00"
    assert _refused(value[:5] + _long(index) + (b"\x02a" if index == -1 else b"") + body[1:])


def test_a_boolean_that_is_neither_is_refused() -> None:
    value = codec.encode("filing.declined", {"reasons": "", "file_returned": True})
    assert "a boolean is neither 0 nor 1" in _refused(value[:7] + b"\x07" + value[8:])


def test_one_item_too_many_is_refused() -> None:
    fits = _opined(_long(MAX_ITEMS) + b"\0" * MAX_ITEMS + b"\0")
    assert len(codec.decode(fits).data["items"]) == MAX_ITEMS
    assert f"items: has {MAX_ITEMS + 1} items" in _refused(
        _opined(_long(MAX_ITEMS + 1) + b"\0" * (MAX_ITEMS + 1) + b"\0")
    )


def test_decoding_alone_refuses_what_is_too_long() -> None:
    """Casework decodes without the further checks of admission."""
    for value in (VALUES[0] + b"\0", _opined(_long(MAX_ITEMS + 1) + b"\0" * (MAX_ITEMS + 1) + b"\0")):
        with pytest.raises(codec.Undecodable):
            codec.decode(value)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_record_full_of_the_smallest_items_costs_bounded_memory_and_time(name: str) -> None:
    """Each byte after a huge count is read as part of an item: the worst that a record of this size can do."""
    bomb = struct.pack(">BI", 0, BY_NAME[name].schema_id)
    filler = _long(2**40) + b"\0" * LARGEST
    for prefix in range(0, 40, 3):
        value = (bomb + b"\0" * prefix + filler)[:LARGEST]
        tracemalloc.start()
        began = time.process_time()
        _refused(value)
        spent, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 32 * 1024 * 1024
        assert spent < 5


@given(st.binary(max_size=400))
@settings(max_examples=400, deadline=None)
def test_any_bytes_behind_any_frame_are_read_or_refused(noise: bytes) -> None:
    for schema_id in BY_SCHEMA_ID:
        _read_or_refuse(struct.pack(">BI", 0, schema_id) + noise)


@given(st.sampled_from(VALUES), st.data())
@settings(max_examples=600, deadline=None)
def test_a_damaged_record_is_read_or_refused(value: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(value)))
    cut = data.draw(st.integers(0, 8))
    _read_or_refuse(value[:at] + data.draw(st.binary(max_size=12)) + value[at + cut :])


def _read_or_refuse(value: bytes) -> None:
    try:
        decoded = codec.decode(value)
        codec.check(value, decoded)
    except codec.Undecodable:
        pass
    else:  # what is admitted means the same to a reader that takes nothing but the specification
        wire.check(read_schemas()[decoded.event_type.schema_id], value[5:])


@pytest.mark.parametrize("schema", read_schemas().values(), ids=lambda schema: schema["name"])
def test_no_schema_lets_an_item_take_no_bytes_or_nest_without_end(schema: Mapping[str, Any]) -> None:
    """The bounds above rest on this: an array cannot have more items than bytes, and depth is fixed."""
    assert _depth(schema, set()) <= 4


def _depth(kind: Any, open_: set[str]) -> int:
    if isinstance(kind, str):
        assert kind in {"string", "int", "long", "boolean", "bytes"} or kind not in open_
        return 0
    if isinstance(kind, list):
        return max(_depth(one, open_) for one in kind if one != "null")
    if kind["type"] == "record":
        assert kind["fields"]
        inside = open_ | {kind["name"]}
        return 1 + max(_depth(field["type"], inside) for field in kind["fields"])
    if kind["type"] == "array":
        assert kind["items"] != "null"
        return 1 + _depth(kind["items"], open_)
    return 0


@given(number=st.integers(-(2**63), 2**63 - 1))
@example(number=-(2**63))
def test_the_referee_reads_every_long(number: int) -> None:
    schema = {"type": "record", "name": "Any", "fields": [{"name": "n", "type": "long"}]}
    wire.check(schema, _long(number))
