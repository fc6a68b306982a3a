"""The bound on what is in flight: records and bytes, blocking, and knowing when nothing is left."""

from __future__ import annotations

import threading

from producers.budget import Budget


def test_neither_records_nor_bytes_go_beyond_their_bound() -> None:
    budget = Budget(records=2, size=100)
    assert budget.take(10, seconds=0)
    assert not budget.take(91, seconds=0)
    assert budget.take(90, seconds=0)
    assert not budget.take(0, seconds=0)
    budget.give_back(90)
    assert budget.take(90, seconds=0)


def test_who_waits_for_room_goes_on_as_soon_as_there_is_some() -> None:
    budget = Budget(records=1, size=100)
    budget.take(1, seconds=0)
    taken: list[bool] = []
    waiting = threading.Thread(target=lambda: taken.append(budget.take(1, seconds=30)))
    waiting.start()
    budget.give_back(1)
    waiting.join(30)
    assert taken == [True]


def test_drained_tells_whether_everything_was_resolved_in_time() -> None:
    budget = Budget(records=9, size=100)
    assert budget.drained(seconds=0)
    budget.take(1, seconds=0)
    assert not budget.drained(seconds=0)
