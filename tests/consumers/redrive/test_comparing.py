"""A record that was not applied is held against its contract, and its content is masked."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consumers.redrive.comparing import compare
from schemas.codec import encode, encode_json
from schemas.envelope import write_headers
from schemas.samples import all_samples
from tests.faults.scripts import AG, PSB
from tests.faults.sendings import SPOILERS, sending

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SOUND = sending(
    AG,
    "transfer.sent",
    "e1",
    case=(AG, "1"),
    at=AT,
    data={"addressee": PSB, "offence": "污染环境罪", "summary": "张三在河边倾倒废液"},
)


def test_a_sound_record_has_no_problem_and_shows_every_field_of_its_contract():
    shown = compare(SOUND.value, SOUND.headers)
    assert (shown.contract, shown.problems) == ("transfer.sent v1", [])
    found = {line.name: line for line in shown.fields}
    assert found["addressee"].found == PSB
    assert found["addressee"].about.count(" — ") == 1
    assert all(not line.problem for line in shown.fields)


@pytest.mark.parametrize("spoiler", SPOILERS)
def test_a_spoiled_record_is_shown_with_its_problem(spoiler):
    spoiled = SPOILERS[spoiler][1](SOUND)
    shown = compare(spoiled.value, spoiled.headers)
    in_the_record_itself = spoiler not in {"source", "bus", "speaker", "future", "case", "key"}
    assert bool(shown.problems) is in_the_record_itself


def test_the_field_is_named_at_which_the_bytes_cannot_be_read_on():
    cut = SOUND.value[: SOUND.value.index(PSB.encode()) + 3]
    broken = [line.name for line in compare(cut, SOUND.headers).fields if line.problem]
    assert broken == ["addressee"]


def test_the_field_is_named_whose_value_the_contract_does_not_admit():
    high = encode("transfer.sent", {"addressee": PSB, "offence": "a", "items_count": 5})
    low = high.replace(b"\x02\x0a", b"\x02\x09")  # 5 becomes -5 in zigzag
    assert low != high
    wrong = [(line.name, line.problem) for line in compare(low, SOUND.headers).fields if line.problem]
    assert [name for name, _ in wrong] == ["items_count"]
    assert "out of range" in wrong[0][1]


def test_personal_content_is_masked_in_fields_headers_and_problems():
    headers = [*SOUND.headers, ("ce_operator", b"Zhang San"), ("x-note", b"Zhang San")]
    told = str(compare(SOUND.value, headers))
    assert "倾倒" not in told
    assert "Zhang San" not in told


@given(
    some.binary(max_size=200),
    some.lists(some.tuples(some.text(max_size=10), some.none() | some.binary(max_size=50)), max_size=5),
)
def test_any_bytes_can_be_shown(value, headers):
    compare(struct.pack(">BI", 0, 13) + value, headers)
    compare(value, headers)


@pytest.mark.parametrize("one", list(all_samples()), ids=lambda one: f"{one.envelope.type}-{one.name}")
def test_every_example_of_the_contracts_is_without_problem(one):
    shown = compare(encode_json(one.envelope.type, one.data), write_headers(one.envelope))
    assert shown.problems == []
    assert [line for line in shown.fields if line.problem] == []
