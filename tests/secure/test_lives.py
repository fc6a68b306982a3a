"""Units on a bus that asks for passwords: a case goes through, a held unit loses nothing, a new one joins in minutes."""

from __future__ import annotations

import itertools
import json
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from consumers.feeds.subscriber import Subscriber
from infra.cli import app
from infra.database import engine
from infra.dev.addresses import as_environment
from infra.kafka import KafkaUnavailable, admin_client, security_options
from producers.publisher import Publisher
from producers.records import Statement
from tests.infra.test_dev import until
from tests.secure.onboarding import ADDRESSEE, CODE, FILES, Onboarding, languages

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

WHEN = datetime.now(UTC).replace(microsecond=0)  # so that nothing is overdue and rings in between
SENDER, RECEIVER = "by-env", "by-police"
_cases = itertools.count(1)


def transfers(count):
    """A transfer of each of `count` new cases to the police."""
    return [
        Statement(
            "transfer.sent",
            f"白环移〔2026〕{next(_cases)}号",
            WHEN,
            {"addressee": RECEIVER, "offence": "污染环境罪"},
            field="environment",
        )
        for _ in range(count)
    ]


@contextmanager
def publisher(secure, unit):
    settings = secure.settings_of_unit(unit)
    with Publisher(
        unit, settings.bootstrap, register=secure.register, options=security_options(settings)
    ) as one:
        yield one


def fed(secure, unit, group, seconds=20, least=1, *, settings=None):
    """(number, case) of what the unit's own program reads from its feed until it has at least so many, in time."""
    settings = settings or secure.settings_of_unit(unit)
    items = []
    deadline = time.monotonic() + seconds
    with Subscriber(
        unit, settings.bootstrap, group=f"{unit}.{group}", options=security_options(settings)
    ) as feed:
        while len(items) < least and time.monotonic() < deadline:
            items += [(item.seq, item.envelope.origin_case) for item in feed.items(idle_seconds=1)]
    return items


def run(secure, *arguments):
    result = CliRunner().invoke(app, list(arguments), env=as_environment(secure.settings))
    assert result.exit_code == 0, result.output
    return result.output


def test_a_case_goes_from_one_unit_to_another_with_everybody_under_a_principal_of_its_own(secure):
    [said] = transfers(1)
    with publisher(secure, SENDER) as agency:
        assert agency.send(said).result().topic == f"ingress-{SENDER}"
    assert said.case_number in {case for _, case in fed(secure, RECEIVER, "journey")}


def test_what_is_for_a_suspended_unit_waits_under_its_numbers_and_comes_in_order(secure):
    until(lambda: numbered(secure, RECEIVER) > 0, 20)
    before = fed(secure, RECEIVER, "held", least=numbered(secure, RECEIVER))
    run(secure, "unit", "suspend", RECEIVER, "--reason", "exercise")
    secure.restart("relay")  # what waits, waits in the database
    first, second = transfers(3), transfers(3)
    with publisher(secure, SENDER) as agency:
        for part in (first, second):
            agency.publish_many(part)
            until(lambda part=part: applied(secure) >= {one.case_number for one in part}, 20)
    until(lambda: numbered(secure, RECEIVER) == len(before) + 6, 20)
    assert fed(secure, RECEIVER, "held", seconds=2) == []
    run(secure, "unit", "resume", RECEIVER)
    came = fed(secure, RECEIVER, "held", least=6)
    assert [seq for seq, _ in came] == list(range(len(before) + 1, len(before) + 7))
    assert {case for _, case in came[:3]} == {one.case_number for one in first}
    assert {case for _, case in came[3:]} == {one.case_number for one in second}


def test_what_a_suspended_unit_writes_to_kafka_stays_unread_and_goes_on_in_order_when_it_is_resumed(secure):
    run(secure, "unit", "suspend", SENDER, "--reason", "exercise")
    secure.kill("worker")
    secure.restart("worker")
    held = [replace(one, id=f"held-{number}") for number, one in enumerate(transfers(6))]
    with publisher(secure, SENDER) as agency:
        assert len(agency.publish_many(held)) == 6
    assert lead(secure, "by-market", "free").status_code == 201
    until(lambda: applied(secure) >= {"free"}, 20)
    assert not applied(secure) & {one.case_number for one in held}
    run(secure, "unit", "resume", SENDER)
    until(lambda: applied(secure) >= {one.case_number for one in held}, 20)
    for ids in logged(secure, "held-"):
        assert ids == sorted(ids)


def test_a_suspended_unit_is_told_to_come_back_later_over_http(secure):
    run(secure, "unit", "suspend", "by-tobacco", "--reason", "key lost")
    until(lambda: lead(secure, "by-tobacco", "t").status_code == 503, 10)
    answer = lead(secure, "by-tobacco", "t")
    assert int(answer.headers["retry-after"]) >= 30
    assert answer.json()["type"] == "urn:linkage:problem:suspended"
    assert "key lost" in run(secure, "unit", "list", "--json")
    assert run(secure, "unit", "resume", "by-tobacco").strip() == "by-tobacco goes on."
    until(lambda: lead(secure, "by-tobacco", "t").status_code in (200, 201), 10)


def lead(secure, unit, name):
    headers = {"Authorization": f"Bearer {secure.keys[unit]}"}
    event = {"type": "lead.found", "id": name, "case": {"number": name}, "time": WHEN.isoformat(), "data": {}}
    return httpx.post(f"{secure.gateway}/v1/events", headers=headers, json=event)


def ask(secure, query, **names):
    connector = engine(secure.settings, pool=1)
    with connector.connect() as connection:
        found = connection.execute(text(query), names).all()
    connector.dispose()
    return found


def applied(secure):
    return {number for (number,) in ask(secure, "SELECT origin_case FROM cases")}


def numbered(secure, unit):
    [(assigned,)] = ask(secure, "SELECT assigned FROM feeds WHERE unit = :unit", unit=unit)
    return assigned


def logged(secure, prefix):
    """The ids that begin so, in the order of the log, for each partition."""
    rows = ask(
        secure,
        "SELECT array_agg(event_id ORDER BY log_offset) FROM events WHERE event_id LIKE :like GROUP BY partition",
        like=f"{prefix}%",
    )
    return [ids for (ids,) in rows]


def test_a_new_unit_joins_by_the_printed_program_and_sees_its_first_event_delivered(secure, tmp_path):
    register = secure.settings.units.read_text()
    person = Onboarding(secure, tmp_path)
    told = person.operator_adds("curl")
    assert secure.settings.units.read_text().startswith(register)
    person.bus_reads_the_register()
    secrets, file = person.programmer_copies(told, "curl")
    assert secrets.keys() == {"LINKAGE_KEY", "LINKAGE_KAFKA_PASSWORD", "LINKAGE_INGRESS_KEY"}
    assert f"delivered to {ADDRESSEE}" in person.programmer_runs("curl", file, secrets)
    assert leads(secure, ADDRESSEE) == 1
    typed = [what for what, _ in person.steps if what.startswith("types")]
    assert (len(typed), len(person.steps)) == (3, 5)

    for number, language in enumerate(languages()[1:], start=2):
        file = tmp_path / FILES[language]
        file.write_text(person.types("unit", "starter", CODE, "--language", language))
        assert f"delivered to {ADDRESSEE}" in person.runs(language, file, secrets)
        assert leads(secure, ADDRESSEE) == number

    again = person.operator_adds("python")
    assert "has everything already" in again
    assert "export" not in again
    shown = json.loads(run(secure, "unit", "show", CODE, "--json"))
    assert shown["contacts"] == [{"name": "值班室", "phone": "", "mail": "duty@example.org"}]
    assert shown["kafka"]["rights"] == ["READ by-water.", "READ feed-by-water", "WRITE ingress-by-water"]
    assert not any(secret in told for secret in secrets.values() for told in (again, json.dumps(shown)))


def leads(secure, unit):
    """How many of the new unit's leads the feed of `unit` has."""
    headers = {"Authorization": f"Bearer {secure.keys[unit]}"}
    page = httpx.get(f"{secure.gateway}/v1/feeds/me?after=0&limit=500", headers=headers).json()
    return sum(
        (one["event"]["type"], one["event"]["source"]) == ("lead.found", CODE) for one in page["items"]
    )


def test_a_new_kafka_password_takes_the_place_of_the_old_one(secure):
    before = secure.settings_of_unit("by-emergency")
    password = run(secure, "unit", "rotate", "by-emergency", "--kafka").strip()
    with pytest.raises(KafkaUnavailable, match="unit-by-emergency"), admin_client(before, seconds=2):
        pass
    with admin_client(before.model_copy(update={"kafka_password": password})) as client:
        assert client.list_topics()


def test_a_removed_unit_has_no_access_and_may_be_added_again(secure):
    told = run(secure, "unit", "remove", "by-town")
    assert "cannot log in any more" in told
    assert "1 API key(s) revoked" in told
    with pytest.raises(KafkaUnavailable), admin_client(secure.settings_of_unit("by-town"), seconds=2):
        pass
    assert "had no access any more" in run(secure, "unit", "remove", "by-town")
    assert "has a password now" in run(secure, "unit", "add", "by-town")


def test_no_secret_is_in_a_log(secure):
    secrets = [*secure.keys.values(), *(one.password for one in secure.units.values())]
    secrets += [secure.settings_of(process).kafka_password for process in ("worker", "relay", "gateway")]
    for log in [*secure.folder.glob("processes/*.log"), secure.folder / "kafka" / "broker.log"]:
        written = log.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in written], log
