"""Ingress keys on PostgreSQL: told while they are fresh, opened with until they expire, gone when destroyed."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest

from infra.database import engine as make_engine
from infra.ingress_keys import OPENS_FOR, Openings, Unsealer, current, destroy, expire, kept
from infra.master_keys import read_masters
from infra.vault import FORGETS_AFTER, Vault, options
from schemas.admission import Reason, Refusal
from schemas.sealed.ingress import sealed_for
from schemas.sealed.keys import Master, Masters
from schemas.sealed.suites import SUITES
from tests.infra.ingress import new_ingress_key
from tests.infra.sealing import sealing_settings
from tests.schemas.sealed.test_ingress import ABOUT

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
def sealing(database, tmp_path):
    return sealing_settings(database, tmp_path)


@pytest.fixture
def connector(sealing):
    connector = make_engine(sealing, pool=2)
    yield connector
    connector.dispose()


def sealed(key):
    return sealed_for(key, ABOUT, b"said", secrets.token_bytes)


def told(connector, now):
    with connector.connect() as connection:
        return current(connection, now)


def test_publishers_are_told_the_newest_key_and_what_was_sealed_to_older_ones_opens_on(connector):
    assert told(connector, NOW) is None
    first = new_ingress_key(connector, NOW)
    assert told(connector, NOW) == first
    second = new_ingress_key(connector, NOW + timedelta(days=90))
    later = NOW + timedelta(days=91)
    assert told(connector, later) == second != first
    unseal = Unsealer(Openings(connector.connect))
    assert [unseal(sealed(key), ABOUT, later) for key in (first, second)] == [b"said", b"said"]


def test_an_expired_key_is_told_to_nobody(connector):
    new_ingress_key(connector, NOW)
    assert told(connector, NOW + OPENS_FOR) is None


def test_an_installation_without_a_master_key_tells_none_and_opens_nothing(sealing, connector):
    key = new_ingress_key(connector, NOW)
    bare = make_engine(sealing.model_copy(update={"master_keys": None}), pool=1)
    assert told(bare, NOW) is None
    found = Unsealer(Openings(bare.connect))(sealed(key), ABOUT, NOW)
    bare.dispose()
    assert isinstance(found, Refusal)
    assert found.reason is Reason.INGRESS_KEY


def test_a_key_that_may_be_known_expires_at_once(connector):
    key = new_ingress_key(connector, NOW)
    with connector.begin() as connection:
        assert expire(connection, key.name, NOW + timedelta(days=1))
        assert not expire(connection, "nobody's", NOW)
    unseal = Unsealer(Openings(connector.connect))
    assert unseal(sealed(key), ABOUT, NOW) == b"said"
    assert isinstance(unseal(sealed(key), ABOUT, NOW + timedelta(days=1)), Refusal)


def test_a_destroyed_key_is_forgotten_within_its_time_and_stays_in_the_list(connector):
    key, clock = new_ingress_key(connector, NOW), [0.0]
    unseal = Unsealer(Openings(connector.connect, steady=lambda: clock[0]))
    assert unseal(sealed(key), ABOUT, NOW) == b"said"
    with connector.begin() as connection:
        destroy(connection, [key.name], NOW)
    clock[0] = FORGETS_AFTER
    found = unseal(sealed(key), ABOUT, NOW)
    assert isinstance(found, Refusal)
    assert "destroyed" in found.detail
    with connector.connect() as connection:
        assert [(one.key, one.destroyed_at) for one in kept(connection)] == [(key, NOW)]
    assert told(connector, NOW) is None


def test_rotating_the_master_key_leaves_ingress_keys_as_they_were(sealing, connector):
    key = new_ingress_key(connector, NOW)
    second = Master("second", secrets.token_bytes(32))
    both = Vault(Masters([second, *read_masters(sealing.master_keys).keys]), SUITES["aes"])
    with connector.begin() as connection:
        assert both.rewrap(connection, limit=10) == 1
    alone = connector.execution_options(**options(Vault(Masters([second]), SUITES["aes"])))
    assert Unsealer(Openings(alone.connect))(sealed(key), ABOUT, NOW) == b"said"
