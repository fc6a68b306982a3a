"""Payloads sealed and opened: nothing readable stays, nothing is lost, and nothing opens in another place."""

from __future__ import annotations

import hashlib
import re
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.parties import NO_SUSPECT
from consumers.views.persons import SIGNS
from schemas.catalogue import BY_NAME
from schemas.codec import decode, encode, encode_json
from schemas.samples import samples
from schemas.sealed.keys import Master, Masters, UnknownMasterError, of_case
from schemas.sealed.payloads import (
    DESTROYED,
    UNREADABLE,
    About,
    opened_payload,
    resealed_payload,
    sealed_payload,
    told_texts,
)
from schemas.sealed.places import places
from schemas.sealed.suites import SUITES
from schemas.sealed.tokens import role_label

CASES = UUID("0b6c2f0e-6f0a-5c55-9d6b-7b2f6d0a1c03")


def entropy(seed: str):
    """Bytes that are the same in every run."""
    calls = iter(range(1000))
    return lambda size: hashlib.shake_256(f"{seed}{next(calls)}".encode()).digest(size)


MASTERS = Masters([Master("first", bytes(range(32)))])


def key_of(case: UUID, suite: str = "aes"):
    return MASTERS.unwrap(of_case(case), MASTERS.make(of_case(case), SUITES[suite], entropy(str(case))))


CASE = uuid5(CASES, "one")
ABOUT = About(CASE, "by-env", "1")
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
parties = st.lists(
    st.fixed_dictionaries(
        {
            "name": texts,
            "kind": st.sampled_from(["unknown", "natural_person", "legal_person"]),
            "id_no": st.none() | texts.map(lambda text: text[:100]),
            "role": st.none() | texts.map(lambda text: text[:100]),
        }
    ),
    max_size=4,
)


def payload(**data):
    return decode(encode("transfer.sent", {"addressee": "by-police", **data})).data


@pytest.mark.parametrize("suite", SUITES)
@settings(deadline=None)
@given(parties=parties, summary=st.none() | texts)
def test_what_was_sealed_opens_to_what_it_was(suite, parties, summary):
    key, said = key_of(CASE, suite), payload(parties=parties, summary=summary)
    sealed = sealed_payload("transfer.sent", said, ABOUT, key)
    assert opened_payload("transfer.sent", sealed, ABOUT, key.opening) == said


@settings(deadline=None)
@given(parties=parties, summary=st.none() | texts)
def test_a_sealed_payload_is_valid_under_its_contract(parties, summary):
    sealed = sealed_payload("transfer.sent", payload(parties=parties, summary=summary), ABOUT, key_of(CASE))
    assert decode(encode("transfer.sent", sealed)).data == sealed


@pytest.mark.parametrize("suite", SUITES)
def test_the_same_event_is_sealed_to_the_same_bytes(suite):
    said = payload(parties=[{"name": "陈小明", "kind": "natural_person"}], summary="三月十日")
    first, second = (sealed_payload("transfer.sent", said, ABOUT, key_of(CASE, suite)) for _ in range(2))
    assert first == second


def test_a_name_is_the_same_in_all_events_of_its_case_and_in_no_other_case():
    def named(case: UUID, event: str) -> str:
        sealed = sealed_payload(
            "transfer.sent",
            payload(parties=[{"name": "陈小明", "kind": "unknown"}]),
            About(case, "by-env", event),
            key_of(case),
        )
        return sealed["parties"][0]["name"]

    other = uuid5(CASES, "two")
    assert named(CASE, "1") == named(CASE, "2") != named(other, "1")


def test_a_text_moved_to_another_event_or_field_does_not_open():
    key = key_of(CASE)
    sealed = sealed_payload("transfer.sent", payload(summary="一", parties=[]), ABOUT, key)
    moved = opened_payload("transfer.sent", sealed, About(CASE, "by-env", "2"), key.opening)
    assert moved["summary"] == UNREADABLE
    other = sealed_payload(
        "transfer.sent", payload(parties=[{"name": "x", "kind": "unknown", "id_no": "1"}]), ABOUT, key
    )
    other["parties"][0]["role"] = other["parties"][0]["id_no"]
    assert opened_payload("transfer.sent", other, ABOUT, key.opening)["parties"][0]["role"] == UNREADABLE


def test_without_its_key_a_payload_reads_as_destroyed():
    sealed = sealed_payload("transfer.sent", payload(summary="三月十日"), ABOUT, key_of(CASE))
    assert opened_payload("transfer.sent", sealed, ABOUT, None)["summary"] == DESTROYED


def test_what_was_never_sealed_is_read_as_it_is():
    said = payload(summary="三月十日")
    assert opened_payload("transfer.sent", said, ABOUT, key_of(CASE).opening) == said


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_no_personal_text_of_any_example_is_left(name):
    """Canaries: every text of every sealed place is replaced, in every event type."""
    for sample in samples(name):
        said = decode(encode_json(name, sample.data)).data
        sealed = sealed_payload(name, said, ABOUT, key_of(CASE))
        assert opened_payload(name, sealed, ABOUT, key_of(CASE).opening) == said
        value = encode(name, sealed)
        for _, text in told_texts(said, places(name)):
            assert not text or text.encode() not in value


def test_codes_of_units_among_participants_stay_readable():
    said = decode(
        encode("hearing.held", {"kind": "procuratorial", "topic": "x", "participants": ["by-police", "陈某"]})
    ).data
    sealed = sealed_payload("hearing.held", said, ABOUT, key_of(CASE), {"by-police"})
    assert sealed["participants"][0] == "by-police"
    assert sealed["participants"][1] != "陈某"


@settings(deadline=None)
@given(st.data())
def test_a_cut_gets_back_the_tokens_of_what_it_shows(data):
    said = payload(parties=data.draw(parties), summary=data.draw(texts))
    sealed = sealed_payload("transfer.sent", said, ABOUT, key_of(CASE))
    kept = [one for one in said["parties"] if data.draw(st.booleans())]
    shown = {**said, "parties": kept, "summary": None}
    back = resealed_payload("transfer.sent", shown, said, sealed)
    assert opened_payload("transfer.sent", back, ABOUT, key_of(CASE).opening) == shown
    assert all(one in sealed["parties"] for one in back["parties"])


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["被", "害", "人", "举报", "证人", "受害", "未成年", "Victim", "、", "嫌疑"])
    ).map("".join)
)
def test_rules_and_views_find_in_a_sealed_role_what_they_find_in_the_role(role):
    label = role_label(role)
    for word in NO_SUSPECT:
        assert (word in label) == (word in role)
    found = [
        next((s.protected for s in SIGNS if re.search(s.words, one.lower())), None) for one in (role, label)
    ]
    assert found[0] == found[1]


def test_a_rewrapped_key_opens_what_the_old_one_sealed():
    subject = of_case(CASE)
    kept = MASTERS.make(subject, SUITES["aes"], entropy("a"))
    both = Masters([Master("second", bytes(32)), *MASTERS.keys])
    again = both.rewrap(subject, kept, entropy("b"))
    assert again.master == "second"
    assert Masters(both.keys[:1]).unwrap(subject, again) == MASTERS.unwrap(subject, kept)


def test_a_key_opens_for_its_subject_and_its_master_only():
    kept = MASTERS.make(of_case(CASE), SUITES["aes"], entropy("a"))
    with pytest.raises(UnknownMasterError, match="does not open"):
        MASTERS.unwrap(of_case(uuid5(CASES, "two")), kept)
    with pytest.raises(UnknownMasterError, match="does not hold"):
        Masters([Master("other", bytes(32))]).unwrap(of_case(CASE), kept)
