"""Clients made for Confluent's registry decode our topics by an Apicurio Registry that holds the contracts."""

from __future__ import annotations

import json

import httpx
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from kafka import KafkaConsumer, KafkaProducer
from typer.testing import CliRunner

from infra.cli import app
from infra.cli.errors import explanation
from infra.dev.apicurio import LOCK, Apicurio
from infra.dev.jars import read_lock
from infra.kafka import admin_client
from infra.schema_registry import Published, RegistryError, contracts, publish
from infra.settings import Settings
from schemas.catalogue import EVENT_TYPES
from schemas.codec import decode, encode_json
from schemas.generate import read_schemas
from schemas.samples import samples
from schemas.topics import CASE_EVENTS

pytestmark = pytest.mark.kafka

OURS = contracts(EVENT_TYPES, read_schemas())
TYPES = sorted({row.name for row in EVENT_TYPES})


@pytest.fixture(scope="module")
def registry(session_folder):
    with Apicurio(session_folder) as running:
        yield running.url


@pytest.fixture(scope="module")
def published(registry):
    # Two steps, as when a later release of the bus brings further types and a second version of old ones.
    first = [one for one in OURS if one.event_type.version == 1][:50]
    assert publish(registry, first) == Published(sent=50, present=0)
    assert publish(registry, OURS) == Published(sent=len(OURS) - 50, present=50)
    return registry


def as_milliseconds(value):
    """What the stock reader makes of a timestamp, back to what is on the wire."""
    if isinstance(value, dict):
        return {key: as_milliseconds(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_milliseconds(one) for one in value]
    return int(value.timestamp() * 1000) if hasattr(value, "timestamp") else value


def test_a_stock_confluent_deserializer_reads_every_event_type_from_a_topic_as_we_do(
    published, kafka, namespace
):
    topic = namespace + CASE_EVENTS
    values = [encode_json(name, samples(name)[0].data) for name in TYPES]
    with admin_client(Settings(bootstrap=kafka)) as admin:
        admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
        admin.wait_for_topics([topic], timeout_ms=60_000)
    with KafkaProducer(bootstrap_servers=kafka) as producer:
        for value in values:
            producer.send(topic, value).get(timeout=30)
    client = SchemaRegistryClient({"url": f"{published}/apis/ccompat/v7"})
    stock = AvroDeserializer(client)
    context = SerializationContext(topic, MessageField.VALUE)
    with KafkaConsumer(
        topic, bootstrap_servers=kafka, auto_offset_reset="earliest", consumer_timeout_ms=20_000
    ) as consumer:
        read = [record.value for record, _ in zip(consumer, values, strict=False)]
    assert read == values
    for value in read:
        assert as_milliseconds(stock(value, context)) == decode(value).data


def test_versions_stand_in_order_under_the_name_of_the_record(published):
    subject = "linkage.lead.LeadFound"
    versions = httpx.get(f"{published}/apis/ccompat/v7/subjects/{subject}/versions").json()
    assert versions == [1, 2]
    latest = httpx.get(f"{published}/apis/ccompat/v7/subjects/{subject}/versions/latest").json()
    assert latest["id"] == next(
        row.schema_id for row in EVENT_TYPES if (row.name, row.version) == ("lead.found", 2)
    )


def test_the_registry_refuses_a_breaking_version_of_a_contract(published):
    broken = json.dumps(
        {
            "type": "record",
            "name": "LeadFound",
            "namespace": "linkage.lead",
            "fields": [{"name": "x", "type": "int"}],
        }
    )
    answer = httpx.post(
        f"{published}/apis/ccompat/v7/subjects/linkage.lead.LeadFound/versions", json={"schema": broken}
    )
    assert answer.status_code == 409


def test_pushing_again_by_the_command_sends_nothing(published):
    told = CliRunner().invoke(app, ["schemas", "push", "--registry", published])
    assert told.output == f"0 contract(s) sent, {len(OURS)} were there already.\n"


def test_an_id_that_holds_another_schema_is_told_and_nothing_is_sent(published):
    contract = OURS[0]
    other = type(contract)(contract.event_type, {**contract.schema, "fields": []})
    with pytest.raises(RegistryError, match=rf"other schemas under the ids of {contract.event_type.name} v1"):
        publish(published, [other])


def test_an_address_that_is_no_registry_is_told_with_what_it_answered(published):
    with pytest.raises(
        RegistryError, match=r"is no Apicurio Registry 3.*lacks admin_case\.filed v1"
    ) as raised:
        publish(f"{published}/apis/registry/v3/search", OURS[:1])
    assert explanation(raised.value) is not None


def test_the_lock_names_the_archive_by_its_sum():
    [archive] = read_lock(LOCK)
    assert archive.file_name == f"apicurio-registry-app-{archive.version}-all.tar.gz"
    assert len(archive.sha256) == 64
