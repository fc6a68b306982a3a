"""An edited contract is told what it would break, in place and as a new version; nothing of it is kept."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from consumers.console.operating.contracts import UnreadableError, judge, versions
from consumers.console.words import Language, Words, catalogue
from consumers.views.fields import contract_of
from schemas.catalogue import BY_NAME, EVENT_TYPES
from schemas.compatibility import WORDING

pytestmark = pytest.mark.postgres

TYPE = "transfer.received"


def edited(change) -> str:
    contract = deepcopy(contract_of(BY_NAME[TYPE]))
    change(contract["fields"])
    return json.dumps(contract)


def added(**more):
    field = {
        "name": "desk",
        "type": "string",
        "sensitivity": "internal",
        "doc": "窗口 — Desk",
        "maxLength": 20,
    }
    return lambda fields: fields.append(field | more)


def test_what_is_released_breaks_nothing():
    judged = judge(TYPE, edited(lambda fields: None))
    assert (judged.in_place, judged.as_new) == ([], [])


def test_a_field_with_a_default_is_a_new_version_and_no_edit_in_place():
    judged = judge(TYPE, edited(added(default="")))
    assert [field for field, _ in judged.in_place] == ["desk"]
    assert judged.as_new == []


def test_a_field_without_one_breaks_both():
    judged = judge(TYPE, edited(added()))
    assert "desk" in dict(judged.in_place)
    assert "desk" in dict(judged.as_new)


@pytest.mark.parametrize("told", ["", "{", "[]", '"string"', '{"type": "record"}', "[" * 5_000])
def test_what_is_no_contract_is_said_to_be_none(told):
    with pytest.raises(UnreadableError):
        judge(TYPE, told)


def test_every_reason_is_said_in_chinese_too():
    said = {key.removeprefix("contract_change.") for key in catalogue() if key.startswith("contract_change.")}
    assert said == WORDING.keys() - {"withdrawn"}  # no contract withdraws itself


@pytest.mark.parametrize(
    ("told", "phrase"),
    [("{", "no_json"), ('"nothing"', "no_avro"), ('"string"', "no_record"), ("[]", "no_record")],
)
def test_why_it_is_none_is_said_in_both_languages(told, phrase):
    with pytest.raises(UnreadableError) as raised:
        judge(TYPE, told)
    assert raised.value.phrase == phrase
    assert all(Words(one)(f"contracts.{phrase}", detail=raised.value.detail) for one in Language)


def test_a_field_that_does_not_say_how_sensitive_it_is_is_named_by_what_is_missing():
    with pytest.raises(UnreadableError) as raised:
        judge(TYPE, edited(lambda fields: fields[0].pop("sensitivity")))
    assert (raised.value.phrase, raised.value.detail) == ("incomplete", "sensitivity")


def test_every_version_of_every_type_is_listed():
    listed = {(one.name, version, id_) for one in versions() for version, id_ in one.versions}
    assert listed == {(one.name, one.version, one.schema_id) for one in EVENT_TYPES}


def test_the_box_answers_on_its_page(empty, enter):
    person = enter(empty, "operator")
    assert TYPE in person.get("/streams/contracts").text
    fine = person.post("/streams/contracts", type=TYPE, contract=edited(lambda fields: None))
    assert (fine.status_code, fine.text.count("badge green")) == (200, 2)
    told = person.post("/streams/contracts", type=TYPE, contract=edited(added())).text
    assert ("是新增字段且没有默认值" in told, "is new" in told) == (True, False)
    broken = person.post("/streams/contracts", type=TYPE, contract="{")
    assert (broken.status_code, 'role="alert"' in broken.text) == (400, True)
    assert person.post("/streams/contracts", type="nobody.said", contract="{}").status_code == 400
