"""Jobs in the database: what is sent, what is held, who decides; the log is made by hand, casework is the real one."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from consumers.readmodel.queries import quarantine_for
from consumers.rebuild import dump
from consumers.redrive import jobs, selecting
from consumers.redrive.jobs import JobError
from consumers.redrive.left_jobs import left_job, take_up
from consumers.redrive.rules import MOST_ATTEMPTS, Action, Verdict
from consumers.redrive.running import NotConfirmed, Redriver
from consumers.redrive.selecting import Selection
from tests.consumers.casework.logged import MORNING, told
from tests.faults.evidence import count, rows
from tests.faults.scripts import AG, STRANGE, STRANGER, SWIFT
from tests.faults.sendings import sending

pytestmark = pytest.mark.postgres

FOREIGN = "hd-police"
RECEIVED = {"receipt_no": "回执1", "receiver": "受案民警"}
PARKED = Selection(kind="parked")


@pytest.fixture
def corrected(desk, without_agency):
    """Whole cases were refused while the register lacked the agency; now it is right."""
    desk.bus.say(told(SWIFT, SWIFT), without_agency)
    return desk


@pytest.fixture
def parked(desk):
    """A station speaks for a case that it has no part in."""
    desk.bus.say(told(STRANGE))
    return desk


def applied(desk) -> list[tuple[str, str]]:
    """What was applied of what units said, in the order of the log: (source, id)."""
    query = "SELECT source, event_id FROM events WHERE source <> 'bus' ORDER BY partition, log_offset"
    return [(row["source"], row["event_id"]) for row in rows(desk.engine, query)]


def folded(desk) -> list[str]:
    return list(dump.lines(desk.engine))


def test_refused_records_count_once_the_register_is_right_bytes_unchanged_and_in_order(corrected):
    said = told(SWIFT, SWIFT)
    assert applied(corrected) == []
    assert corrected.do().items == {"applied": len(said)}
    assert sorted(applied(corrected)) == sorted(one.envelope.identity for one in said)
    for case in {one.envelope.subject for one in said}:
        query = (
            "SELECT event_id, value FROM events WHERE case_id = :case AND source <> 'bus' ORDER BY log_offset"
        )
        found = [(row["event_id"], row["value"]) for row in rows(corrected.engine, query, case=case)]
        assert found == [(one.envelope.id, one.value) for one in said if one.envelope.subject == case]


def test_the_log_says_where_a_redriven_event_was_written_and_which_job_sent_it(corrected):
    job = corrected.do().id
    headers = str(rows(corrected.engine, "SELECT headers FROM events WHERE event_id = '7-0/transfer.sent'"))
    assert f"ingress-{AG}/0/" in headers
    assert str(job) in headers


def test_a_record_that_would_be_refused_again_is_not_sent(desk):
    desk.bus.say([replace(one, value=(one.value or b"")[:-2]) for one in told(SWIFT)])
    planned = desk.plan()
    assert {one.verdict for one in planned} == {Verdict.REFUSED}
    assert all("undecodable" in one.detail for one in planned)
    with pytest.raises(JobError, match="nothing of what was chosen"):
        desk.propose(planned)


def test_a_header_of_the_unit_that_looks_like_one_of_ours_is_its_own(desk, without_agency):
    [first, *_] = told(SWIFT)
    desk.bus.say([replace(first, headers=[*first.headers, ("linkage-reason", b"none")])], without_agency)
    assert desk.do().items == {"applied": 1}


def test_what_was_said_ahead_of_its_time_does_not_become_true_by_waiting(desk):
    [first, *_] = told(SWIFT)
    desk.bus.say([first.with_header("ce_time", b"2126-11-23T03:00:00+00:00")])
    assert [one.verdict for one in desk.plan(Selection(reason="time"))] == [Verdict.REFUSED]


def test_a_dry_run_writes_and_sends_nothing(corrected):
    before = folded(corrected)
    assert {one.verdict for one in corrected.plan()} == {Verdict.READY}
    assert folded(corrected) == before
    assert count(corrected.engine, "SELECT count(*) FROM redrive_jobs") == 0


def test_the_cause_is_judged_again_when_its_turn_comes(corrected, without_agency):
    """Between the plan and the sending the register was broken again: nothing reaches the log."""
    done = corrected.carry_out(corrected.propose(corrected.plan()), register=without_agency)
    assert set(done.items) == {"failed", "held"}
    assert applied(corrected) == []


def test_when_a_record_fails_later_ones_of_its_unit_and_case_are_held(corrected, without_agency):
    job = corrected.propose(corrected.plan())
    corrected.carry_out(job, register=without_agency)
    with corrected.engine.connect() as connection:
        found = jobs.items(connection, job)
    failed = [one for one in found if one.state == "failed"]
    held = [one for one in found if one.state == "held"]
    assert {one.outcome for one in held} == {"earlier-failed"}
    assert len(failed) == len({(one.source, (one.event_id or "").partition("/")[0]) for one in found})


def test_a_job_takes_no_more_than_its_cap(corrected):
    assert sum(corrected.do(cap=3).items.values()) == 3
    assert len(applied(corrected)) == 3


def test_what_is_settled_is_not_chosen_again(corrected):
    corrected.do()
    assert corrected.plan() == []
    assert {one.verdict for one in corrected.plan(Selection(open_only=False))} == {Verdict.APPLIED}


def test_the_sender_may_have_said_it_again_meanwhile(corrected):
    """The job finds it applied: nothing is sent, nothing counts twice."""
    job = corrected.propose(corrected.plan())
    corrected.bus.say(told(SWIFT, SWIFT))
    before = folded(corrected)
    assert corrected.carry_out(job).items == {"applied": len(told(SWIFT, SWIFT))}
    assert folded(corrected) == before


def test_a_job_reports_its_progress(corrected):
    seen = []
    corrected.carry_out(corrected.propose(corrected.plan()), report=seen.append)
    settled = [one.settled for one in seen]
    assert settled == sorted(settled)
    assert settled[-1] == seen[-1].total == len(told(SWIFT, SWIFT))
    assert seen[-1].state == "done"


def test_a_parked_event_counts_only_after_a_release_and_then_its_case_goes_on(parked):
    assert [one.verdict for one in parked.plan(PARKED)] == [Verdict.NEEDS_RELEASE]
    done = parked.do(PARKED, Action.RELEASE)
    assert done.items == {"applied": 1}
    [release] = rows(parked.engine, "SELECT * FROM events WHERE type = 'case.event_released'")
    [event] = rows(parked.engine, "SELECT * FROM events WHERE source = :unit", unit=STRANGER)
    assert (release["source"], release["log_offset"] + 1) == ("bus", event["log_offset"])
    heard = rows(
        parked.engine, "SELECT unit FROM feed_entries WHERE log_offset = :at", at=release["log_offset"]
    )
    assert STRANGER in {row["unit"] for row in heard}


def test_a_release_counts_even_if_the_case_was_not_known_before(desk):
    """The first that anybody said of the case was parked: the release opens it."""
    desk.bus.say([sending(FOREIGN, "transfer.received", "r", case=(AG, "9"), at=MORNING, data=RECEIVED)])
    assert count(desk.engine, "SELECT count(*) FROM cases") == 0
    assert desk.do(PARKED, Action.RELEASE).items == {"applied": 1}
    [case] = rows(desk.engine, "SELECT * FROM cases")
    assert (case["origin_unit"], case["events"]) == (AG, 2)


def test_a_record_that_fails_in_the_same_way_again_and_again_stops(corrected, without_agency):
    one = corrected.plan()[0].candidate.place
    chosen = Selection(places=[one])
    for _ in range(MOST_ATTEMPTS):
        job = corrected.propose(corrected.plan(chosen))
        assert corrected.carry_out(job, register=without_agency).items == {"failed": 1}
    assert [planned.verdict for planned in corrected.plan(chosen)] == [Verdict.STUCK]
    assert [planned.verdict for planned in corrected.plan(chosen, insist=True)] == [Verdict.READY]


def test_a_returned_record_has_no_effect_and_is_settled(parked):
    before = folded(parked)
    assert parked.do(PARKED, Action.RETURN).items == {"returned": 1}
    assert folded(parked) == before
    assert parked.plan(PARKED) == []
    again = parked.plan(Selection(kind="parked", open_only=False), Action.RELEASE)
    assert [one.verdict for one in again] == [Verdict.RETURNED]
    with parked.engine.connect() as connection:
        [seen] = quarantine_for(connection, STRANGER)
    assert seen.returned_reason == "起因已消除"


def test_a_job_that_needs_a_second_person_does_not_run_before_another_one_has_approved_it(corrected):
    job = corrected.propose(corrected.plan(), by="王某", approval=True)
    with pytest.raises(JobError, match="is proposed"):
        corrected.carry_out(job)
    now = datetime.now(UTC)
    with corrected.engine.begin() as connection, pytest.raises(JobError, match="another person"):
        jobs.decide(connection, job, by="王某", approve=True, reason="自己", now=now)
    with corrected.engine.begin() as connection:
        jobs.decide(connection, job, by="李某", approve=True, reason="已核对", now=now)
    assert corrected.carry_out(job).decided_by == "李某"
    audit = rows(corrected.engine, 'SELECT "user", what FROM console_audit ORDER BY n')
    assert [tuple(row.values()) for row in audit] == [("王某", "redrive-proposed"), ("李某", "job-approved")]


def test_a_rejected_or_stopped_job_sends_nothing(corrected):
    now = datetime.now(UTC)
    rejected, stopped = (corrected.propose(corrected.plan(), approval=True) for _ in range(2))
    with corrected.engine.begin() as connection:
        jobs.decide(connection, rejected, by="李某", approve=False, reason="不妥", now=now)
        jobs.stop(connection, stopped, by="李某", reason="不妥", now=now)
    for job in (rejected, stopped):
        with pytest.raises(JobError, match="does not run"):
            corrected.carry_out(job)
    assert applied(corrected) == []


@pytest.mark.parametrize(("by", "why"), [("", "why"), ("王某", " "), ("王" * 61, "why")])
def test_nobody_acts_without_name_and_reason(corrected, by, why):
    with corrected.engine.begin() as connection, pytest.raises(JobError, match=r"--by|--why"):
        jobs.propose(
            connection, uuid4(), corrected.plan(), Action.REDRIVE, by=by, reason=why, rate=1,
            needs_approval=False, now=datetime.now(UTC),
        )  # fmt: skip


def test_a_proposal_that_comes_twice_is_one_job(corrected):
    job, planned = uuid4(), corrected.plan()
    for _ in range(2):
        with corrected.engine.begin() as connection:
            jobs.propose(
                connection, job, planned, Action.REDRIVE, by="王某", reason="起因已消除", rate=1,
                needs_approval=True, now=datetime.now(UTC),
            )  # fmt: skip
    assert count(corrected.engine, "SELECT count(*) FROM redrive_items") == len(planned)


def test_one_job_at_a_time_is_carried_out(corrected):
    first, second = (corrected.propose(corrected.plan()) for _ in range(2))
    refused = []

    def while_running(_):
        if not refused:
            with ThreadPoolExecutor() as elsewhere, pytest.raises(JobError, match="another job"):
                elsewhere.submit(corrected.carry_out, second).result()
            refused.append(True)

    corrected.carry_out(first, report=while_running)
    assert refused


def test_causes_are_counted(corrected):
    with corrected.engine.connect() as connection:
        found = selecting.groups(connection)
    assert sum(one.count for one in found) == len(told(SWIFT, SWIFT))
    assert {one.reason for one in found} == {"wrong-source", "case-id"}


def test_records_that_casework_does_not_reach_are_reported_and_the_job_can_go_on_later(corrected):
    job = corrected.propose(corrected.plan())
    held = []
    corrected.producer = lambda: Withholding(held)
    corrected.settings = corrected.settings.model_copy(update={"stall_seconds": 0.2})
    with pytest.raises(NotConfirmed, match=f"dlq resume {job}"):
        corrected.carry_out(job)
    corrected.bus.append(held)
    corrected.producer = lambda: corrected.bus
    assert corrected.carry_out(job).items == {"applied": len(told(SWIFT, SWIFT))}
    assert count(corrected.engine, "SELECT count(*) FROM quarantine WHERE kind <> 'refused'") == 0


class Withholding:
    """A broker that takes records in, with a casework that stands still."""

    def __init__(self, into: list) -> None:
        self._into = into

    async def send_all(self, records) -> None:
        self._into += records


def taken_up(desk, carry_out=None, seconds=0.0):
    producer = desk.producer()
    redriver = Redriver(desk.settings, desk.register, desk.engine, producer, clock=lambda: datetime.now(UTC))
    return asyncio.run(take_up(desk.engine, carry_out or redriver.carry_out, seconds=seconds))


def test_a_job_that_nobody_carries_out_is_taken_up_once_it_is_approved_and_has_been_left(corrected):
    job = corrected.propose(corrected.plan(), approval=True)
    assert not taken_up(corrected)
    with corrected.engine.begin() as connection:
        jobs.decide(connection, job, by="李某", approve=True, reason="同意", now=datetime.now(UTC))
    assert left_job(corrected.engine) is None  # somebody may just be beginning
    assert left_job(corrected.engine, seconds=0) == job
    assert taken_up(corrected)
    assert len(applied(corrected)) == len(told(SWIFT, SWIFT))
    assert left_job(corrected.engine, seconds=0) is None


def test_a_job_that_cannot_be_carried_out_is_left_again(corrected):
    async def refuse(_job):
        raise JobError("another one runs")

    job = corrected.propose(corrected.plan())
    assert not taken_up(corrected, refuse)
    assert left_job(corrected.engine, seconds=0) == job
