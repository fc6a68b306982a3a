"""Clients made for Confluent's registry decode our topics by an Apicurio Registry that holds the contracts."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from kafka import KafkaConsumer, KafkaProducer
from typer.testing import CliRunner

import producers
from consumers.feeds.heads import FeedHead, head_records
from consumers.feeds.numbering import Logged, Numbered
from consumers.feeds.relay import feed_records
from infra.cli import app
from infra.cli.errors import explanation
from infra.dev.apicurio import LOCK, Apicurio
from infra.dev.jars import read_lock
from infra.kafka import admin_client
from infra.schema_registry import Published, RegistryError, contracts, publish
from infra.settings import Settings
from schemas.catalogue import EVENT_TYPES
from schemas.codec import decode, encode, encode_json
from schemas.envelope import write_headers
from schemas.generate import read_schemas
from schemas.samples import all_samples, samples
from schemas.sealed.keys import Master, Masters, of_case
from schemas.sealed.payloads import About, sealed_payload
from schemas.sealed.suites import SUITES
from schemas.sealed.tokens import is_token
from schemas.topics import CASE_EVENTS
from tests.infra.stock_java import JavaExample

pytestmark = pytest.mark.kafka

OURS = contracts(EVENT_TYPES, read_schemas())
TYPES = sorted({row.name for row in EVENT_TYPES})
EXAMPLE = Path(producers.__file__).with_name("examples") / "java-registry"
UNIT = "by-env"


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


def make_topic(kafka: str, topic: str) -> None:
    with admin_client(Settings(bootstrap=kafka)) as admin:
        admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
        admin.wait_for_topics([topic], timeout_ms=60_000)


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
    make_topic(kafka, topic)
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


def logged(sample, value: bytes, offset: int = 0) -> Logged:
    return Logged(0, offset, str(sample.envelope.subject).encode(), write_headers(sample.envelope), value)


def sealed() -> Logged:
    """A transfer as it lies in the log of an installation that seals."""
    sample = samples("transfer.sent")[0]
    subject = of_case(sample.envelope.subject)
    masters = Masters([Master("first", bytes(32))])
    key = masters.unwrap(subject, masters.make(subject, SUITES["aes"], bytes))
    about = About(sample.envelope.subject, sample.envelope.source, sample.envelope.id)
    data = decode(encode_json("transfer.sent", sample.data)).data
    return logged(sample, encode("transfer.sent", sealed_payload("transfer.sent", data, about, key)))


def feed(topics) -> list:
    """A feed as the relay writes it: an example of every type, signed heads between them, a sealed event."""
    told = [
        sealed(),
        *(
            logged(sample, encode_json(sample.envelope.type, sample.data), offset)
            for offset, sample in enumerate(all_samples(), 1)
        ),
    ]
    entries = [Numbered(UNIT, n, "duty", "AG", "第7条", event) for n, event in enumerate(told, 1)]
    head = FeedHead(topics.namespace, UNIT, 1, "00", "00", "2026-03-11T00:00:00Z", "00", "00")
    first, *rest = feed_records(entries, topics)
    return [first, *head_records([head], topics), *rest]


def as_java_prints(value):
    """A payload as Avro's own `toString` has it: bytes as one character each."""
    match value:
        case dict():
            return {key: as_java_prints(one) for key, one in value.items()}
        case list():
            return [as_java_prints(one) for one in value]
        case bytes():
            return value.decode("latin-1")
    return value


def test_a_stock_java_consumer_reads_a_feed_as_we_do_with_no_code_for_decoding(
    published, kafka, namespace, tmp_path
):
    settings = Settings(bootstrap=kafka, namespace=namespace)
    records = feed(settings.topics)
    make_topic(kafka, settings.topics.feed(UNIT))
    with KafkaProducer(bootstrap_servers=kafka) as producer:
        for one in records:
            producer.send(one.topic, one.value, one.key, headers=list(one.headers))
    entries = [one for one in records if "linkage-seq" in dict(one.headers)]
    told = JavaExample(EXAMPLE, tmp_path).run(
        "ReadFeed",
        str(len(entries)),
        LINKAGE_BOOTSTRAP=kafka,
        LINKAGE_NAMESPACE=namespace,
        LINKAGE_REGISTRY=published,
        LINKAGE_UNIT=UNIT,
    )
    read = [line.split(" ", 2) for line in told.splitlines()]
    assert [int(number) for number, _, _ in read] == list(range(1, len(entries) + 1))
    assert {name for _, name, _ in read} == set(TYPES)
    for (_, name, data), one in zip(read, entries, strict=True):
        ours = decode(one.value)
        assert (name, json.loads(data)) == (ours.event_type.name, as_java_prints(ours.data))
    assert is_token(json.loads(read[0][2])["parties"][0]["name"])


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
