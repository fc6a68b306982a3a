"""Values sealed to an ingress key: they open to what was said, for the one event, with the one key, unchanged, in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import shake_256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.admission import Reason, Refusal
from schemas.envelope import Envelope
from schemas.identity import case_id
from schemas.sealed.ingress import (
    IngressKey,
    Opening,
    is_sealed,
    public_half,
    read_ingress_key,
    sealed_for,
    sealed_to,
    unsealed,
)
from schemas.sealed.suites import SUITES
from schemas.spans import Precision

NOW = datetime(2026, 3, 10, tzinfo=UTC)
SECRET = bytes(range(32))
ABOUT = Envelope(
    id="1",
    source="by-env",
    type="transfer.sent",
    subject=case_id("by-env", "案1"),
    time=NOW,
    origin_unit="by-env",
    origin_case="案1",
)


def entropy(size: int) -> bytes:
    return shake_256(b"entropy").digest(size)


def key(suite: str = "aes") -> IngressKey:
    renew_by, expires_at = NOW + timedelta(days=90), NOW + timedelta(days=180)
    return IngressKey("abcd_-12", SUITES[suite], public_half(SECRET), renew_by, expires_at)


def openings(suite: str = "aes", secret: bytes | None = SECRET) -> dict[str, Opening]:
    return {"abcd_-12": Opening("abcd_-12", SUITES[suite], key().expires_at, secret)}


def opened(value: bytes, about: Envelope = ABOUT, *, at: datetime = NOW, suite: str = "aes"):
    return unsealed(value, about, openings(suite), at)


def reason(found: bytes | Refusal) -> Reason | None:
    return found.reason if isinstance(found, Refusal) else None


@pytest.mark.parametrize("suite", SUITES)
@settings(deadline=None)
@given(value=st.binary(max_size=400))
def test_whatever_was_sealed_opens_to_what_it_was(suite, value):
    sealed = sealed_for(key(suite), ABOUT, value, entropy)
    assert is_sealed(sealed)
    assert sealed_to(sealed) == "abcd_-12"
    assert opened(sealed, suite=suite) == value


@pytest.mark.parametrize("suite", SUITES)
def test_a_change_of_any_byte_and_a_cut_anywhere_is_noticed(suite):
    sealed = sealed_for(key(suite), ABOUT, b"said", entropy)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert reason(opened(bytes(changed), suite=suite)) in (Reason.NOT_OPENED, Reason.INGRESS_KEY)
        assert reason(opened(sealed[:place], suite=suite)) in (Reason.NOT_OPENED, Reason.INGRESS_KEY)


@settings(deadline=None)
@given(junk=st.binary(max_size=300))
def test_no_bytes_that_claim_to_be_sealed_raise_anything(junk):
    claims = b"linkage ingress 1\n" + junk
    assert reason(opened(claims)) in (Reason.NOT_OPENED, Reason.INGRESS_KEY)
    assert reason(opened(claims[: len(b"linkage ingress 1\n")] + b"A.abcd_-12\n" + junk)) is Reason.NOT_OPENED


@pytest.mark.parametrize(
    "change",
    [
        {"id": "2"},
        {"source": "by-market"},
        {"type": "transfer.withdrawn"},
        {"subject": case_id("by-env", "案2")},
        {"time": NOW + timedelta(seconds=1)},
        {"precision": Precision.DAY},
    ],
    ids=lambda change: next(iter(change)),
)
def test_it_opens_for_no_other_event(change):
    sealed = sealed_for(key(), ABOUT, b"said", entropy)
    assert reason(opened(sealed, replace(ABOUT, **change))) is Reason.NOT_OPENED


def test_who_acted_may_be_filled_in_later_as_everywhere():
    sealed = sealed_for(key(), ABOUT, b"said", entropy)
    assert opened(sealed, replace(ABOUT, operator="王", causation="0")) == b"said"


def test_it_is_opened_up_to_the_moment_at_which_the_key_expires():
    sealed, end = sealed_for(key(), ABOUT, b"said", entropy), key().expires_at
    assert opened(sealed, at=end - timedelta(milliseconds=1)) == b"said"
    assert reason(opened(sealed, at=end)) is Reason.INGRESS_KEY


def test_an_unknown_and_a_destroyed_key_are_told_apart_and_name_the_remedy():
    sealed = sealed_for(key(), ABOUT, b"said", entropy)
    unknown = unsealed(sealed, ABOUT, {}, NOW)
    destroyed = unsealed(sealed, ABOUT, openings(secret=None), NOW)
    assert reason(unknown) is reason(destroyed) is Reason.INGRESS_KEY
    assert "abcd_-12, which is not known here" in unknown.detail
    assert "abcd_-12, which was destroyed" in destroyed.detail
    assert "/v1/ingress-key" in unknown.detail


def test_another_private_half_under_the_same_name_opens_nothing():
    other = {"abcd_-12": Opening("abcd_-12", SUITES["aes"], key().expires_at, bytes(32))}
    sealed = sealed_for(key(), ABOUT, b"said", entropy)
    assert reason(unsealed(sealed, ABOUT, other, NOW)) is Reason.NOT_OPENED


def test_sealed_twice_the_same_value_is_not_seen_to_be_the_same_nor_how_long_it_is():
    first, again = (sealed_for(key(), ABOUT, b"said", entropy) for _ in range(2))
    assert first != again
    assert len(first) == len(sealed_for(key(), ABOUT, b"said and more", entropy))


def test_nothing_of_the_private_half_is_in_what_is_printed():
    assert str(SECRET) not in repr(openings())


@pytest.mark.parametrize("suite", SUITES)
def test_the_text_of_a_key_reads_back_as_the_key(suite):
    assert read_ingress_key(f" {key(suite).text}\n") == key(suite)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "linkage-ingress.1",
        key().text[:-4],
        key().text.replace(".A.", ".X."),
        key().text.replace("2026", "x"),
    ],
)
def test_a_text_that_is_no_key_is_told_with_where_one_is(text):
    with pytest.raises(ValueError, match=r"seven parts.*linkage vault ingress list"):
        read_ingress_key(text)
