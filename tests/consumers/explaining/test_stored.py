"""Accounts from the database: each event at its own place in the log, the same after a replay, for the right eyes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from consumers.casework.transaction import Casework
from consumers.explaining.account import Account
from consumers.explaining.stored import account_of_event
from consumers.readmodel.views import to_json
from consumers.rulebook import Rulebook
from infra.cli import app
from infra.database import engine as database_engine
from infra.dev.addresses import as_environment
from infra.settings import Settings
from infra.tables import events, feed_entries
from schemas.units import Register
from tests.conftest import DEMO_UNITS
from tests.consumers.casework.logged import TOPIC, Log, in_batches, told
from tests.consumers.explaining.telling import rulebook
from tests.faults.scripts import AG, OPINION, OVERDUE, PC, PSB, STRANGE, SWIFT

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def log() -> Log:
    made = Log()
    made.add(*told(SWIFT, OVERDUE, OPINION, STRANGE))
    return made


@pytest.fixture
def rules(register: Register) -> Rulebook:
    return rulebook(register)


@pytest.fixture
def settings(database: str) -> Settings:
    return Settings(database=database, units=DEMO_UNITS)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    connector = database_engine(settings)
    yield connector
    connector.dispose()


def applied(engine: Engine, rules: Rulebook, log: Log, size: int) -> list[tuple[str, str]]:
    """The log applied in batches of `size`; the identities in its order."""
    work = Casework(engine, rules, log.range, cached_events=60_000, topic=TOPIC)
    for batch in in_batches(log.records, size):
        work.apply(batch)
    return identities(engine)


def identities(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(events.c.source, events.c.event_id).order_by(events.c.log_offset))
        return [(source, event_id) for source, event_id in rows]


def accounts(
    engine: Engine, rules: Rulebook, unit: str | None = None
) -> dict[tuple[str, str], Account | None]:
    with engine.connect() as connection:
        return {name: account_of_event(connection, unit, *name, rules) for name in identities(engine)}


def test_an_account_names_the_deliveries_that_the_database_has(
    engine: Engine, rules: Rulebook, log: Log
) -> None:
    applied(engine, rules, log, 100)
    with engine.connect() as connection:
        rows = connection.execute(
            select(events.c.source, events.c.event_id, feed_entries.c.unit, feed_entries.c.delivery)
            .join(feed_entries, feed_entries.c.log_offset == events.c.log_offset)
            .order_by(events.c.log_offset, feed_entries.c.n)
        ).all()
    explained = [
        (*name, received.unit.code, received.delivery)
        for name, account in accounts(engine, rules).items()
        if account is not None
        for received in account.received
    ]
    assert explained == [tuple(row) for row in rows]
    assert len(rows) > 20


def test_an_event_is_accounted_for_at_its_place_whatever_came_after(
    engine: Engine, rules: Rulebook, log: Log
) -> None:
    """The account right after each event was applied is the account when the whole log is."""
    work = Casework(engine, rules, log.range, cached_events=60_000, topic=TOPIC)
    live: dict[tuple[str, str], Account | None] = {}
    for batch in in_batches(log.records, 1):
        work.apply(batch)
        with engine.connect() as connection:
            live |= {
                name: account_of_event(connection, None, *name, rules)
                for name in identities(engine)
                if name not in live
            }
    assert live == accounts(engine, rules)
    assert any(account.clocks for account in live.values() if account is not None)


def test_a_unit_is_told_what_it_said_or_received_and_nothing_else(
    engine: Engine, rules: Rulebook, log: Log
) -> None:
    applied(engine, rules, log, 100)
    whole = accounts(engine, rules)
    for unit in (AG, PSB, PC, "by-justice", "hd-police"):
        for name, seen in accounts(engine, rules, unit).items():
            account = whole[name]
            assert account is not None
            reached = {one.unit.code for one in account.received}
            assert (seen is not None) == (unit == name[0] or unit in reached)
            if seen is not None:
                told = {one.unit.code for one in seen.received}
                assert told == (reached if unit == name[0] else {unit})


def test_a_receiver_is_not_told_who_else_received_it_nor_what_the_sender_is_asked_about(
    engine: Engine, rules: Rulebook, log: Log
) -> None:
    applied(engine, rules, log, 100)
    for name, seen in accounts(engine, rules, PC).items():
        if seen is not None and name[0] != PC:
            assert [one.unit.code for one in seen.received] == [PC]
            assert (seen.not_received, seen.unfilled, seen.anomalies, seen.says) == ((), (), (), ())


@pytest.fixture
def linkage(settings: Settings, engine: Engine, rules: Rulebook, log: Log):
    applied(engine, rules, log, 100)

    def run(*arguments: str):
        return CliRunner().invoke(app, arguments, env=as_environment(settings))

    return run


def test_the_command_gives_the_stored_account_as_text_and_as_json(
    linkage, engine: Engine, rules: Rulebook
) -> None:
    (source, event_id), account = next(
        (name, one) for name, one in accounts(engine, rules).items() if one is not None and one.clocks
    )
    shown = linkage("explain", f"{source}/{event_id}", "--json")
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout) == json.loads(to_json(account))
    chinese = linkage("explain", f"{source}/{event_id}").stdout
    english = linkage("explain", f"{source}/{event_id}", "--lang", "en").stdout
    assert "接收单位" in chinese
    assert account.clocks[0].basis.zh in chinese
    assert "Received by" in english
    assert account.clocks[0].duty.en in english


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("by-market",), "names no event: write SOURCE/ID"),
        (("by-market/none",), "no applied event by-market/none is known"),
        (("by-market/none", "--unit", "nobody"), "'nobody' is not in the register"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(linkage, arguments: tuple[str, ...], words: str) -> None:
    done = linkage("explain", *arguments)
    assert done.exit_code == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
