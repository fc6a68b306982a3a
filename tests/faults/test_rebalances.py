"""Nothing is lost, doubled or disordered when workers come and go, come back from the dead, or read at the wrong place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.dev.process import Child
from infra.dev.supervisor import as_environment
from infra.readiness import VARIABLE as READY
from infra.rules import read_rulebook
from tests.consumers.rebuild.by_hand import ByHand
from tests.faults.plant import SESSION_SECONDS

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

LATE_WRITE_SECONDS = 3.0
READY_SECONDS = 60.0


def test_workers_may_come_and_go(bus):
    """One joins, leaves in order, joins again and is killed; the other takes over what it held."""
    bus.tell(10)
    bus.plant.start("worker-2")
    bus.let_run(60)
    bus.plant.stop("worker-2")
    bus.let_run(60)
    bus.plant.start("worker-2")
    bus.let_run(60)
    bus.plant.kill("worker-2")
    bus.conclude()


@pytest.mark.parametrize("point", ["intake-after-produce", "casework-before-transaction"])
def test_what_a_worker_does_after_it_was_given_up_is_refused(bus, point):
    """It stands still with a batch in hand until another has applied the batch; then it goes on with its own."""
    bus.plant.start("worker-2", failpoint=f"{point}:2", stop_there=True)
    bus.tell(6)
    bus.plant.wait_for(lambda: bus.plant.frozen("worker-2"), "the second worker to stand still")
    bus.finish()
    assert bus.plant.frozen("worker-2")
    come_back(bus)


def come_back(bus) -> None:
    """Wake the second worker, give it time for its late write, and hold the outcome against the invariants."""
    bus.plant.thaw("worker-2")
    bus.plant.wait_seconds(LATE_WRITE_SECONDS)
    bus.conclude()
    bus.tell(2)
    bus.conclude()
    bus.plant.kill("worker-2")


def test_a_worker_that_stands_still_within_its_transaction_does_not_hold_up_the_others(bus):
    """The database gives the transaction up, with its locks; what the worker commits later is refused."""
    bus.plant.start("worker-2", failpoint="casework-before-commit:2", stop_there=True)
    bus.tell(6)
    bus.plant.wait_for(lambda: bus.plant.frozen("worker-2"), "the second worker to stand still")
    bus.finish()
    come_back(bus)


def test_a_worker_frozen_for_longer_than_its_session_loses_nothing(bus):
    bus.plant.start("worker-2")
    bus.tell(8)
    bus.let_run(40)
    bus.plant.freeze("worker-2")
    bus.plant.wait_seconds(SESSION_SECONDS + 2)
    bus.plant.thaw("worker-2")
    bus.conclude()
    bus.plant.kill("worker-2")


def test_records_that_were_leapt_over_are_noticed_and_read_again(bus):
    """Offsets are moved ahead while there is work on both sides of intake: the gap shows and is healed."""
    bus.tell(1)
    bus.conclude()
    bus.plant.kill("worker-1")
    bus.tell(3)
    bus.let_run(50)
    ByHand(bus.plant.settings, read_rulebook(bus.plant.settings), bus.plant.engine).carry_in()
    bus.tell(3)
    bus.let_run(30)
    with odd_worker(bus, "leaping") as log:
        bus.conclude()
    gaps = [line for line in log.read_text().splitlines() if '"gap"' in line]
    assert any("ingress-" in line for line in gaps)
    assert any("case-events" in line for line in gaps)
    bus.plant.start("worker-1")
    bus.conclude()


def test_a_worker_that_reads_everything_that_another_reads_does_nothing_twice(bus):
    """Both carry every record in and apply every batch, at the same time: one of them is let through."""
    with odd_worker(bus, "rival"):
        bus.tell(10)
        bus.let_run(100)
        bus.conclude()


@contextmanager
def odd_worker(bus, how: str) -> Iterator[Path]:
    """Run it beside the others; gives its log once it is ready."""
    log, ready = (bus.plant.folder / f"{how}.{kind}" for kind in ("log", "ready"))
    command = [sys.executable, "-m", "tests.faults.odd_worker", how]
    environment = {**as_environment(bus.plant.settings), READY: str(ready)}
    worker = Child(f"the {how} worker", command, log, environment)
    worker.start()
    try:
        worker.wait_until(ready.exists, READY_SECONDS)
        yield log
        assert worker.alive, worker.obituary()
    finally:
        worker.kill()
