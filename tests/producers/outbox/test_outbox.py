"""The outbox keeps what was said, in the agency's own transaction, once and within bounds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from producers.errors import NotAccepted
from producers.outbox.couriers import Outcome, Refused, Unsettled
from producers.outbox.delivery import Delivery
from producers.outbox.outbox import OtherContent, Outbox, OutboxFull, State
from producers.records import Record
from schemas.units import Register
from tests.producers.outbox.conftest import Hand, Saying
from tests.producers.outbox.couriers import ListCourier


def refusing(*ids: str) -> ListCourier:
    def answer(record: Record) -> Outcome | None:
        return Refused("conflict", "taken by other content") if record.envelope.id in ids else None

    return ListCourier(answer)


def test_an_event_belongs_to_the_agencys_own_transaction(outbox: Outbox, saying: Saying) -> None:
    with outbox.engine.begin() as connection:
        connection.execute(text("CREATE TABLE decisions (no TEXT)"))
    with outbox.engine.connect() as connection:
        connection.execute(text("INSERT INTO decisions VALUES ('1')"))
        outbox.put(saying("e-1"), connection=connection)
        connection.rollback()
    assert outbox.kept() == []
    with outbox.engine.begin() as connection:
        connection.execute(text("INSERT INTO decisions VALUES ('2')"))
        outbox.put(saying("e-2"), connection=connection)
    assert [one.id for one in outbox.kept()] == ["e-2"]


def test_the_same_event_put_in_again_is_kept_once_and_other_content_is_told(
    outbox: Outbox, saying: Saying
) -> None:
    assert [outbox.put(saying("e-1")), outbox.put(saying("e-1"))] == ["e-1", "e-1"]
    with pytest.raises(OtherContent, match=r"e-1.*other content.*case\.corrected"):
        outbox.put(saying("e-1", offence="非法经营罪"))
    assert outbox.status().queued == 1


def test_what_the_bus_would_refuse_is_not_kept_and_the_transaction_goes_on(
    outbox: Outbox, saying: Saying
) -> None:
    with outbox.engine.begin() as connection:
        with pytest.raises(NotAccepted, match="not in the register"):
            outbox.put(saying("e-1", addressee="nobody"), connection=connection)
        outbox.put(saying("e-2"), connection=connection)
    assert [one.id for one in outbox.kept()] == ["e-2"]


def test_a_full_outbox_says_how_much_waits_and_since_when(
    in_file: Outbox, register: Register, clock: Hand, saying: Saying
) -> None:
    small = Outbox(in_file.engine, "by-env", register=register, clock=clock, most_waiting=2)
    small.put(saying("e-1"))
    small.put(saying("e-2"))
    clock.forward(90)
    with pytest.raises(OutboxFull, match=r"2 events wait .* for 90 s"):
        small.put(saying("e-3"))
    small.put(saying("e-2"))  # it is in there already
    Delivery(small, ListCourier()).drain()
    assert small.put(saying("e-3")) == "e-3"


def test_a_receipt_is_kept_with_its_event(outbox: Outbox, saying: Saying) -> None:
    outbox.put(saying("e-1"))
    Delivery(outbox, courier := ListCourier()).drain()
    (kept,) = outbox.kept(State.SENT)
    assert kept.receipt is not None
    assert (kept.receipt["id"], kept.receipt["offset"]) == ("e-1", 0)
    assert kept.receipt["digest"] == courier.log[0].digest.hex()
    assert kept.case_number == "白环移〔2026〕17号"


def test_a_refused_event_holds_up_its_own_case_only_until_a_person_decides(
    outbox: Outbox, saying: Saying
) -> None:
    for name, number in (("a-1", "a"), ("a-2", "a"), ("b-1", "b"), ("a-3", "a"), ("b-2", "b")):
        outbox.put(saying(name, number))
    courier = refusing("a-2")
    Delivery(outbox, courier).drain()
    assert courier.said == ["a-1", "b-1", "b-2"]
    standing = outbox.status()
    assert (standing.sent, standing.refused, standing.queued, standing.held) == (3, 1, 1, 1)
    (set_aside,) = outbox.kept(State.REFUSED)
    assert (set_aside.id, set_aside.reason, set_aside.problem) == (
        "a-2",
        "conflict",
        "taken by other content",
    )

    assert outbox.retry("a-2") == 1
    Delivery(outbox, courier).drain()
    assert courier.said == ["a-1", "b-1", "b-2"]  # refused again

    assert outbox.skip("a-2", why="said by telephone")
    Delivery(outbox, courier).drain()
    assert courier.said == ["a-1", "b-1", "b-2", "a-3"]
    assert outbox.kept(State.SKIPPED)[0].problem == "taken by other content; said by telephone"


def test_a_retried_event_keeps_its_place_before_the_later_ones_of_its_case(
    outbox: Outbox, saying: Saying
) -> None:
    for name in ("a-1", "a-2", "a-3"):
        outbox.put(saying(name, "a"))
    Delivery(outbox, refusing("a-1")).drain()
    outbox.retry()
    Delivery(outbox, courier := ListCourier()).drain()
    assert courier.said == ["a-1", "a-2", "a-3"]


def test_only_refused_events_can_be_skipped_or_retried(outbox: Outbox, saying: Saying) -> None:
    outbox.put(saying("e-1"))
    assert not outbox.skip("e-1", why="no")
    assert outbox.retry("e-1") == 0
    assert outbox.status().queued == 1


def test_an_unsettled_event_waits_for_its_next_attempt_and_no_longer_than_asked(
    outbox: Outbox, clock: Hand, saying: Saying
) -> None:
    outbox.put(saying("e-1"))
    away = ListCourier(lambda record: Unsettled("nobody answers", after_seconds=5.0))
    delivery = Delivery(outbox, away, chance=lambda: 0.0)
    assert delivery.round().failed
    assert delivery.round().claimed == 0
    standing = outbox.status()
    assert (standing.queued, standing.attempts, standing.problem) == (1, 1, "nobody answers")
    assert standing.oldest == clock.time
    clock.forward(5.1)
    assert Delivery(outbox, ListCourier()).drain().delivered == 1


def test_what_was_sent_long_ago_is_forgotten_and_what_waits_is_not(
    outbox: Outbox, clock: Hand, saying: Saying
) -> None:
    outbox.put(saying("e-1", "a"))
    outbox.put(saying("e-2", "b"))
    Delivery(outbox, refusing("e-2")).drain()
    clock.forward(86_400 * 31)
    assert outbox.forget(older=timedelta(days=30)) == 1
    assert [one.id for one in outbox.kept()] == ["e-2"]


def test_a_unit_that_is_not_in_the_register_has_no_outbox(in_file: Outbox, register: Register) -> None:
    with pytest.raises(ValueError, match="nobody"):
        Outbox(in_file.engine, "nobody", register=register)
