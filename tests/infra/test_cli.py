"""The command line is quick, and says in one sentence what a user can do something about."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from kafka.admin import ConfigResource

from infra.cli.errors import UNAVAILABLE, explanation, unknown_names
from infra.database import create_database
from infra.dev.addresses import as_environment
from infra.dev.process import DevError
from infra.kafka import admin_client, check_topics
from infra.settings import EXIT_BAD_SETTING, Settings

HEAVY = ("aiokafka", "alembic", "consumers", "faust", "fastapi", "jgo", "kafka", "psycopg", "sqlalchemy")


def linkage(*arguments, **environment):
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGE_")}
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments],
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def environment(settings):
    return as_environment(settings)


def test_asking_for_help_loads_nothing_heavy():
    loaded = subprocess.check_output(
        [sys.executable, "-c", "import sys, infra.cli; print(*sys.modules)"], text=True
    ).split()
    assert [name for name in HEAVY if name in loaded] == []


def test_every_error_that_is_explained_exists():
    assert unknown_names() == []


def test_an_unforeseen_error_keeps_its_traceback():
    assert explanation(ZeroDivisionError("division by zero")) is None


def test_an_explanation_is_a_sentence():
    assert explanation(DevError("the broker is gone")).sentence == "the broker is gone."


@pytest.mark.parametrize("command", [("topics", "check"), ("topics", "apply")])
def test_no_broker_is_one_sentence(command, environment):
    done = linkage(*command, **environment | {"LINKAGE_BOOTSTRAP": "127.0.0.1:1"})
    assert done.returncode == UNAVAILABLE
    assert done.stderr.startswith("linkage: no Kafka broker answers at 127.0.0.1:1: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [("database", "check"), ("database", "upgrade")])
def test_no_database_is_one_sentence(command):
    done = linkage(*command, LINKAGE_DATABASE="postgresql://postgres@127.0.0.1:1/linkage")
    assert done.returncode == 1
    assert done.stderr.startswith("linkage: the database is out of reach: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"LINKAGE_PARTITIONS": "many"}, "LINKAGE_PARTITIONS"),
        ({"LINKAGE_PARTITIONS": "0"}, "LINKAGE_PARTITIONS"),
        ({"LINKAGE_DATABASE": "mysql://somewhere"}, "LINKAGE_DATABASE"),
        ({"LINKAGE_NAMESPACE": "no hyphen"}, "LINKAGE_NAMESPACE"),
        ({"LINKAGE_UNITS": "/nowhere.toml"}, "/nowhere.toml"),
        ({}, "LINKAGE_UNITS"),
    ],
)
def test_a_bad_setting_stops_the_command_with_its_name(environment, named):
    done = linkage("topics", "check", **environment)
    assert done.returncode == EXIT_BAD_SETTING
    assert named in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.kafka
def test_topics_are_checked_made_and_checked_again(environment, settings):
    missing = linkage("topics", "check", **environment)
    assert missing.returncode == 1
    assert f"{settings.topics.case_events} is missing" in missing.stderr.splitlines()
    assert linkage("topics", "apply", **environment).returncode == 0
    assert "as the manifest says" in linkage("topics", "check", **environment).stdout


@pytest.mark.kafka
def test_each_difference_is_one_line(environment, settings, register):
    assert linkage("topics", "apply", **environment).returncode == 0
    with admin_client(settings) as client:
        client.alter_configs(
            [
                ConfigResource(
                    "topic", settings.topics.case_events, {"message.timestamp.type": "CreateTime"}
                ),
                ConfigResource("topic", settings.topics.dead_letters, {"retention.ms": "1000"}),
            ]
        )
    deadline = time.monotonic() + 10  # the controller accepts a change before the broker has heard of it
    while len(check_topics(settings, register)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    checked = linkage("topics", "check", **environment)
    assert checked.returncode == 1
    assert sorted(checked.stderr.splitlines()) == [
        f"{settings.topics.case_events} has message.timestamp.type=CreateTime, not LogAppendTime",
        f"{settings.topics.dead_letters} has retention.ms=1000, not -1",
    ]


@pytest.mark.postgres
def test_an_empty_database_is_named_upgraded_and_then_good(postgres_url, namespace):
    address = create_database(postgres_url, namespace.strip("-"))
    refused = linkage("database", "check", LINKAGE_DATABASE=address)
    assert refused.returncode == 1
    assert "run `linkage database upgrade`" in refused.stderr
    assert linkage("database", "upgrade", LINKAGE_DATABASE=address).returncode == 0
    assert linkage("database", "check", LINKAGE_DATABASE=address).returncode == 0


@pytest.mark.postgres
@pytest.mark.parametrize("process", ["worker", "relay", "clock", "gateway"])
def test_a_process_refuses_to_start_on_an_old_schema(process, postgres_url, namespace):
    address = create_database(postgres_url, f"{namespace}{process}")
    refused = linkage(process, **as_environment(Settings(database=address)))
    assert refused.returncode == 1
    assert "run `linkage database upgrade`" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.kafka
@pytest.mark.parametrize("process", ["relay", "clock", "gateway"])
def test_a_process_refuses_to_start_on_missing_topics(process, environment):
    refused = linkage(process, **environment)
    assert refused.returncode == 1
    assert "run `linkage topics apply`" in refused.stderr
    assert "Traceback" not in refused.stderr
