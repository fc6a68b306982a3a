"""A journal keeps what came in order, survives its program, and refuses what contradicts it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.feeds.heads import FeedHead, NoHead, read_head
from consumers.feeds.journal import FeedDiffers, Journal
from consumers.feeds.statement import Tally
from infra.signing_key import new_key

digests = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return new_key(tmp_path_factory.mktemp("journal") / "key.pem")


def in_memory(signer):
    return Journal(Path(":memory:"), "by-police", signer.public)


def head_of(entries, upto, signer):
    tally = Tally()
    for seq, digest in enumerate(entries[:upto], 1):
        tally.add(seq, digest)
    told = FeedHead("", "by-police", upto, tally.digest, "", "2026-11-25T03:00:00Z", signer.public.hex(), "")
    return replace(told, signature=signer.sign(told.text).hex())


@settings(max_examples=50, deadline=None)
@given(entries=digests, data=st.data())
def test_every_head_of_what_came_holds_and_none_of_anything_else(signer, entries, data):
    upto = data.draw(st.integers(1, len(entries)))
    other = data.draw(digests)
    journal = in_memory(signer)
    for seq, digest in enumerate(entries, 1):
        journal.note(seq, digest)
    assert journal.hold(head_of(entries, upto, signer)) == upto
    if other[: len(entries)] != entries[: len(other)]:
        with pytest.raises(FeedDiffers):
            journal.hold(head_of(other, len(other), signer))
    assert journal.proven == upto


def test_what_differs_is_narrowed_to_what_came_after_the_last_good_head(signer):
    journal = in_memory(signer)
    good = [bytes([n]) * 32 for n in range(5)]
    for seq, digest in enumerate(good, 1):
        journal.note(seq, digest)
    journal.hold(head_of(good, 4, signer))
    with pytest.raises(FeedDiffers, match=r"^entry 5 differs"):
        journal.hold(head_of([*good[:4], bytes(32)], 5, signer))


def test_an_entry_comes_again_as_itself_only_and_none_is_left_out(signer):
    journal = in_memory(signer)
    journal.note(1, bytes(32))
    journal.note(1, bytes(32))
    with pytest.raises(FeedDiffers, match="entry 1 came again as another"):
        journal.note(1, b"\1" * 32)
    with pytest.raises(FeedDiffers, match="entry 2 is missing: 3 came after 1"):
        journal.note(3, bytes(32))


def test_a_head_of_another_feed_or_key_is_refused(signer, tmp_path):
    journal = in_memory(signer)
    journal.note(1, bytes(32))
    head = head_of([bytes(32)], 1, signer)
    with pytest.raises(FeedDiffers, match="not signed"):
        Journal(Path(":memory:"), "by-police", new_key(tmp_path / "other.pem").public).hold(head)
    with pytest.raises(FeedDiffers, match="of the feed of by-police, not of by-env"):
        Journal(Path(":memory:"), "by-env", signer.public).hold(head)


def test_what_was_saved_is_there_after_a_crash(signer, tmp_path):
    first = Journal(tmp_path / "feed.db", "by-police", signer.public)
    first.note(1, bytes(32))
    first.save()
    first.note(2, bytes(32))  # and then it dies
    del first
    with Journal(tmp_path / "feed.db", "by-police", signer.public) as again:
        assert (again.upto, list(again.entries())) == (1, [(1, bytes(32))])


@pytest.mark.parametrize("told", [b"", b"[]", b"{}", b'{"unit": 1}', {"upto": 1}])
def test_what_is_no_head_is_said_so(told):
    with pytest.raises(NoHead):
        read_head(told)
