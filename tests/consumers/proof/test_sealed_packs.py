"""A pack of a sealed case shows what was said and proves it; of a destroyed one it proves what is left."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import update

from consumers.casework.transaction import Casework
from consumers.intake.sealing import sealed_record
from consumers.proof.heads import sign_now
from consumers.proof.pack_check import check
from consumers.proof.packing import pack
from consumers.proof.said import said_statement
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.database import engine as make_engine
from infra.vault import vault_behind
from infra.vault_tables import subject_keys
from schemas.digests import digest
from schemas.sealed.keys import of_case
from schemas.sealed.payloads import DESTROYED
from tests.consumers.casework.logged import MORNING, TOPIC, Log
from tests.consumers.intake.test_checking import logged
from tests.consumers.intake.test_sealing import CANARY, SAID
from tests.consumers.proof.test_packing import NOW, problem, zipped
from tests.faults.scripts import AG
from tests.faults.sendings import sending
from tests.infra.sealing import sealing_settings

pytestmark = pytest.mark.postgres

SENT = sending(AG, "transfer.sent", "1", case=(AG, "案1"), at=MORNING, data=SAID)
CASE = SENT.envelope.subject


@pytest.fixture(params=["aes", "sm"])
def engine(request, database, register, tmp_path):
    """A database with one sealed event applied."""
    connector = make_engine(sealing_settings(database, tmp_path, sealing=request.param), pool=2)
    with connector.begin() as connection:
        key = vault_behind(connection).issued(connection, [of_case(CASE)], NOW)[of_case(CASE)]
    said = logged(SENT, TOPIC, offset=0)
    value, headers = sealed_record(said.value, said.headers, key, register.by_code)
    casework = Casework(
        connector, Rulebook(register, published_calendar()), Log().range, cached_events=10, topic=TOPIC
    )
    casework.apply([replace(said, value=value, headers=tuple(headers))])
    yield connector
    connector.dispose()


def packed(engine, signer):
    sign_now(engine, signer, namespace="test-", topic=TOPIC, now=NOW)
    with engine.connect() as connection:
        return dict(pack(connection, CASE, signer, namespace="test-", now=NOW).files)


def resigned(parts, signer, name, content):
    """The pack with another file in it, signed by whoever holds the key."""
    told = json.loads(parts["pack.json"])
    told["files"][name] = sha256(content).hexdigest()
    listed = json.dumps(told).encode()
    return {
        **parts,
        name: content,
        "pack.json": listed,
        "pack.sig": signer.sign(listed.decode()).hex().encode(),
    }


def test_a_pack_shows_what_was_said_and_verifies(engine, signer):
    parts = packed(engine, signer)
    assert json.loads(parts["opened.json"])[0]["data"]["parties"] == [SAID["parties"][0]]
    assert f"{CANARY}-name" in parts["index.html"].decode()
    assert CANARY not in parts["records.json"].decode()
    assert "1 records of case" in check(zipped(parts), signer.public)


def test_a_word_that_was_not_said_is_found_out_even_if_the_packer_signs_it(engine, signer):
    parts = packed(engine, signer)
    opened = parts["opened.json"].replace(f"{CANARY}-name".encode(), b"somebody else")
    found = problem(resigned(parts, signer, "opened.json", opened), signer.public)
    assert "does not say what the record was sealed from" in found


def test_a_unit_is_stated_the_digest_of_what_it_said_not_of_what_was_sealed(engine):
    with engine.connect() as connection:
        stated = said_statement(
            connection,
            AG,
            since=datetime(2000, 1, 1, tzinfo=UTC),
            until=datetime(2100, 1, 1, tzinfo=UTC),
            namespace="test-",
        )
    assert stated.applied == [("1", digest(SENT.envelope, SENT.value).hex())]


def test_of_a_destroyed_case_the_records_still_verify_and_nothing_is_readable(engine, signer):
    with engine.begin() as connection:
        gone = update(subject_keys).values(wrapped=None, destroyed_at=datetime(2026, 11, 1, tzinfo=UTC))
        connection.execute(gone)
        vault_behind(connection).forget(of_case(CASE))
    parts = packed(engine, signer)
    assert json.loads(parts["opened.json"])[0]["data"]["summary"] == DESTROYED
    assert CANARY not in "".join(part.decode() for part in parts.values())
    assert "1 records of case" in check(zipped(parts), signer.public)
