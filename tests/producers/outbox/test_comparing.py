"""What the bus states of a unit is held against its outbox, and the first event that differs is named."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update
from typer.testing import CliRunner

from infra.cli import app
from producers.outbox.comparing import Compared, StatementDiffers, compare
from producers.outbox.outbox import Outbox, State, milliseconds
from producers.records import Statement
from schemas.said import NoStatement, SaidStatement, digest_of, read_said
from tests.conftest import DEMO_UNITS

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"\7" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()


@pytest.fixture
def outbox(tmp_path, register):
    """Three events that the bus has given receipts for at NOW."""
    made = Outbox.in_file(tmp_path / "out.sqlite", "by-env", register=register, clock=lambda: NOW)
    for n in range(3):
        made.put(Statement("lead.found", f"{n}号", NOW, {}, field="environment", id=f"e{n}"))
    with made.engine.begin() as connection:
        connection.execute(update(made.table).values(state=State.SENT, settled_at=milliseconds(NOW)))
    return made


def rows(outbox):
    with outbox.engine.connect() as connection:
        return [(row.event_id, bytes(row.digest).hex()) for row in connection.execute(outbox.table.select())]


def stated(applied, aside=(), **changes):
    told = SaidStatement(
        namespace="", unit="by-env", since="2026-11-25T00:00:00Z", until="2026-11-26T00:00:00Z",
        count=len(applied), digest=digest_of(applied), set_aside=len(aside), aside_digest=digest_of(aside),
        applied=list(applied), aside=list(aside), signed_at="2026-11-26T01:00:00Z", public_key=PUBLIC.hex(),
    )  # fmt: skip
    told = replace(told, **changes)
    return replace(told, signature=KEY.sign(told.text.encode()).hex())


def test_what_was_sent_and_applied_is_alike_in_whatever_order_the_bus_recorded_it(outbox):
    assert compare(outbox, stated(rows(outbox)[::-1]), PUBLIC) == Compared(3, 0)


def test_what_the_bus_did_not_apply_is_stated_too(outbox):
    assert compare(outbox, stated(rows(outbox)[1:], [("e0", "refused", "key")]), PUBLIC) == Compared(2, 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda own: own[:1] + own[2:], "does not have the event e1, for which it gave a receipt"),
        (lambda own: [own[0], (own[1][0], "00" * 32), own[2]], "has the event e1 with other content"),
        (lambda own: [*own, ("x9", "00" * 32)], "has the event x9, which this outbox has not sent"),
    ],
)
def test_the_first_difference_is_named(outbox, change, told):
    with pytest.raises(StatementDiffers, match=told):
        compare(outbox, stated(change(rows(outbox))), PUBLIC)


def test_events_said_by_another_way_are_no_difference_if_told_so(outbox):
    assert compare(outbox, stated([*rows(outbox), ("x9", "00" * 32)]), PUBLIC, others=True) == Compared(3, 0)


@pytest.mark.parametrize(
    "shift", [timedelta(minutes=-4), timedelta(hours=21) - timedelta(minutes=1), timedelta(days=2)]
)
def test_what_was_sent_outside_of_the_period_or_at_its_edge_is_not_asked_for(outbox, shift):
    since = "2026-11-25T03:00:00Z" if shift < timedelta(0) else "2026-11-25T00:00:00Z"
    with outbox.engine.begin() as connection:
        connection.execute(update(outbox.table).values(settled_at=milliseconds(NOW + shift)))
    assert compare(outbox, stated([], since=since), PUBLIC) == Compared(0, 0)


def test_only_the_bus_states_and_only_to_its_unit(outbox):
    whole = stated(rows(outbox))
    with pytest.raises(StatementDiffers, match="not signed"):
        compare(outbox, replace(whole, signature=""), PUBLIC)
    with pytest.raises(StatementDiffers, match="not by this key"):
        compare(outbox, replace(whole, count=2), PUBLIC)
    with pytest.raises(StatementDiffers, match="of by-market, the outbox of by-env"):
        compare(outbox, stated(rows(outbox), unit="by-market"), PUBLIC)


def test_a_list_that_was_changed_has_not_its_digest():
    told = asdict(stated([("e0", "00" * 32)], [("e1", "refused", "key")]))
    assert read_said(json.dumps(told)).count == 1
    for name in ("applied", "aside"):
        with pytest.raises(NoStatement, match="was changed"):
            read_said(told | {name: []})
    with pytest.raises(NoStatement, match="no statement"):
        read_said("[]")


def test_the_command_says_what_is_alike_and_what_was_not_applied(outbox, tmp_path):
    file = tmp_path / "said.json"
    file.write_text(json.dumps(asdict(stated(rows(outbox)[1:], [("e0", "refused", "key")]))), "utf-8")
    arguments = ["outbox", "compare", str(file), "--public", PUBLIC.hex(), "--unit", "by-env"]
    environment = {"LINKAGE_UNITS": str(DEMO_UNITS)}
    done = CliRunner().invoke(app, [*arguments, "--outbox", str(tmp_path / "out.sqlite")], env=environment)
    assert (done.exit_code, done.output) == (
        0,
        "2 events are alike, 1 were not applied (2026-11-25T00:00:00Z to 2026-11-26T00:00:00Z)\n  e0: refused, key\n",
    )
