"""A worker remembers cases within bounds, and forgets those that it has not seen for longest."""

from __future__ import annotations

from uuid import UUID

import pytest

from consumers.casework.memory import CaseMemory, Known


def case(number: int) -> UUID:
    return UUID(int=number)


def known(events: int) -> Known:
    return Known(None, {("by-env", str(number)): b"digest" for number in range(events)})


def remembered(memory: CaseMemory, cases: range) -> list[int]:
    return [number for number in cases if memory.get(case(number)) is not None]


def test_what_was_put_is_there():
    memory, one = CaseMemory(100), known(3)
    memory.put(case(1), one)
    assert memory.get(case(1)) is one
    assert memory.get(case(2)) is None


def test_the_longest_unseen_is_forgotten_first():
    memory = CaseMemory(12)  # three cases of three events, each weighing one more than its events
    for number in range(3):
        memory.put(case(number), known(3))
    memory.get(case(0))
    memory.put(case(3), known(3))
    assert remembered(memory, range(4)) == [0, 2, 3]


def test_a_case_that_grows_weighs_more():
    memory = CaseMemory(12)
    for number in range(3):
        memory.put(case(number), known(3))
    memory.put(case(2), known(7))
    assert remembered(memory, range(3)) == [1, 2]


def test_a_case_that_is_put_again_is_counted_once():
    memory = CaseMemory(12)
    for _ in range(10):
        memory.put(case(0), known(3))
    memory.put(case(1), known(7))
    assert remembered(memory, range(2)) == [0, 1]


@pytest.mark.parametrize("most", [0, 3])
def test_a_memory_too_small_for_a_case_remembers_nothing_of_it(most):
    memory = CaseMemory(most)
    memory.put(case(0), known(3))
    assert memory.get(case(0)) is None
