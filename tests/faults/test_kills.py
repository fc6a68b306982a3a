"""Nothing is lost, doubled or disordered when any part of the bus is killed at any point, under load."""

from __future__ import annotations

import random

import pytest

from consumers.rebuild import dump, replaying
from infra.database import create_database
from infra.database import engine as make_engine
from infra.rules import read_rulebook
from tests.faults.bus import GATEWAY_POINTS, GATEWAYS, POINTS, PROCESSES, VICTIMS
from tests.faults.conftest import SEED
from tests.faults.evidence import count, rows
from tests.faults.scripts import due_in

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

AWAY_SECONDS = 20.0


@pytest.fixture(scope="module")
def gateways():
    """Some of the units say over HTTP."""
    return GATEWAYS


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_a_named_point_does_nothing_by_halves(bus, point):
    victim = VICTIMS[point.partition("-")[0]]
    bus.plant.kill(victim)
    bus.plant.start(victim, failpoint=point if victim == "clock" else f"{point}:2")
    bus.tell(2)
    bus.plant.wait_for_death(victim)
    bus.plant.start(victim)
    bus.conclude()


@pytest.mark.parametrize("victim", PROCESSES)
def test_a_process_may_be_killed_at_any_time(bus, victim):
    chance = random.Random(f"{SEED}{victim}")
    bus.tell(6)
    for _ in range(3):
        bus.let_run_by_chance(chance)
        bus.plant.kill(victim)
        bus.plant.start(victim)
    bus.conclude()


def test_a_gateway_may_be_killed_at_any_point_without_breaking_what_a_receipt_promises(bus):
    """One dies on each side of what the broker and the database have, the other at any time; units ask whichever lives."""
    armed, other = GATEWAYS
    bus.plant.kill(armed)
    for point in GATEWAY_POINTS:
        bus.plant.start(armed, failpoint=f"{point}:2")
        bus.tell(2)
        bus.plant.wait_for_death(armed)
    bus.plant.start(armed)
    bus.tell(4)
    bus.let_run_by_chance(random.Random(f"{SEED}{other}"))
    bus.plant.kill(other)
    bus.plant.start(other)
    bus.conclude()


def test_everything_may_be_killed_at_once(bus):
    bus.tell(4)
    bus.let_run(20)
    bus.plant.kill(*PROCESSES, *GATEWAYS)
    bus.plant.start(*PROCESSES, *GATEWAYS)
    bus.conclude()


def test_the_broker_may_be_killed_and_started_again(bus):
    """Clients' results are unknown meanwhile; they send again, and it counts once (I12)."""
    bus.tell(6)
    for _ in range(2):
        bus.let_run(30)
        bus.plant.kill_broker()
        bus.plant.broker.start()
    bus.conclude()


def test_the_database_may_be_away_for_a_while_even_when_partitions_change_hands(bus):
    """All processes wait; the one that loses its colleague meanwhile cannot even ask where to read on."""
    bus.plant.start("worker-2")
    bus.tell(6)
    bus.let_run(20)
    before = {name: bus.plant.pid(name) for name in (*PROCESSES, *GATEWAYS)}
    bus.plant.kill_postgres()
    bus.plant.kill("worker-2")
    bus.plant.wait_seconds(AWAY_SECONDS)
    bus.plant.postgres.start()
    bus.conclude()
    assert {name: bus.plant.pid(name) for name in before} == before


def test_a_deadline_that_falls_due_while_everything_is_down_is_flagged_once_at_start(bus):
    bus.tell(1, (due_in(8),))
    bus.plant.wait_for(lambda: armed(bus) == 1, "the clock to be set")
    bus.plant.kill(*PROCESSES)
    bus.plant.wait_for(lambda: armed(bus, past=True) == 1, "the deadline to pass")
    bus.plant.start(*PROCESSES)
    bus.conclude()


def armed(bus, *, past: bool = False) -> int:
    """How many transfers are not flagged yet; `past`: of those whose deadline has passed."""
    query = "SELECT count(*) FROM clocks WHERE rule = 'O310-05c' AND alarm = 'breach' AND state = 'running'"
    return count(bus.plant.engine, query + (" AND alarm_at < now()" if past else ""))


def test_a_deadline_rings_within_two_seconds_while_all_is_well(bus):
    bus.tell(1, (due_in(5),))
    bus.conclude()
    [breach] = rows(bus.plant.engine, LATENESS)
    assert 0 <= breach["late"] <= 2


LATENESS = """
SELECT extract(epoch FROM e.recorded_at - c.due_to) - 1 AS late
FROM clocks c JOIN events e ON e.event_id = c.breached_id AND e.source = 'bus'
WHERE c.rule = 'O310-05c' ORDER BY e.recorded_at DESC LIMIT 1
"""
"""How long after the first second too late the newest breach was flagged."""


def test_the_database_is_the_replay_of_the_log(bus):
    """I9: the same rows and the same numbers in the feeds; nothing is said or sent again."""
    bus.tell(2)
    bus.conclude()
    settings, engine = bus.plant.settings, bus.plant.engine
    fresh = settings.model_copy(
        update={
            "database": create_database(
                bus.plant.postgres.url(), f"{settings.namespace}again", template="migrated_template"
            )
        }
    )
    rebuilt = make_engine(fresh)
    replaying.rebuild(fresh, read_rulebook(fresh), rebuilt)
    assert list(dump.lines(rebuilt)) == list(dump.lines(engine))
    for query in NUMBERING:
        assert rows(rebuilt, query) == rows(engine, query)
    assert count(rebuilt, "SELECT count(*) FROM outbox") == 0
    rebuilt.dispose()


NUMBERING = (
    "SELECT * FROM feed_positions ORDER BY unit, seq",
    "SELECT unit, assigned, published FROM feeds ORDER BY unit",
    "SELECT topic, partition, next_offset, chain FROM progress WHERE topic <> 'relay' AND next_offset > 0 ORDER BY 1, 2",
)
