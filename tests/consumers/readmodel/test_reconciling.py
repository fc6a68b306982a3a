"""Reconciliation is silent while all agrees, and names the stage, the unit and the first thing that differs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from consumers.readmodel.reconciling import CHECKS, GRACE, UNACKNOWLEDGED, reconcile
from infra.tables import submissions
from infra.webhook_tables import webhook_deliveries, webhooks
from schemas.identity import case_id, derived_id
from tests.consumers.readmodel.conftest import FORWARD

pytestmark = pytest.mark.postgres

LATER = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)


@pytest.fixture
def settled(world: Any) -> Any:
    """Every delivery of the world has its number and is published; the gateway's receipts are kept."""
    numbered = {
        "by-police": [(0, 0)],
        "by-criminal": [(0, 1)],
        "by-env": [(1, 0), (2, 0)],
        "by-justice": [(2, 1)],
        "hd-police": [(3, 0)],
    }
    for unit, entries in numbered.items():
        world.number(unit, *entries, published=len(entries))
    for event_id in ("sent", "bad"):  # one applied, one refused
        world.add(submissions, **receipt("by-env", event_id))
    return world


def receipt(source: str, event_id: str) -> dict[str, Any]:
    at = {"topic": "ingress-gateway", "partition": 0, "log_offset": 1}
    since = LATER - timedelta(hours=1)
    return {"source": source, "event_id": event_id, "digest": bytes(32), "received_at": since, **at}


def fail_webhook(engine: Engine) -> None:
    webhook = derived_id("x", "webhook", "by-env")
    told = {"types": [], "fields": [], "cursor": 1, "created_at": LATER, "failures": 0}
    with engine.begin() as connection:
        connection.execute(
            insert(webhooks).values(
                webhook_id=webhook, unit="by-env", url="", secret="", state="active", answer="", **told
            )
        )
        connection.execute(
            insert(webhook_deliveries).values(
                webhook_id=webhook,
                seq=2,
                case_id=case_id(*FORWARD),
                state="failed",
                attempts=9,
                due_at=LATER,
                expires_at=LATER,
                attempted_at=LATER,
                answer="503 Service Unavailable",
            )
        )


def run(statement: str) -> Callable[[Engine], None]:
    def change(engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement))

    return change


def lose_receipt(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(submissions).values(**receipt("by-env", "lost")))


@pytest.mark.usefixtures("settled")
def test_nothing_is_said_while_every_stage_agrees_with_the_one_before(engine: Engine) -> None:
    assert reconcile(engine, LATER) == []


BROKEN: dict[str, tuple[Callable[[Engine], None], str, str]] = {
    "accepted-applied": (lose_receipt, "by-env", "by-env/lost"),
    "decided-numbered": (
        run(
            "INSERT INTO feed_entries VALUES (0, 3, 1, 'by-tax', 'copy', 'AG', 'x')",
        ),
        "by-tax",
        "hd-market/sent",
    ),
    "numbered-decided": (run("DELETE FROM feed_entries WHERE unit = 'by-justice'"), "by-justice", "number 1"),
    "dense": (run("UPDATE feeds SET assigned = 3 WHERE unit = 'by-env'"), "by-env", "up to 3"),
    "numbered-published": (run("UPDATE feeds SET published = 1 WHERE unit = 'by-env'"), "by-env", "number 2"),
    "sent-accepted": (fail_webhook, "by-env", "number 2: 503 Service Unavailable"),
}


def test_every_comparison_is_tried() -> None:
    assert BROKEN.keys() == CHECKS.keys()


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("check", BROKEN)
def test_a_difference_is_named_with_its_unit_and_the_first_of_it(engine: Engine, check: str) -> None:
    change, unit, told = BROKEN[check]
    change(engine)
    [found] = reconcile(engine, LATER)
    assert (found.check, found.unit, found.count) == (check, unit, 1)
    assert told in found.example


@pytest.mark.usefixtures("settled")
def test_what_is_under_way_is_no_difference(engine: Engine) -> None:
    lose_receipt(engine)
    assert reconcile(engine, LATER - timedelta(hours=1) + GRACE) == []
    assert len(reconcile(engine, LATER)) == 1


@pytest.mark.usefixtures("settled")
def test_what_a_unit_has_acknowledged_otherwise_did_not_fail(engine: Engine) -> None:
    fail_webhook(engine)
    run("UPDATE feeds SET acknowledged = 2 WHERE unit = 'by-env'")(engine)
    assert reconcile(engine, LATER) == []


@pytest.mark.usefixtures("settled")
def test_units_that_do_not_acknowledge_are_named_if_asked_for(engine: Engine) -> None:
    run("UPDATE feeds SET acknowledged = published WHERE unit <> 'by-env'")(engine)
    run("UPDATE feeds SET acknowledged = 1 WHERE unit = 'by-env'")(engine)
    [found] = reconcile(engine, LATER, acknowledged_within=timedelta(hours=3))
    assert (found.check, found.unit, found.count) == (UNACKNOWLEDGED, "by-env", 1)
    assert reconcile(engine, LATER, acknowledged_within=timedelta(days=3)) == []


@pytest.mark.usefixtures("settled")
def test_what_is_held_for_a_suspended_unit_is_no_difference(engine: Engine) -> None:
    run("UPDATE feeds SET published = 1 WHERE unit = 'by-env'")(engine)
    run("INSERT INTO suspensions VALUES ('by-env', now(), 'key lost')")(engine)
    assert reconcile(engine, LATER) == []
