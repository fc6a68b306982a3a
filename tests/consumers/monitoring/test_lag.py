"""A reader is judged by whether it moves and its backlog shrinks, not by how long the backlog is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consumers.monitoring.lag import Seen, State, judge, rate, seconds_behind, worst

START = datetime(2026, 11, 23, tzinfo=UTC)


def window(*seen: tuple[int, int]) -> list[Seen]:
    """(position, end) every ten seconds."""
    return [Seen(START + timedelta(seconds=10 * n), *one) for n, one in enumerate(seen)]


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        ([(5, 5), (5, 5), (5, 5)], State.OK),  # nothing to do
        ([(0, 9), (9, 9), (9, 30)], State.OK),  # was up to date within the window
        ([(0, 90000), (4000, 90000), (9000, 90000)], State.OK),  # far behind, but catching up
        ([(0, 10), (1, 30), (2, 60)], State.FALLING_BEHIND),
        ([(3, 10), (3, 10), (3, 10)], State.STALLED),
        ([(3, 10), (3, 15), (3, 30)], State.STALLED),
        ([(9, 10), (2, 10), (3, 10)], State.REWOUND),
        ([(3, 10), (3, 10)], State.UNKNOWN),
    ],
)
def test_the_state_follows_from_movement(seen, state):
    assert judge(window(*seen)) is state


def test_a_topic_is_as_bad_as_its_worst_partition():
    assert worst([State.OK, State.STALLED, State.FALLING_BEHIND]) is State.STALLED
    assert worst([]) is State.UNKNOWN


def test_the_oldest_record_is_as_old_as_the_moment_when_the_end_passed_it():
    assert seconds_behind(window((0, 0), (0, 100), (50, 100))) == pytest.approx(15)
    assert seconds_behind(window((0, 10), (10, 10))) == 0
    assert seconds_behind(window((0, 10), (0, 10), (0, 10))) == 20  # at least: the window tells no more


@given(some.lists(some.tuples(some.integers(0, 50), some.integers(0, 50)), min_size=1, max_size=12))
def test_age_is_never_negative_nor_longer_than_the_window_and_zero_without_backlog(steps):
    position, end, seen = 0, 0, []
    for taken, came in steps:
        end += came
        position = min(end, position + taken)
        seen.append((position, end))
    known = window(*seen)
    age = seconds_behind(known)
    assert 0 <= age <= (known[-1].at - known[0].at).total_seconds()
    assert known[-1].lag > 0 or age == 0


def test_the_rate_is_what_came_in_a_second():
    assert rate(window((0, 0), (0, 50), (0, 200))) == 10
    assert rate(window((0, 5))) == 0
