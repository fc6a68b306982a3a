"""docker-compose.yml is valid and names only what exists. It is not run here: that needs a container engine.

compose-spec.json is the schema of the Compose Specification (Apache-2.0), as the npm package dclint 3.1.0 ships it.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml
from kafka.admin import ConfigResource, KafkaAdminClient
from typer.main import get_command

from infra.cli import app
from infra.cli.processes import app as processes
from infra.dev.broker import Credentials, secured
from infra.dev.jars import KAFKA_VERSION
from infra.grants import PROCESSES
from infra.settings import Settings
from infra.settings_page import PAGE

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "infra/docker/Dockerfile").read_text()
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("linkage-bus:")}
ON_KAFKA = [name for name, service in OURS.items() if "LINKAGE_BOOTSTRAP" in service["environment"]]
LISTENING = {"gateway": "/health", "console": "/sign-in"}
"""Services that people and programs reach, and what tells their health."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def kafka_properties():
    environment = SERVICES["kafka"]["environment"]
    return {
        name.removeprefix("KAFKA_").lower().replace("___", "-").replace("_", "."): value
        for name, value in environment.items()
    }


def default_of(text):
    """The text with each ${VARIABLE:-default} replaced by its default."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_the_file_is_valid_by_the_compose_specification():
    jsonschema.Draft7Validator(SCHEMA).validate(COMPOSE)


def test_the_parts_are_all_there():
    lasting = {command.callback.__name__ for command in processes.registered_commands} | {"console"}
    assert {"kafka", "postgres", "registry"} | lasting <= set(SERVICES)


def test_prometheus_asks_every_process():
    configuration = yaml.safe_load((ROOT / "infra/monitoring/prometheus.yml").read_text())
    [job] = configuration["scrape_configs"]
    [found] = job["dns_sd_configs"]
    assert set(found["names"]) == {name for name, service in OURS.items() if service["restart"] != "no"}
    assert {OURS[name]["environment"]["LINKAGE_METRICS_PORT"] for name in found["names"]} == {found["port"]}


@pytest.mark.parametrize("name", OURS)
def test_every_command_exists(name):
    command = get_command(app)
    for word in OURS[name]["command"]:
        if word.startswith("--"):
            assert word in {option for parameter in command.params for option in parameter.opts}
        else:
            command = command.commands[word]


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_read_by_the_code(name):
    known = set(re.findall(r"`(LINKAGE_[A-Z_]+)`", PAGE.read_text()))
    assert set(OURS[name]["environment"]) <= known


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_accepted(name):
    values = {
        key.removeprefix("LINKAGE_").lower(): default_of(str(v))
        for key, v in OURS[name]["environment"].items()
    }
    Settings.model_validate(values)


@pytest.mark.parametrize("name", ON_KAFKA)
def test_our_processes_reach_kafka_where_it_listens(name):
    advertised = kafka_properties()["advertised.listeners"]
    assert f"INSIDE://{OURS[name]['environment']['LINKAGE_BOOTSTRAP']}" in advertised.split(",")


@pytest.mark.parametrize("name", OURS)
def test_our_processes_reach_the_database_that_there_is(name):
    environment = OURS[name]["environment"]
    database = urlsplit(default_of(environment["LINKAGE_DATABASE"]))
    postgres = SERVICES["postgres"]["environment"]
    assert (database.hostname, database.port, database.path[1:]) == (
        "postgres",
        5432,
        postgres["POSTGRES_DB"],
    )
    assert database.username == postgres["POSTGRES_USER"]
    assert database.password == default_of(postgres["POSTGRES_PASSWORD"])


@pytest.mark.parametrize("name", LISTENING)
def test_who_is_reached_listens_on_the_port_that_is_published(name):
    service = SERVICES[name]
    [(host, outside, inside)] = [port.split(":") for port in service["ports"]]
    assert host == "127.0.0.1"
    assert int(inside) == service["environment"][f"LINKAGE_{name.upper()}_PORT"] == int(outside)
    assert f":{inside}{LISTENING[name]}" in service["healthcheck"]["test"][-1]


def test_links_in_notifications_lead_to_the_console_that_is_published():
    [told] = {OURS[name]["environment"]["LINKAGE_CONSOLE_URL"] for name in ("console", "notify")}
    assert default_of(told) == f"http://{SERVICES['console']['ports'][0].rpartition(':')[0]}"


def test_whoever_notifies_has_the_database_and_the_mail_servers_password_only():
    notify = OURS["notify"]
    assert notify["volumes"] == []
    assert not [name for name in notify["environment"] if "KAFKA" in name or "KEY" in name]
    assert notify["environment"]["LINKAGE_SMTP_PASSWORD_FILE"] == f"/run/secrets/{notify['secrets'][0]}"
    assert not [name for name, service in SERVICES.items() if "secrets" in service and name != "notify"]


def test_every_secret_is_a_file_whose_place_is_a_setting():
    for secret in COMPOSE["secrets"].values():
        assert Path(default_of(secret["file"])).exists()


@pytest.mark.parametrize("name", SERVICES)
def test_whatever_others_wait_for_says_when_it_is_there(name):
    for other, condition in SERVICES[name].get("depends_on", {}).items():
        if condition["condition"] == "service_completed_successfully":
            assert SERVICES[other]["restart"] == "no"
        else:
            assert "healthcheck" in SERVICES[other]


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if service["restart"] != "no"])
def test_every_lasting_service_has_a_health_check(name):
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", OURS)
def test_our_processes_run_without_privileges(name):
    assert OURS[name]["read_only"]
    assert OURS[name]["cap_drop"] == ["ALL"]
    assert re.search(r"^USER (?!0|root)", DOCKERFILE, flags=re.MULTILINE)


def test_every_volume_and_file_that_is_mounted_exists():
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = default_of(volume).split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists(), source


def test_everything_that_the_image_copies_exists_and_is_let_through():
    allowed = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE)
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, flags=re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in allowed


def test_the_image_starts_the_command_that_the_project_installs():
    [entry] = re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, flags=re.MULTILINE)
    assert json.loads(entry)[0] in PROJECT["scripts"]


def test_versions_are_those_that_development_and_tests_run_on():
    [wheel] = [line for line in PROJECT["optional-dependencies"]["dev-broker"] if "postgres" in line]
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"
    major = re.search(r"==(\d+)", wheel)[1]
    assert SERVICES["postgres"]["image"] == f"postgres:{major}"
    assert OURS["worker"]["image"] == f"linkage-bus:{PROJECT['version']}"


@pytest.mark.kafka
def test_every_broker_setting_is_one_that_kafka_knows(kafka):
    with KafkaAdminClient(bootstrap_servers=kafka) as client:
        known = client.describe_configs([ConfigResource("broker", "1")], config_filter="all")["broker"]["1"]
    listeners = {name for name in kafka_properties() if name.startswith("listener.name.")}
    authorizers = {"allow.everyone.if.no.acl.found", "super.users"}
    assert set(kafka_properties()) - listeners - authorizers - set(known) == set()


@pytest.mark.parametrize("listener", ["inside", "host", "controller"])
def test_the_broker_guards_its_listeners_as_the_one_of_development_does(listener):
    administrator = Credentials("linkage-admin", "linkage-admin")
    ours = {name: default_of(str(value)) for name, value in kafka_properties().items()}
    proven = secured(administrator)
    mapped = dict(pair.split(":") for pair in ours["listener.security.protocol.map"].split(","))
    assert mapped[listener.upper()] == "SASL_PLAINTEXT"
    model = "controller" if listener == "controller" else "client"
    for name, value in proven.items():
        if name.startswith(f"listener.name.{model}."):
            assert ours[name.replace(f".{model}.", f".{listener}.")] == value
        elif not name.startswith("listener."):
            assert ours[name] == value


@pytest.mark.parametrize("process", ["worker", "relay", "clock", "webhooks", "gateway", "console"])
def test_every_process_logs_in_under_its_own_name_with_the_password_that_is_set_for_it(process):
    environment = OURS[process]["environment"]
    assert environment["LINKAGE_KAFKA_USER"] == f"linkage-{process}"
    assert environment["LINKAGE_KAFKA_USER"] in PROCESSES
    given = OURS["principals"]["environment"][f"LINKAGE_PASSWORD_{process.upper()}"]
    assert environment["LINKAGE_KAFKA_PASSWORD"] == given
