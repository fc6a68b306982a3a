"""The pages of operators: what they show, that content is masked, and that what is done is done once and written down."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from consumers.intake.checking import outgoing
from consumers.quarantine.agent import Quarantine
from infra.settings import Settings
from infra.tables import console_audit, redrive_items, redrive_jobs
from schemas.topics import DEAD_LETTERS, TopicNames
from schemas.units import Register
from tests.consumers.casework.logged import Log, told
from tests.faults.evidence import count, rows
from tests.faults.scripts import AG, SWIFT

pytestmark = pytest.mark.postgres

BOTH = pytest.mark.parametrize("lang", ["zh-CN", "en"])


@pytest.fixture
def refused(empty, register):
    """Records refused while the register lacked their agency."""
    lacking = Register(tuple(unit for unit in register.units if unit.code != AG))
    letters = Log(DEAD_LETTERS)
    for one in told(SWIFT):
        [record] = Log(TopicNames().ingress(one.unit)).add(one)
        sent = outgoing(
            record,
            register=lacking,
            topics=TopicNames(),
            partitions=8,
            now=datetime.now(UTC),
            max_bytes=2**18,
        )
        letters.add(sent)
    Quarantine(Settings(), empty).apply(letters.records)
    return empty


@BOTH
@pytest.mark.parametrize("path", ["/streams", "/streams/tail", "/dead-letters", "/deliveries"])
@pytest.mark.parametrize("name", ["operator", "auditor"])
def test_every_page_of_operators_is_there_in_both_languages(enter, filled, path, lang, name):
    answer = enter(filled, name).get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    assert f'lang="{lang}"' in answer.text


def test_the_tail_shows_applied_events_masked_and_by_filter(enter, filled):
    person = enter(filled, "operator")
    [row] = rows(filled, "SELECT source, count(*) FROM events GROUP BY source ORDER BY 2 DESC LIMIT 1")
    page = person.get(f"/streams/tail?source={row['source']}").text
    assert "<code>" in page.split('id="tail"')[1]
    assert "●●●" in person.get("/streams/tail").text
    address = re.search(r'href="(/cases/[^"]+/message[^"]+)"', page)[1].replace("&amp;", "&")
    assert person.get(address).status_code == 200
    nothing = person.get("/streams/tail?source=nobody").text
    assert 'id="tail-empty"' in nothing


def test_a_unit_sees_its_own_deliveries_and_nobody_elses(enter, filled):
    own = enter(filled, "criminal")
    assert own.get("/deliveries").status_code == 200
    assert own.get("/deliveries?unit=by-police").status_code == 404
    assert "unit=by-police" not in own.get("/deliveries").text


def test_causes_lead_to_records_and_a_record_to_its_contract(enter, refused):
    person = enter(refused, "operator")
    listed = person.get("/dead-letters?reason=wrong-source").text
    address = re.search(r'/dead-letters/record\?[^"]+', listed)[0].replace("&amp;", "&")
    record = person.get(address).text
    assert "transfer" in record
    assert 'value="redrive"' in record


def test_what_is_proposed_twice_by_one_form_is_one_job_with_name_and_reason(enter, refused):
    person = enter(refused, "operator")
    person.get("/dead-letters?kind=refused")
    job = str(uuid4())
    for _ in range(2):
        answer = person.post("/dead-letters", action="redrive", job=job, kind="refused", reason="名册已更正")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/dead-letters/jobs/{job}")
    with refused.connect() as connection:
        [made] = connection.execute(select(redrive_jobs)).all()
        noted = connection.execute(select(console_audit).where(console_audit.c.action == "change")).all()
    assert (str(made.job_id), made.proposed_by, made.reason) == (job, "operator", "名册已更正")
    assert {one.detail for one in noted} == {"名册已更正"}
    page = person.get(f"/dead-letters/jobs/{job}").text
    assert f'max="{len(told(SWIFT))}"' in page


def test_of_several_records_those_that_are_ticked_make_the_job(enter, refused):
    person = enter(refused, "operator")
    page = person.get("/dead-letters?kind=refused").text
    boxes = re.findall(r'<input type="checkbox" form="doing" name="place" value="([^"]+)">', page)
    assert len(boxes) == len(told(SWIFT)) > 2
    job = str(uuid4())
    person.post(
        "/dead-letters", action="return", job=job, kind="refused", reason="由单位更正", place=boxes[:2]
    )
    with refused.connect() as connection:
        items = connection.execute(select(redrive_items)).all()
    assert {f"{one.topic}/{one.partition}/{one.log_offset}" for one in items} == set(boxes[:2])


def test_what_is_ticked_stays_ticked_when_the_reason_is_missing(enter, refused):
    person = enter(refused, "operator")
    place = re.search(r'name="place" value="([^"]+)"', person.get("/dead-letters?kind=refused").text)[1]
    answer = person.post("/dead-letters", action="return", job=str(uuid4()), reason=" ", place=place)
    assert answer.status_code == 400
    assert re.findall(r'name="place" value="([^"]+)" checked', answer.text) == [place]


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "return", "reason": "没有选取任何记录"},
        {"action": "redrive", "kind": "refused", "reason": " "},
        {"action": "edit", "kind": "refused", "reason": "改正"},
        {"action": "redrive", "place": "nonsense", "reason": "名册已更正"},
        {"action": "release", "kind": "refused", "reason": "名册已更正"},
    ],
)
def test_what_is_not_legitimate_makes_no_job_and_is_said(enter, refused, fields):
    person = enter(refused, "operator")
    person.get("/dead-letters")
    answer = person.post("/dead-letters", job=str(uuid4()), **fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert count(refused, "SELECT count(*) FROM redrive_jobs") == 0


def test_an_auditor_reads_but_may_not_act(enter, refused):
    person = enter(refused, "auditor")
    page = person.get("/dead-letters?kind=refused").text
    assert 'name="action"' not in page
    answer = person.post(
        "/dead-letters", action="redrive", job=str(uuid4()), kind="refused", reason="名册已更正"
    )
    assert answer.status_code == 403
