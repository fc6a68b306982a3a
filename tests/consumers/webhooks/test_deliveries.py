"""The state of each delivery in one word, from the decision to the acknowledgement, and why one failed."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from consumers.readmodel.deliveries import deliveries_of, failed_for
from consumers.readmodel.views import DeliveryView, Reached
from infra.tables import feeds
from tests.consumers.webhooks.conftest import UNIT, Couriers, Desk, work
from tests.consumers.webhooks.office import Office

pytestmark = pytest.mark.postgres


def state(desk: Desk, reader: str | None = None) -> DeliveryView:
    """How far the first event of the police has come."""
    with desk.engine.connect() as connection:
        [found] = deliveries_of(connection, reader, "by-police", "e0")
    return found


def reach(desk: Desk, **standing: int) -> None:
    with desk.engine.begin() as connection:
        connection.execute(update(feeds).where(feeds.c.unit == UNIT).values(**standing))


def test_a_delivery_is_queued_then_sent_then_acknowledged(desk: Desk) -> None:
    desk.publish("A")
    reach(desk, published=0)
    assert state(desk).progress.state is Reached.QUEUED
    reach(desk, published=1)
    assert state(desk).progress.state is Reached.SENT
    reach(desk, acknowledged=1)
    assert state(desk).progress.state is Reached.ACKNOWLEDGED


def test_it_is_delivered_when_a_receiver_has_accepted_it(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office() as office, courier(office) as running:
            desk.publish("A")
            desk.register(office)
            await work(running)

    asyncio.run(scenario())
    progress = state(desk).progress
    assert (progress.state, progress.answer, progress.attempted_at) == (
        Reached.DELIVERED,
        "204 No Content",
        desk.now,
    )


@pytest.fixture
def failed(desk: Desk, courier: Couriers) -> Desk:
    """A delivery that was answered by 503 for 72 hours."""

    async def scenario() -> None:
        async with Office(answers=lambda _: 503) as office, courier(office) as running:
            desk.publish("A")
            desk.register(office)
            await work(running)
            desk.pass_time(hours=72)
            await work(running)

    asyncio.run(scenario())
    return desk


def test_a_failure_tells_its_unit_and_operators_the_last_answer_and_the_sender_only_that(
    failed: Desk,
) -> None:
    for reader, answer in (
        (UNIT, "503 Service Unavailable"),
        (None, "503 Service Unavailable"),
        ("by-police", ""),
    ):
        progress = state(failed, reader).progress
        assert (progress.state, progress.answer) == (Reached.FAILED, answer)


def test_failures_are_listed_for_who_said_or_receives_them_and_for_nobody_else(failed: Desk) -> None:
    failed.publish("B")
    with failed.engine.connect() as connection:
        listed = {unit: failed_for(connection, unit, limit=9) for unit in (UNIT, "by-police", "by-tax", None)}
    assert {unit: [one.event.id for one in found] for unit, found in listed.items()} == {
        UNIT: ["e0"],
        "by-police": ["e0"],
        "by-tax": [],
        None: ["e0"],
    }


def test_what_the_unit_acknowledged_otherwise_is_no_failure(failed: Desk) -> None:
    reach(failed, acknowledged=1)
    assert state(failed).progress.state is Reached.ACKNOWLEDGED
    with failed.engine.connect() as connection:
        assert failed_for(connection, None, limit=9) == []
