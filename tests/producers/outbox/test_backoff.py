"""Waits between attempts grow, are bounded, and differ by chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.outbox.backoff import Backoff

chances = st.floats(0, 1, exclude_max=True)


@given(st.integers(-5, 10_000), chances)
def test_a_wait_is_never_longer_than_the_bound_nor_shorter_than_half_the_first(
    attempt: int, chance: float
) -> None:
    assert 0.5 <= Backoff(1.0, 60.0).seconds(attempt, chance) <= 60.0


@given(st.integers(1, 50), chances)
def test_with_the_same_chance_a_later_attempt_never_waits_less(attempt: int, chance: float) -> None:
    backoff = Backoff()
    assert backoff.seconds(attempt, chance) <= backoff.seconds(attempt + 1, chance)


def test_without_luck_the_waits_double() -> None:
    assert [Backoff(2.0, 60.0).seconds(n, 0.0) for n in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(("first", "most"), [(0, 1), (-1, 1), (2, 1)])
def test_waits_that_make_no_sense_are_refused(first: float, most: float) -> None:
    with pytest.raises(ValueError, match="first_seconds"):
        Backoff(first, most)
