"""The main job end to end on the real broker: what units say, and what each of them hears of it."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta

import pytest

from schemas.codec import encode
from schemas.spans import CHINA
from tests.journeys.offices import SECONDS, Case, Office

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

AGENCY, SUPERIOR, POLICE, STATION = "by-env", "gz-env", "by-police", "by-police-town"
CRIMINAL, ADMINISTRATIVE, CIVIL, INTEREST = "by-criminal", "by-admin", "by-civil", "by-pil"
MANAGEMENT, JUSTICE, COURT = "by-casemgmt", "by-justice", "by-court"
OFFENCE = "污染环境罪"


def hours_ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


def march(day: int, hour: int) -> datetime:
    """In March 2026, in China; the 9th is a Monday."""
    return datetime(2026, 3, day, hour, tzinfo=CHINA)


@pytest.fixture
def case():
    """A case of the environment branch that no other test knows."""
    return Case(AGENCY, f"白环罚〔2026〕{next(_NUMBERS)}号", "environment")


_NUMBERS = itertools.count(1)
ARTICLES = [{"name": "废油桶", "quantity": "12"}]


def transfer(office, case, *at: datetime) -> None:
    """The agency's way to the police and the police's to a filing, each when the other's word has come."""
    suspected, approved, sent, received, filed = at
    agency, police = office(AGENCY), office(POLICE)
    agency.says(case, "transfer.suspected", suspected, offence=OFFENCE)
    agency.says(case, "transfer.reported", suspected, report="调查报告")
    agency.says(case, "transfer.approved", approved, approver="局长")
    agency.says(case, "transfer.sent", sent, addressee=POLICE, offence=OFFENCE)
    police.hears(case, "transfer.sent")
    police.says(case, "transfer.received", received, receipt_no="回执1", receiver="民警")
    police.says(case, "filing.accepted", filed, filing_no="立案1", offence=OFFENCE)
    agency.hears(case, "filing.accepted")


def hand_over(office, case, at: datetime) -> None:
    office(AGENCY).says(
        case,
        "items.handed_over",
        at,
        addressee=POLICE,
        items=ARTICLES,
        custodian="物证室",
        handed_by="执法人员",
        received_by="民警",
    )


def test_a_forward_transfer_reaches_the_police_and_its_receipt_filing_and_articles_come_through(office, case):
    transfer(office, case, hours_ago(5), hours_ago(4), hours_ago(3), hours_ago(2), hours_ago(1))
    hand_over(office, case, hours_ago(0.5))
    handed = office(POLICE).hears(case, "items.handed_over")
    assert (handed.delivery, handed.role) == ("duty", "PSB")
    assert handed.data["items"][0]["name"] == "废油桶"
    sent = office(POLICE).hears(case, "transfer.sent")
    assert (sent.delivery, "第5条" in sent.basis) == ("duty", True)
    assert office(AGENCY).hears(case, "transfer.received").delivery == "result"
    office(CRIMINAL).hears(case, "items.handed_over")
    assert office(CRIMINAL).heard(case) == [
        "transfer.suspected",
        "transfer.approved",
        "transfer.sent",
        "transfer.received",
        "filing.accepted",
        "items.handed_over",
    ]
    assert office(AGENCY).heard(case) == ["transfer.received", "filing.accepted"]
    assert office(MANAGEMENT).heard(case) == office(COURT).heard(case) == office(STATION).heard(case) == []
    states = {rule: clock["state"] for rule, clock in office(AGENCY).clocks(case).items()}
    assert states == {
        "O310-05a": "met",
        "O310-05b": "met",
        "O310-05c": "met",
        "O310-08": "met",
        "O310-12": "met",
    }


def test_a_case_is_nobody_elses_business(office, case):
    """Who has neither said nor received anything of it gets the answer of a case that does not exist."""
    office(AGENCY).says(case, "transfer.suspected", offence=OFFENCE)
    office(CRIMINAL).hears(case, "transfer.suspected")
    path = f"/v1/cases/{case.unit}:{case.number}"
    assert office(CRIMINAL).gets(path).status_code == 200
    foreign, unknown = office(COURT).gets(path), office(COURT).gets(f"{path}-none")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert office(COURT).heard(case) == []


def test_an_opinion_is_mirrored_and_the_departments_reactions_come_back(office, case):
    criminal = office(CRIMINAL)
    office(AGENCY).says(case, "transfer.suspected", hours_ago(5), offence=OFFENCE)
    criminal.hears(case, "transfer.suspected")
    opinion = {"addressee": AGENCY, "letter_no": "检意1", "offence": OFFENCE, "reply_days": 30}
    assert criminal.posts(case, "opinion.to_transfer_issued", hours_ago(1), **opinion).status_code == 201
    assert office(AGENCY).hears(case, "opinion.to_transfer_issued").delivery == "duty"
    assert office(JUSTICE).hears(case, "opinion.to_transfer_issued").delivery == "copy"
    assert office(SUPERIOR).hears(case, "opinion.to_transfer_issued").delivery == "copy"
    said = encode("opinion.to_transfer_issued", opinion)
    for department in (ADMINISTRATIVE, CIVIL, INTEREST):
        mirrored = office(department).hears(case, "mirror.copied")
        assert mirrored.delivery == "mirror"
        assert mirrored.data["opinion_value"] == said
        assert department in {copy["unit"] for copy in mirrored.data["copies"]}
    regarding = {"regarding_source": CRIMINAL, "regarding_id": f"{case.id}/opinion.to_transfer_issued"}
    accepted = office(INTEREST).posts(case, "mirror.accepted", **regarding, clue_no="线索1")
    dismissed = office(CIVIL).posts(case, "mirror.dismissed", **regarding, reason="无民事线索")
    assert (accepted.status_code, dismissed.status_code) == (201, 201)
    for unit in (CRIMINAL, MANAGEMENT):
        assert office(unit).hears(case, "mirror.accepted").delivery == "result"
        assert office(unit).hears(case, "mirror.dismissed").data["reason"] == "无民事线索"
    seen = criminal.gets(f"/v1/cases/{case.unit}:{case.number}").json()["mirrors"]
    assert {mirror["unit"]: mirror["state"] for mirror in seen} == {
        INTEREST: "accepted",
        CIVIL: "dismissed",
        ADMINISTRATIVE: "copied",
    }


def test_an_overdue_handover_is_flagged_with_its_article_to_those_who_watch_it(office, case):
    """Filed on Thursday the 5th of March: the articles were due on Monday the 9th."""
    transfer(office, case, march(2, 9), march(3, 9), march(3, 16), march(3, 17), march(5, 15))
    for unit in (AGENCY, CRIMINAL, MANAGEMENT):
        flagged = office(unit).hears(case, "deadline.breached")
        assert flagged.delivery == "alarm"
        assert (flagged.data["rule"], flagged.data["holder"]) == ("O310-12", AGENCY)
        assert flagged.data["due_latest"] == march(10, 0).timestamp() * 1000 - 1000
        assert "第12条" in flagged.data["basis"]
    assert "deadline.breached" not in office(POLICE).heard(case)
    overdue = office(AGENCY).gets("/v1/clocks", overdue=True).json()
    assert ("O310-12", case.number) in {(clock["rule"], clock["case"]["number"]) for clock in overdue}


def test_a_late_word_of_a_timely_handover_withdraws_the_flag(office, case):
    transfer(office, case, march(2, 9), march(3, 9), march(3, 16), march(3, 17), march(5, 15))
    office(CRIMINAL).hears(case, "deadline.breached")
    hand_over(office, case, march(8, 10))
    for unit in (AGENCY, CRIMINAL, MANAGEMENT):
        assert office(unit).hears(case, "deadline.met").data["rule"] == "O310-12"
    clock = office(AGENCY).clocks(case)["O310-12"]
    assert (clock["state"], clock["breach_withdrawn"], clock["reported_late"]) == ("met", True, True)


def test_a_late_handover_is_met_late_by_so_much(office, case):
    transfer(office, case, march(2, 9), march(3, 9), march(3, 16), march(3, 17), march(5, 15))
    office(CRIMINAL).hears(case, "deadline.breached")
    hand_over(office, case, march(12, 10))
    assert office(MANAGEMENT).hears(case, "deadline.met").data["overrun_seconds"] == 58 * 3600 + 1
    clock = office(AGENCY).clocks(case)["O310-12"]
    assert (clock["state"], clock["overrun_seconds"]) == ("met-late", 58 * 3600 + 1)


def test_who_heard_of_an_event_hears_that_it_was_taken_back(office, case):
    agency = office(AGENCY)
    agency.says(case, "transfer.approved", hours_ago(2), approver="局长")
    sent = agency.says(case, "transfer.sent", hours_ago(1), addressee=POLICE, offence=OFFENCE)
    office(POLICE).hears(case, "transfer.sent")
    agency.says(case, "case.voided", regarding_source=AGENCY, regarding_id=sent, reason="误报")
    assert office(POLICE).hears(case, "case.voided").delivery == "duty"
    assert office(CRIMINAL).hears(case, "case.voided").delivery == "copy"
    clocks = agency.clocks(case)
    assert clocks["O310-05c"]["state"] == "running"
    assert clocks["O310-08"]["state"] == "withdrawn"


def test_a_police_station_that_the_case_was_never_sent_to_is_parked_and_nobody_hears_of_it(office, case):
    agency, station = office(AGENCY), office(STATION)
    agency.says(case, "transfer.sent", hours_ago(1), addressee=POLICE, offence=OFFENCE)
    office(POLICE).hears(case, "transfer.sent")
    parked = station.says(case, "transfer.received", receipt_no="回执1", receiver="民警")
    wait_for(lambda: parked in {row["event"]["id"] for row in held(station)})
    [row] = [row for row in held(station) if row["event"]["id"] == parked]
    assert (row["kind"], row["owner"], row["type"]) == ("parked", STATION, "transfer.received")
    assert office(AGENCY).heard(case) == []
    assert parked not in {row["event"]["id"] for row in held(agency)}


def held(office: Office) -> list[dict]:
    """What of its own the bus did not apply, as far as it could be read as an event."""
    return [row for row in office.gets("/v1/quarantine").json() if row["event"] is not None]


def wait_for(true) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline


def test_an_event_said_again_has_the_first_receipt_and_other_content_is_a_conflict(office, case):
    criminal = office(CRIMINAL)
    office(AGENCY).says(case, "transfer.suspected", offence=OFFENCE)
    criminal.hears(case, "transfer.suspected")
    letter = {"addressee": AGENCY, "letter_no": "检意2", "offence": OFFENCE}
    first = criminal.posts(case, "opinion.to_transfer_issued", hours_ago(1), **letter)
    at = datetime.fromisoformat(said_at(criminal, case))
    again = criminal.posts(case, "opinion.to_transfer_issued", at, **letter)
    other = criminal.posts(case, "opinion.to_transfer_issued", at, **{**letter, "letter_no": "检意3"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    office(AGENCY).hears(case, "opinion.to_transfer_issued")
    assert office(AGENCY).heard(case) == ["opinion.to_transfer_issued"]


def said_at(office: Office, case: Case) -> str:
    """When the opinion happened, as the bus has it."""
    path = f"/v1/events/{office.unit}/{case.id}/opinion.to_transfer_issued"
    wait_for(lambda: office.gets(path).json()["state"] == "applied")
    return office.gets(path).json()["entry"]["event"]["time"]


def test_the_feed_is_the_same_over_http_and_remembers_what_was_acknowledged(office, case):
    agency, criminal = office(AGENCY), office(CRIMINAL)
    agency.says(case, "transfer.suspected", offence=OFFENCE)
    heard = criminal.hears(case, "transfer.suspected")
    page = criminal.gets("/v1/feeds/me", after=heard.seq - 1, limit=1).json()
    [item] = page["items"]
    assert (item["seq"], item["event"]["id"]) == (heard.seq, heard.envelope.id)
    acknowledged = criminal.acknowledges(heard.seq)
    assert acknowledged.json() == {"acknowledged": heard.seq}
    assert criminal.gets("/v1/feeds/me").json()["acknowledged"] == heard.seq


def test_who_waits_for_its_feed_is_answered_as_soon_as_there_is_something(office, case):
    criminal = office(CRIMINAL)
    office(AGENCY).says(case, "transfer.suspected", offence=OFFENCE)
    seq = criminal.hears(case, "transfer.suspected").seq
    office(AGENCY).says(case, "transfer.approved", approver="局长")
    asked = time.monotonic()
    page = criminal.gets("/v1/feeds/me", after=seq, wait=30).json()
    assert time.monotonic() - asked < 15
    assert [item["event"]["type"] for item in page["items"]] == ["transfer.approved"]
