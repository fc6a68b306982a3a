"""The outbox keeps what was said, in the agency's own transaction, once and within bounds."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from producers.errors import NotAccepted, NotSealed
from producers.outbox.couriers import Outcome, Refused, Unsettled
from producers.outbox.delivery import Delivery
from producers.outbox.gateway_courier import as_event
from producers.outbox.outbox import OtherContent, Outbox, OutboxFull, State
from producers.records import Record, record_of
from schemas.codec import encode
from schemas.sealed.ingress import IngressKey, Opening, is_sealed, public_half, sealed_for, unsealed
from schemas.sealed.suites import SUITES
from schemas.units import Register
from tests.producers.outbox.conftest import Hand, Saying
from tests.producers.outbox.couriers import ListCourier

SECRET = bytes(range(32))


@pytest.fixture
def key(now: datetime) -> IngressKey:
    """An ingress key that is to be renewed in 90 days."""
    days = timedelta(days=90)
    return IngressKey("abcd_-12", SUITES["aes"], public_half(SECRET), now + days, now + 2 * days)


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


def sealing(outbox: Outbox, register: Register, known: list[IngressKey]) -> Outbox:
    """Another program's view of the same outbox, which seals once a key is known."""
    return Outbox(
        outbox.engine,
        "by-env",
        register=register,
        clock=outbox.clock,
        ingress=lambda: known[-1] if known else None,
    )


def test_once_a_key_is_known_the_file_holds_nothing_of_what_is_said(
    in_file: Outbox, register: Register, saying: Saying, key: IngressKey
) -> None:
    outbox, known = sealing(in_file, register, []), [key]
    outbox.put(saying("e-1", offence="canary-before"))
    assert (outbox.status().queued, outbox.status().clear) == (1, 1)
    later = sealing(in_file, register, known)
    later.put(saying("e-2", offence="canary-after"))
    assert (later.status().queued, later.status().clear) == (2, 1)
    assert [one.sealed_to for one in later.kept()] == ["", key.name]
    held = b"".join(
        file.read_bytes() for file in Path(str(in_file.engine.url.database)).parent.glob("outbox*")
    )
    assert b"canary-before" in held
    assert b"canary-after" not in held


def test_sealed_it_is_known_again_by_what_it_says_and_delivered_as_it_lies(
    outbox: Outbox, register: Register, saying: Saying, key: IngressKey
) -> None:
    sealed = sealing(outbox, register, [key])
    assert [sealed.put(saying("e-1")), sealed.put(saying("e-1"))] == ["e-1", "e-1"]
    with pytest.raises(OtherContent):
        sealed.put(saying("e-1", offence="非法经营罪"))
    courier = ListCourier()
    Delivery(sealed, courier).drain()
    (record,) = courier.log
    assert is_sealed(record.value)
    said = record_of(saying("e-1"), unit="by-env", encode=encode)
    assert record.digest == said.digest
    openings = {key.name: Opening(key.name, key.suite, key.expires_at, SECRET)}
    assert unsealed(record.value, record.envelope, openings, key.renew_by) == said.value


def test_an_expired_key_keeps_nothing_in_the_clear_but_says_so(
    outbox: Outbox, register: Register, saying: Saying, clock: Hand, key: IngressKey
) -> None:
    clock.time = key.expires_at
    with pytest.raises(NotSealed, match="expired"):
        sealing(outbox, register, [key]).put(saying("e-1"))
    assert outbox.kept() == []


def test_to_the_gateway_a_sealed_event_is_told_sealed_with_the_rest_of_its_envelope(
    saying: Saying, key: IngressKey
) -> None:
    record = record_of(saying("e-1"), unit="by-env", encode=encode)
    value = sealed_for(key, record.envelope, record.value, bytes)
    told = as_event(replace(record, value=value))
    assert told.keys() == (as_event(record).keys() - {"data"}) | {"sealed"}
    assert b64decode(told["sealed"]) == value
