"""Deliveries show what failed, what reconciliation found and what both sides can compare; each unit its own."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from consumers.proof.stating import statement_text
from consumers.readmodel.feed import statement
from infra.proof_tables import reconciliations
from infra.signing_key import new_key
from infra.tables import feeds
from infra.webhook_tables import webhook_deliveries, webhooks
from tests.consumers.console.conftest import NOW

pytestmark = pytest.mark.postgres

WEBHOOK, SEQ = UUID(int=7), 3
FORM = {"webhook": str(WEBHOOK), "seq": str(SEQ)}


@pytest.fixture(scope="module")
def troubled(copied):
    """The police's receiver has not accepted one entry, and the reconciliation found something at the police."""
    with copied.begin() as connection:
        connection.execute(
            insert(webhooks).values(
                webhook_id=WEBHOOK, unit="by-police", url="https://hooks.police.example/in?token=x", secret="",
                types=[], fields=[], state="active", cursor=9, created_at=NOW, failures=1, answer="503",
            )
        )  # fmt: skip
        connection.execute(
            insert(webhook_deliveries).values(
                webhook_id=WEBHOOK, seq=SEQ, case_id=UUID(int=1), state="failed", attempts=9, due_at=NOW,
                expires_at=NOW, attempted_at=NOW, answer="503",
            )
        )  # fmt: skip
        found = {"check": "decided-numbered", "unit": "by-police", "count": 2, "example": "by-env/e-17"}
        connection.execute(
            insert(reconciliations).values(
                at=NOW - timedelta(minutes=9),
                by="clock",
                records=5,
                positions={},
                found=1,
                differences=[found],
            )
        )
    return copied


def delivery(connector):
    with connector.connect() as connection:
        return connection.execute(select(webhook_deliveries)).one()


@pytest.mark.parametrize(
    ("name", "told"), [("operator", True), ("auditor", True), ("police", True), ("env", False)]
)
def test_failures_and_differences_are_told_to_their_unit_and_who_runs_the_bus(troubled, enter, name, told):
    page = enter(troubled, name).get("/deliveries").text
    assert ("hooks.police.example" in page, "by-env/e-17" in page) == (told, told)
    assert "token=x" not in page
    assert ('action="/deliveries/retry"' in page) == (told and name != "auditor")
    today = enter(troubled, name).get("/today").text
    assert ("推送失败的接收端" in today) == told


def test_a_failed_delivery_is_queued_anew_once_and_by_its_unit_or_an_operator_only(troubled, enter):
    stranger = enter(troubled, "env")
    stranger.get("/deliveries")
    assert stranger.post("/deliveries/retry", **FORM).status_code == 303
    assert delivery(troubled).state == "failed"
    person = enter(troubled, "police")
    person.get("/deliveries")
    assert person.post("/deliveries/retry", **FORM).status_code == 303
    queued = delivery(troubled)
    assert (queued.state, queued.attempts, queued.due_at) == ("queued", 0, NOW)
    assert queued.expires_at > NOW
    with troubled.begin() as connection:
        connection.execute(update(webhook_deliveries).values(attempts=4))
    person.post("/deliveries/retry", **FORM)  # the form sent twice
    assert delivery(troubled).attempts == 4


def test_a_statement_is_that_of_the_feed_and_signed(troubled, enter, tmp_path):
    signer = new_key(tmp_path / "key.pem")
    page = enter(troubled, "police", signer=signer).get("/deliveries/statement?after=2&upto=9").text
    with troubled.connect() as connection:
        stated = statement(connection, "by-police", after=2, upto=9)
    assert stated.digest in page
    assert stated.count == 7
    unsigned = enter(troubled, "operator").get("/deliveries/statement?unit=by-police&after=2&upto=9").text
    assert stated.digest in unsigned
    assert "未设置签名密钥" in unsigned
    assert "未设置签名密钥" not in page
    assert statement_text(stated).startswith("linkage statement 1")


def test_a_stretch_ahead_of_the_feed_is_said_to_be_and_a_foreign_feed_is_not_found(troubled, enter):
    person = enter(troubled, "env")
    with troubled.connect() as connection:
        end = connection.execute(select(feeds.c.published).where(feeds.c.unit == "by-env")).scalar_one()
    assert f"目前到 {end}" in person.get(f"/deliveries/statement?upto={end + 1}").text
    assert person.get("/deliveries/statement?unit=by-police").status_code == 404
    assert enter(troubled, "operator").get("/deliveries/statement").status_code == 404
