"""A log with two cases in a database of its own, two keys, and an installation where all has arrived."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.database import create_database
from infra.database import engine as make_engine
from infra.kafka import apply_topics, wait_for_kafka
from infra.settings import Settings
from infra.signing_key import new_key
from schemas.units import Register
from tests.consumers.casework.logged import told
from tests.consumers.proof.worlds import applied, made_log
from tests.consumers.rebuild.by_hand import ByHand
from tests.faults.scripts import AG, CM, JU, OPINION, PA, PC, PI, PSB, PV, STRANGE, STRANGER, SWIFT


@pytest.fixture
def signer(tmp_path: Path):
    return new_key(tmp_path / "key.pem")


@pytest.fixture
def other_signer(tmp_path: Path):
    return new_key(tmp_path / "other.pem")


@pytest.fixture
def log():
    return made_log()


@pytest.fixture
def engine(database, register, log):
    connector = applied(database, register, log)
    yield connector
    connector.dispose()


SPEAKERS = {AG, PSB, STRANGER, PC, PA, PV, PI, CM, JU}


@pytest.fixture(scope="package")
def few(register):
    return Register(tuple(unit for unit in register.units if unit.code in SPEAKERS))


@pytest.fixture(scope="package")
def settled(kafka, postgres_url, template_database, few):
    """An installation where all has arrived: applied, repeated, parked and refused records."""
    url = create_database(postgres_url, f"held_{uuid.uuid4().hex[:10]}", template=template_database)
    names = {"bootstrap": kafka, "database": url, "namespace": f"h{uuid.uuid4().hex[:10]}-", "partitions": 2}
    settings = Settings(**names)
    wait_for_kafka(settings, seconds=30)
    apply_topics(settings, few)
    connector = make_engine(settings)
    bus = ByHand(settings, Rulebook(few, published_calendar(), settling=timedelta(0)), connector)
    spoiled = [replace(one, value=None) for one in told(SWIFT, seed="spoiled")]
    bus.say([*told(SWIFT, OPINION, STRANGE), *spoiled, *told(SWIFT)])
    bus.settle()
    connector.dispose()
    return settings


@contextmanager
def copy_of(settled, postgres_url):
    """Settings with a copy of its database, on the same topics."""
    name = f"held_{uuid.uuid4().hex[:10]}"
    template = settled.database.rpartition("/")[2]
    url = create_database(postgres_url, name, template=template)
    yield settled.model_copy(update={"database": url})
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def copied(settled, postgres_url):
    """The same for one test, which may break it."""
    with copy_of(settled, postgres_url) as own:
        yield own
