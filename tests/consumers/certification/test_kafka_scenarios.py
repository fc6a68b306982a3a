"""Each scenario over Kafka is passed, failed, left open or not asked by what was seen on the unit's topics."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.certification.fates import Fates, SetAside, decided, origin_of
from consumers.certification.reading import Said, read_recorded
from consumers.certification.recorded import Acknowledged, Fed, Kind, Standing, Topics, Written
from consumers.certification.scenario import Asked, Part, State
from consumers.certification.scenarios import SCENARIOS, judge, mend_of, score
from consumers.certification.watched import Exchange, Transport, Watched
from producers.records import Statement, record_of
from schemas import codec
from schemas.admission import Reason
from schemas.spans import Precision

START = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
HTTP, KAFKA = Transport.HTTP, Transport.KAFKA
ENV = "by-env"
DIGEST = "ab" * 32
NAMES = {"documents": [{"sha256": DIGEST}]}
LATER = timedelta(minutes=1)


def wrote(*records, **changed):
    """Topics with these records, one a second, all of them numbered and sealed as far as nothing else is said."""
    placed = tuple(replace(one, offset=n, at=START + timedelta(seconds=n)) for n, one in enumerate(records))
    return replace(Topics(placed, idempotent=len(placed), sealing=True), **changed)


def record(event_id="a", content="", *, reason="", status=201, sealed=True, type_="lead.found", **said):
    """One record; what has a reason was refused."""
    time, data = said.get("time", START - LATER), said.get("data", {})
    meant = Said(
        event_id, type_, said.get("case", "1"), time, content or event_id, data, said.get("exact", True)
    )
    return Written(START, 0, meant, 300, sealed, 422 if reason else status, reason)


def conflict(event_id="a", content="changed"):
    return replace(record(event_id, content), status=409, reason="conflict")


def stood(*committed, group="by-env.cases", members=()):
    """The group at these offsets, a second after each other, read by the members named beside them."""
    named = [*members, *[()] * len(committed)]
    return tuple(
        Standing(START + timedelta(seconds=n), group, offset, frozenset(named[n]))
        for n, offset in enumerate(committed)
    )


def read(*standings, fed=(), end=3, **changed):
    return replace(Topics(), standings=standings, fed=fed, end=end, group_prefix="by-env.", **changed)


def entry(offset, kind=Kind.ENTRY, seq=1):
    return Fed(START, offset, kind, seq)


TAKES_BACK = record("c", type_="case.corrected", data={"regarding_id": "a"})
AGAIN, SIGNED = entry(2, Kind.REPEAT), entry(2, Kind.HEAD, 0)
STOPPED = (("one",), ("one",), (), ("two",))

PASSED = [
    ("single", wrote(record())),
    ("retry", wrote(record(), record(status=200))),
    ("conflict", wrote(record(), conflict(), record("b"))),
    ("wrong-speaker", wrote(record(reason="wrong-speaker"), record("b"))),
    ("mended", wrote(record(reason="time"), record())),
    ("late", wrote(record(time=START - timedelta(days=2)))),
    ("correction", wrote(record("a"), TAKES_BACK)),
    ("documents", wrote(record(data=NAMES), documents=frozenset({DIGEST}))),
    ("order", wrote(*map(record, "abc"))),
    ("clock", wrote(record())),
    ("form", wrote(record())),
    ("form", wrote(record(reason=Reason.UNDECODABLE), record())),
    ("form", wrote(record(), record("b", reason=Reason.WRONG_SPEAKER))),
    ("key", wrote(record())),
    ("idempotence", wrote(record())),
    ("sealed", wrote(record())),
    ("cursor", read(*stood(0, 2))),
    ("group", read(*stood(0, 2))),
    ("end", read(*stood(0, 3))),
    ("restart", read(*stood(0, 2, 2, 3, members=STOPPED))),
    ("acknowledgement", read(delivered=4, acknowledged=(Acknowledged(START, 4),))),
    ("repeats", read(*stood(0, 3), fed=(AGAIN,))),
    ("heads", read(*stood(0, 3), fed=(SIGNED,))),
]
FAILED = [
    ("single", wrote(record(reason=Reason.ENVELOPE))),
    ("retry", wrote(record("a", "same"), record("b", "same"))),
    ("retry", wrote(record("a", "same"), record("a", "same", status=200), record("b", "same"))),
    ("conflict", wrote(record(), conflict(), conflict())),
    ("wrong-speaker", wrote(*(record(reason="wrong-speaker") for _ in "12"), record("b"))),
    ("mended", wrote(*(record(reason="time") for _ in "12"))),
    ("correction", wrote(TAKES_BACK)),
    ("documents", wrote(record(data=NAMES))),
    ("order", wrote(record("a"), record("b", time=START - 2 * LATER))),
    ("clock", wrote(record(time=START + LATER))),
    *(("form", wrote(record(), record("b", reason=one))) for one in (Reason.TOO_LARGE, Reason.ENVELOPE)),
    ("form", wrote(record(), record(reason=Reason.UNDECODABLE))),
    *(("key", wrote(record(), record("b", reason=one))) for one in (Reason.KEY, Reason.CASE_ID)),
    ("idempotence", wrote(record("a"), record("b"), idempotent=1)),
    ("sealed", wrote(record("a"), record("b", sealed=False))),
    ("cursor", read(*stood(0, 2, 0))),
    ("group", read(*stood(0, 2, group="reader"))),
    ("restart", read(*stood(0, 2, 2, 1, members=STOPPED))),
    ("repeats", replace(wrote(record("a", "same"), record("b", "same")), fed=(AGAIN,))),
]
OPEN = [
    ("single", wrote(record(status=202))),
    ("retry", wrote(record())),
    ("retry", wrote(record(), record(status=202))),
    ("conflict", wrote(record(), conflict(), record("b", case="2"))),
    ("late", wrote(record())),
    ("order", wrote(record("a"), record("a", status=200), record("b"), record("b", status=200))),
    ("form", wrote(record(status=202))),
    ("cursor", read(*stood(2))),
    ("end", read(*stood(0, 2))),
    ("restart", read(*stood(0, 2, members=STOPPED))),
    ("restart", read(*stood(0, 2, 2, 2, members=STOPPED))),
    ("acknowledgement", read(delivered=4, acknowledged=(Acknowledged(START, 3),))),
    ("repeats", read(*stood(0, 2), fed=(AGAIN,))),
    ("repeats", read(*stood(0, 3), fed=(entry(2),))),
    ("heads", read(*stood(0, 2), fed=(SIGNED,))),
]
NOT_ASKED = [
    ("sealed", wrote(record(sealed=False), sealing=False)),
    ("restart", read(*stood(0, 2))),
    ("acknowledgement", read(*stood(0, 3))),
    ("repeats", read(*stood(0, 3), fed=(entry(2),), repeatable=False)),
    ("heads", read(*stood(0, 3), fed=(entry(2),))),
]
LABEL = {"ids": lambda row: row[0]}


def found(code, topics):
    return next(one for one in judge({KAFKA: Watched(ENV, topics=topics)}) if one.scenario.code == code)


@pytest.mark.parametrize("row", PASSED, **LABEL)
def test_a_system_that_does_it_passes(row):
    one = found(*row)
    assert one.finding.state is State.PASSED
    assert one.finding.evidence
    assert mend_of(one) is None


@pytest.mark.parametrize("row", FAILED, **LABEL)
def test_a_system_that_does_the_contrary_fails_and_is_told_what_to_mend(row):
    one = found(*row)
    assert one.finding.state is State.FAILED
    assert one.finding.evidence
    assert mend_of(one) is not None


@pytest.mark.parametrize("row", OPEN, **LABEL)
def test_what_was_only_begun_is_neither(row):
    assert found(*row).finding.state is State.NOT_SHOWN


@pytest.mark.parametrize("row", NOT_ASKED, **LABEL)
def test_what_cannot_be_seen_here_is_not_asked_with_the_reason_and_does_not_count(row):
    one = found(*row)
    assert one.finding.state is State.NOT_ASKED
    assert one.finding.why is not None
    assert score((one,)).counted == 0


def test_every_scenario_over_kafka_is_shown_to_pass_and_where_it_can_be_to_fail():
    codes = {one.code for one in SCENARIOS if isinstance(one.over.get(KAFKA), Asked)}
    assert {code for code, _ in PASSED} == codes
    assert codes - {code for code, _ in FAILED} == {"late", "end", "acknowledgement", "heads"}


def test_what_a_transport_cannot_show_is_not_asked_and_never_passed():
    for transport in Transport:
        unasked = {one.code for one in SCENARIOS if transport in one.over} - {
            one.code for one in SCENARIOS if isinstance(one.over.get(transport), Asked)
        }
        full = {HTTP: Watched(ENV, (Exchange(START, "GET", "/v1/feeds/me", {}, 200),)), KAFKA: Watched(ENV)}
        states = {one.scenario.code: one for one in judge({transport: full[transport]})}
        assert {states[code].finding.state for code in unasked} <= {State.NOT_ASKED, State.NOT_USED}
        assert all(
            states[code].finding.why for code in unasked if states[code].finding.state is State.NOT_ASKED
        )


def test_of_two_transports_only_the_one_that_was_used_for_a_part_counts():
    reads = Exchange(START, "GET", "/v1/feeds/me", {}, 200, told={"next": 0})
    judged = judge({HTTP: Watched(ENV, (reads,)), KAFKA: Watched(ENV, topics=wrote(record()))})
    unused = {(one.scenario.part, one.transport) for one in judged if one.finding.state is State.NOT_USED}
    assert unused == {(Part.SAYING, HTTP), (Part.READING, KAFKA), (Part.WEBHOOK, HTTP)}


def test_of_two_transports_that_are_both_used_both_count():
    says = Exchange(START, "POST", "/v1/events", {}, 201, said=(record().said,))
    judged = judge({HTTP: Watched(ENV, (says,)), KAFKA: Watched(ENV, topics=wrote(record()))})
    single = {one.code: one.finding.state for one in judged if one.scenario.code == "single"}
    assert single == {"http-single": State.PASSED, "kafka-single": State.PASSED}


PLACE = "ingress-by-env/0/7"
LAST = replace(record(status=202), offset=7)


@pytest.mark.parametrize(
    ("fates", "before", "status", "reason"),
    [
        (Fates({"a": PLACE}, {}), [], 201, ""),
        (Fates({}, {PLACE: SetAside("time", "ahead")}), [], 422, "time"),
        (Fates({"a": "ingress-by-env/0/1"}, {PLACE: SetAside("identity-conflict", "")}), [], 409, "conflict"),
        (Fates({"a": "ingress-by-env/0/1"}, {}), [record()], 200, ""),
        (Fates({"a": "ingress-by-env/0/1"}, {}), [record(content="other")], 202, ""),
        (Fates({}, {}), [record(reason="time")], 202, ""),
    ],
    ids=["applied", "refused", "conflict", "the-same-again", "not-decided", "refused-before"],
)
def test_what_became_of_a_record_is_told_as_the_gateway_would(fates, before, status, reason):
    one = decided(LAST, PLACE, fates, before)
    assert (one.status, one.reason) == (status, reason)


def packed(*headers):
    """As the quarantine keeps them."""
    return orjson.dumps([(name, raw and base64.b64encode(raw).decode()) for name, raw in headers])


def test_the_place_of_a_record_that_was_set_aside_is_what_intake_wrote_beside_it():
    origin = {"topic": b"ingress-by-env", "partition": b"0", "offset": b"7"}
    assert origin_of(packed(*((f"__streams.errors.{name}", raw) for name, raw in origin.items()))) == PLACE
    assert origin_of(packed(("ce_id", b"a"), ("linkage-ingress", PLACE.encode()))) == PLACE
    assert origin_of(packed(("linkage-ingress", None))) == ""


def recorded(event_id="a", at=START, precision=Precision.SECOND, **data):
    statement = Statement("lead.found", "白环〔2026〕1号", at, data, id=event_id, precision=precision)
    made = record_of(statement, unit=ENV, encode=codec.encode)
    return read_recorded(made.headers, made.value)


def test_a_record_is_read_as_the_same_event_whatever_its_id_and_as_another_by_time_or_content():
    one = recorded(summary="x")
    assert (one.id, one.type, one.case, one.time, one.data["summary"]) == (
        "a",
        "lead.found",
        "白环〔2026〕1号",
        START,
        "x",
    )
    assert recorded("b", summary="x").content == one.content
    assert recorded(summary="y").content != one.content != recorded(at=START + LATER, summary="x").content
    assert one.exact
    assert not recorded(precision=Precision.DAY).exact


@given(
    st.lists(
        st.tuples(st.sampled_from(["ce_id", "ce_time", "ce_origincase", "x", ""]), st.none() | st.binary())
    ),
    st.none() | st.binary(),
)
def test_any_record_is_read_without_a_complaint(headers, value):
    assert read_recorded(headers, value).content
