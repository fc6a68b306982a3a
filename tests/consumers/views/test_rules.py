"""What each view shows of an event: names, numbers, texts, restricted fields and protected persons."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.views.cutting import shown_value
from consumers.views.kinds import VIEWS, Treatment, View, view_of
from consumers.views.masks import HIDDEN, mask_name, mask_number
from consumers.views.rules import cut
from schemas.codec import decode, encode

DAY = date(2026, 3, 11)
ADULT, JUVENILE = "440111198001010012", "440111200803120012"  # the second is 18 on 12 March 2026
HEADERS = [("ce_time", b"2026-03-11T09:30:00+08:00")]


def party(name: str = "陈小明", kind: str = "natural_person", **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "id_no": ADULT, "role": "犯罪嫌疑人"} | more


def sent(*parties: dict[str, Any]) -> dict[str, Any]:
    said = {"addressee": "by-police", "parties": list(parties), "summary": "陈小明倾倒废酸"}
    return decode(encode("transfer.sent", said)).data


def seen(view: View, *parties: dict[str, Any]) -> list[dict[str, Any]]:
    return list(cut("transfer.sent", sent(*parties), view, DAY).data["parties"])


@pytest.mark.parametrize(
    ("delivery", "role", "view"),
    [
        ("duty", "PSB", View.FULL),
        ("mirror", "PI", View.FULL),
        ("duty", "AG", View.HANDLING),
        ("copy", "PC", View.SUPERVISING),
        ("result", "AG", View.OUTCOME),
        ("copy", "AG", View.OUTLINE),
        ("copy", "JU", View.OUTLINE),
        ("alarm", "CM", View.OUTLINE),
        ("no-such", "PC", View.OUTLINE),
        ("duty", "no-such", View.OUTLINE),
    ],
)
def test_a_reader_gets_the_view_of_its_task_and_a_stranger_the_least(
    delivery: str, role: str, view: View
) -> None:
    assert view_of(delivery, role) is view


def test_the_full_view_is_the_event_itself() -> None:
    data = sent(party(role="举报人"), party(id_no=JUVENILE))
    shown = cut("transfer.sent", data, View.FULL, DAY)
    assert (shown.data, shown.hidden) == (data, ())


def test_an_outline_masks_names_and_leaves_out_numbers_and_texts() -> None:
    shown = cut("transfer.sent", sent(party()), View.OUTLINE, DAY)
    assert shown.data["parties"] == [party(name="陈某某", id_no=None)]
    assert shown.data["summary"] is None
    assert set(shown.hidden) == {"parties.name", "parties.id_no", "summary"}


def test_an_outcome_masks_the_middle_of_a_number() -> None:
    assert seen(View.OUTCOME, party()) == [party(id_no="440111********0012")]


@pytest.mark.parametrize("view", View)
def test_an_organisation_is_no_private_person(view: View) -> None:
    factory = party("某某五金电镀厂", "legal_person", id_no="91440111MA000000XX", role="涉案单位")
    assert seen(view, factory) == [factory]


def test_a_party_of_unknown_kind_is_taken_for_a_person() -> None:
    assert seen(View.OUTLINE, party(kind="unknown"))[0]["name"] == "陈某某"


@pytest.mark.parametrize("role", ["举报人", "证人", "控告人王某的代理人", "Witness"])
def test_an_informant_is_taken_out_of_the_list_for_all_but_who_acts_on_persons(role: str) -> None:
    informant = party("王五", role=role)
    assert seen(View.FULL, informant) == [informant]
    for view in set(View) - {View.FULL}:
        assert seen(view, party(), informant) == seen(view, party())


@pytest.mark.parametrize("role", ["被举报人", "被控告人"])
def test_who_was_informed_against_is_no_informant(role: str) -> None:
    assert seen(View.SUPERVISING, party(role=role)) == [party(role=role)]


@pytest.mark.parametrize(
    "person", [party(role="被害人"), party(role="未成年犯罪嫌疑人"), party(id_no=JUVENILE)]
)
def test_victims_and_juveniles_are_masked_for_supervision_and_shown_to_who_must_act(
    person: dict[str, Any],
) -> None:
    assert seen(View.HANDLING, person) == [person]
    assert seen(View.SUPERVISING, person) == [{**person, "name": HIDDEN, "id_no": None}]
    assert seen(View.OUTLINE, person) == []


def test_a_person_is_grown_up_on_the_eighteenth_birthday() -> None:
    grown = cut("transfer.sent", sent(party(id_no=JUVENILE)), View.SUPERVISING, date(2026, 3, 12))
    assert grown.hidden == ()


def test_texts_that_may_name_a_hidden_person_are_left_out_with_it() -> None:
    assert cut("transfer.sent", sent(party()), View.SUPERVISING, DAY).data["summary"] == "陈小明倾倒废酸"
    hidden = cut("transfer.sent", sent(party(role="举报人")), View.SUPERVISING, DAY)
    assert (hidden.data["summary"], set(hidden.hidden)) == (None, {"parties", "summary"})


def test_restricted_content_is_for_who_has_the_duty_alone() -> None:
    said = decode(
        encode("duty_lead.sent", {"addressee": "by-supervision", "content": "某科长收钱", "lead_no": "7"})
    )
    assert cut("duty_lead.sent", said.data, view_of("duty", "SV"), DAY).hidden == ()
    shown = cut("duty_lead.sent", said.data, view_of("copy", "SV"), DAY)
    assert (shown.data["content"], shown.data["lead_no"]) == (HIDDEN, None)


def test_a_mirrored_opinion_is_cut_like_the_event_that_carries_it() -> None:
    letter = {"addressee": "by-labour", "letter_no": "1", "parties": [party()]}
    opinion = encode("opinion.to_transfer_issued", letter)
    said = {
        "opinion_source": "by-criminal",
        "opinion_id": "1",
        "opinion_type": "opinion.to_transfer_issued",
        "copies": [],
        "opinion_value": opinion,
    }
    data = decode(encode("mirror.copied", said)).data
    assert cut("mirror.copied", data, view_of("mirror", "PI"), DAY).data["opinion_value"] == opinion
    shown = cut("mirror.copied", data, view_of("result", "CM"), DAY)
    assert decode(shown.data["opinion_value"]).data["parties"][0]["name"] == "陈某某"


def test_a_value_in_which_nothing_is_hidden_passes_byte_for_byte() -> None:
    value = encode("transfer.sent", sent(party()))
    assert shown_value(HEADERS, value, View.SUPERVISING) == (value, ())
    cut_value, hidden = shown_value(HEADERS, value, View.OUTLINE)
    assert "陈小明".encode() not in cut_value
    assert "parties.name" in hidden


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("陈小明", "陈某某"),
        ("李四", "李某"),
        ("欧阳小明", "欧阳某某"),
        ("梁某某", "梁某某"),
        ("阿卜杜拉·买买提", "阿某某"),
        ("John Smith", HIDDEN),
        ("39名工人", HIDDEN),
        ("", HIDDEN),
    ],
)
def test_a_name_is_masked_as_judgments_write_it(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.text("0123456789Xx", max_size=40))
def test_a_masked_number_keeps_at_most_ten_characters_and_never_the_birthday(number: str) -> None:
    masked = mask_number(number)
    assert sum(character != "*" for character in masked) in (0, 10)
    assert masked == HIDDEN or set(masked[6:-4]) == {"*"}


_COLUMNS = ("names", "numbers", "texts", "restricted", "juveniles", "victims", "informants")


@pytest.mark.parametrize("column", _COLUMNS)
def test_each_view_shows_no_more_than_the_one_before_it(column: str) -> None:
    strictness = [list(Treatment).index(getattr(VIEWS[view], column)) for view in View]
    assert strictness == sorted(strictness)


names = st.text("陈小明李四欧阳某ab ·", min_size=1, max_size=12)
roles = st.sampled_from(["犯罪嫌疑人", "被害人", "举报人", "未成年人", "", None])
persons = st.builds(
    lambda name, kind, id_no, role: party(name, kind, id_no=id_no, role=role),
    names,
    st.sampled_from(["unknown", "natural_person", "legal_person", "other_organisation"]),
    st.sampled_from([ADULT, JUVENILE, "91440111MA000000XX", None]),
    roles,
)


@given(st.lists(persons, max_size=5), st.sampled_from(View))
def test_a_view_is_valid_under_the_contract_and_cutting_it_again_changes_nothing(
    parties: list[dict[str, Any]], view: View
) -> None:
    shown = cut("transfer.sent", sent(*parties), view, DAY)
    again = decode(encode("transfer.sent", shown.data)).data
    assert again == shown.data
    assert cut("transfer.sent", again, view, DAY).data == again


@given(st.lists(persons, max_size=5))
def test_what_a_view_shows_of_a_person_every_wider_view_shows_too(parties: list[dict[str, Any]]) -> None:
    told = [
        {(one["name"], one["id_no"]) for one in seen(view, *parties) if one["id_no"] in (ADULT, JUVENILE)}
        for view in View
    ]
    for wider, stricter in pairwise(told):
        assert stricter <= wider
