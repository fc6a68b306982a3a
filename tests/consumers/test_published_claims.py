"""Each row of the research notes on the published cases holds on the bus, or differs for a stated reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.demo.playing import plan
from schemas.units import Register, Role
from tests.consumers.published_claims import (
    ABOVE,
    CLAIMS,
    DIFFERENCES,
    SENTENCES,
    Row,
    Seen,
    compared,
    counted,
)
from tests.consumers.published_readings import READINGS
from tests.consumers.test_published_cases import HISTORIES, log_of

every_case = pytest.mark.parametrize("case", CLAIMS)
SENTENCED = [
    (case, kind, place)
    for case, rows in CLAIMS.items()
    for kind in SENTENCES
    for place in range(len(rows.get(kind, ())))
]


@pytest.fixture(scope="module")
def seen(register: Register) -> dict[str, Seen]:
    """Every case, said to the demonstration's units and to the superior organs that it has none for."""
    by_code = register.by_code
    above = [
        replace(by_code[code], code=superior, roles=frozenset({Role.SUPERIOR}), district="guangzhou")
        for code, superior in ABOVE.items()
    ]
    below = [replace(unit, superior=ABOVE.get(unit.code, unit.superior)) for unit in register.units]
    complete = Register((*below, *above))
    return {play.history.id: Seen(play, log_of(play, complete)) for play in plan(HISTORIES, complete)}


def test_the_notes_are_about_every_published_case() -> None:
    assert CLAIMS.keys() == {history.id for history in HISTORIES}


@every_case
def test_who_hears_what_is_mirrored_and_what_is_due_is_as_the_notes_say(
    case: str, seen: dict[str, Seen]
) -> None:
    missing = [row for row in compared(seen[case]) if row.missing and row.key not in DIFFERENCES]
    assert not missing


@pytest.mark.parametrize(("case", "kind", "place"), SENTENCED)
def test_a_sentence_of_the_notes_holds(case: str, kind: str, place: int, seen: dict[str, Seen]) -> None:
    check = READINGS.get((case, kind, place))
    if check is None:
        assert (case, kind, str(place)) in DIFFERENCES, CLAIMS[case][kind][place]
    else:
        assert check(seen[case]), CLAIMS[case][kind][place]


def test_every_due_day_of_the_notes_is_the_one_that_our_periods_give() -> None:
    assert not [row for row in counted() if row[2] != row[3]]


def test_what_is_called_a_difference_is_one(seen: dict[str, Seen]) -> None:
    rows: list[Row] = [row for one in seen.values() for row in compared(one)]
    different = {row.key for row in rows if row.missing}
    different |= {
        (case, kind, str(place)) for case, kind, place in SENTENCED if (case, kind, place) not in READINGS
    }
    assert DIFFERENCES.keys() == different


def test_a_reading_is_of_a_sentence_that_stands_there() -> None:
    assert READINGS.keys() <= set(SENTENCED)
