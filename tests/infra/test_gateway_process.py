"""The gateway as its own process: ready when it listens, receipts that survive SIGKILL, commands that use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from typer.testing import CliRunner

from infra.access import issue_key
from infra.cli import events
from infra.database import create_database, engine
from infra.dev.addresses import as_environment
from infra.dev.process import free_port
from infra.dev.service import Service
from infra.dev.supervisor import DEMO_UNITS
from infra.kafka import apply_topics
from infra.settings import EXIT_BAD_SETTING, Settings
from schemas.samples import samples

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

EVENT = {
    "type": "transfer.sent",
    "id": "t-17",
    "case": {"number": "白环移〔2026〕17号"},
    "time": "2026-03-11T09:30:00+08:00",
    "data": {"addressee": "by-police"},
}


@pytest.fixture(scope="module")
def bus(kafka, postgres_url, template_database, register):
    """Settings of an installation with all its topics."""
    name = f"gateway_{uuid.uuid4().hex[:12]}"
    made = Settings(
        bootstrap=kafka,
        database=create_database(postgres_url, name, template=template_database),
        namespace=f"t{uuid.uuid4().hex[:10]}-",
        units=DEMO_UNITS,
        gateway_port=free_port(),
    )
    apply_topics(made, register)
    return made


@pytest.fixture(scope="module")
def gateway(bus, tmp_path_factory):
    service = Service("gateway", "gateway", tmp_path_factory.mktemp("gateway"), as_environment(bus))
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def key(bus):
    with engine(bus).begin() as connection:
        return issue_key(connection, "by-env", now=datetime.now(UTC))


@pytest.fixture
def client(bus, key):
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{bus.gateway_port}", headers=headers) as asking:
        yield asking


@pytest.fixture
def linkage(bus, key):
    """Runs `publish` or `tail` as a user of this installation."""

    def run(*arguments, text=None, **environment):
        given = as_environment(bus) | {"LINKAGE_KEY": key} | environment
        return CliRunner().invoke(events.app, arguments, env=given, input=text)

    return run


@pytest.mark.usefixtures("gateway")
def test_it_listens_once_it_says_that_it_is_ready(client):
    assert client.get("/health").json() == {"database": True, "broker": True}


@pytest.mark.usefixtures("gateway")
def test_an_event_is_read_although_the_client_offers_to_go_on_in_http_2(client):
    """As every client of Java's own library does; httptools loses the body of such a request."""
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAEAAEAA"}
    assert client.post("/v1/events", json=EVENT | {"id": "offered"}, headers=offer).status_code == 201


def test_a_receipt_outlives_the_process(client, gateway):
    receipt = client.post("/v1/events", json=EVENT)
    assert receipt.status_code == 201
    gateway.kill()
    gateway.start()
    again = client.post("/v1/events", json=EVENT)
    assert (again.status_code, again.json()) == (200, receipt.json())


def test_it_stops_in_order(client, gateway):
    client.post("/v1/events", json=EVENT | {"id": "before-the-end"})
    gateway.stop()
    gateway.start()
    assert client.get("/v1/events/by-env/before-the-end").json()["state"] == "pending"


@pytest.mark.usefixtures("gateway")
def test_readers_that_wait_do_not_hold_it_up_when_it_stops(client, gateway):
    with ThreadPoolExecutor(1) as reader:
        waiting = reader.submit(client.get, "/v1/feeds/me", params={"wait": 30}, timeout=40)
        with pytest.raises(TimeoutError):
            waiting.result(1)
        started = time.monotonic()
        gateway.stop()
        assert waiting.result(10).json()["items"] == []
        assert time.monotonic() - started < 5
    gateway.start()


@pytest.mark.parametrize("form", ["object", "list", "lines"])
def test_publishing_through_the_gateway_gives_a_receipt_for_each(linkage, form):
    said = [EVENT | {"id": f"{form}-{n}"} for n in range(1 if form == "object" else 3)]
    text = (
        "\n".join(map(json.dumps, said))
        if form == "lines"
        else json.dumps(said if form == "list" else said[0])
    )
    done = linkage("publish", "--json", text=text)
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["receipt"]["id"] for line in done.stdout.splitlines()] == [
        one["id"] for one in said
    ]


@pytest.mark.usefixtures("gateway")
def test_publishing_more_than_one_request_may_hold_is_split(linkage):
    done = linkage("publish", text=json.dumps([EVENT | {"id": f"many-{n}"} for n in range(501)]))
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == 501


def test_publishing_straight_to_kafka_and_watching_it(bus, linkage):
    sent = linkage("publish", "--unit", "by-market", text=json.dumps(EVENT | {"id": "direct"}))
    assert sent.exit_code == 0, sent.output
    assert f"by-market/direct: {bus.topics.ingress('by-market')}/0/0" in sent.stdout
    seen = linkage("tail", "--topic", "ingress-by-market", "--no-follow")
    assert "transfer.sent  by-market/direct  by-market 白环移〔2026〕17号  to by-police" in seen.stdout
    record = json.loads(linkage("tail", "--topic", "ingress-by-market", "--no-follow", "--json").stdout)
    assert record["data"]["addressee"] == "by-police"
    assert linkage("tail", "by-police", "--no-follow").stdout == ""


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("way", ["gateway", "kafka"])
def test_an_event_that_is_refused_is_named_and_the_others_are_sent(linkage, way):
    said = [EVENT | {"id": f"good-{way}"}, EVENT | {"id": f"bad-{way}", "data": {}}, {"type": "nothing"}]
    options = ("--unit", "by-market") if way == "kafka" else ()
    done = linkage("publish", *options, text=json.dumps(said))
    assert done.exit_code == 1
    assert f"good-{way}: " in done.stdout
    assert f"bad-{way}: " in done.stderr
    assert "addressee: is missing" in done.stderr
    assert "case: Field required" in done.stderr


def test_an_example_can_be_shown_and_published(linkage):
    shown = json.loads(linkage("publish", "--example", "transfer.approved", "--show").stdout)
    assert shown[0]["id"] == samples("transfer.approved")[0].envelope.id
    done = linkage(
        "publish", "--example", "transfer.approved", "--unit", samples("transfer.approved")[0].envelope.source
    )
    assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("way", ["gateway", "kafka"])
def test_a_dry_run_tells_what_would_happen_and_names_what_would_be_refused(linkage, way):
    said = [
        EVENT | {"id": f"dry-{way}", "case": {"number": f"D-{way}"}},
        EVENT | {"id": f"bad-dry-{way}", "data": {}},
    ]
    options = ("--unit", "by-env") if way == "kafka" else ()
    done = linkage("publish", "--dry-run", "--lang", "en", *options, text=json.dumps(said))
    assert done.exit_code == 1
    assert f"by-env/dry-{way}  transfer.sent" in done.stdout
    assert "Received by\n  Baiyun police branch (by-police): duty" in done.stdout
    assert f"bad-dry-{way}: " in done.stderr
    assert "addressee: is missing" in done.stderr
    lines = linkage("publish", "--dry-run", "--json", *options, text=json.dumps(said)).stdout.splitlines()
    assert [bool(json.loads(line)["problem"]) for line in lines] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "text", "words"),
    [
        (("publish",), "", "there is no event in the input"),
        (("publish",), "[]", "there is no event in the input"),
        (("publish",), '{"a": 1}\nnonsense', "line 2 is no JSON"),
        (("publish", "/no/such/file"), None, "cannot be read"),
        (("publish", "--example", "no.such"), None, "'no.such' is no event type"),
        (("publish", "--unit", "nobody"), "{}", "'nobody' is not in the register"),
    ],
)
def test_input_that_holds_no_event_is_said_in_one_sentence(linkage, arguments, text, words):
    done = linkage(*arguments, text=text)
    assert done.exit_code == 1
    assert done.stderr.startswith("linkage: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


def test_publishing_without_key_says_what_to_give(linkage):
    assert "--key" in linkage("publish", text="{}", LINKAGE_KEY="").stderr


@pytest.mark.usefixtures("gateway")
def test_a_wrong_key_is_said_so(linkage):
    done = linkage("publish", text=json.dumps(EVENT), LINKAGE_KEY="lk_wrong")
    assert (done.exit_code, done.stderr) == (1, "t-17: the key is unknown, revoked or expired\n")


def test_without_its_register_it_does_not_start(bus):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGE_")}
    environment |= as_environment(bus) | {"LINKAGE_UNITS": "/no/such/file.toml"}
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli", "gateway"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == EXIT_BAD_SETTING
    assert "/no/such/file.toml" in done.stderr
    assert done.stderr.count("\n") == 1
