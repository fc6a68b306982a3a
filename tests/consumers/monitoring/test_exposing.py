"""What Prometheus is shown of the whole installation, from a real broker and database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from consumers.monitoring.exposing import Standing
from consumers.monitoring.watching import Watch
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.database import engine as make_engine
from infra.kafka import apply_topics, wait_for_kafka
from schemas.units import Register
from tests.consumers.casework.logged import told
from tests.consumers.rebuild.by_hand import ByHand
from tests.faults.scripts import AG, CM, PC, PSB, SWIFT

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
def bus(settings, register):
    few = Register(tuple(unit for unit in register.units if unit.code in {AG, CM, PC, PSB}))
    own = settings.model_copy(update={"partitions": 1})
    wait_for_kafka(own, seconds=30)
    apply_topics(own, few)
    connector = make_engine(own)
    yield ByHand(own, Rulebook(few, published_calendar()), connector)
    connector.dispose()


def shown(settings, engine, rulebook) -> dict[str, float]:
    registry = CollectorRegistry()
    watch = Watch(settings, rulebook.register, engine)
    registry.register(Standing(watch, engine, rulebook, "workers", lambda: datetime.now(UTC)))
    text = generate_latest(registry).decode()
    watch.close()
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_lag_backlogs_and_what_was_set_aside_are_told(bus, register):
    settings = bus.settings
    rulebook = Rulebook(bus._register, published_calendar())
    said = told(SWIFT)
    bus.say(said)
    ingress = f'kafka_consumergroup_group_lag{{group="workers",partition="0",topic="{settings.topics.ingress(AG)}"}}'
    waiting = shown(settings, bus.engine, rulebook)
    assert waiting[ingress] == len([one for one in said if one.unit == AG])
    bus.carry_in()
    bus.apply()
    assert shown(settings, bus.engine, rulebook)["bus_feed_unnumbered"] > 0
    bus.relay()
    after = shown(settings, bus.engine, rulebook)
    assert (after[ingress], after["bus_feed_unnumbered"], after["bus_look_failed"]) == (0, 0, 0)
    assert after[f'bus_feed_backlog{{unit="{PC}"}}'] > 0
    assert after[f'bus_unit_silent{{unit="{AG}"}}'] == 0


def test_a_scrape_answers_while_the_broker_is_away(bus):
    away = bus.settings.model_copy(update={"bootstrap": "127.0.0.1:9"})
    assert shown(away, bus.engine, Rulebook(bus._register, published_calendar())) == {"bus_look_failed": 1}
