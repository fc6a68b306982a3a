"""An account in words: complete in both languages, and stable as JSON."""

from __future__ import annotations

import dataclasses
import json
import re
import typing
from enum import StrEnum

import pytest

from consumers.casefile import ClockState, MirrorState
from consumers.decisions import Delivery
from consumers.explaining import account
from consumers.explaining.account import Account, ClockChange, Outcome
from consumers.explaining.phrases import PHRASES, phrase
from consumers.explaining.wording import text_of
from consumers.readmodel.views import to_json
from consumers.transfers.reasons import How
from schemas.units import Register
from tests.consumers.explaining.telling import played, plays, rulebook

SPOKEN = (Outcome, ClockChange, ClockState, MirrorState, Delivery, How)
SHAPE = """\
event: source id type zh en
case: id unit number
rules: tables calendar units profiles settling_seconds
facts: field offence district first late roles
tracks: track name before after how read_from read_to condition of_party
roles: role before after
received: unit delivery role basis rule condition since facts also view hidden
not_received: unit reasons
unfilled: to delivery basis
mirrors: unit state opinion reason basis
not_mirrored: role unit reason
clocks: id change rule version duty basis consequence office kind holder started_by assumed_start start_from \
start_to due_from due_to was_due_to provisional state was certain stopped_by overrun_seconds next_alarm \
next_alarm_at period steps open_points
limits: limit holder started_by reason
documents: zh en basis supplied_by
anomalies: code zh en
says: id type zh en about
"""


@pytest.fixture(scope="module")
def accounts(register: Register) -> list[Account]:
    rules = rulebook(register)
    return [heard.account for play in plays(register) for heard in played(play, rules)]


@pytest.mark.parametrize("codes", SPOKEN, ids=lambda codes: codes.__name__)
def test_every_code_that_is_shown_has_words_in_both_languages(codes: type[StrEnum]) -> None:
    for code in codes:
        assert phrase(code.value, "zh") != phrase(code.value, "en")
        assert re.search("[\u4e00-\u9fff]", phrase(code.value, "zh"))


def test_english_text_has_no_chinese_words_of_ours() -> None:
    assert [name for name, (_, en) in PHRASES.items() if re.search("[\u3000-\u9fff]", en)] == []


def test_every_account_can_be_written_and_says_who_receives_the_event(accounts: list[Account]) -> None:
    for one in accounts:
        for language in ("zh", "en"):
            text = text_of(one, language)
            assert all(received.unit.code in text for received in one.received)
            assert all(clock.rule in text for clock in one.clocks)
            assert all(flag.code in text for flag in one.anomalies)


def _fields(kind: object) -> tuple[str, ...]:
    for inner in (kind, *typing.get_args(kind)):
        if dataclasses.is_dataclass(inner):
            return tuple(field.name for field in dataclasses.fields(inner))
    return ()


def test_the_shape_of_the_json_is_the_documented_one() -> None:
    """A field that is renamed or dropped breaks readers: this fails first. New fields are added here."""
    hints = typing.get_type_hints(Account, vars(account))
    shape = {name: fields for name, kind in hints.items() if (fields := _fields(kind))}
    documented = dict(line.split(": ") for line in SHAPE.splitlines())
    assert {name: " ".join(fields) for name, fields in shape.items() if name in documented} == documented


def test_an_account_survives_json(accounts: list[Account]) -> None:
    for one in accounts:
        read = json.loads(to_json(one))
        assert read["event"]["id"] == one.event.id
        assert [clock["due_to"] is None for clock in read["clocks"]] == [c.due_to is None for c in one.clocks]
