"""Retries wait longer and longer up to 72 hours, and a receiver that fails in a row is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.webhooks.rules import (
    LIFETIME,
    TRIPPED,
    Answer,
    Circuit,
    State,
    fare,
    jitter_of,
    settle,
)

NOW = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
END = NOW + LIFETIME
OK, BAD, SILENT = Answer(204, "204"), Answer(500, "500"), Answer(None, "no answer")


def next_try(answer: Answer, attempts: int, now: datetime = NOW, jitter: float = 0.5) -> timedelta:
    return settle(answer, attempts=attempts, expires_at=END, now=now, jitter=jitter).due_at - now


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_2xx_is_a_yes(status: int) -> None:
    after = settle(Answer(status, ""), attempts=3, expires_at=END, now=NOW, jitter=0)
    assert after.state is State.DELIVERED


@pytest.mark.parametrize("status", [None, 100, 199, 301, 302, 307, 400, 404, 429, 500, 503])
def test_everything_else_is_tried_again(status: int | None) -> None:
    after = settle(Answer(status, ""), attempts=1, expires_at=END, now=NOW, jitter=0)
    assert (after.state, after.due_at > NOW) == (State.QUEUED, True)


def test_waits_grow_from_seconds_to_hours() -> None:
    waits = [next_try(BAD, attempts) for attempts in range(1, 10)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert waits[-1] == timedelta(hours=10)


def test_the_last_try_is_made_when_the_72_hours_end_and_then_it_has_failed() -> None:
    late = END - timedelta(minutes=1)
    assert next_try(BAD, 9, late) == timedelta(minutes=1)
    assert settle(BAD, attempts=10, expires_at=END, now=END, jitter=0).state is State.FAILED
    assert settle(OK, attempts=10, expires_at=END, now=END, jitter=0).state is State.DELIVERED


def test_a_receivers_wish_to_wait_is_honoured_up_to_an_hour() -> None:
    assert next_try(Answer(429, "", timedelta(minutes=2)), 1) == timedelta(minutes=2)
    assert next_try(Answer(429, "", timedelta(days=9)), 1) == timedelta(hours=1)
    assert next_try(Answer(429, "", timedelta(seconds=1)), 1) == timedelta(seconds=5)


@given(st.integers(1, 100), st.floats(0, 1), st.integers(0, 72 * 3600))
def test_a_queued_delivery_is_due_later_but_never_after_it_expires(
    attempts: int, jitter: float, since: int
) -> None:
    now = NOW + timedelta(seconds=since)
    after = settle(SILENT, attempts=attempts, expires_at=END, now=now, jitter=jitter)
    assert after.state is State.FAILED if now >= END else now < after.due_at <= END


def test_failures_in_a_row_open_the_circuit_for_longer_and_longer_and_one_yes_closes_it() -> None:
    circuit = Circuit()
    waits = []
    for _ in range(TRIPPED + 8):
        circuit = fare(circuit.failures, BAD, NOW)
        waits.append(circuit.open_until and circuit.open_until - NOW)
    assert waits[: TRIPPED - 1] == [None] * (TRIPPED - 1)
    assert [wait.total_seconds() for wait in waits[TRIPPED - 1 :] if wait][:3] == [30, 60, 120]
    assert waits[-1] == timedelta(minutes=30)
    assert fare(circuit.failures, OK, NOW) == Circuit()


def test_jitter_spreads_and_follows_from_the_name_alone() -> None:
    drawn = {jitter_of(f"{n}") for n in range(200)}
    assert len(drawn) == 200
    assert 0 <= min(drawn) < 0.1
    assert 0.9 < max(drawn) < 1
    assert jitter_of("7") == jitter_of("7")
