"""Records that were sealed to an ingress key that did not open are sent again once it does, and count as if never sealed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from consumers.intake.checking import dead_letter, outgoing
from consumers.intake.opening import IntakeOpener
from consumers.intake.sealing import IntakeSealer
from consumers.redrive.comparing import compare
from consumers.redrive.rules import Verdict
from consumers.shredding.ingress import CLOCKS_DIFFER, destroy_for_good, expired, standing
from infra.audit import Actor
from infra.database import engine as make_engine
from infra.ingress_keys import Openings, destroy, expire, kept
from infra.tables import console_audit, events, progress
from schemas.topics import TopicNames
from tests.consumers.casework.logged import MORNING
from tests.consumers.redrive.conftest import Desk, HandMade
from tests.faults.scripts import AG, PSB
from tests.faults.sendings import sending
from tests.infra.ingress import new_ingress_key, sealed_on_the_way_in
from tests.infra.sealing import sealing_settings

pytestmark = pytest.mark.postgres

NOW = datetime.now(UTC)
BEFORE = MORNING - timedelta(hours=1)
"""Before the log by hand begins."""
TOPICS = TopicNames()


@pytest.fixture
def desk(database, few, tmp_path):
    """An operator of an installation that seals, without a broker."""
    own = sealing_settings(database, tmp_path, partitions=2, stall_seconds=5)
    connector = make_engine(own)
    bus = HandMade(own, few, connector)
    yield Desk(bus, own, connector, few, lambda: bus)
    connector.dispose()


@pytest.fixture
def key(desk):
    return new_ingress_key(desk.engine, NOW - timedelta(days=1))


def expires(desk, key, at):
    with desk.engine.begin() as connection:
        assert expire(connection, key.name, at)


def said(number, key=None):
    one = sending(AG, "transfer.sent", number, case=(AG, f"案{number}"), at=MORNING, data={"addressee": PSB})
    return one if key is None else sealed_on_the_way_in(one, key)


def carry_in(desk, *sendings):
    """Intake takes what the agency wrote."""
    log = desk.bus._log(TOPICS.ingress(AG), 0)
    written = [record for one in sendings for record in log.add(one)]
    records, refused = IntakeOpener(Openings(desk.engine.connect))(written)
    judged = [
        dead_letter(record, refused[number], owner=AG, topic=TOPICS.dead_letters)
        if number in refused
        else outgoing(
            record, register=desk.register, topics=TOPICS, partitions=2, now=NOW, max_bytes=256 * 1024
        )
        for number, record in enumerate(records)
    ]
    desk.bus.append(IntakeSealer(desk.engine, desk.register.by_code, TOPICS, clear=True)(records, judged))


def digests(desk):
    with desk.engine.connect() as connection:
        rows = connection.execute(select(events.c.event_id, events.c.digest))
        return {row.event_id: row.digest for row in rows}


def test_what_came_after_its_key_expired_counts_once_it_expires_later(desk, key):
    carry_in(desk, said("1", key))
    applied = digests(desk)["1"]
    expires(desk, key, BEFORE)
    carry_in(desk, said("2", key))
    [candidate] = desk.plan()
    assert (candidate.verdict, digests(desk).keys()) == (Verdict.REFUSED, {"1"})
    expires(desk, key, NOW + timedelta(days=1))
    assert desk.do().items == {"applied": 1}
    carry_in(desk, said("1"), said("2"))
    found = digests(desk)
    assert found["1"] == applied
    assert found.keys() == {"1", "2"}
    assert desk.plan() == []  # said again in the clear they were repeats, not conflicts


def test_while_the_key_is_expired_or_destroyed_it_is_not_sent(desk, key):
    expires(desk, key, BEFORE)
    carry_in(desk, said("1", key))
    [candidate] = desk.plan()
    assert candidate.verdict is Verdict.REFUSED
    with desk.engine.begin() as connection:
        destroy(connection, [key.name], NOW)
    assert [one.verdict for one in desk.plan()] == [Verdict.REFUSED]


def test_beside_its_contract_it_is_told_to_be_sealed_and_to_which_key(key):
    record = said("1", key)
    [problem] = compare(record.value, record.headers).problems
    assert f"sealed to ingress key {key.name}, and not opened" in problem


def test_a_key_is_destroyed_only_when_nothing_has_to_be_opened_with_it_any_more(desk, key):
    """Unread records of its time, and refused ones that may be sent again, stand against it."""
    place = (TOPICS.ingress(AG), 0)
    expires(desk, key, BEFORE)
    carry_in(desk, said("1", key))
    with desk.engine.begin() as connection:
        assert expired(connection, BEFORE + CLOCKS_DIFFER - timedelta(seconds=1)) == []
        assert [one.key.name for one in expired(connection, NOW)] == [key.name]
        found = standing(connection, key.name, {place: 1})
        assert (found.unread, found.set_aside, found.destroyable) == ((place[0],), 1, False)
        row = {"topic": place[0], "partition": 0, "next_offset": 1, "chain": bytes(32)}
        connection.execute(progress.insert(), row)
        assert standing(connection, key.name, {place: 1}).unread == ()
        assert standing(connection, "anothers", {place: 1}).destroyable
    expires(desk, key, NOW + timedelta(days=1))
    assert desk.do().items == {"applied": 1}
    with desk.engine.begin() as connection:
        assert standing(connection, key.name, {place: 1}).destroyable
        destroy_for_good(connection, Actor("周某"), [key.name], "expired", now=NOW)
        assert [one.destroyed_at for one in kept(connection)] == [NOW]
        told = select(console_audit.c.user, console_audit.c.target)
        entries = connection.execute(told.where(console_audit.c.what == "ingress-key-destroyed")).all()
    assert [tuple(one) for one in entries] == [("周某", key.name)]
