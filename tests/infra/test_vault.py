"""The vault on PostgreSQL: a key for each subject, made once, forgotten in time, and gone when it is destroyed."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from infra.database import engine as make_engine
from infra.master_keys import read_masters
from infra.vault import FORGETS_AFTER, Vault, vault_behind
from infra.vault_tables import subject_keys
from schemas.sealed.keys import Master, Masters, UnknownMasterError
from schemas.sealed.suites import SUITES
from tests.infra.sealing import sealing_settings

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
def settings(database, tmp_path):
    return sealing_settings(database, tmp_path)


@pytest.fixture
def connector(settings):
    connector = make_engine(settings, pool=2)
    yield connector
    connector.dispose()


def vault(settings, suite="aes", steady=lambda: 0.0) -> Vault:
    return Vault(read_masters(settings.master_keys), SUITES[suite], steady=steady)


def destroy(connection, subject: str) -> None:
    gone = update(subject_keys).where(subject_keys.c.subject == subject)
    connection.execute(gone.values(wrapped=None, destroyed_at=NOW))


def test_connections_of_an_engine_find_its_vault_and_none_without_a_master_key(settings, connector):
    bare = make_engine(settings.model_copy(update={"master_keys": None}), pool=1)
    with connector.connect() as connection, bare.connect() as other:
        assert vault_behind(connection) is not None
        assert vault_behind(other) is None
    bare.dispose()


def test_two_processes_get_the_same_key_of_a_subject_and_others_another(settings, connector):
    with connector.begin() as connection:
        first = vault(settings).issued(connection, ["case/1", "case/2"], NOW)
    with connector.begin() as connection:
        second = vault(settings).issued(connection, ["case/1"], NOW)
    assert first["case/1"] == second["case/1"] != first["case/2"]


def test_a_subject_without_a_key_is_not_known_and_gets_none_by_asking(settings, connector):
    with connector.begin() as connection:
        assert vault(settings).known(connection, ["case/1"]) == {}
        assert vault(settings).known(connection, ["case/1"]) == {}


def test_a_destroyed_key_is_never_made_anew(settings, connector):
    with connector.begin() as connection:
        vault(settings).issued(connection, ["case/1"], NOW)
        destroy(connection, "case/1")
        assert vault(settings).issued(connection, ["case/1"], NOW) == {"case/1": None}
        assert vault(settings).known(connection, ["case/1"]) == {"case/1": None}


def test_a_destroyed_key_is_forgotten_within_its_time(settings, connector):
    clock = [0.0]
    held = vault(settings, steady=lambda: clock[0])
    with connector.begin() as connection:
        held.issued(connection, ["case/1"], NOW)
        destroy(connection, "case/1")
        clock[0] = FORGETS_AFTER - 0.1
        assert held.known(connection, ["case/1"])["case/1"] is not None
        clock[0] = FORGETS_AFTER
        assert held.known(connection, ["case/1"]) == {"case/1": None}


def test_a_key_keeps_its_suite_when_the_setting_changes(settings, connector):
    with connector.begin() as connection:
        old = vault(settings).issued(connection, ["case/1"], NOW)["case/1"]
        new = vault(settings, "sm").issued(connection, ["case/1", "case/2"], NOW)
    assert new["case/1"] == old
    assert new["case/2"].suite.mark == "S"


def test_rewrapping_lets_the_old_master_key_go_and_leaves_every_key_as_it_was(settings, connector):
    subjects = [f"case/{number}" for number in range(5)]
    second = Master("second", secrets.token_bytes(32))
    both = Vault(Masters([second, *read_masters(settings.master_keys).keys]), SUITES["aes"])
    with connector.begin() as connection:
        before = vault(settings).issued(connection, subjects, NOW)
        assert [both.rewrap(connection, limit=3) for _ in range(3)] == [3, 2, 0]
        assert Vault(Masters([second]), SUITES["aes"]).known(connection, subjects) == before
        with pytest.raises(UnknownMasterError, match="wrapped by master key second"):
            vault(settings).known(connection, subjects)
