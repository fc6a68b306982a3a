"""Field digests: a cut view proves what it shows, and anything else that it shows is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.views.kinds import View
from consumers.views.rules import cut
from schemas.catalogue import BY_NAME
from schemas.codec import decode, encode
from schemas.sealed.digests import FieldProof, Leaf, NotProven, Part, check_view, field_proof, field_root
from schemas.sealed.payloads import About
from tests.schemas.sealed.test_payloads import key_of, parties, texts

CASE = UUID("0b6c2f0e-6f0a-5c55-9d6b-7b2f6d0a1c04")
ABOUT = About(CASE, "by-env", "1")
TYPE = "transfer.sent"
SAID = decode(
    encode(
        TYPE,
        {
            "addressee": "by-police",
            "offence": "污染环境罪",
            "parties": [
                {"name": "陈小明", "kind": "natural_person", "id_no": "110101198001011234"},
                {"name": "王五", "kind": "natural_person", "role": "举报人"},
                {"name": "某公司", "kind": "legal_person"},
            ],
            "summary": "三月十日",
        },
    )
).data


def shown_in(view, data=SAID, suite="aes"):
    key = key_of(CASE, suite)
    made = cut(TYPE, data, view, date(2026, 3, 10))
    proof = field_proof(
        field_root(BY_NAME[TYPE], data, ABOUT, key), data, Part(made.data, made.kept), ABOUT, key
    )
    assert proof is not None
    return made.data, proof


@pytest.mark.parametrize("suite", ["aes", "sm"])
@pytest.mark.parametrize("view", View)
def test_every_view_verifies_against_the_event_as_it_was_said(view, suite):
    shown, proof = shown_in(view, suite=suite)
    proven = check_view(TYPE, shown, proof)
    assert "offence" in proven
    assert ("summary" in proven) == (shown["summary"] == SAID["summary"])


@settings(deadline=None)
@given(parties, st.none() | texts, st.sampled_from(list(View)))
def test_any_event_verifies_in_any_view(parties, summary, view):
    data = decode(encode(TYPE, {"addressee": "x", "parties": parties, "summary": summary})).data
    check_view(TYPE, *shown_in(view, data))


def test_a_field_that_is_hidden_is_not_proven_and_shows_its_digest_only():
    shown, proof = shown_in(View.OUTLINE)
    assert "parties[0].name" not in check_view(TYPE, shown, proof)
    leaf = next(one for one in proof.leaves if one.path == "parties[0].name")
    assert leaf.digest
    assert not leaf.salt


@pytest.mark.parametrize("name", ["offence", "addressee", "amount_fen"])
def test_a_changed_field_is_found_out(name):
    shown, proof = shown_in(View.OUTLINE)
    with pytest.raises(NotProven, match="not as it was"):
        check_view(TYPE, {**shown, name: "别的"}, proof)


def test_a_party_put_in_or_taken_out_is_found_out():
    shown, proof = shown_in(View.FULL)
    with pytest.raises(NotProven, match="another number"):
        check_view(TYPE, {**shown, "parties": shown["parties"][1:]}, proof)
    with pytest.raises(NotProven):
        check_view(TYPE, {**shown, "parties": list(reversed(shown["parties"]))}, proof)


def test_a_proof_of_another_event_or_with_bent_parts_is_refused():
    shown, proof = shown_in(View.FULL)
    with pytest.raises(NotProven, match="names no suite"):
        check_view("transfer.received", shown, proof)
    with pytest.raises(NotProven, match="names no suite"):
        check_view(TYPE, shown, FieldProof("Z.1.00", proof.leaves))
    with pytest.raises(NotProven, match="is not 16 bytes"):
        check_view(TYPE, shown, replace(proof, leaves=[Leaf("addressee", salt="zz")]))
    with pytest.raises(NotProven, match="is not there"):
        check_view(TYPE, {}, proof)


def test_a_root_that_does_not_come_out_gives_no_proof():
    key = key_of(CASE)
    assert field_proof("A.1.00", SAID, Part(SAID, {}), ABOUT, key) is None
    assert field_proof("", SAID, Part(SAID, {}), ABOUT, key) is None


def test_the_same_value_has_another_digest_in_another_event():
    key = key_of(CASE)
    roots = {field_root(BY_NAME[TYPE], SAID, About(CASE, "by-env", one), key) for one in ("1", "2")}
    assert len(roots) == 2
