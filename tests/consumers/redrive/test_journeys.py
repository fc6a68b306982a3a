"""Jobs on the real broker: killed in the middle nothing is lost or doubled, and a replay gives the same database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from consumers.rebuild import dump, verifying
from consumers.rebuild.replaying import rebuild
from consumers.redrive import jobs
from consumers.redrive.rules import Action
from consumers.redrive.selecting import Selection
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.database import create_database
from infra.database import engine as make_engine
from infra.dev.addresses import as_environment
from tests.consumers.casework.logged import told
from tests.faults.evidence import count, read_topics, rows
from tests.faults.scripts import STRANGE, STRANGER, SWIFT

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

SAID = told(SWIFT, SWIFT)


@pytest.fixture
def desk(broker_desk, without_agency):
    """Whole cases were refused while the register lacked the agency; a station spoke where it may not."""
    broker_desk.bus.say(SAID)
    broker_desk.bus.carry_in(without_agency)
    # The bus has to know who the parties are before the station speaks: its ingress topic is one of its own.
    strange = told(STRANGE, seed="8")
    broker_desk.bus.say(one for one in strange if one.unit != STRANGER)
    broker_desk.bus.settle()
    broker_desk.bus.say(one for one in strange if one.unit == STRANGER)
    broker_desk.bus.settle()
    return broker_desk


def replayed(desk, postgres_url, template_database) -> list[str]:
    """The dump of a database that is built from the topics alone."""
    name = f"{desk.settings.namespace}again"
    own = desk.settings.model_copy(
        update={"database": create_database(postgres_url, name, template=template_database)}
    )
    fresh = make_engine(own)
    rebuild(own, Rulebook(desk.register, published_calendar(), settling=timedelta(0)), fresh)
    found = list(dump.lines(fresh))
    fresh.dispose()
    return found


def test_what_operators_did_is_in_the_log_so_that_a_replay_gives_the_same_database(
    desk, postgres_url, template_database
):
    assert desk.do(Selection(kind="refused")).items == {"applied": len(SAID)}
    assert desk.do(Selection(kind="parked"), Action.RELEASE).items == {"applied": 1}
    desk.bus.settle()
    log = read_topics(desk.settings, [desk.settings.topics.case_events])[desk.settings.topics.case_events]
    values = {one.identity: one.value for one in log}
    assert all(values[one.envelope.identity] == one.value for one in SAID)
    assert {one.bad_offset for one in verifying.verify(desk.engine, desk.settings.topics.case_events)} == {
        None
    }
    assert replayed(desk, postgres_url, template_database) == list(dump.lines(desk.engine))


def command(desk, *arguments: str, failpoint: str = "") -> subprocess.Popen[bytes]:
    environment = {**os.environ, **as_environment(desk.settings), "LINKAGE_OPERATOR": "王某"}
    if failpoint:
        environment["LINKAGE_FAILPOINT"] = failpoint
    return subprocess.Popen([sys.executable, "-m", "infra.cli", "dlq", *arguments, "--json"], env=environment)


def ended(desk, process: subprocess.Popen[bytes]) -> int:
    """The exit status; casework goes on applying meanwhile."""
    until = time.monotonic() + 90
    while process.poll() is None and time.monotonic() < until:
        desk.bus.apply()
    process.kill()
    return process.wait()


def test_a_job_killed_anywhere_goes_on_and_everything_counts_once(desk):
    """Before sending, after it and after marking: each time another process takes it up where it stands."""
    killed = -9
    started = command(
        desk, "redrive", "--kind", "refused", "--why", "名册已更正", failpoint="redrive-after-send"
    )
    assert ended(desk, started) == killed
    with desk.engine.connect() as connection:
        [job] = jobs.jobs(connection)
    for point in ("redrive-before-send", "redrive-marked:2"):
        assert ended(desk, command(desk, "resume", str(job.id), failpoint=point)) == killed
    assert ended(desk, command(desk, "resume", str(job.id))) == 0
    with desk.engine.connect() as connection:
        assert jobs.job_of(connection, job.id).items == {"applied": len(SAID)}
    applied = rows(desk.engine, "SELECT source, event_id FROM events WHERE event_id LIKE '7-%'")
    assert len(applied) == len(SAID)
    for case in {one.envelope.subject for one in SAID}:
        query = "SELECT event_id FROM events WHERE case_id = :case AND event_id LIKE '7-%' AND source = :unit ORDER BY log_offset"
        for unit in {one.unit for one in SAID}:
            found = [row["event_id"] for row in rows(desk.engine, query, case=case, unit=unit)]
            own = [one for one in SAID if one.unit == unit and one.envelope.subject == case]
            assert found == [one.envelope.id for one in own]
    assert count(desk.engine, "SELECT count(*) FROM quarantine WHERE kind = 'conflict'") == 0
