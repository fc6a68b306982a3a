"""The examples for other languages say an event that the bus admits, with stock clients, and read the feed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from consumers.feeds.numbering import Logged, Numbered
from consumers.feeds.relay import feed_records
from infra.access import issue_key
from infra.database import engine as database_engine
from infra.dev.addresses import as_environment
from infra.dev.process import free_port
from infra.dev.service import Service
from infra.kafka import apply_topics
from infra.settings import Settings
from schemas.admission import Admitted, admit
from schemas.catalogue import AVRO
from schemas.codec import encode_json
from schemas.envelope import write_headers
from schemas.samples import samples
from schemas.units import Register
from tests.conftest import DEMO_UNITS
from tests.producers.examples import EXAMPLES, PROGRAMS, built, needing

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

IN_THE_CLEAR = "in the clear: no ingress key (LINKAGE_INGRESS_KEY, or LINKAGE_GATEWAY and LINKAGE_KEY)"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def bus(kafka: str, namespace: str, make_topics: Callable[..., None]) -> Settings:
    """The topics of by-env, with one event in its feed."""
    settings = Settings(bootstrap=kafka, namespace=namespace, units=DEMO_UNITS)
    make_topics(settings, settings.topics.ingress("by-env"), settings.topics.feed("by-env"))
    sample = samples("filing.accepted")[0]
    event = Logged(0, 0, b"case", write_headers(sample.envelope), encode_json("filing.accepted", sample.data))
    [out] = feed_records([Numbered("by-env", 1, "duty", "AG", "第7条", event)], settings.topics)
    with KafkaProducer(bootstrap_servers=kafka) as producer:
        producer.send(out.topic, out.value, out.key, headers=list(out.headers)).get(timeout=30)
    return settings


def run(
    command: list[str],
    folder: Path,
    settings: Settings,
) -> tuple[str, str]:
    """What the program told, and what it complained about."""
    environment = {
        **os.environ,
        **as_environment(settings),
        "LINKAGE_UNIT": "by-env",
        "LINKAGE_SCHEMAS": str(AVRO),
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, done.stderr


def assert_said_and_read(told: str, settings: Settings, register: Register, event_id: str) -> None:
    sample = samples("filing.accepted")[0]
    said, read = told.splitlines()
    assert said == f"said {event_id}: {settings.topics.ingress('by-env')}/0/0"
    assert read == f"read 1: filing.accepted {sample.envelope.origin_case} {sample.data['offence']}"
    partition = TopicPartition(settings.topics.ingress("by-env"), 0)
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap)
    consumer.assign([partition])
    consumer.seek_to_beginning()
    [record] = next(iter(consumer.poll(timeout_ms=10_000).values()))
    consumer.close()
    verdict = admit(
        key=record.key,
        value=record.value,
        headers=record.headers,
        owner="by-env",
        register=register,
        now=NOW,
        max_bytes=262_144,
    )
    assert isinstance(verdict, Admitted), verdict
    assert (verdict.envelope.id, verdict.envelope.origin_case) == (event_id, "云环立〔2026〕9号")
    assert verdict.data["offence"] == "污染环境罪"
    assert [party["name"] for party in verdict.data["parties"]] == ["陈某某"]


@pytest.mark.parametrize(("language", "event_id"), [("javascript", "js-1"), ("java", "java-1")])
def test_without_an_ingress_key_an_example_says_that_it_writes_in_the_clear_is_admitted_and_reads_the_feed(
    bus: Settings, register: Register, tmp_path: Path, language: str, event_id: str
) -> None:
    folder = built(language, tmp_path)
    told, complained = run([*PROGRAMS[language], "1"], folder, bus)
    assert_said_and_read(told, bus, register, event_id)
    assert IN_THE_CLEAR in complained.splitlines()


@pytest.mark.postgres
def test_the_curl_example_gets_its_receipt_twice_and_reads_the_feed(
    settings: Settings, register: Register, tmp_path: Path
) -> None:
    needing("curl")
    own = settings.model_copy(update={"gateway_port": free_port()})
    apply_topics(own, register)
    connector = database_engine(own)
    with connector.begin() as connection:
        key = issue_key(connection, "by-env", now=datetime.now(UTC))
    connector.dispose()
    service = Service("gateway", "gateway", tmp_path, as_environment(own))
    service.start()
    try:
        reach = {"LINKAGE_GATEWAY": f"http://127.0.0.1:{own.gateway_port}", "LINKAGE_KEY": key}
        told = [
            subprocess.run(
                ["sh", str(EXAMPLES / "curl" / "join.sh")],
                env={**os.environ, **reach},
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            ).stdout.splitlines()
            for _ in range(2)
        ]
    finally:
        service.stop()
    first, again = (json.loads(one[0]) for one in told)
    assert first == again
    assert (first["id"], first["topic"]) == ("curl-1", own.topics.ingress("gateway"))
    assert json.loads(told[0][1])["items"] == []
