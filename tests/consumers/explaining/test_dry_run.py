"""A dry run foresees what casework then does, event by event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import InternalError

from consumers.casework.transaction import Casework
from consumers.explaining.account import Account, Outcome
from consumers.explaining.dry_run import DryRun
from consumers.explaining.stored import account_of_event
from consumers.rulebook import Rulebook
from infra.database import engine as database_engine
from infra.settings import Settings
from schemas.envelope import read_headers
from schemas.units import Register
from tests.consumers.casework.logged import TOPIC, Log, told
from tests.consumers.explaining.telling import rulebook
from tests.faults.scripts import AG, OPINION, OVERDUE, PSB, STRANGE, SWIFT

pytestmark = pytest.mark.postgres

LATER = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    connector = database_engine(Settings(database=database))
    yield connector
    connector.dispose()


@pytest.fixture
def rules(register: Register) -> Rulebook:
    return rulebook(register)


def essence(account: Account) -> object:
    """What does not depend on the very second at which the log had the event."""
    clocks = [(c.id, c.change, c.rule, c.version, c.due_from, c.due_to, c.state) for c in account.clocks]
    return (
        account.outcome,
        account.tracks,
        account.received,
        account.not_received,
        clocks,
        account.anomalies,
    )


@pytest.mark.parametrize("script", [SWIFT, OVERDUE, STRANGE], ids=["swift", "overdue", "strange"])
@pytest.mark.parametrize("known", [0, 3])
def test_what_is_foreseen_is_what_happens(engine: Engine, rules: Rulebook, script, known: int) -> None:
    log = Log()
    log.add(*told(script))
    work = Casework(engine, rules, log.range, cached_events=60_000, topic=TOPIC)
    if known:
        work.apply(log.records[:known])
    foreseen = DryRun(engine, rules).foresee(None, log.records[known:], LATER)
    work.apply(log.records)
    with engine.connect() as connection:
        for record, one in zip(log.records[known:], foreseen, strict=True):
            happened = account_of_event(connection, None, *read_headers(record.headers).identity, rules)
            if happened is None:
                assert one.effect.outcome is Outcome.PARKED
            else:
                assert essence(one.effect) == essence(happened)


def test_an_opinion_is_foreseen_with_the_copies_that_the_bus_would_say(
    engine: Engine, rules: Rulebook
) -> None:
    log = Log()
    log.add(*told(OPINION))
    foreseen = DryRun(engine, rules).foresee(None, log.records, LATER)
    (copied,) = (
        account for one in foreseen for account in one.follows if account.event.type == "mirror.copied"
    )
    assert "by-pil" in [one.unit.code for one in copied.received]
    assert {mirror.state for mirror in copied.mirrors} == {"copied"}


def test_a_dry_run_of_what_is_known_foresees_nothing(engine: Engine, rules: Rulebook) -> None:
    log = Log()
    log.add(*told(SWIFT))
    Casework(engine, rules, log.range, cached_events=60_000, topic=TOPIC).apply(log.records)
    again = DryRun(engine, rules).foresee(AG, log.records[:1], LATER)
    assert again[0].effect.outcome is Outcome.REPEAT
    assert again[0].effect.received == ()


def test_a_unit_is_told_what_its_own_part_of_the_case_shows(engine: Engine, rules: Rulebook) -> None:
    """The police never heard of the approval: nothing of it is in what they are told of their receipt."""
    log = Log()
    log.add(*told(SWIFT))
    received = next(
        n for n, r in enumerate(log.records) if dict(r.headers)["ce_type"] == b"transfer.received"
    )
    Casework(engine, rules, log.range, cached_events=60_000, topic=TOPIC).apply(log.records[:received])
    (seen,) = DryRun(engine, rules).foresee(PSB, log.records[received : received + 1], LATER)
    (whole,) = DryRun(engine, rules).foresee(None, log.records[received : received + 1], LATER)
    assert [r.unit for r in seen.effect.received] == [r.unit for r in whole.effect.received]
    assert {c.holder.code for c in seen.effect.clocks} == {PSB}
    assert len(whole.effect.limits) > len(seen.effect.limits)


def test_the_transaction_of_a_dry_run_cannot_write(engine: Engine, rules: Rulebook) -> None:
    dry_run = DryRun(engine, rules)
    with dry_run._engine.connect() as connection, pytest.raises(InternalError, match="read-only"):
        connection.execute(text("DELETE FROM events"))
