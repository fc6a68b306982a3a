"""Who receives which event: one told case per row of the routing table, with exactly its recipients."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import Any

import pytest

from consumers.casework.fold import Folded
from consumers.decisions import Deliver, Delivery
from consumers.transfers.conditions import HIGHER_LEVEL, OTHER_PLACE
from consumers.transfers.recipients import To
from consumers.transfers.routes import ROUTES, UNHEARD, Route
from consumers.transfers.routing import STRENGTH
from schemas.units import BUS_UNIT
from tests.consumers.casework.story import MONDAY, Story, bases, flags, received

DUTY, COPY, RESULT, MIRROR, ALARM = (
    Delivery.DUTY,
    Delivery.COPY,
    Delivery.RESULT,
    Delivery.MIRROR,
    Delivery.ALARM,
)
AG, PSB, PC, PA, PV, PI = "by-env", "by-police", "by-criminal", "by-admin", "by-civil", "by-pil"
CM, JU, SV, CT, SUP = "by-casemgmt", "by-justice", "by-supervision", "by-court", "gz-env"

Said = tuple[str, str, dict[str, Any]]


def said(unit: str, type_: str, **data: Any) -> Said:
    return (unit, type_, data)


FILED_CASE = [said(AG, "admin_case.filed", case_no="1")]
SUSPECTED = [*FILED_CASE, said(AG, "transfer.suspected")]
SENT = [*FILED_CASE, said(AG, "transfer.sent", addressee=PSB, offence="污染环境罪")]
DECLINED = [*SENT, said(PSB, "filing.declined", reasons="r")]
ASKED = [*DECLINED, said(PC, "supervision.reasons_requested", notice_no="1")]
FILED = [*SENT, said(PSB, "filing.accepted", filing_no="1")]
CHARGED = [*FILED, said(PSB, "case.sent_for_prosecution")]
DROPPED = [*CHARGED, said(PC, "case.not_prosecuted", kind="discretionary")]
OPINED = [*DROPPED, said(PA, "reverse.opinion_issued", addressee=AG, letter_no="L")]
PIL = [*FILED_CASE, said(PI, "pil.suggested", addressee=AG, letter_no="S")]
CONSULTED = [*SENT, said(AG, "consult.asked", addressee=PC, consultation_no="K")]
TO_TRANSFER = [*FILED_CASE, said(PC, "opinion.to_transfer_issued", addressee=AG, letter_no="T")]
OBSTRUCTED = [*SENT, said(AG, "obstacle.reported", obstacle_no="O", kind="evidence")]
ASSIGNED = [*OBSTRUCTED, said(PC, "obstacle.assigned", obstacle_no="O", kind="evidence", addressee=PSB)]
STEPPED_IN = [*SENT, said(PC, "intervention.opined", addressee=PSB)]


@dataclass(frozen=True)
class Told:
    """`before` was said, then `last`: these units receive it, and nobody else."""

    last: Said
    to: dict[str, Delivery]
    before: list[Said] = dataclasses.field(default_factory=list)
    field: str = "environment"
    origin: str = AG
    flagged: tuple[str, ...] = ()
    year: int = 2026

    def __str__(self) -> str:
        return f"{self.last[1]} by {self.last[0]}"


TOLD = [
    Told(
        said(BUS_UNIT, "case.event_released", addressee="by-police-town", reason="指定协助"),
        {"by-police-town": RESULT, CM: COPY},
        SENT,
    ),
    Told(said(AG, "admin_case.filed", case_no="1"), {PC: COPY, CM: COPY}),
    Told(said(AG, "admin_case.penalised"), {PC: COPY, JU: COPY}, FILED_CASE),
    # JOINT-06: a penalty although a crime is suspected goes to police and procuratorate of the same level
    Told(said(AG, "admin_case.penalised"), {PC: COPY, PSB: COPY, JU: COPY}, SUSPECTED),
    Told(
        said(AG, "admin_case.penalised", crime_suspected=True), {PC: COPY, PSB: COPY, JU: COPY}, FILED_CASE
    ),
    Told(said(AG, "admin_case.penalised"), {PA: RESULT, PC: COPY, JU: COPY}, OPINED),
    Told(said(AG, "admin_case.penalised"), {PI: RESULT, PC: COPY, JU: COPY}, PIL),
    Told(said(AG, "admin_case.correction_ordered"), {PI: RESULT}, PIL),
    Told(said(AG, "admin_case.correction_ordered"), {}, FILED_CASE),
    Told(said(AG, "lead.found"), {}),
    Told(said(AG, "lead.found", addressee=PSB), {PSB: DUTY}),
    Told(said(AG, "lead.found", addressee=PI), {PI: DUTY, CM: COPY}),
    Told(said(BUS_UNIT, "lead.threshold_matched"), {AG: COPY, PC: COPY}, FILED_CASE),
    Told(said(AG, "test.resulted"), {}, FILED_CASE),
    Told(said(AG, "test.resulted"), {PSB: COPY}, SENT),
    Told(said(AG, "accident.occurred"), {PSB: COPY, PC: COPY}),
    Told(said(PSB, "accident.occurred"), {AG: COPY, PC: COPY}, SENT, field="work_safety"),
    Told(said(AG, "transfer.suspected"), {PC: COPY}, FILED_CASE),
    Told(said(AG, "transfer.task_group_formed"), {}, FILED_CASE),
    Told(said(AG, "transfer.reported"), {}, FILED_CASE),
    Told(said(AG, "transfer.approved"), {PC: COPY}, FILED_CASE),
    Told(said(AG, "transfer.refused"), {PC: COPY}, FILED_CASE),
    Told(said(AG, "transfer.sent", addressee=PSB), {PSB: DUTY, PC: COPY}, FILED_CASE),
    Told(said(AG, "transfer.sent", addressee=PSB), {PSB: DUTY, PC: COPY}, FILED_CASE, field="work_safety"),
    Told(said(AG, "transfer.sent", addressee=PSB), {PSB: DUTY, PC: COPY}, FILED_CASE, field="tobacco"),
    Told(said(AG, "transfer.sent", addressee=PSB), {PSB: DUTY, PC: RESULT}, TO_TRANSFER),
    Told(said(AG, "transfer.on_site_handed", addressee=PSB), {PSB: DUTY, PC: COPY}, FILED_CASE),
    Told(said(PSB, "transfer.received"), {AG: RESULT, PC: COPY}, SENT),
    Told(said(PSB, "transfer.supplement_requested"), {AG: DUTY, PC: COPY}, SENT),
    Told(
        said(AG, "transfer.supplemented"),
        {PSB: DUTY, PC: COPY},
        [*SENT, said(PSB, "transfer.supplement_requested")],
    ),
    Told(
        said(PSB, "transfer.forwarded", addressee="hd-police"),
        {"hd-police": DUTY, AG: RESULT, PC: COPY},
        SENT,
    ),
    Told(said(PSB, "transfer.out_of_remit"), {AG: DUTY, PC: COPY}, SENT),
    Told(said(PSB, "filing.extended"), {AG: RESULT, PC: COPY}, SENT),
    Told(said(PSB, "filing.accepted"), {AG: DUTY, PC: COPY}, SENT),
    Told(said(PSB, "filing.accepted"), {AG: DUTY, PC: COPY}, SENT, field="work_safety"),
    Told(said(PSB, "filing.accepted"), {AG: DUTY, PC: COPY}, ASKED),
    Told(said(PSB, "filing.declined"), {AG: DUTY, PC: COPY}, SENT),
    Told(said(BUS_UNIT, "filing.undecided_overdue", holder=PSB), {PC: ALARM, AG: ALARM}, SENT),
    Told(said(AG, "reconsideration.requested"), {PSB: DUTY, PC: COPY}, DECLINED),
    Told(
        said(PSB, "reconsideration.decided", result="maintained"),
        {AG: RESULT, PC: COPY},
        [*DECLINED, said(AG, "reconsideration.requested")],
    ),
    Told(said(AG, "supervision.proposed"), {PC: DUTY}, DECLINED),
    Told(said(PC, "supervision.reasons_requested"), {PSB: DUTY}, DECLINED),
    Told(said(PSB, "supervision.reasons_given"), {PC: DUTY}, ASKED),
    Told(said(PC, "supervision.file_ordered"), {PSB: DUTY, AG: RESULT}, ASKED),
    Told(said(PC, "supervision.concluded", outcome="reasons_hold"), {AG: RESULT}, ASKED),
    Told(said(PC, "supervision.corrected"), {PSB: DUTY}, ASKED),
    Told(said(PC, "supervision.urged"), {PSB: DUTY}, ASKED),
    Told(said(PC, "supervision.withdrawal_ordered"), {PSB: DUTY}, FILED),
    Told(said(PSB, "supervision.disputed", addressee=PC), {PC: DUTY}, FILED),
    Told(said(PC, "supervision.dispute_decided"), {PSB: RESULT}, FILED),
    Told(said(PC, "case.investigation_returned"), {PSB: DUTY}, CHARGED),
    Told(said(PC, "case.review_period_set"), {PSB: COPY}, CHARGED),
    Told(
        said(PC, "opinion.to_transfer_issued", addressee=AG), {AG: DUTY, JU: COPY, SUP: COPY}, FILED_CASE
    ),
    Told(
        said(PI, "opinion.to_transfer_issued", addressee=AG),
        {AG: DUTY, JU: COPY, SUP: COPY, PC: COPY},
        FILED_CASE,
    ),
    Told(said(AG, "opinion.to_transfer_executed"), {PC: RESULT}, TO_TRANSFER),
    Told(
        said(AG, "opinion.to_transfer_executed"),
        {PI: RESULT, PC: RESULT},
        [*FILED_CASE, said(PI, "opinion.to_transfer_issued", addressee=AG, letter_no="T")],
    ),
    Told(
        said(AG, "transfer.on_site_handed", addressee=PSB),
        {PSB: DUTY, PC: COPY, PI: RESULT},
        [*FILED_CASE, said(PI, "opinion.to_transfer_issued", addressee=AG, letter_no="T")],
    ),
    Told(said(AG, "items.handed_over", addressee=PSB), {PSB: DUTY, PC: COPY}, FILED),
    Told(said(PSB, "items.custody_entrusted"), {AG: DUTY}, FILED),
    Told(said(AG, "items.custody_entrusted", addressee=PSB), {PSB: DUTY}, FILED),
    Told(said(AG, "items.seized", addressee=PSB, measure="sealed"), {PSB: COPY, PC: COPY}, FILED_CASE),
    Told(said(PSB, "assistance.given", addressee=AG, kind="site"), {AG: RESULT}, FILED),
    Told(said(PSB, "case.withdrawn"), {AG: RESULT, PC: COPY}, FILED),
    Told(said(PSB, "case.sent_for_prosecution"), {PC: DUTY}, FILED),
    Told(said(PSB, "case.suspect_in_custody"), {AG: RESULT, PC: COPY}, FILED),
    Told(said(PC, "case.arrest_approved"), {PSB: DUTY}, FILED),
    Told(said(PC, "case.prosecuted"), {CT: DUTY, AG: RESULT, PSB: RESULT}, CHARGED),
    Told(said(CT, "case.judged", result="convicted"), {AG: RESULT, PSB: RESULT, PC: RESULT, PI: COPY}, CHARGED),
    Told(
        said(CT, "case.judged", result="convicted"),
        {AG: RESULT, PSB: RESULT, PC: RESULT, PI: RESULT},
        [*CHARGED, said(PI, "pil.filed")],
    ),
    Told(
        said(CT, "case.judged", result="exempted"),
        {AG: RESULT, PSB: RESULT, PC: RESULT, PI: COPY, PA: COPY},
        CHARGED,
    ),
    Told(
        said(CT, "case.appeal_decided", result="upheld"),
        {AG: RESULT, PSB: RESULT, PC: RESULT, PI: COPY},
        [*CHARGED, said(CT, "case.judged", result="convicted")],
    ),
    Told(said(PC, "case.not_prosecuted"), {PA: DUTY, PSB: RESULT, AG: RESULT}, CHARGED),
    Told(said(PC, "case.not_prosecuted"), {PA: DUTY, PSB: RESULT, AG: RESULT}, CHARGED, field="tax"),
    Told(said(PC, "case.not_prosecuted"), {PA: DUTY, PSB: RESULT, AG: RESULT}, CHARGED, year=2023),
    Told(said(PC, "case.compliance_review", stage="opened"), {AG: COPY}, CHARGED),
    Told(said(PA, "hearing.held", kind="administrative", participants=[JU, "专家"]), {AG: COPY, JU: COPY}, DROPPED),
    Told(said(PA, "hearing.held", kind="joint_meeting"), {AG: COPY, PSB: COPY}, DROPPED),
    Told(said(CT, "hearing.held", kind="court"), {PC: COPY, PI: COPY}, CHARGED),
    Told(said(AG, "party.deregistered"), {PC: COPY, PA: COPY}, OPINED),
    Told(said(AG, "party.remedied"), {PC: COPY, PA: COPY}, OPINED),
    Told(said(PC, "reverse.case_moved"), {PA: DUTY, CM: COPY}, DROPPED),
    Told(said(PA, "reverse.registered"), {PC: RESULT, CM: COPY}, DROPPED),
    Told(said(PA, "reverse.suspended"), {PC: COPY}, [*DROPPED, said(PA, "reverse.registered")]),
    Told(
        said(PA, "reverse.resumed"),
        {PC: COPY},
        [*DROPPED, said(PA, "reverse.registered"), said(PA, "reverse.suspended")],
    ),
    Told(
        said(PA, "reverse.review_extended", limit_working_days=15),
        {PC: COPY},
        [*DROPPED, said(PA, "reverse.registered")],
    ),
    Told(said(BUS_UNIT, "calendar.adopted"), {}, SENT),
    Told(said(PA, "reverse.review_closed"), {PC: RESULT}, [*DROPPED, said(PA, "reverse.registered")]),
    Told(said(PA, "reverse.jurisdiction_settled", addressee="hd-admin"), {"hd-admin": DUTY, PC: COPY}, DROPPED),
    Told(said(PA, "reverse.jurisdiction_settled"), {PC: COPY}, DROPPED),
    Told(said(PA, "reverse.opinion_issued", addressee=AG), {AG: DUTY, JU: COPY, SUP: COPY}, DROPPED),
    Told(said(PA, "reverse.opinion_delivered", addressee=AG), {AG: COPY}, OPINED),
    Told(said(AG, "reverse.opinion_delivered"), {PA: RESULT}, OPINED),
    Told(
        said(PC, "reverse.opinion_delivered", addressee=AG),
        {AG: COPY, PA: COPY},
        OPINED,
    ),
    Told(
        said(AG, "reverse.replied", letter_no="L", addressee="hd-admin"),
        {PA: RESULT, PC: COPY, "hd-admin": RESULT},
        OPINED,
    ),
    Told(said(AG, "reverse.replied", letter_no="L"), {PA: RESULT, PC: COPY}, OPINED),
    Told(
        said(AG, "reverse.replied", letter_no="L"),
        {PC: RESULT, PA: RESULT},
        [*DROPPED, said(PC, "reverse.opinion_issued", addressee=AG, letter_no="L")],
    ),
    Told(said(BUS_UNIT, "reverse.reply_overdue", holder=AG), {AG: ALARM, PA: ALARM}, OPINED),
    Told(said(PA, "reverse.followed_up", addressee=AG), {AG: DUTY, JU: COPY, SUP: COPY}, OPINED),
    Told(said(PSB, "returned.to_agency"), {AG: DUTY, PC: COPY}, FILED),
    Told(said(PSB, "returned.to_agency", addressee="by-market"), {"by-market": DUTY, PC: COPY}, FILED),
    Told(said(PA, "suggestion.revisited", letter_no="L"), {AG: RESULT}, OPINED),
    Told(
        said(PI, "pil.verified", letter_no="S2"),
        {"by-market": RESULT},
        [*PIL, said(PI, "pil.suggested", addressee="by-market", letter_no="S2")],
    ),
    Told(said(PI, "pil.verified", letter_no="S3"), {AG: RESULT}, PIL),
    Told(
        said(PA, "suggestion.revisited", letter_no="L2"),
        {"hd-market": RESULT},
        [*OPINED, said(PA, "reverse.followed_up", addressee="hd-market", letter_no="L2")],
    ),
    Told(said(PA, "suggestion.revisited", letter_no="L3"), {AG: RESULT}, OPINED),
    Told(said(BUS_UNIT, "reverse.reply_overdue", holder=None), {AG: ALARM, PA: ALARM}, OPINED),
    Told(said(BUS_UNIT, "reverse.reply_overdue", holder="hd-market"), {"hd-market": ALARM, PA: ALARM}, OPINED),
    Told(said(AG, "pil.replied", letter_no="S"), {PI: RESULT}, [*FILED_CASE, said(PI, "pil.filed")],
         flagged=("missing-step",)),
    Told(said(PI, "pil.filed"), {AG: COPY, PC: COPY}, FILED_CASE),
    Told(said(PI, "pil.consulted", addressee="by-market"), {"by-market": DUTY, PC: COPY}, FILED_CASE),
    Told(said(PI, "pil.suggested", addressee=AG), {AG: DUTY, PC: COPY}, FILED_CASE),
    Told(
        said(PI, "pil.suggested", addressee=SUP), {SUP: DUTY, PC: COPY}, FILED_CASE,
        flagged=("higher-level", "no-recipient"),
    ),
    Told(said(PI, "pil.announced"), {PC: COPY}, FILED_CASE),
    Told(
        said(PI, "pil.suit_filed", kind="civil"),
        {CT: DUTY, AG: COPY, PC: COPY},
        [*FILED_CASE, said(PI, "pil.announced")],
    ),
    Told(said(AG, "pil.replied", letter_no="S"), {PI: RESULT}, PIL),
    Told(said(PI, "pil.verified", letter_no="S"), {AG: RESULT}, PIL),
    Told(said(AG, "intervention.requested", addressee=PSB), {PSB: DUTY, PC: COPY}, FILED_CASE),
    Told(said(AG, "intervention.requested", addressee=PC), {PC: DUTY}, FILED_CASE),
    Told(said(PC, "intervention.opined", addressee=PSB), {PSB: DUTY}, SENT),
    Told(
        said(PC, "intervention.opined", addressee=PSB),
        {PSB: DUTY, AG: RESULT},
        [*FILED_CASE, said(AG, "intervention.requested", addressee=PC)],
    ),
    Told(said(PSB, "intervention.adopted", addressee=PC), {PC: RESULT}, STEPPED_IN),
    Told(said(PSB, "intervention.adopted", addressee=PA), {PA: RESULT, PC: RESULT}, STEPPED_IN),
    Told(said(PC, "consult.asked", addressee=AG), {AG: DUTY}, FILED_CASE),
    Told(
        said(PC, "consult.asked", addressee="某省生态环境厅"),
        {CM: COPY},
        FILED_CASE,
        flagged=("no-recipient",),
    ),
    Told(said(PC, "consult.answered", addressee=AG, consultation_no="K"), {AG: RESULT}, CONSULTED),
    Told(said(PSB, "obstacle.reported", obstacle_no="O", kind="evidence"), {PC: DUTY}, SENT),
    Told(said(AG, "obstacle.reported", obstacle_no="O", kind="evidence"), {PC: DUTY}, SENT),
    Told(
        said(PA, "obstacle.reported", obstacle_no="O", kind="custody", addressee=PSB),
        {PSB: DUTY, PC: DUTY, AG: COPY},
        SENT,
    ),
    Told(
        said(AG, "obstacle.reported", obstacle_no="O", kind="custody"), {PC: DUTY, PSB: COPY}, SENT
    ),
    Told(
        said(PC, "obstacle.reported", obstacle_no="O", kind="custody"), {PSB: COPY, AG: COPY}, SENT
    ),
    Told(
        said(PC, "obstacle.assigned", obstacle_no="O", kind="evidence", addressee=PSB),
        {PSB: DUTY, AG: RESULT},
        OBSTRUCTED,
    ),
    Told(said(PC, "obstacle.cleared", obstacle_no="O"), {AG: RESULT}, OBSTRUCTED),
    Told(said(PC, "obstacle.cleared", obstacle_no="O"), {AG: RESULT, PSB: RESULT}, ASSIGNED),
    Told(said(PSB, "obstacle.cleared", obstacle_no="O"), {AG: RESULT, PC: COPY}, OBSTRUCTED),
    Told(said(AG, "duty_lead.sent"), {SV: DUTY}, SENT),
    Told(said(AG, "duty_lead.sent", addressee=SV), {SV: DUTY}, SENT),
    Told(
        said(BUS_UNIT, "mirror.copied", opinion_source=PC, opinion_id="e1", copies=[
            {"mirror_id": "00000000-0000-0000-0000-000000000001", "unit": PI, "why": "w", "basis": "b"}
        ]),
        {PI: MIRROR, PC: RESULT, CM: RESULT},
        TO_TRANSFER,
    ),
    Told(
        said(PI, "mirror.accepted", regarding_source=PA, regarding_id="e5"),
        {PA: RESULT, CM: RESULT, PC: COPY},
        OPINED,
        flagged=("unknown-mirror",),
    ),
    Told(
        said(PV, "mirror.dismissed", regarding_source=PC, regarding_id="e1", reason="r"),
        {PC: RESULT, CM: RESULT},
        TO_TRANSFER,
        flagged=("unknown-mirror",),
    ),
    Told(said(AG, "case.voided", regarding_source=AG, regarding_id="e1"), {PSB: DUTY, PC: COPY}, SENT),
    Told(
        said(AG, "case.corrected", regarding_source=AG, regarding_id="e1"),
        {PSB: DUTY, PC: COPY},
        [*SENT, said(PSB, "transfer.received")],
    ),
]  # fmt: skip


def tell(told: Told) -> tuple[Story, Folded]:
    story = Story(origin=told.origin, field=told.field, start=MONDAY.replace(year=told.year))
    for unit, type_, data in told.before:
        story.say(unit, type_, **data)
    unit, type_, data = told.last
    return story, story.say(unit, type_, **data)


@pytest.mark.parametrize("told", TOLD, ids=str)
def test_exactly_these_units_receive_it(told: Told) -> None:
    _, folded = tell(told)
    assert received(folded) == told.to
    assert flags(folded) == list(told.flagged)


def _shown(route: Route) -> bool:
    """Whether some told case delivers by this row; rows of one type may share delivery and basis."""
    for told in TOLD:
        if told.last[1] in route.events:
            for decision in tell(told)[1].decisions:
                if isinstance(decision, Deliver) and (decision.delivery, decision.basis) == (
                    route.delivery,
                    route.basis.cited,
                ):
                    return True
    return False


def _needs_other_levels(route: Route) -> bool:
    """These rows are shown in test_levels, on a register that has a city's procuratorate too."""
    return route.when in {HIGHER_LEVEL, OTHER_PLACE} or To.SUPERIOR_OF_SPEAKER in route.to


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if not _needs_other_levels(route)],
    ids=lambda route: f"{route.events[0]}-{'-'.join(route.to)}",
)
def test_every_row_is_shown_by_a_told_case(route: Route) -> None:
    assert _shown(route)


def test_every_type_is_told() -> None:
    routed = {event for route in ROUTES for event in route.events} | set(UNHEARD)
    assert routed <= {told.last[1] for told in TOLD} | {"case.voided"}


def test_the_article_that_fits_the_field_is_cited_before_the_general_one() -> None:
    by_field = {
        field: bases(tell(Told(said(AG, "transfer.sent", addressee=PSB), {}, FILED_CASE, field))[1])[PC]
        for field in ("environment", "work_safety", "tax")
    }
    assert by_field["environment"].startswith("《环境保护行政执法与刑事司法衔接工作办法》")
    assert by_field["work_safety"].startswith("《安全生产行政执法与刑事司法衔接工作办法》")
    assert by_field["tax"].startswith("《关于在行政执法中及时移送涉嫌犯罪案件的意见》")


@pytest.mark.parametrize(
    "route",
    [r for r in ROUTES if r.to[0] is To.ADDRESSEE and len(r.to) > 1],
    ids=lambda route: f"{route.events[0]}-{'-'.join(route.to)}",
)
def test_who_is_addressed_by_name_comes_before_who_acts_in_the_role(route: Route) -> None:
    for told in TOLD:
        unit, type_, data = told.last
        if type_ in route.events:
            named = tell(replace(told, last=said(unit, type_, **{**data, "addressee": "by-labour"})))[1]
            assert STRENGTH[received(named)["by-labour"]] >= STRENGTH[route.delivery]


BASES = [
    (Told(said(PSB, "filing.accepted"), {}, ASKED), PC, "《公安机关办理刑事案件程序规定》第182条"),
    (
        Told(said(PSB, "filing.declined"), {}, SENT, "work_safety"),
        PC,
        "《安全生产行政执法与刑事司法衔接工作办法》",
    ),
    (Told(said(PSB, "filing.accepted"), {}, SENT), PC, "《行政执法机关移送涉嫌犯罪案件的规定》第14条"),
    (
        Told(said(AG, "admin_case.penalised"), {}, SUSPECTED),
        PC,
        "《关于在行政执法中及时移送涉嫌犯罪案件的意见》（高检会〔2006〕2号）第1条：已处罚而未移送的",
    ),
    (Told(said(AG, "admin_case.penalised"), {}, FILED_CASE), PC, "行刑衔接工作约定：办案信息"),
    (Told(said(PC, "case.not_prosecuted"), {}, CHARGED), AG, "《环境保护行政执法与刑事司法衔接工作办法》"),
    (Told(said(PC, "case.not_prosecuted"), {}, CHARGED, "ip"), AG, "行刑衔接工作约定：案件进展"),
    (Told(said(PC, "case.not_prosecuted"), {}, CHARGED), PA, "《人民检察院行刑反向衔接工作指引》"),
    (Told(said(PC, "reverse.case_moved"), {}, DROPPED, year=2023), PA, "《关于推进行刑双向衔接"),
    (
        Told(said(CT, "case.judged"), {}, [*CHARGED, said(PI, "pil.filed")]),
        PI,
        "《两高关于检察公益诉讼案件适用法律若干问题的解释》第20条",
    ),
]


@pytest.mark.parametrize(("told", "unit", "basis"), BASES, ids=lambda value: str(value)[:40])
def test_the_nearest_article_is_cited(told: Told, unit: str, basis: str) -> None:
    assert bases(tell(told)[1])[unit].startswith(basis)


def test_a_basis_carries_its_articles_and_its_mark() -> None:
    folded = tell(Told(said(AG, "transfer.sent", addressee=PSB), {}, FILED_CASE))[1]
    assert bases(folded)[PSB] == "《行政执法机关移送涉嫌犯罪案件的规定》第5条、第7条 [V]"
