"""The bound on what is in flight: records and bytes, blocking, and knowing when the broker has fallen silent."""

from __future__ import annotations

import threading

from producers.budget import Budget


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_neither_records_nor_bytes_go_beyond_their_bound() -> None:
    budget = Budget(records=2, size=100)
    assert budget.take(10, seconds=0)
    assert not budget.take(91, seconds=0)
    assert budget.take(90, seconds=0)
    assert not budget.take(0, seconds=0)
    budget.give_back(90, acknowledged=True)
    assert budget.take(90, seconds=0)


def test_who_waits_for_room_goes_on_as_soon_as_there_is_some() -> None:
    budget = Budget(records=1, size=100)
    budget.take(1, seconds=0)
    taken: list[bool] = []
    waiting = threading.Thread(target=lambda: taken.append(budget.take(1, seconds=30)))
    waiting.start()
    budget.give_back(1, acknowledged=True)
    waiting.join(30)
    assert taken == [True]


def test_silence_lasts_from_the_first_unanswered_record_to_the_next_acknowledgement() -> None:
    clock = Clock()
    budget = Budget(records=9, size=100, monotonic=clock)
    assert budget.unanswered_seconds == 0
    budget.take(1, seconds=0)
    budget.take(1, seconds=0)
    clock.at = 7.0
    budget.give_back(1, acknowledged=False)
    assert budget.unanswered_seconds == 7.0
    budget.take(1, seconds=0)
    budget.give_back(1, acknowledged=True)
    assert budget.unanswered_seconds == 0
    clock.at = 9.0
    assert budget.unanswered_seconds == 2.0
    budget.give_back(1, acknowledged=True)
    assert budget.unanswered_seconds == 0


def test_drained_tells_whether_everything_was_resolved_in_time() -> None:
    budget = Budget(records=9, size=100)
    assert budget.drained(seconds=0)
    budget.take(1, seconds=0)
    assert not budget.drained(seconds=0)
