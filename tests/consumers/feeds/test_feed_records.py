"""What the relay writes into a feed: the event in the view of the unit, which anybody who knows the contract can read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace

import fastavro
import pytest

from consumers.feeds.numbering import Logged, Numbered
from consumers.feeds.relay import feed_records
from consumers.feeds.subscriber import FeedItem, feed_item
from schemas.catalogue import AVRO, BY_NAME
from schemas.codec import encode
from schemas.digests import digest
from schemas.envelope import Envelope, write_headers
from schemas.identity import case_id
from schemas.topics import TopicNames

CASE = ("by-env", "白环移〔2026〕17号")
PARTY = {"name": "陈小明", "kind": "natural_person", "id_no": "440111198001010012"}
VALUE = encode("transfer.sent", {"addressee": "by-police", "parties": [PARTY], "summary": "陈小明倾倒废酸"})
ENVELOPE = Envelope("1", "by-env", "transfer.sent", case_id(*CASE), datetime(2026, 3, 11, tzinfo=UTC), *CASE)
DIGEST = digest(ENVELOPE, VALUE)
EVENT = Logged(0, 4, b"case", [*write_headers(ENVELOPE), ("linkage-digest", DIGEST.hex().encode())], VALUE)


def read(*entries: tuple[str, str, str]) -> list[FeedItem]:
    """What the subscribers of these units read, each with delivery and role."""
    numbered = [Numbered(unit, 1, delivery, role, "第7条", EVENT) for unit, delivery, role in entries]
    items = []
    for out in feed_records(numbered, TopicNames()):
        record = SimpleNamespace(headers=out.headers, value=out.value, timestamp=0, offset=0)
        item = feed_item(record)
        assert item is not None
        items.append(item)
    return items


def test_who_must_act_reads_the_very_bytes_that_were_said() -> None:
    [item] = read(("by-police", "duty", "PSB"))
    assert (item.value, item.view, item.hidden) == (VALUE, "full", ())


def test_a_cut_record_says_that_it_is_one_and_what_it_hides() -> None:
    [item] = read(("by-justice", "copy", "JU"))
    assert item.view == "outline"
    assert set(item.hidden) == {"parties.name", "parties.id_no", "summary"}
    assert item.data is not None
    assert item.data["parties"][0]["name"] == "陈某某"
    assert "陈小明".encode() not in item.value


@pytest.mark.parametrize("entry", [("by-police", "duty", "PSB"), ("by-justice", "copy", "JU")])
def test_every_record_carries_the_digest_of_the_event_as_it_was_said(entry: tuple[str, str, str]) -> None:
    [item] = read(entry)
    assert item.digest == DIGEST


def test_a_reader_that_knows_nothing_but_the_contract_decodes_a_cut_record() -> None:
    [item] = read(("by-justice", "copy", "JU"))
    schema = json.loads((AVRO / BY_NAME["transfer.sent"].avsc).read_text("utf-8"))
    shown = fastavro.schemaless_reader(BytesIO(item.value[5:]), fastavro.parse_schema(schema), None)
    assert (shown["addressee"], shown["summary"]) == ("by-police", None)


def test_units_of_one_batch_do_not_get_each_others_views() -> None:
    views = read(("by-justice", "copy", "JU"), ("by-police", "duty", "PSB"), ("gz-env", "copy", "SUP"))
    assert [item.view for item in views] == ["outline", "full", "outline"]
    assert [item.value == VALUE for item in views] == [False, True, False]
