"""What a principal may do on Kafka is what the table says: tried with real clients on a broker that judges."""

from __future__ import annotations

import kafka
import pytest
from confluent_kafka import Consumer, KafkaError
from kafka.admin import NewTopic
from kafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailedError,
)

from infra.dev.broker import Credentials
from infra.dev.principals import as_principal
from infra.enrolment import granted
from infra.grants import PROCESSES, unit_grants, unit_principal
from infra.kafka import KafkaUnavailable, admin_client, client_options
from schemas.topics import GATEWAY

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

A, B = "by-env", "by-market"


def reading(settings, topic):
    """How librdkafka fares as unit B when it subscribes to a topic at its end: an error's code."""
    given = client_options(settings)
    consumer = Consumer(
        {
            "bootstrap.servers": settings.bootstrap,
            "security.protocol": given["security_protocol"],
            "sasl.mechanism": given["sasl_mechanism"],
            "sasl.username": given["sasl_plain_username"],
            "sasl.password": given["sasl_plain_password"],
            "group.id": f"{B}.tests",
            "enable.auto.commit": False,
            "auto.offset.reset": "latest",
            "enable.partition.eof": True,
        }
    )
    try:
        consumer.subscribe([topic])
        return consumer.poll(20).error().code()
    finally:
        consumer.close()


def first_of(consumer, topic):
    """What a poll of the first partition gives; raises when the broker refuses it."""
    partition = kafka.TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek(partition, 0)
    return consumer.poll(500)


def test_every_principal_has_the_rights_of_the_table_and_no_other(secure):
    wanted = dict(PROCESSES) | {unit_principal(code): unit_grants(code) for code in secure.register.by_code}
    with admin_client(secure.settings) as client:
        for principal, grants in wanted.items():
            found = {
                (
                    acl.operation.name,
                    acl.resource_pattern.resource_type.name,
                    acl.resource_pattern.resource_name,
                )
                for acl in granted(client, principal)
            }
            assert found == {(may, grant.on, grant.name) for grant in grants for may in grant.may}


def test_a_unit_sees_its_own_topics_only(secure, consumer_of):
    assert consumer_of(secure.settings_of_unit(B)).topics() == {f"ingress-{B}", f"feed-{B}"}


@pytest.mark.parametrize(
    "topic", [f"ingress-{A}", f"ingress-{GATEWAY}", f"feed-{A}", f"feed-{B}", "case-events", "dead-letters"]
)
def test_a_unit_cannot_write_anywhere_but_its_own_ingress(secure, producer_of, topic):
    with pytest.raises(TopicAuthorizationFailedError):
        producer_of(secure.settings_of_unit(B)).send(topic, b"x").get(10)


@pytest.mark.parametrize(
    "topic",
    [f"feed-{A}", f"ingress-{A}", f"ingress-{B}", "case-events", "dead-letters", "__consumer_offsets"],
)
def test_a_unit_cannot_read_anything_but_its_own_feed(secure, topic):
    assert reading(secure.settings_of_unit(B), topic) == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_a_unit_reads_its_own_feed(secure):
    assert reading(secure.settings_of_unit(B), f"feed-{B}") == KafkaError._PARTITION_EOF


@pytest.mark.parametrize("group", [f"{A}.case-system", f"{B}", f"{B}x.y", "linkage-worker"])
def test_a_unit_cannot_join_a_group_that_is_not_its_own(secure, consumer_of, group):
    consumer = consumer_of(secure.settings_of_unit(B), group_id=group)
    consumer.subscribe([f"feed-{B}"])
    with pytest.raises(GroupAuthorizationFailedError):
        consumer.poll(5000)


def test_a_unit_cannot_make_topics(secure):
    with admin_client(secure.settings_of_unit(B)) as client:
        for name in (f"{B}.own", f"ingress-{B}-2"):
            with pytest.raises((TopicAuthorizationFailedError, ClusterAuthorizationFailedError)):
                client.create_topics([NewTopic(name, 1, 1)])


def test_a_unit_cannot_use_transactions(secure, producer_of):
    producer = producer_of(secure.settings_of_unit(B), transactional_id=f"{B}.t")
    with pytest.raises(TransactionalIdAuthorizationFailedError):
        producer.init_transactions()


def test_a_unit_writes_its_own_ingress_idempotently_without_a_right_to_that(secure, producer_of):
    sent = producer_of(secure.settings_of_unit(B), enable_idempotence=True, acks="all")
    assert sent.send(f"ingress-{B}", b"no event, for the dead letters").get(10).topic == f"ingress-{B}"


@pytest.mark.parametrize(
    ("process", "topic"),
    [
        ("worker", f"feed-{A}"),
        ("worker", f"ingress-{A}"),
        ("relay", f"ingress-{A}"),
        ("relay", f"ingress-{GATEWAY}"),
        ("relay", "dead-letters"),
        ("gateway", f"ingress-{A}"),
        ("gateway", "case-events"),
        ("gateway", f"feed-{A}"),
        ("clock", "case-events"),
        ("console", "case-events"),
        ("redrive", f"ingress-{A}"),
        ("redrive", "dead-letters"),
        ("operator", "case-events"),
        ("operator", f"feed-{A}"),
    ],
)
def test_a_process_cannot_write_what_another_one_vouches_for(secure, producer_of, process, topic):
    with pytest.raises(TopicAuthorizationFailedError):
        producer_of(secure.settings_of(process), enable_idempotence=False).send(topic, b"x").get(10)


@pytest.mark.parametrize("process", ["relay", "gateway"])
def test_a_process_reads_nothing_that_it_does_not_need(secure, consumer_of, process):
    with pytest.raises(TopicAuthorizationFailedError):
        first_of(consumer_of(secure.settings_of(process)), "case-events")


@pytest.mark.parametrize("topic", ["case-events", "dead-letters", f"ingress-{A}", f"feed-{A}"])
@pytest.mark.parametrize("process", ["operator", "clock"])
def test_who_operates_and_who_reconciles_reads_everything(secure, consumer_of, topic, process):
    first_of(consumer_of(secure.settings_of(process)), topic)


@pytest.mark.parametrize("user", ["unit-by-market", "linkage-admin", "nobody"])
def test_nobody_gets_in_with_a_wrong_password(secure, user):
    guessing = as_principal(secure.settings, Credentials(user, "guess"))
    with pytest.raises(KafkaUnavailable, match=user), admin_client(guessing, seconds=2):
        pass


def test_nobody_gets_in_without_a_password(secure):
    with (
        pytest.raises(KafkaUnavailable),
        admin_client(secure.settings.model_copy(update={"kafka_protocol": "PLAINTEXT"}), seconds=2),
    ):
        pass
