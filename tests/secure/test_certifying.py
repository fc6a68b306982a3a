"""Certifying over Kafka on a broker that judges: the administrator may, and others are told that they may not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consumers.certification.listening import listening
from infra.database import engine as make_engine
from infra.kafka import KafkaUnavailable, client_options
from tests.infra.test_dev import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

UNIT = "by-tax"


@pytest.fixture
def connector(secure):
    connector = make_engine(secure.settings, pool=1)
    yield connector
    connector.dispose()


def looked(settings, connector, begins=lambda: None):
    """What a listener has seen of the unit after it has done something."""
    with listening(settings, connector, UNIT, datetime.now(UTC)) as listener:
        begins()
        until(lambda: bool(listener.look(datetime.now(UTC)).written), seconds=20)
        return listener.look(datetime.now(UTC))


def test_the_administrator_sees_a_record_and_that_its_producer_numbers_it(secure, connector, producer_of):
    producer = producer_of(secure.settings_of_unit(UNIT), enable_idempotence=True, acks="all")
    seen = looked(secure.settings, connector, lambda: producer.send(f"ingress-{UNIT}", b"x").get(10))
    assert (len(seen.written), seen.idempotent, seen.group_prefix) == (1, 1, f"{UNIT}.")


def test_a_producer_that_numbers_nothing_is_seen_as_that(secure, connector, producer_of):
    producer = producer_of(secure.settings_of_unit(UNIT), enable_idempotence=False, acks="all")
    seen = looked(secure.settings, connector, lambda: producer.send(f"ingress-{UNIT}", b"x").get(10))
    assert (len(seen.written), seen.idempotent) == (1, 0)


def test_a_unit_may_not_certify_itself(secure, connector):
    assert client_options(secure.settings_of_unit(UNIT))["sasl_plain_username"] == f"unit-{UNIT}"
    with pytest.raises(KafkaUnavailable, match="refused"):
        looked(secure.settings_of_unit(UNIT), connector)
