"""What one poll brought of several partitions shares a transaction, and gives what one batch after another gives."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from sqlalchemy import text

from consumers.casework.transaction import Casework
from consumers.rebuild import dump
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.database import create_database
from infra.database import engine as make_engine
from infra.positions import LostGuard
from infra.settings import Settings
from tests.consumers.casework.logged import TOPIC, Log, told
from tests.faults.evidence import count, rows
from tests.faults.scripts import OPINION, OVERDUE, SWIFT

pytestmark = pytest.mark.postgres


@pytest.fixture
def databases(postgres_url, template_database):
    made = [
        make_engine(
            Settings(
                database=create_database(
                    postgres_url, f"waves_{uuid.uuid4().hex[:8]}", template=template_database
                )
            )
        )
        for _ in range(2)
    ]
    yield made
    for connector in made:
        connector.dispose()


@pytest.fixture
def logs():
    """Three partitions with a case each."""
    made = [Log(TOPIC, partition) for partition in range(3)]
    for log, script in zip(made, (SWIFT, OVERDUE, OPINION), strict=True):
        log.add(*told(script, seed=str(log.partition)))
    return made


def casework(connector, register, logs, **more):
    rulebook = Rulebook(register, published_calendar())
    return Casework(
        connector,
        rulebook,
        lambda topic, partition, start, end: logs[partition].range(topic, partition, start, end),
        cached_events=1000,
        topic=TOPIC,
        **more,
    )


def transactions(connector) -> int:
    """How many transactions wrote events: each leaves its own mark on its rows."""
    return count(connector, "SELECT count(DISTINCT xmin::text) FROM events")


def test_batches_of_different_partitions_are_written_in_one_transaction(databases, register, logs):
    together, apart = databases
    every = sum(len(log.records) for log in logs)
    assert casework(together, register, logs).apply(*(log.records for log in logs)) == every
    for log in logs:
        casework(apart, register, logs).apply(log.records)
    assert transactions(together) == 1
    assert list(dump.lines(together)) == list(dump.lines(apart))


def test_records_that_somebody_else_has_applied_meanwhile_are_left_out_of_the_wave(databases, register, logs):
    connector, _ = databases
    first = casework(connector, register, logs)
    first.apply(*(log.records[:2] for log in logs))
    casework(connector, register, logs).apply(logs[1].records[2:4])
    left = sum(len(log.records) for log in logs) - 8
    assert first.apply(*(log.records[2:] for log in logs)) == left
    assert count(connector, "SELECT count(*) FROM events") == left + 8


def test_a_wave_whose_position_somebody_else_has_moved_writes_nothing(databases, register, logs):
    """Taken again, it is done."""
    connector, _ = databases
    first = casework(connector, register, logs)
    first.apply(*(log.records[:2] for log in logs))
    moved = "UPDATE progress SET next_offset = next_offset + :by WHERE partition = 1"
    with connector.begin() as connection:
        connection.execute(text(moved), {"by": 1})
    with pytest.raises(LostGuard):
        first.apply(*(log.records[2:] for log in logs))
    assert count(connector, "SELECT count(*) FROM events") == 6
    with connector.begin() as connection:
        connection.execute(text(moved), {"by": -1})
    left = sum(len(log.records) for log in logs) - 6
    assert first.apply(*(log.records[2:] for log in logs)) == left


def test_an_identity_taken_by_another_partition_of_the_same_wave_is_a_conflict(databases, register, logs):
    connector, _ = databases
    thief = told(SWIFT, seed="thief")[0].renamed(told(SWIFT, seed="0")[0].envelope.id)
    logs[1].add(replace(thief))
    casework(connector, register, logs).apply(*(log.records for log in logs))
    [aside] = rows(connector, "SELECT * FROM quarantine")
    assert (aside["kind"], aside["partition"]) == ("conflict", 1)
    every = sum(len(log.records) for log in logs)
    assert count(connector, "SELECT count(*) FROM events") == every - 1


def test_a_gap_before_one_batch_of_a_wave_is_healed_first(databases, register, logs):
    connector, _ = databases
    work = casework(connector, register, logs)
    work.apply(logs[0].records[:1])
    work.apply(logs[0].records[1:], logs[2].records[3:])
    assert count(connector, "SELECT count(*) FROM events") == len(logs[0].records) + len(logs[2].records)


def test_a_wave_too_slow_for_one_transaction_is_written_in_several(databases, register, logs):
    connector, _ = databases
    seconds = iter(range(0, 10_000, 4))
    work = casework(connector, register, logs, steady=lambda: float(next(seconds)))
    assert work.apply(*(log.records for log in logs)) == sum(len(log.records) for log in logs)
    assert transactions(connector) > len(logs)


def test_few_rows_and_many_are_written_alike(databases, register, logs):
    """Few go as JSON, many by COPY: characters that mean something to either arrive as they are."""
    few, many = databases
    odd = '引号" 反斜杠\\ 制表\t 换行\n 逗号, 空 NULL \\N é 😀'
    for log in logs:
        log.records[0] = replace(
            log.records[0],
            headers=[
                (name, odd.encode() if name == "linkage-ingress" else raw)
                for name, raw in [*log.records[0].headers, ("linkage-ingress", b"x/0/0")]
            ],
        )
    for log in logs:
        work = casework(few, register, logs)
        for record in log.records:
            work.apply([record])
    with few.begin() as connection:
        expected = [*connection.execute(text("SELECT * FROM events ORDER BY partition, log_offset"))]
    casework(many, register, logs).apply(*(log.records for log in logs))
    with many.begin() as connection:
        assert [*connection.execute(text("SELECT * FROM events ORDER BY partition, log_offset"))] == expected
    assert list(dump.lines(few)) == list(dump.lines(many))
