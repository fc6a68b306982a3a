"""Each scenario is passed, failed or left open by what was seen, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consumers.certification.reading import read_said
from consumers.certification.scenario import Asked, Part, State
from consumers.certification.scenarios import SCENARIOS, judge, mend_of, score
from consumers.certification.watched import Exchange, Meddling, Probe, Reply, Transport, Watched

START = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
SENT = {
    "id": "a",
    "type": "transfer.sent",
    "case": {"number": "1"},
    "time": "2026-03-11T07:00:00Z",
    "data": {},
}
DIGEST = "ab" * 32


def event(event_id="a", **changed):
    return {**SENT, "id": event_id, **changed}


def says(*events, status=201, seconds=0.0, reason="", meddled=None, wait=0.0):
    told = {"reason": reason, "detail": "why"} if reason else {}
    body = events[0] if len(events) == 1 else list(events)
    if len(events) > 1:
        told, status = (
            {"items": [{"status": one} for one in (status if isinstance(status, list) else [status])]},
            207,
        )
    return Exchange(
        START + timedelta(seconds=seconds),
        "POST",
        "/v1/events",
        {},
        status,
        body,
        told,
        read_said({}, body),
        meddled,
        wait,
    )


def reads(after=None, upto=0, *, meddled=None, status=200):
    query = {} if after is None else {"after": str(after)}
    return Exchange(START, "GET", "/v1/feeds/me", query, status, told={"next": upto}, meddled=meddled)


def acknowledges(seq, status=200):
    return Exchange(START, "POST", "/v1/feeds/me/ack", {}, status, asked={"seq": seq})


def replies(**statuses):
    return tuple(
        Reply(START, Probe(name), status, str(status), echoed=True) for name, status in statuses.items()
    )


def sends(digest, status=201):
    return Exchange(START, "PUT", f"/v1/documents/{digest}", {}, status)


LOST, BUSY, AGAIN = Meddling.LOST_RECEIPT, Meddling.BUSY, Meddling.REPEATED
NAMES = {"documents": [{"sha256": DIGEST}]}
REGISTERS = Exchange(START, "POST", "/v1/webhooks", {}, 201)
TAKES_BACK = event("c", type="case.corrected", data={"regarding_id": "a"})

PASSED = [
    ("single", says(event())),
    ("batch", says(event("a"), event("b"), status=[201, 200])),
    ("batch", says(event("a"), event("b"), status=[201, 422]), says(event("b"))),
    ("retry", says(event(), status=503, meddled=LOST), says(event(), status=200)),
    ("patience", says(event(), status=429, meddled=BUSY, wait=2), says(event(), seconds=2)),
    ("conflict", says(event(), status=409, reason="conflict"), says(event("b"))),
    ("wrong-speaker", says(event(), status=422, reason="wrong-speaker"), says(event("b"))),
    ("mended", says(event(data={"x": 1}), status=422, reason="undecodable"), says(event())),
    ("late", says(event(time="2026-03-10T07:00:00Z"))),
    ("correction", says(event("a")), says(TAKES_BACK)),
    ("documents", sends(DIGEST), says(event(data=NAMES))),
    ("order", *(says(event(name)) for name in "abc")),
    ("clock", says(event())),
    ("cursor", reads(upto=2), reads(2, 2)),
    ("acknowledgement", reads(upto=2), acknowledges(2)),
    ("repeats", reads(upto=2), reads(2, 2, meddled=AGAIN), reads(2, 2)),
    ("repeats", reads(upto=2), reads(2, 2, meddled=AGAIN), acknowledges(2)),
    ("handshake", replies(handshake=200)),
    ("signatures", replies(genuine=204, forged=401, stale=400)),
    ("repeated-webhook", replies(again=200)),
]
FAILED = [
    ("single", says(event(), status=422, reason="undecodable")),
    ("batch", says(event("a"), event("b"), status=[201, 422])),
    ("retry", says(event(), status=503, meddled=LOST), says(event("b"), status=201)),
    ("retry", says(event(""), status=503, meddled=LOST)),
    ("patience", says(event(), status=429, meddled=BUSY, wait=2), says(event(), seconds=0.5)),
    ("conflict", *(says(event(), status=409, reason="conflict") for _ in "12")),
    ("wrong-speaker", *(says(event(), status=422, reason="wrong-speaker") for _ in "12")),
    ("mended", *(says(event(), status=422, reason="undecodable") for _ in "12")),
    ("correction", says(TAKES_BACK)),
    ("documents", says(event(data=NAMES))),
    ("order", says(event("a")), says(event("b", time="2026-03-11T06:00:00Z"))),
    ("clock", says(event(time="2026-03-11T08:04:00Z"))),
    ("cursor", reads(upto=2), reads(3, status=409)),
    ("acknowledgement", reads(upto=2), acknowledges(3, status=409)),
    ("repeats", reads(upto=2), reads(2, 2, meddled=AGAIN), reads(0, 2)),
    ("repeats", says(event("a")), reads(2, 2, meddled=AGAIN), says(event("b"))),
    ("handshake", tuple(replace(one, echoed=False) for one in replies(handshake=200))),
    ("signatures", replies(genuine=204, forged=204, stale=400)),
    ("signatures", replies(genuine=401, forged=401, stale=401)),
    ("repeated-webhook", replies(again=409)),
]
OPEN = [
    ("retry", says(event(), status=503, meddled=LOST)),
    ("patience", says(event(), status=429, meddled=BUSY, wait=2)),
    ("conflict", says(event(), status=409, reason="conflict")),
    ("conflict", says(event(), status=409, reason="conflict"), says(event("b", case={"number": "2"}))),
    ("late", says(event())),
    ("order", says(event("a")), says(event("b", time="2026-03-09T06:00:00Z")), says(event("b"))),
    ("order", says(event("a")), says(event("b", time="2026-03-11T00:00:00Z", precision="day"))),
    ("clock", says(event(time="2026-03-12T00:00:00Z", precision="day"))),
    ("acknowledgement", reads(upto=2), acknowledges(1)),
    ("signatures", replies(genuine=204)),
]


def found(code, *seen):
    exchanges = tuple(one for one in seen if isinstance(one, Exchange))
    probed = tuple(reply for one in seen if isinstance(one, tuple) for reply in one)
    seen = {Transport.HTTP: Watched("by-env", exchanges, probed)}
    [one] = [one for one in judge(seen) if one.scenario.code == code]
    return one


@pytest.mark.parametrize("code_and_seen", PASSED, ids=lambda row: row[0])
def test_a_system_that_does_it_passes(code_and_seen):
    one = found(*code_and_seen)
    assert one.finding.state is State.PASSED
    assert one.finding.evidence
    assert mend_of(one) is None


@pytest.mark.parametrize("code_and_seen", FAILED, ids=lambda row: row[0])
def test_a_system_that_does_the_contrary_fails_and_is_told_what_to_mend(code_and_seen):
    one = found(*code_and_seen)
    assert one.finding.state is State.FAILED
    assert one.finding.evidence
    assert mend_of(one) is not None


@pytest.mark.parametrize("code_and_seen", OPEN, ids=lambda row: row[0])
def test_what_was_only_begun_is_neither(code_and_seen):
    assert found(*code_and_seen).finding.state is State.NOT_SHOWN


def test_every_scenario_is_shown_to_pass_and_all_but_the_late_report_to_fail():
    codes = {one.code for one in SCENARIOS if isinstance(one.over[Transport.HTTP], Asked)}
    assert {code for code, *_ in PASSED} == codes
    assert {code for code, *_ in FAILED} == codes - {"late"}


def test_a_dry_run_shows_nothing():
    assert found("single", replace(says(event()), query={"dry_run": "true"})).finding.state is State.NOT_SHOWN


def test_a_way_of_receiving_that_is_not_used_does_not_count():
    judged = judge({Transport.HTTP: Watched("by-env", (reads(upto=1),))})
    unused = {one.scenario.part for one in judged if one.finding.state is State.NOT_USED}
    assert unused == {Part.WEBHOOK}
    judged = judge({Transport.HTTP: Watched("by-env", (REGISTERS,))})
    assert {one.scenario.part for one in judged if one.finding.state is State.NOT_USED} == {Part.READING}


def test_nothing_seen_is_no_certificate_and_one_way_of_receiving_is_asked_for():
    told = score(judge({Transport.HTTP: Watched("by-env")}))
    assert (told.passed, told.certified, told.percent) == (0, False, 0)
    asked = [one for one in SCENARIOS if isinstance(one.over[Transport.HTTP], Asked)]
    assert told.counted == sum(one.part is not Part.WEBHOOK for one in asked)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, event()),
        ({}, {**{k: v for k, v in SENT.items() if k != "case"}, "origincase": "1", "specversion": "1.0"}),
        (
            {
                "ce-specversion": "1.0",
                "ce-id": "a",
                "ce-type": "transfer.sent",
                "ce-origincase": "1",
                "ce-time": SENT["time"],
            },
            {},
        ),
    ],
    ids=["plain", "structured", "binary"],
)
def test_an_event_is_read_in_each_form_that_the_gateway_takes(headers, body):
    [said] = read_said(headers, body)
    assert (said.id, said.type, said.case) == ("a", "transfer.sent", "1")
    assert said.time == datetime(2026, 3, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize("body", [None, 7, "x", [], [None], {"case": 7, "time": 3, "data": []}])
def test_what_is_no_event_is_read_without_a_complaint(body):
    assert all(said.type == "" for said in read_said({}, body))
