"""Personal data through the whole bus: in no file of it in the clear, shown to whom it concerns, destroyed by its key."""

from __future__ import annotations

import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from kafka import KafkaProducer
from sqlalchemy import select

from consumers.feeds.opening import GatewayKeys
from consumers.rebuild.verifying import verify
from consumers.shredding.requests import ask, confirm
from infra.database import engine as make_engine
from infra.tables import quarantine
from producers.ingress import GatewayIngress
from producers.publisher import Publisher
from schemas.sealed.digests import FieldProof, Leaf, check_view
from schemas.sealed.payloads import DESTROYED
from schemas.sealed.tokens import is_token
from tests.infra.test_dev import until
from tests.journeys.offices import SECONDS, Case

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

AGENCY, POLICE, STRANGER, OUTSIDER = "by-env", "by-police", "by-market", "by-justice"
OFFENCE = "污染环境罪"
_NUMBERS = itertools.count(1)


@pytest.fixture
def case():
    return Case(AGENCY, f"白环密〔2026〕{next(_NUMBERS)}号", "environment")


@pytest.fixture
def connector(dev):
    connector = make_engine(dev.settings, pool=1)
    yield connector
    connector.dispose()


def personal(canary: str) -> dict:
    """A transfer with a canary in every personal field, and a control in one that everybody may read."""
    party = {
        "name": f"{canary}-name",
        "kind": "natural_person",
        "id_no": f"{canary}-number",
        "role": f"{canary}犯罪嫌疑人",
    }
    return {
        "addressee": POLICE,
        "offence": OFFENCE,
        "letter_no": canary.replace("canary", "control"),
        "parties": [party],
        "summary": f"{canary} lives at the river",
    }


def files_with(text: str, *folders: Path) -> list[Path]:
    """The files below these folders that hold the text."""
    wanted = text.encode()
    return [
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and wanted in file.read_bytes()
    ]


def test_canaries_are_in_no_file_of_broker_database_and_logs(dev, office, case, session_folder, connector):
    canary = f"canary-{uuid.uuid4().hex}"
    agency, police = office(AGENCY), office(POLICE)
    said = personal(canary)
    assert (
        agency.posts(case, "transfer.suspected", offence=OFFENCE, parties=said["parties"]).status_code == 201
    )
    assert agency.posts(case, "transfer.sent", **said).status_code == 201
    police.hears(case, "transfer.sent")
    with connector.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
    places = (session_folder, dev.folder)
    assert files_with(canary, *places) == []
    assert files_with(canary.replace("canary", "control"), *places) != []


def test_what_a_publisher_seals_is_in_no_file_at_all_and_said_again_in_any_way_the_same_event(
    dev, office, case, session_folder
):
    canary, agency, at = f"canary-{uuid.uuid4().hex}", office(AGENCY), datetime(2026, 3, 10, tzinfo=UTC)
    said = personal(canary)
    identity = agency.says(case, "transfer.sent", at, sealed=True, **said)
    item = office(POLICE).hears(case, "transfer.sent")
    with GatewayKeys(dev.gateway, dev.keys[POLICE]) as keys:
        assert keys.opened(item.envelope, item.data)["parties"] == said["parties"]
    assert files_with(canary, session_folder, dev.folder) == []
    agency.says(case, "transfer.sent", at, event_id=identity, sealed=True, **said)
    agency.says(case, "transfer.sent", at, event_id=identity, sealed=True, **said | {"offence": "危险作业罪"})

    def conflicts() -> list[str]:
        trace = agency.gets(f"/v1/events/{AGENCY}/{identity}").json()
        return [one["reason"] for one in trace["quarantined"]]

    until(lambda: conflicts() == ["identity-conflict"], seconds=SECONDS)


def test_what_a_publisher_seals_and_intake_refuses_is_in_no_file_either(dev, office, case, session_folder):
    canary, agency = f"canary-{uuid.uuid4().hex}", office(AGENCY)
    ahead = Publisher(
        AGENCY,
        dev.settings.bootstrap,
        register=dev.register,
        names=dev.settings.topics,
        ingress=GatewayIngress(dev.gateway, dev.keys[AGENCY]),
        clock=lambda: datetime.now(UTC) + timedelta(days=1),
    )
    with ahead:
        when = datetime.now(UTC) + timedelta(days=1)
        ahead.publish(
            "transfer.sent",
            case.number,
            occurred_at=when,
            data=personal(canary),
            event_id=canary.replace("canary", "refused"),
        )

    def reasons() -> list[str]:
        told = agency.gets(f"/v1/events/{AGENCY}/{canary.replace('canary', 'refused')}")
        return [one["reason"] for one in told.json().get("quarantined", [])]

    until(lambda: reasons() == ["time"], seconds=SECONDS)
    assert files_with(canary, session_folder, dev.folder) == []


CLOUD, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def cloud_event(case: Case, form: str, data: dict) -> dict:
    """A transfer as a structured CloudEvent."""
    attributes = {"specversion": "1.0", "id": f"{case.id}/{form}", "source": AGENCY, "type": "transfer.sent"}
    when = datetime(2026, 3, 10, tzinfo=UTC).isoformat()
    return attributes | {"time": when, "origincase": case.number, "data": data}


def in_binary_mode(event: dict) -> dict[str, str]:
    """Its attributes as headers of a request."""
    return {f"ce-{name}": quote(text, safe=":/+") for name, text in event.items() if name != "data"}


def test_no_form_in_which_an_event_is_said_over_http_leaves_anything_in_the_clear(
    dev, office, case, session_folder
):
    canary = f"canary-{uuid.uuid4().hex}"
    event = {
        form: cloud_event(case, form, personal(f"{canary}-{form}")) for form in ("one", "many", "binary")
    }
    plain = event["one"] | {"id": f"{case.id}/plain", "case": {"number": case.number}}
    plain = {name: plain[name] for name in ("id", "type", "time", "case", "data")}
    with httpx.Client(headers={"Authorization": f"Bearer {dev.keys[AGENCY]}"}, timeout=SECONDS) as client:
        address = f"{dev.gateway}/v1/events"
        answers = [
            client.post(address, json=event["one"], headers={"Content-Type": CLOUD}),
            client.post(address, json=[event["many"]], headers={"Content-Type": BATCH}),
            client.post(address, json=event["binary"]["data"], headers=in_binary_mode(event["binary"])),
            client.post(address, json=[plain]),
        ]
    assert [answer.status_code for answer in answers] == [201, 207, 201, 207]

    def applied() -> bool:
        told = [
            office(AGENCY).gets(f"/v1/events/{AGENCY}/{case.id}/{form}").json() for form in (*event, "plain")
        ]
        return all(one.get("state") == "applied" for one in told)

    until(applied, seconds=SECONDS)
    assert files_with(canary, session_folder, dev.folder) == []


@pytest.mark.parametrize("form", ["structured", "binary"])
def test_json_that_a_unit_writes_to_kafka_is_refused_and_sealed_beyond_the_senders_own_topic(
    dev, case, session_folder, connector, form
):
    """The bus reads Avro from Kafka, or what is sealed; the refused record is still set aside sealed."""
    canary, own = f"canary-{uuid.uuid4().hex}", dev.settings.topics.ingress(AGENCY)
    event = cloud_event(case, form, personal(canary))
    headers = [(name.replace("ce-", "ce_"), text.encode()) for name, text in in_binary_mode(event).items()]
    headers += [("ce_subject", str(case.id).encode()), ("ce_originunit", AGENCY.encode())]
    said = (event, [("content-type", CLOUD.encode())]) if form == "structured" else (event["data"], headers)
    with KafkaProducer(bootstrap_servers=dev.settings.bootstrap) as producer:
        value = json.dumps(said[0], ensure_ascii=False).encode()
        producer.send(own, value, str(case.id).encode(), headers=said[1]).get(timeout=30)
    query = select(quarantine.c.reason).where(quarantine.c.key == str(case.id).encode())

    def reasons() -> list[str]:
        with connector.connect() as connection:
            return list(connection.scalars(query))

    until(lambda: reasons() == ["envelope" if form == "structured" else "undecodable"], seconds=SECONDS)
    found = files_with(canary, session_folder, dev.folder)
    assert found
    assert all(own in str(file) for file in found)


def test_what_is_written_to_kafka_in_the_clear_is_sealed_beyond_the_senders_own_topic(
    dev, office, case, session_folder
):
    canary = f"canary-{uuid.uuid4().hex}"
    office(AGENCY).says(case, "transfer.sent", **personal(canary))
    item = office(POLICE).hears(case, "transfer.sent")
    assert is_token(item.data["parties"][0]["name"])
    own = dev.settings.topics.ingress(AGENCY)
    elsewhere = [file for file in files_with(canary, session_folder, dev.folder) if own not in str(file)]
    assert elsewhere == []


def test_a_unit_opens_its_feed_topic_with_keys_of_the_gateway_and_nobody_else_gets_them(dev, office, case):
    said = personal("open")
    office(AGENCY).says(case, "transfer.sent", **said)
    item = office(POLICE).hears(case, "transfer.sent")
    with GatewayKeys(dev.gateway, dev.keys[POLICE]) as keys:
        opened = keys.opened(item.envelope, item.data)
    assert opened["parties"] == said["parties"]
    assert opened["summary"] == said["summary"]
    assert office(AGENCY).gets(f"/v1/feeds/me/keys/{case.id}").status_code == 200
    foreign = office(STRANGER).gets(f"/v1/feeds/me/keys/{case.id}")
    missing = office(STRANGER).gets(f"/v1/feeds/me/keys/{uuid.uuid4()}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["detail"] == missing.json()["detail"]


def test_over_http_each_reader_gets_its_view_in_the_clear_and_can_prove_it(office, case):
    said = personal("proof")
    office(AGENCY).posts(case, "transfer.sent", **said)
    office(POLICE).hears(case, "transfer.sent")
    address = f"/v1/cases/{case.unit}:{case.number}"
    (event,) = [one["event"] for one in office(POLICE).gets(address).json()["events"]]
    assert event["data"]["parties"] == said["parties"]
    proof = FieldProof(event["proof"]["root"], [Leaf(**leaf) for leaf in event["proof"]["leaves"]])
    assert "parties[0].name" in check_view(event["type"], event["data"], proof)
    feed = office(POLICE).gets("/v1/feeds/me", after=0, case=str(case.id)).json()["items"]
    assert feed[0]["event"]["proof"] == event["proof"]


def test_saying_it_again_by_any_way_is_the_same_event_and_other_content_a_conflict(office, case):
    """The nonces follow from what is said, so that sealed bytes are the same wherever they were sealed."""
    agency, at = office(AGENCY), datetime(2026, 3, 10, tzinfo=UTC)
    first = agency.posts(case, "transfer.sent", at, **personal("same"))
    again = agency.posts(case, "transfer.sent", at, **personal("same"))
    other = agency.posts(case, "transfer.sent", at, **personal("else"))
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json()["digest"] == again.json()["digest"]
    identity = first.json()["id"]
    agency.says(case, "transfer.sent", at, event_id=identity, **personal("same"))
    agency.says(case, "transfer.sent", at, event_id=identity, **personal("else"))

    def conflicts() -> list[str]:
        trace = agency.gets(f"/v1/events/{AGENCY}/{identity}").json()
        return [one["reason"] for one in trace["quarantined"]]

    until(lambda: conflicts() == ["identity-conflict"], seconds=SECONDS)


def test_a_destroyed_key_leaves_nothing_readable_and_everything_verifiable(dev, office, case, connector):
    agency, police = office(AGENCY), office(POLICE)
    agency.posts(case, "transfer.sent", **personal("gone"))
    police.hears(case, "transfer.sent")
    request, now = uuid.uuid4(), datetime.now(UTC)
    with connector.begin() as connection:
        ask(connection, request, case.id, by="周某", reason="依当事人申请删除", now=now)
    with connector.begin() as connection:
        confirm(connection, request, by="吴某", now=now)
    address = f"/v1/cases/{case.unit}:{case.number}"

    def read() -> str:
        (event,) = [one["event"] for one in police.gets(address).json()["events"]]
        return event["data"]["parties"][0]["name"]

    until(lambda: read() == DESTROYED, seconds=SECONDS)
    assert police.gets(f"/v1/feeds/me/keys/{case.id}").status_code == 404
    refused = agency.posts(case, "transfer.withdrawn", reason="x")
    assert refused.status_code == 422
    assert all(one.bad_offset is None for one in verify(connector, dev.settings.topics.case_events))
