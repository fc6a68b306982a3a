"""Heads are signed each hour once, and a chain that is written anew does not meet them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from consumers.casework.records import leaf, link
from consumers.proof.heads import heads, sign_due, sign_now
from consumers.proof.signing import is_signed
from consumers.rebuild.log_check import verify_log
from consumers.rebuild.verifying import verify
from infra.cli import app
from infra.positions import CHAIN_START
from infra.signing_key import KeyFileError, new_key, read_key
from tests.consumers.casework.logged import TOPIC, Logged

NOW = datetime(2026, 11, 24, 3, 0, 0, 500_000, tzinfo=UTC)
database = pytest.mark.postgres


def due(engine, signer, now):
    return sign_due(engine, signer, namespace="test-", topic=TOPIC, now=now)


@database
def test_heads_are_signed_once_an_hour(engine, signer):
    counts = [due(engine, signer, NOW + timedelta(minutes=minutes)) for minutes in (0, 1, 59, 60, 61)]
    assert counts == [1, 0, 0, 1, 0]
    with engine.connect() as connection:
        [latest, first] = heads(connection)
    assert latest.signed_at - first.signed_at == timedelta(hours=1)
    assert is_signed(latest.text, latest.signature, signer.public)


@database
def test_an_operator_may_sign_in_the_second_in_which_the_clock_signed(engine, signer):
    due(engine, signer, NOW)
    [asked] = sign_now(engine, signer, namespace="test-", topic=TOPIC, now=NOW + timedelta(milliseconds=200))
    with engine.connect() as connection:
        assert heads(connection) == [asked]


@database
def test_a_chain_that_was_written_anew_does_not_meet_the_signed_head(engine, signer):
    sign_now(engine, signer, namespace="test-", topic=TOPIC, now=NOW)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM events WHERE log_offset = 4"))
        rows = connection.execute(
            text("SELECT log_offset, digest, recorded_at, headers FROM events ORDER BY log_offset")
        ).all()
        chain = CHAIN_START
        for row in rows:
            chain = link(chain, leaf(*row))
            connection.execute(
                text("UPDATE events SET chain = :c WHERE log_offset = :o"), {"c": chain, "o": row[0]}
            )
        connection.execute(text("UPDATE progress SET chain = :c"), {"c": chain})
    [verdict] = verify(engine, TOPIC)
    assert verdict.bad_offset == -1
    assert "written anew" in verdict.detail


@database
def test_heads_of_another_key_are_named(engine, signer, other_signer):
    sign_now(engine, other_signer, namespace="test-", topic=TOPIC, now=NOW)
    assert verify(engine, TOPIC)[0].bad_offset is None
    [verdict] = verify(engine, TOPIC, public=signer.public)
    assert "no valid signature by this key" in verdict.detail


def held_against(engine, records):
    [verdict] = verify_log(engine, TOPIC, lambda _, end: [one for one in records if one.offset < end])
    assert bool(verdict.detail) == (verdict.bad_offset is not None)
    return verdict.bad_offset


def changed(record, **parts):
    return Logged(**({name: getattr(record, name) for name in Logged.__slots__} | parts))


@database
def test_the_log_agrees_with_repeats_and_parked_records_in_it(engine, log):
    assert held_against(engine, log.records) is None


@database
def test_the_first_record_that_differs_is_named(engine, log):
    for parts in (
        {"value": b"\0\0\0\0\1x"},
        {"timestamp": 1},
        {"headers": []},
        {"headers": [("ce_id", b"\xff")]},
    ):
        for at in (0, 5):
            records = [*log.records]
            records[at] = changed(records[at], **parts)
            assert held_against(engine, records) == at


@database
def test_an_event_that_the_log_lost_is_named(engine, log):
    assert held_against(engine, log.records[:3] + log.records[4:]) == 3
    assert held_against(engine, log.records[:9]) == 9


@database
def test_a_record_that_nobody_applied_is_named(engine, log):
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM quarantine"))
        parked = connection.scalar(
            text(
                "SELECT min(n) FROM generate_series(15, 100) n WHERE n NOT IN (SELECT log_offset FROM events)"
            )
        )
    assert held_against(engine, log.records) == parked


def test_a_key_is_for_its_owner_alone_and_never_overwritten(tmp_path):
    file = tmp_path / "key.pem"
    made = new_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_key(file).public == made.public
    with pytest.raises(KeyFileError, match="never overwritten"):
        new_key(file)
    file.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_key(file)


@pytest.mark.parametrize("content", ["", "no key"])
def test_a_file_without_a_key_is_named(tmp_path, content):
    file = tmp_path / "key.pem"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeyFileError, match="no private key"):
        read_key(file)
    with pytest.raises(KeyFileError, match="linkage keys new"):
        read_key(tmp_path / "nowhere.pem")


def test_an_installation_that_sets_itself_up_makes_its_key_once(tmp_path):
    environment = {"LINKAGE_SIGNING_KEY": str(tmp_path / "key.pem")}
    first = CliRunner().invoke(app, ["keys", "prepare"], env=environment)
    again = CliRunner().invoke(app, ["keys", "prepare"], env=environment)
    assert (first.exit_code, again.output) == (0, first.output)
    assert first.output == CliRunner().invoke(app, ["keys", "show"], env=environment).output
