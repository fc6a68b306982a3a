"""What units wrote in the clear is sealed before it enters log or dead letters, the same at every try."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from consumers.intake.sealing import ROOT, IntakeSealer
from consumers.redrive.originals import original
from infra.database import engine as make_engine
from infra.vault import case_keys, opened_whole
from infra.vault_tables import subject_keys
from schemas.codec import decode
from schemas.envelope import read_headers
from schemas.sealed.keys import of_case
from schemas.sealed.values import opened_data
from schemas.topics import GATEWAY
from tests.consumers.casework.logged import MORNING
from tests.consumers.intake.test_checking import TOPICS, carried, logged
from tests.faults.scripts import AG, PSB
from tests.faults.sendings import SPOILERS, sending
from tests.infra.sealing import sealing_settings

pytestmark = pytest.mark.postgres

CANARY = "canary-4b1d"
PARTY = {
    "name": f"{CANARY}-name",
    "kind": "natural_person",
    "id_no": f"{CANARY}-number",
    "role": "犯罪嫌疑人",
}
SAID = {"addressee": PSB, "parties": [PARTY], "summary": f"{CANARY} 三月十日"}


@pytest.fixture
def connector(database, tmp_path):
    connector = make_engine(sealing_settings(database, tmp_path), pool=1)
    yield connector
    connector.dispose()


@pytest.fixture
def sound():
    return logged(sending(AG, "transfer.sent", "1", case=(AG, "案1"), at=MORNING, data=SAID))


def sealed(connector, register, *records, clear=True):
    judge = IntakeSealer(connector, register.by_code, TOPICS, clear)
    return judge(records, [carried(record, register) for record in records])


def destroy(connector, record):
    case = of_case(read_headers(record.headers).subject)
    with connector.begin() as connection:
        gone = update(subject_keys).where(subject_keys.c.subject == case)
        connection.execute(gone.values(wrapped=None, destroyed_at=datetime(2026, 3, 10, tzinfo=UTC)))
    connector.get_execution_options()["vault"].forget(case)


def test_an_event_in_the_clear_goes_into_the_log_sealed_and_opens_to_what_was_said(
    connector, register, sound
):
    (out,) = sealed(connector, register, sound)
    assert out.topic == TOPICS.case_events
    assert CANARY.encode() not in out.value
    assert dict(out.headers)[ROOT]
    envelope = read_headers(out.headers)
    with connector.connect() as connection:
        key = case_keys(connection, [envelope.subject])[envelope.subject]
    opened = opened_data(envelope, decode(out.value).data, key.opening)
    assert opened == decode(sound.value).data


def test_taken_again_after_a_crash_it_is_the_same_record(connector, register, sound):
    assert sealed(connector, register, sound) == sealed(connector, register, sound)


def test_what_the_gateway_has_sealed_passes_as_it_is_and_a_units_claim_to_have_does_not(
    connector, register, sound
):
    (out,) = sealed(connector, register, sound)
    envelope_headers = [(name, raw) for name, raw in out.headers if not name.startswith("linkage-")]
    from_gateway = replace(
        sound, topic=TOPICS.ingress(GATEWAY), value=out.value, headers=tuple(envelope_headers)
    )
    assert sealed(connector, register, from_gateway)[0].value == out.value
    claimed = replace(sound, headers=(*sound.headers, (ROOT, b"A.1.00")))
    (again,) = sealed(connector, register, claimed)
    assert (again.value, dict(again.headers)[ROOT]) == (out.value, dict(out.headers)[ROOT])


@pytest.mark.parametrize("how", sorted(SPOILERS))
def test_a_refused_record_is_set_aside_sealed_as_a_whole_and_opens_byte_for_byte(connector, register, how):
    _, change = SPOILERS[how]
    spoiled = logged(change(sending(AG, "transfer.sent", "1", case=(AG, "案1"), at=MORNING, data=SAID)))
    (out,) = sealed(connector, register, spoiled)
    assert out.topic == TOPICS.dead_letters
    assert CANARY.encode() not in (out.value or b"")
    with connector.connect() as connection:
        value = opened_whole(connection, out.value)
    kept = original(key=out.key, value=value, headers=out.headers, recorded_at=datetime.now(UTC))
    assert (kept.value, list(kept.headers)) == (spoiled.value, list(spoiled.headers))


def test_the_reason_of_a_refusal_quotes_nothing(connector, register, sound):
    value = sound.value.replace(f"{CANARY}-number".encode(), f"{CANARY}-numb\0r".encode())
    (out,) = sealed(connector, register, replace(sound, value=value))
    assert out.topic == TOPICS.dead_letters
    assert all(CANARY.encode() not in (raw or b"") for _, raw in out.headers)


def test_for_a_case_whose_key_was_destroyed_nothing_is_taken_any_more(connector, register, sound):
    sealed(connector, register, sound)
    destroy(connector, sound)
    (out,) = sealed(connector, register, sound)
    assert (out.topic, dict(out.headers)["linkage-reason"]) == (TOPICS.dead_letters, b"destroyed")
    assert CANARY.encode() not in out.value


def test_an_installation_can_refuse_what_comes_in_the_clear(connector, register, sound):
    (out,) = sealed(connector, register, sound, clear=False)
    assert (out.topic, dict(out.headers)["linkage-reason"]) == (TOPICS.dead_letters, b"clear")
    assert CANARY.encode() not in out.value
