"""Tries that ended together are settled together, and come to the same as one after the other."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from consumers.webhooks.queue import queue_published, take
from consumers.webhooks.rules import TRIPPED, Answer
from consumers.webhooks.settling import Ended, settle_all
from infra.webhook_tables import webhook_deliveries, webhooks
from tests.consumers.webhooks.conftest import Desk
from tests.consumers.webhooks.office import Office

pytestmark = pytest.mark.postgres

OK, DOWN, GONE = (
    Answer(204, "204 No Content"),
    Answer(503, "503 Service Unavailable"),
    Answer(410, "410 Gone"),
)


def fares(desk: Desk, webhook: UUID) -> tuple[object, ...]:
    """How the receiver stands, and which of its deliveries are in which state."""
    told = select(webhooks.c.state, webhooks.c.failures, webhooks.c.open_until, webhooks.c.answer)
    states = select(webhook_deliveries.c.seq, webhook_deliveries.c.state, webhook_deliveries.c.answer)
    with desk.engine.connect() as connection:
        [row] = connection.execute(told.where(webhooks.c.webhook_id == webhook))
        rows = connection.execute(
            states.where(webhook_deliveries.c.webhook_id == webhook).order_by(webhook_deliveries.c.seq)
        )
        return (*row, *(tuple(one) for one in rows))


@pytest.mark.parametrize(
    "answers",
    [
        [OK, DOWN, OK],
        [DOWN] * TRIPPED,
        [DOWN] * TRIPPED + [OK, DOWN],
        [OK, GONE, DOWN],
    ],
)
def test_a_batch_comes_to_the_same_as_one_after_the_other(desk: Desk, answers: list[Answer]) -> None:
    desk.publish(*"ABCDEFG"[: len(answers)])
    together, singly = desk.register(Office(port=1)), desk.register(Office(port=2))
    queue_published(desk.engine, desk.now)
    taken = take(desk.engine, desk.now, each=9)
    ended = {
        webhook: [
            Ended(one, answer, desk.now)
            for one, answer in zip((one for one in taken if one.webhook_id == webhook), answers, strict=True)
        ]
        for webhook in (together, singly)
    }
    settle_all(desk.engine, ended[together])
    for one in ended[singly]:
        settle_all(desk.engine, [one])
    assert fares(desk, together) == fares(desk, singly)
