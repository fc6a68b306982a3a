"""`linkage vault ingress` on a real broker and database, and what publishing by hand does with the key."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner

from infra.cli import events, ingress_keys
from infra.database import engine as make_engine
from infra.dev.addresses import as_environment
from infra.ingress_keys import kept
from infra.kafka import apply_topics
from infra.positions import CHAIN_START, lock_position, move_position
from infra.rereading import offsets_at
from schemas.sealed.ingress import read_ingress_key
from tests.infra.sealing import sealing_settings
from tests.infra.test_gateway_process import EVENT

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
def sealing(settings, register, tmp_path):
    """An installation that seals, with all its topics."""
    own = sealing_settings(settings.database, tmp_path)
    made = settings.model_copy(update={"master_keys": own.master_keys})
    apply_topics(made, register)
    return made


@pytest.fixture
def linkage(sealing):
    def run(app, *words, text=None, **environment):
        variables = as_environment(sealing) | environment
        return CliRunner(env=variables).invoke(app, words, input=text)

    return run


@pytest.fixture
def connector(sealing):
    connector = make_engine(sealing, pool=1)
    yield connector
    connector.dispose()


def names(connector):
    with connector.connect() as connection:
        return [one.key.name for one in kept(connection)]


def test_a_key_is_made_once_renewed_when_asked_for_and_destroyed_when_its_time_is_over_and_all_is_read(
    sealing, linkage, connector
):
    first = read_ingress_key(linkage(ingress_keys.app, "renew", "--if-due").stdout)
    again = read_ingress_key(linkage(ingress_keys.app, "renew", "--if-due").stdout)
    second = read_ingress_key(linkage(ingress_keys.app, "renew", "--days", "10", "--open-days", "20").stdout)
    assert first == again != second
    assert second.expires_at - second.renew_by == timedelta(days=10)
    assert names(connector) == [second.name, first.name]
    assert first.text in linkage(ingress_keys.app, "list").stdout

    topic = sealing.topics.ingress("by-env")
    with KafkaProducer(bootstrap_servers=sealing.bootstrap) as producer:
        producer.send(topic, b"x").get(30)
    past = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    told = linkage(ingress_keys.app, "expire", first.name, "--at", past, "--why", "seen by others")
    assert told.exit_code == 0, told.output
    assert linkage(ingress_keys.app, "destroy").exit_code == 0  # by another clock it may not have expired yet
    with connector.connect() as connection:
        assert [one.destroyed_at for one in kept(connection)] == [None, None]

    long_ago = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
    linkage(ingress_keys.app, "expire", first.name, "--at", long_ago, "--why", "seen by others")
    done = linkage(ingress_keys.app, "destroy")
    assert (done.exit_code, done.stdout) == (0, f"{first.name}: destroyed\n")
    assert f"{first.name}  destroyed" in linkage(ingress_keys.app, "list").stdout


def test_where_intake_has_to_have_read_up_to_is_asked_of_the_broker(sealing, connector):
    topic, before = sealing.topics.ingress("by-env"), datetime.now(UTC) - timedelta(minutes=1)
    with KafkaProducer(bootstrap_servers=sealing.bootstrap) as producer:
        producer.send(topic, b"x").get(30)
    after = datetime.now(UTC) + timedelta(minutes=1)
    assert offsets_at(sealing.bootstrap, [topic], before) == {(topic, 0): 0}
    assert offsets_at(sealing.bootstrap, [topic], after) == {(topic, 0): 1}
    with connector.begin() as connection:
        lock_position(connection, topic, 0)
        move_position(connection, topic, 0, expected=0, next_offset=1, chain=CHAIN_START)


def test_an_unknown_name_and_impossible_dates_are_told(linkage):
    unknown = linkage(ingress_keys.app, "expire", "nobody", "--why", "x")
    assert (unknown.exit_code, "there is no ingress key nobody" in unknown.stderr) == (1, True)
    short = linkage(ingress_keys.app, "renew", "--days", "9", "--open-days", "9")
    assert (short.exit_code, "--open-days must be more than --days" in short.stderr) == (1, True)


def test_what_is_published_by_hand_is_sealed_to_the_key_that_is_given(linkage):
    key = linkage(ingress_keys.app, "renew").stdout.strip()
    said = json.dumps(EVENT)
    sent = linkage(events.app, "publish", "--unit", "by-market", text=said, LINKAGE_INGRESS_KEY=key)
    assert sent.exit_code == 0, sent.output
    shown = linkage(events.app, "tail", "--topic", "ingress-by-market", "--no-follow", "--json").stdout
    assert json.loads(shown)["sealed_to"] == read_ingress_key(key).name
    line = linkage(events.app, "tail", "--topic", "ingress-by-market", "--no-follow").stdout
    assert "transfer.sent  by-market/t-17" in line
    raw = linkage(events.app, "tail", "--topic", "ingress-by-market", "--no-follow", "--json", "--raw").stdout
    assert json.loads(raw).keys() >= {"value"}
    wrong = linkage(events.app, "publish", "--unit", "by-market", "--ingress-key", "x", text=said)
    assert (wrong.exit_code, "this is no ingress key" in wrong.stderr) == (1, True)
