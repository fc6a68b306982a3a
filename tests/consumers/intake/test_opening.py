"""What publishers sealed is opened at intake and is the same event as if they had not; what does not open is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from consumers.intake.checking import dead_letter
from consumers.intake.opening import IntakeOpener
from consumers.intake.sealing import IntakeSealer
from consumers.redrive.originals import original
from infra.database import engine as make_engine
from infra.ingress_keys import Openings, destroy, expire
from infra.settings import Settings
from infra.vault import opened_whole
from infra.vault_tables import subject_keys
from schemas.sealed.keys import of_case
from schemas.topics import GATEWAY
from tests.consumers.casework.logged import MORNING
from tests.consumers.intake.test_checking import TOPICS, carried, logged
from tests.consumers.intake.test_sealing import CANARY, SAID
from tests.faults.scripts import AG
from tests.faults.sendings import SPOILERS, sending
from tests.infra.ingress import new_ingress_key, sealed_on_the_way_in
from tests.infra.sealing import sealing_settings

pytestmark = pytest.mark.postgres

NOW = datetime.now(UTC)


@pytest.fixture
def connector(database, tmp_path):
    connector = make_engine(sealing_settings(database, tmp_path), pool=1)
    yield connector
    connector.dispose()


@pytest.fixture
def key(connector):
    return new_ingress_key(connector, NOW - timedelta(days=1))


@pytest.fixture
def sound():
    return logged(sending(AG, "transfer.sent", "1", case=(AG, "案1"), at=MORNING, data=SAID))


def taken(connector, register, *records, clear=True):
    """What intake sends for these records: opened, judged and sealed as its agent does it."""
    opened, refused = IntakeOpener(Openings(connector.connect))(records)
    judged = [
        dead_letter(one, refused[number], owner=AG, topic=TOPICS.dead_letters)
        if number in refused
        else carried(one, register)
        for number, one in enumerate(opened)
    ]
    return IntakeSealer(connector, register.by_code, TOPICS, clear)(opened, judged)


def reason(out):
    return dict(out.headers).get("linkage-reason", b"").decode()


def kept(connector, out):
    """The record behind a dead letter."""
    with connector.connect() as connection:
        value = opened_whole(connection, out.value)
    return original(key=out.key, value=value, headers=out.headers, recorded_at=NOW)


def test_it_goes_into_the_log_with_the_very_bytes_that_it_has_without_being_sealed(
    connector, register, key, sound
):
    assert taken(connector, register, sealed_on_the_way_in(sound, key)) == taken(connector, register, sound)


def test_taken_again_after_a_crash_it_is_the_same_record(connector, register, key, sound):
    record = sealed_on_the_way_in(sound, key)
    assert taken(connector, register, record) == taken(connector, register, record)


def test_an_installation_that_refuses_clear_text_takes_it(connector, register, key, sound):
    sealed, clear = taken(connector, register, sealed_on_the_way_in(sound, key), sound, clear=False)
    assert (sealed.topic, clear.topic) == (TOPICS.case_events, TOPICS.dead_letters)
    assert reason(clear) == "clear"


def test_records_of_a_wave_keep_their_places_whether_sealed_or_not(connector, register, key, sound):
    other = logged(sending(AG, "transfer.sent", "2", case=(AG, "案2"), at=MORNING, data=SAID), offset=8)
    mixed = taken(connector, register, sound, sealed_on_the_way_in(other, key), sound)
    assert mixed == taken(connector, register, sound, other, sound)


@pytest.mark.parametrize(
    "how", sorted(SPOILERS.keys() - {"null", "twice", "headless"})
)  # nothing to seal, or for whom
def test_what_is_refused_once_it_is_open_is_set_aside_as_it_was_meant_and_not_readable(
    connector, register, key, how
):
    """Sealed for the case and no more to the ingress key, so that it can be sent again when that is destroyed."""
    expected, change = SPOILERS[how]
    spoiled = logged(change(sending(AG, "transfer.sent", "1", case=(AG, "案1"), at=MORNING, data=SAID)))
    (out,) = taken(connector, register, sealed_on_the_way_in(spoiled, key))
    assert (out.topic, reason(out)) == (TOPICS.dead_letters, expected)
    assert CANARY.encode() not in (out.value or b"")
    found = kept(connector, out)
    assert (found.value, list(found.headers)) == (spoiled.value, list(spoiled.headers))


def unknown(connector, key):
    with connector.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ingress_keys")


def expired(connector, key):
    with connector.begin() as connection:
        expire(connection, key.name, NOW - timedelta(hours=1))


def destroyed(connector, key):
    with connector.begin() as connection:
        destroy(connection, [key.name], NOW)


@pytest.mark.parametrize("spoil", [unknown, expired, destroyed])
def test_for_want_of_a_key_it_is_kept_byte_for_byte_with_a_reason_of_its_own(
    connector, register, key, sound, spoil
):
    record = sealed_on_the_way_in(sound, key)
    spoil(connector, key)
    (out,) = taken(connector, register, record)
    assert (out.topic, reason(out)) == (TOPICS.dead_letters, "ingress-key")
    assert key.name in dict(out.headers)["linkage-detail"].decode()
    found = kept(connector, out)
    assert (found.value, list(found.headers)) == (record.value, list(record.headers))


@pytest.mark.parametrize("header", ["ce_id", "ce_type"])
def test_what_was_changed_is_kept_byte_for_byte_with_a_reason_of_its_own(
    connector, register, key, sound, header
):
    record = sealed_on_the_way_in(sound, key)
    changed = replace(record, value=record.value[:-1] + bytes([record.value[-1] ^ 1]))
    elsewhere = replace(
        record, headers=[(name, b"lead.found" if name == header else raw) for name, raw in record.headers]
    )
    for one in (changed, elsewhere):
        (out,) = taken(connector, register, one)
        assert (out.topic, reason(out)) == (TOPICS.dead_letters, "not-opened")
        found = kept(connector, out)
        assert (found.value, list(found.headers)) == (one.value, list(one.headers))


def test_for_a_case_whose_key_was_destroyed_nothing_is_taken_any_more(connector, register, key, sound):
    (out,) = taken(connector, register, sound)
    case = of_case(UUID(out.key.decode()))
    with connector.begin() as connection:
        gone = update(subject_keys).where(subject_keys.c.subject == case)
        connection.execute(gone.values(wrapped=None, destroyed_at=NOW))
    connector.get_execution_options()["vault"].forget(case)
    (out,) = taken(connector, register, sealed_on_the_way_in(sound, key))
    assert reason(out) == "destroyed"
    assert CANARY.encode() not in out.value


def test_the_gateways_own_topic_is_read_in_the_same_way(connector, register, key, sound):
    through = replace(sound, topic=TOPICS.ingress(GATEWAY))
    sealed = sealed_on_the_way_in(through, key)
    assert taken(connector, register, sealed) == taken(connector, register, through)


def test_a_record_without_a_readable_envelope_is_left_to_admission(connector, register, key, sound):
    record = sealed_on_the_way_in(sound, key)
    bare = replace(record, headers=[header for header in record.headers if header[0] != "ce_id"])
    (out,) = taken(connector, register, bare)
    assert reason(out) == "envelope"
    assert kept(connector, out).value == record.value


def test_sealed_where_nothing_is_sealed_it_is_refused_for_want_of_the_key(
    connector, database, register, key, sound
):
    bare = make_engine(Settings(database=database), pool=1)
    (out,) = taken(bare, register, sealed_on_the_way_in(sound, key))
    bare.dispose()
    assert (out.topic, reason(out)) == (TOPICS.dead_letters, "ingress-key")
