"""Whatever fails, and however many deliver: an event never reaches the bus before an earlier one of its case."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import create_engine

from infra.database import sqlalchemy_url
from producers.outbox.backoff import Backoff
from producers.outbox.claims import Claims
from producers.outbox.couriers import Outcome, Refused, Unsettled
from producers.outbox.delivery import Delivery
from producers.outbox.outbox import Outbox, State
from producers.records import Record
from schemas.units import Register
from tests.producers.outbox.conftest import Hand, Saying
from tests.producers.outbox.couriers import ListCourier


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_each_case_survives_failures_and_claims_that_run_out(
    register: Register, clock: Hand, saying: Saying, tmp_path: Path, seed: int
) -> None:
    """Two deliverers take turns by chance; some deliveries are taken by the bus and their outcome is lost."""
    dice = Random(seed)
    outbox = Outbox.in_file(tmp_path / "o.sqlite", "by-env", register=register, clock=clock)
    log: list[Record] = []

    def moody(record: Record) -> Outcome | None:
        mood = dice.random()
        if mood < 0.2:
            log.append(record)  # it arrived, and nobody here knows
        return Unsettled("no answer", answered=mood < 0.1) if mood < 0.4 else None

    both = [
        Delivery(outbox, ListCourier(moody, log), backoff=Backoff(1, 4), chance=dice.random) for _ in "ab"
    ]
    claims = Claims(outbox)
    for n in range(30):
        outbox.put(saying(f"e-{n}", f"c{n % 3}"))
    while outbox.status().queued:
        if dice.random() < 0.3:  # a process that claimed and died
            claims.claim(now=clock(), most=2, lease=timedelta(seconds=6))
        dice.choice(both).round()
        clock.forward(dice.random() * 3)
    outbox.engine.dispose()
    for case in range(3):
        numbers = [int(r.envelope.id[2:]) for r in log if r.envelope.origin_case == f"c{case}"]
        assert list(dict.fromkeys(numbers)) == [n for n in range(30) if n % 3 == case]


def test_a_claim_is_nobody_elses_until_it_runs_out(outbox: Outbox, clock: Hand, saying: Saying) -> None:
    outbox.put(saying("a-1", "a"))
    outbox.put(saying("a-2", "a"))
    claims = Claims(outbox)
    lease = timedelta(seconds=10)
    (first,) = claims.claim(now=clock(), most=10, lease=lease)
    assert first.record.envelope.id == "a-1"
    assert claims.claim(now=clock(), most=10, lease=lease) == []
    clock.forward(10)
    (again,) = claims.claim(now=clock(), most=10, lease=lease)
    assert (again.record, again.position) == (first.record, first.position)


def test_a_case_whose_event_gets_no_receipt_does_not_hold_up_the_others(
    in_file: Outbox, saying: Saying
) -> None:
    """The background thread goes on at once although one event fails again and again."""
    courier = ListCourier(
        lambda r: Unsettled("500", answered=True) if r.envelope.origin_case == "bad" else None
    )
    in_file.put(saying("bad-1", "bad"))
    with Delivery(in_file, courier, backoff=Backoff(30, 60), poll_seconds=0.01):
        for n in range(20):
            in_file.put(saying(f"good-{n}", f"good {n}"))
        wait_until(lambda: in_file.status().sent == 20)
    assert courier.said == [f"good-{n}" for n in range(20)]


def test_after_an_outage_everything_is_due_at_once(in_file: Outbox, saying: Saying) -> None:
    back = threading.Event()
    tried = threading.Event()

    def answer(record: Record) -> Outcome | None:
        tried.set()
        return None if back.is_set() else Unsettled("away")

    for n in range(5):
        in_file.put(saying(f"e-{n}", f"case {n}"))
    courier = ListCourier(answer, most=2)
    with Delivery(in_file, courier, backoff=Backoff(0.05, 0.1), poll_seconds=0.01):
        assert tried.wait(10)
        back.set()
        wait_until(lambda: in_file.status().sent == 5)


@pytest.mark.postgres
def test_many_deliverers_on_one_table_deliver_each_event_once_and_in_order(
    database: str, register: Register, saying: Saying
) -> None:
    engine = create_engine(sqlalchemy_url(database), pool_size=10)
    outbox = Outbox(engine, "by-env", register=register)
    outbox.create()
    with engine.begin() as connection:
        for n in range(120):
            outbox.put(saying(f"e-{n}", f"case {n % 7}"), connection=connection)
    log: list[Record] = []
    threads = [
        threading.Thread(target=_until_empty, args=(outbox, Delivery(outbox, ListCourier(log=log, most=3))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    assert sorted(r.envelope.id for r in log) == sorted(f"e-{n}" for n in range(120))
    for case in range(7):
        of_case = [int(r.envelope.id[2:]) for r in log if r.envelope.origin_case == f"case {case}"]
        assert of_case == sorted(of_case)


def test_a_refusal_that_comes_after_the_receipt_changes_nothing(
    in_file: Outbox, clock: Hand, saying: Saying
) -> None:
    """A process that stood still comes back with an old answer."""
    in_file.put(saying("a-1", "a"))
    claims = Claims(in_file)
    stale = claims.claim(now=clock(), most=1, lease=timedelta(seconds=1))
    clock.forward(2)
    Delivery(in_file, ListCourier()).drain()
    claims.settle(stale, [Refused("conflict", "late")], now=clock(), wait=lambda _: 0.0)
    assert [one.state for one in in_file.kept()] == [State.SENT]


def _until_empty(outbox: Outbox, delivery: Delivery) -> None:
    while outbox.status().queued:
        delivery.round()


def wait_until(happened: Callable[[], bool], *, seconds: float = 20.0) -> None:
    waiting = threading.Event()
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"did not happen within {seconds:g} s"
        waiting.wait(0.02)
