"""Webhooks on real receivers that are slow, failing, hanging or down for a day; the time is the test's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from consumers.readmodel.feed import feed_page
from consumers.readmodel.selection import Selection
from consumers.readmodel.views import to_json
from consumers.webhooks.queue import queue_published, take
from consumers.webhooks.registry import remove, resume
from consumers.webhooks.rules import LEASE
from infra.suspensions import resume as ended
from infra.suspensions import suspend
from infra.webhook_tables import webhooks
from tests.consumers.webhooks.conftest import SECRET, UNIT, Couriers, Desk, work
from tests.consumers.webhooks.office import HANG, RESET, Got, Office

pytestmark = pytest.mark.postgres


def only_first_fails(status: int) -> Callable[[Got], int]:
    return lambda got: status if got.seq == 1 else 204


def test_an_entry_comes_as_the_pull_api_has_it_signed_for_any_standard_webhooks_library(
    desk: Desk, courier: Couriers
) -> None:
    async def scenario() -> Got:
        async with Office() as office, courier(office) as running:
            desk.publish("A")
            desk.register(office)
            await work(running)
            [got] = office.got
            return got

    got = asyncio.run(scenario())
    with desk.engine.connect() as connection:
        [item] = feed_page(connection, UNIT, after=0, limit=9).items
    assert f'"entry":{to_json(item).decode()}' in got.body
    assert (got.told["type"], got.told["unit"], got.path) == ("linkage.entry", UNIT, "/linkage")
    sign = Webhook(SECRET).sign(got.headers["webhook-id"], desk.now, got.body)
    assert got.headers["webhook-signature"] == sign
    assert int(got.headers["webhook-timestamp"]) == desk.now.timestamp()
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "bm8=").verify(got.body, got.headers)


def test_a_copy_of_the_database_signs_nothing(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office() as office, courier(office):
            desk.apply(office)

    asyncio.run(scenario())
    with desk.engine.connect() as connection:
        kept = connection.execute(select(webhooks.c.secret)).scalar_one()
    assert kept.startswith("sealed.")
    assert SECRET not in kept


def test_nothing_is_sent_before_the_receiver_has_said_the_word_back(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office(echo=False) as office, courier(office) as running:
            desk.publish("A")
            desk.apply(office)
            await work(running)
            assert (len(office.handshakes), office.got) == (1, [])
            assert "not" in desk.shown().answer
            office.echo = True
            await work(running)
            assert len(office.handshakes) == 1
            desk.pass_time(seconds=30)
            await work(running)
            assert office.seqs == [1]
            assert (desk.shown().state, desk.shown().confirmed_at) == ("active", desk.now)

    asyncio.run(scenario())


def test_a_receiver_that_never_says_the_word_is_asked_for_a_day(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office(echo=False) as office, courier(office) as running:
            desk.apply(office)
            for _ in range(16):
                await work(running)
                desk.pass_time(hours=2)
            assert len(office.handshakes) == 13
            assert desk.shown().state == "paused"

    asyncio.run(scenario())


def test_later_entries_of_a_case_wait_for_an_earlier_one_and_other_cases_do_not(
    desk: Desk, courier: Couriers
) -> None:
    async def scenario() -> None:
        async with Office(answers=only_first_fails(500)) as office, courier(office) as running:
            desk.publish("A", "B", "A", "B", "A", "C")
            webhook = desk.register(office)
            await work(running)
            assert sorted(office.seqs) == [1, 2, 4, 6]
            assert desk.of(webhook)[1] == desk.of(webhook)[3] == "queued"
            office.answers = lambda _: 204
            desk.pass_time(seconds=6)
            await work(running)
            assert office.seqs[-3:] == [1, 3, 5]
            assert set(desk.of(webhook).values()) == {"delivered"}

    asyncio.run(scenario())


@pytest.mark.parametrize("behaviour", [HANG, RESET, 302, 400, 500])
def test_one_bad_receiver_holds_up_no_other(desk: Desk, courier: Couriers, behaviour: int) -> None:
    async def scenario() -> None:
        async with (
            Office(answers=lambda _: behaviour) as bad,
            Office() as good,
            courier(bad, good, seconds=1.0) as running,
        ):
            desk.publish(*"ABC" * 4)
            desk.register(bad)
            desk.register(good)
            began = time.monotonic()
            while len(good.got) < 12:
                await running.round()
                await asyncio.wait_for(running.news.wait(), 5)
                running.news.clear()
            assert time.monotonic() - began < 5
            assert sorted(good.seqs) == list(range(1, 13))
            await running.idle()
            assert set(bad.seqs) == {1, 2, 3}

    asyncio.run(scenario())


def test_a_redirect_is_not_followed(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office() as inside, Office(answers=lambda _: 307) as office, courier(office) as running:
            office.extra = f"Location: http://127.0.0.1:{inside.port}/\r\n"
            desk.publish("A")
            desk.register(office)
            await work(running)
            assert (len(office.got), inside.got) == (1, [])
            assert desk.shown().answer.startswith("307")

    asyncio.run(scenario())


def test_a_day_down_is_caught_up_in_order_and_costs_few_probes(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office(answers=lambda _: 503) as office, courier(office) as running:
            webhook = desk.register(office)
            for _ in range(24):
                desk.publish("A", "B")
                await work(running)
                desk.pass_time(hours=1)
            down = len(office.got)
            assert down < 40
            assert desk.shown().queued == 48
            office.answers = lambda _: 204
            desk.pass_time(minutes=31)
            await work(running)
            assert set(desk.of(webhook).values()) == {"delivered"}
            after = office.seqs[down:]
            for first in (0, 1):
                of_case = [seq for seq in after if seq % 2 == first]
                assert of_case == sorted(of_case)
                assert len(of_case) == len(set(of_case)) == 24

    asyncio.run(scenario())


def test_after_72_hours_a_delivery_has_failed_with_its_last_answer_and_its_case_goes_on(
    desk: Desk, courier: Couriers
) -> None:
    async def scenario() -> None:
        async with Office(answers=only_first_fails(422)) as office, courier(office) as running:
            desk.publish("A")
            webhook = desk.register(office)
            await work(running)
            desk.pass_time(hours=71)
            desk.publish("A")
            await work(running)
            assert desk.of(webhook) == {1: "queued", 2: "queued"}
            desk.pass_time(hours=1)
            await work(running)
            assert desk.of(webhook) == {1: "failed", 2: "delivered"}
            assert desk.shown().failed == 1
            office.answers = lambda _: 204
            with desk.engine.begin() as connection:
                assert resume(connection, UNIT, webhook, now=desk.now)
            await work(running)
            assert desk.of(webhook) == {1: "delivered", 2: "delivered"}

    asyncio.run(scenario())


def test_a_process_that_dies_while_sending_leads_to_the_same_message_once_more(
    desk: Desk, courier: Couriers
) -> None:
    async def scenario() -> None:
        async with Office() as office, courier(office) as running:
            desk.publish("A", "A")
            webhook = desk.register(office)
            queue_published(desk.engine, desk.now)
            [taken] = take(desk.engine, desk.now, each=9)  # and dies
            await work(running)
            assert office.got == []
            desk.pass_time(seconds=LEASE.total_seconds())
            await work(running)
            assert office.got[0].headers["webhook-id"] == taken.message_id
            assert office.seqs == [1, 2]
            assert set(desk.of(webhook).values()) == {"delivered"}

    asyncio.run(scenario())


def test_two_processes_never_take_the_same_delivery(desk: Desk) -> None:
    desk.publish(*"ABC")
    desk.register(Office())
    queue_published(desk.engine, desk.now)
    first = take(desk.engine, desk.now, each=2)
    second = take(desk.engine, desk.now, each=2)
    assert sorted(one.seq for one in first + second) == [1, 2, 3]
    assert take(desk.engine, desk.now + LEASE / 2, each=9) == []


def test_gone_pauses_the_webhook(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office(answers=lambda _: 410) as office, courier(office) as running:
            desk.publish("A")
            desk.register(office)
            await work(running)
            desk.publish("B")
            desk.pass_time(hours=2)
            await work(running)
            assert (desk.shown().state, len(office.got)) == ("paused", 1)

    asyncio.run(scenario())


def test_a_name_that_leads_elsewhere_later_is_refused_before_anything_connects(
    desk: Desk, courier: Couriers
) -> None:
    async def rebound(_: str, __: int) -> list[str]:
        return ["10.0.0.1", "169.254.169.254"]

    async def scenario() -> None:
        async with Office() as office, courier(office, resolver=rebound) as running:
            desk.publish("A")
            desk.register(office)
            await work(running)
            assert office.got == []
            assert desk.shown().answer.startswith("refused: 10.0.0.1 is not allowed here")

    asyncio.run(scenario())


def test_a_kept_connection_carries_what_follows(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office(keeps=9) as office, courier(office) as running:
            desk.publish("A", "A", "A")
            desk.register(office)
            await work(running)
            assert (office.seqs, office.connections) == ([1, 2, 3], 1)

    asyncio.run(scenario())


def test_a_kept_connection_that_the_receiver_cuts_off_counts_as_no_failure(
    desk: Desk, courier: Couriers
) -> None:
    async def scenario() -> None:
        async with Office(keeps=1) as office, courier(office) as running:
            desk.publish("A", "A", "A")
            webhook = desk.register(office)
            await work(running)
            assert (office.seqs, office.connections) == ([1, 2, 3], 2)
            assert set(desk.of(webhook).values()) == {"delivered"}
            assert desk.shown().answer == "204 No Content"

    asyncio.run(scenario())


def test_a_kept_connection_is_not_used_for_a_name_that_leads_elsewhere_meanwhile(
    desk: Desk, courier: Couriers
) -> None:
    addresses = ["127.0.0.1"]

    async def resolver(_: str, __: int) -> list[str]:
        return list(addresses)

    async def scenario() -> None:
        async with Office(keeps=9) as office, courier(office, resolver=resolver) as running:
            desk.publish("A")
            desk.register(office)
            await work(running)
            addresses[:] = ["10.0.0.1"]
            desk.publish("A")
            await work(running)
            assert office.seqs == [1]
            assert desk.shown().answer.startswith("refused: 10.0.0.1 is not allowed here")

    asyncio.run(scenario())


def test_an_approval_that_was_taken_back_ends_the_sending(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office() as office, courier() as running:
            desk.publish("A")
            desk.register(office)
            await work(running)
            assert office.got == []
            assert "not approved" in desk.shown().answer

    asyncio.run(scenario())


def test_filters_send_what_is_wanted_and_keep_the_numbers_of_the_feed(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office() as office, courier(office) as running:
            desk.publish("A", "B")
            desk.publish("A", type_name="transfer.sent")
            desk.register(office, wanted=Selection(types=("transfer.sent",)))
            await work(running)
            assert office.seqs == [3]
            assert desk.shown().cursor == 3

    asyncio.run(scenario())


def test_a_removed_webhook_gets_nothing_more(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office() as office, courier(office) as running:
            desk.publish("A")
            webhook = desk.register(office)
            await work(running)
            desk.publish("A")
            with desk.engine.begin() as connection:
                assert remove(connection, UNIT, webhook)
                assert not remove(connection, UNIT, webhook)
            await work(running)
            assert office.seqs == [1]

    asyncio.run(scenario())


def test_what_a_receiver_answers_is_never_kept(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office(answers=lambda _: 500) as office, courier(office) as running:
            desk.publish("A")
            desk.register(office)
            await work(running)
            assert desk.shown().answer == "500 Internal Server Error"
            assert desk.shown().failures == 1

    asyncio.run(scenario())


def test_a_retry_waits_as_long_as_the_receiver_wishes(desk: Desk, courier: Couriers) -> None:
    async def scenario() -> None:
        async with Office(answers=lambda _: 429) as office, courier(office) as running:
            office.extra = "Retry-After: 600\r\n"
            desk.publish("A")
            desk.register(office)
            await work(running)
            desk.pass_time(seconds=599)
            await work(running)
            assert len(office.got) == 1
            desk.now += timedelta(seconds=1)
            await work(running)
            assert len(office.got) == 2

    asyncio.run(scenario())


def test_nothing_is_sent_to_a_suspended_unit_and_all_of_it_in_order_afterwards(
    desk: Desk, courier: Couriers
) -> None:
    async def scenario() -> None:
        async with Office() as office, courier(office) as running:
            desk.register(office)
            with desk.engine.begin() as connection:
                suspend(connection, UNIT, reason="exercise", now=desk.now)
            desk.publish("A", "A")
            await work(running)
            assert office.got == []
            with desk.engine.begin() as connection:
                ended(connection, UNIT)
            await work(running)
            assert [got.seq for got in office.got] == [1, 2]

    asyncio.run(scenario())
