"""Topics are made from the manifest, and what differs from it is named."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from kafka.admin import ConfigResource

from infra.kafka import (
    KafkaUnavailable,
    TopicsDiffer,
    admin_client,
    apply_topics,
    check_topics,
    require_topics,
    wait_for_kafka,
    wanted_topics,
)
from infra.settings import Settings
from schemas.units import Register

pytestmark = pytest.mark.kafka


@pytest.fixture
def installation(kafka, namespace):
    return Settings(bootstrap=kafka, namespace=namespace, partitions=3)


@pytest.fixture
def two_units(register):
    return Register(tuple(replace(unit, superior=None) for unit in register.units[:2]))


@pytest.fixture
def applied(installation, two_units):
    apply_topics(installation, two_units)
    return installation


def test_on_a_new_cluster_every_topic_is_missing_and_then_made(installation, two_units):
    wanted = wanted_topics(installation, two_units)
    assert len(check_topics(installation, two_units)) == len(wanted)
    assert len(apply_topics(installation, two_units)) == len(wanted)
    assert check_topics(installation, two_units) == []


def test_more_topics_than_a_controller_takes_at_once_are_made_in_turn(installation, two_units):
    wanted = wanted_topics(installation, two_units)
    assert len(apply_topics(installation, two_units, at_once=len(wanted) - 1)) == len(wanted)
    assert check_topics(installation, two_units) == []


def test_applying_twice_does_nothing(applied, two_units):
    assert apply_topics(applied, two_units) == []


def test_a_process_does_not_start_when_a_topic_is_missing(installation, two_units):
    with pytest.raises(TopicsDiffer, match=r"is missing; and \d more\): run `linkage topics apply`"):
        require_topics(installation, two_units)


def test_a_process_starts_when_topics_are_as_in_the_manifest(applied, two_units):
    require_topics(applied, two_units)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("message.timestamp.type", "CreateTime"), ("cleanup.policy", "compact"), ("retention.ms", "60000")],
)
def test_a_changed_setting_is_named_and_corrected(applied, two_units, key, wrong):
    topic = applied.topics.case_events
    with admin_client(applied) as client:
        client.alter_configs([ConfigResource("topic", topic, {key: wrong})])
    [difference] = eventually_differing(applied, two_units)
    assert difference.startswith(f"{topic} has {key}={wrong}, not ")
    assert apply_topics(applied, two_units) == [f"{difference}: corrected"]
    assert check_topics(applied, two_units) == []


def test_more_partitions_are_named_and_never_changed(applied, two_units):
    topic = applied.topics.case_events
    with admin_client(applied) as client:
        client.create_partitions({topic: 4})
    assert eventually_differing(applied, two_units) == [f"{topic} has 4 partitions, not 3"]
    assert apply_topics(applied, two_units) == []
    assert check_topics(applied, two_units) == [f"{topic} has 4 partitions, not 3"]


def test_another_replication_factor_is_named(applied, two_units):
    differences = check_topics(applied.model_copy(update={"replication": 3}), two_units)
    assert f"{applied.topics.case_events} has the replication factor 1, not 3" in differences


def test_with_three_replicas_two_must_have_a_record_before_it_counts(two_units):
    topics = wanted_topics(Settings(replication=3), two_units).values()
    assert {topic.settings["min.insync.replicas"] for topic in topics} == {"2"}


def test_no_broker_is_one_clear_sentence():
    with (
        pytest.raises(KafkaUnavailable, match=r"no Kafka broker answers at 127\.0\.0\.1:1"),
        admin_client(Settings(bootstrap="127.0.0.1:1"), seconds=0.5),
    ):
        pass


def test_waiting_ends_when_consumer_groups_can_be_coordinated(installation):
    wait_for_kafka(installation, seconds=20)
    with admin_client(installation) as client:
        group = f"{installation.namespace}nobody"
        assert client.list_group_offsets(group) == {group: {}}


def eventually_differing(installation, register):
    """The differences, once the brokers have heard of the change that the controller accepted."""
    deadline = time.monotonic() + 10
    while not (differences := check_topics(installation, register)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return differences
