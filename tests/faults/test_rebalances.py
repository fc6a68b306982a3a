"""Nothing is lost, doubled or disordered when workers come and go, come back from the dead, or read at the wrong place."""

from __future__ import annotations

import sys

import pytest

from infra.dev.process import Child
from infra.dev.supervisor import as_environment
from infra.rules import read_rulebook
from tests.consumers.rebuild.by_hand import ByHand
from tests.faults.plant import SESSION_SECONDS

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


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


@pytest.mark.parametrize(
    "point", ["intake-before-produce", "intake-after-produce", "casework-before-transaction"]
)
def test_what_a_worker_does_after_it_was_given_up_is_refused(bus, point):
    """It stands still with a batch in hand until another has applied the batch; then it goes on with its own."""
    bus.plant.start("worker-2", failpoint=f"{point}:2", stop_there=True)
    bus.tell(6)
    bus.plant.wait_for(lambda: bus.plant.frozen("worker-2"), "the second worker to stand still")
    bus.finish()
    assert bus.plant.frozen("worker-2")
    bus.plant.thaw("worker-2")
    bus.tell(3)
    bus.conclude()
    bus.plant.kill("worker-2")


@pytest.mark.soak  # needs a machine of its own: on a shared one the rebalance outlasts the waiting time
def test_a_worker_that_stands_still_within_its_transaction_does_not_hold_up_the_others(bus):
    """The database gives the transaction up, with its locks; what the worker commits later is refused."""
    bus.plant.start("worker-2", failpoint="casework-before-commit:2", stop_there=True)
    bus.tell(6)
    bus.plant.wait_for(lambda: bus.plant.frozen("worker-2"), "the second worker to stand still")
    bus.finish()
    bus.plant.thaw("worker-2")
    bus.tell(3)
    bus.conclude()
    bus.plant.kill("worker-2")


def test_a_worker_frozen_for_longer_than_its_session_loses_nothing(bus):
    bus.plant.start("worker-2")
    bus.tell(8)
    for _ in range(2):
        bus.let_run(40)
        bus.plant.freeze("worker-2")
        bus.plant.wait_seconds(SESSION_SECONDS + 2)
        bus.plant.thaw("worker-2")
    bus.conclude()
    bus.plant.kill("worker-2")


@pytest.mark.soak  # needs a machine of its own: on a shared one the rebalance outlasts the waiting time
def test_records_that_were_leapt_over_are_noticed_and_read_again(bus):
    """Offsets are moved ahead while there is work on both sides of intake: the gap shows and is healed."""
    bus.plant.kill("worker-1")
    bus.tell(3)
    bus.let_run(40)
    ByHand(bus.plant.settings, read_rulebook(bus.plant.settings), bus.plant.engine).carry_in()
    bus.let_run(20)
    log = bus.plant.folder / "leaping.log"
    environment = as_environment(bus.plant.settings)
    leaping = Child(
        "the leaping worker", [sys.executable, "-m", "tests.faults.leaping_worker"], log, environment
    )
    leaping.start()
    try:
        bus.conclude()
    finally:
        leaping.kill()
    gaps = [line for line in log.read_text().splitlines() if '"gap"' in line]
    assert any("ingress-" in line for line in gaps)
    assert any("case-events" in line for line in gaps)
    bus.plant.start("worker-1")
    bus.conclude()
