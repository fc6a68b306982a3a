"""A unit that lacks an entry, has another one or has them in another order gets another digest."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.feeds.statement import START, Tally

digests = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=20)


def tally(entries: list[bytes], after: int = 0) -> Tally:
    made = Tally(after)
    for n, digest in enumerate(entries, start=after + 1):
        made.add(n, digest)
    return made


def test_the_digest_is_what_the_documentation_says() -> None:
    first = sha256(bytes(32) + (1).to_bytes(8) + b"a" * 32).digest()
    second = sha256(first + (2).to_bytes(8) + b"b" * 32)
    assert tally([b"a" * 32, b"b" * 32]).digest == second.hexdigest()
    assert Tally().digest == START.hex()


@given(digests, st.data())
def test_any_difference_shows(entries: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(entries) - 1))
    changed = [*entries[:at], data.draw(st.binary(min_size=32, max_size=32)), *entries[at + 1 :]]
    shorter = entries[:at] + entries[at + 1 :]
    assert (tally(changed).digest == tally(entries).digest) == (changed == entries)
    assert tally(shorter).digest != tally(entries).digest
    assert tally(entries, after=1).digest != tally(entries).digest


@pytest.mark.parametrize("seq", [0, 1, 3])
def test_an_entry_that_is_not_the_next_is_refused(seq: int) -> None:
    with pytest.raises(ValueError, match="where 2 was expected"):
        tally([bytes(32)]).add(seq, bytes(32))
