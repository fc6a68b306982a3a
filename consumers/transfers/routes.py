"""Who receives which event, and by which article: the routing of the bus as one table.

The rows follow the table of events of the linkage work and the articles named beside them. How they are read:

- The speaker never receives its own event. A unit gets one copy; the strongest reason wins:
  duty, mirror, alarm, result, copy.
- The addressee always gets what is addressed to it, in whichever district. Agency and police are those that
  act in this case, never just any of the district: a case is nobody else's business.
- Departments are those of the speaker's own procuratorate, else of the procuratorate that handles the case.
  The justice bureau is the one beside the organ that enforces.
- An opinion for a higher-level organ is for the procuratorate of that level to issue. The bus delivers it as
  it was sent, gives that procuratorate the duty to take it on, and flags it. An opinion for an organ of
  another place is copied to the procuratorate of that place.
- A duty that nobody in the register can take is flagged; a copy that nobody can take is not sent.
- A row with a date holds only for events that certainly happened on or after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from consumers.decisions import Delivery
from consumers.sources import Mark, Source
from consumers.transfers import conditions as when
from consumers.transfers.conditions import When
from consumers.transfers.recipients import To

DUTY, COPY, RESULT, MIRROR, ALARM = (
    Delivery.DUTY,
    Delivery.COPY,
    Delivery.RESULT,
    Delivery.MIRROR,
    Delivery.ALARM,
)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One row: each of `events` goes to the first of `to` that names somebody.

    `basis` is what recipients are shown. `flag` is the code of an anomaly that the row brings with it.
    `profile` names the office profile without which the row is off.
    """

    events: tuple[str, ...]
    to: tuple[To, ...]
    delivery: Delivery
    basis: Source
    when: When | None = None
    since: date | None = None
    flag: str | None = None
    profile: str | None = None


def _o310(articles: str) -> Source:
    return Source(f"国务院令第310号 art. {articles}", Mark.VERIFIED)


def _police(articles: str) -> Source:
    return Source(f"公安机关办理刑事案件程序规定 art. {articles}", Mark.VERIFIED)


def _rules(articles: str) -> Source:
    return Source(f"人民检察院刑事诉讼规则 art. {articles}", Mark.VERIFIED)


def _guide(articles: str, mark: Mark) -> Source:
    return Source(f"人民检察院行刑反向衔接工作指引 {articles}", mark)


def _agreed(text: str) -> Source:
    return Source(text, Mark.DERIVED)


_SHARED = _agreed("linkage work: records shared on the platform (信息共享)")
_PROGRESS = _agreed("linkage work: the sender learns what became of its case (结果反馈)")
_SUPERVISED = Source(
    "国务院令第310号 art. 14: the procuratorate supervises transfer and filing", Mark.DERIVED
)
_JOINT = Source("高检会〔2006〕2号 art. 1: copy to the procuratorate of the same level", Mark.REPORTED)
_ENV = Source("环环监〔2017〕17号", Mark.REPORTED)
_SAFETY = Source("应急〔2019〕54号", Mark.REPORTED)
_ENV_SINCE, _SAFETY_SINCE = date(2017, 1, 25), date(2019, 4, 16)
# The articles on copies were not read; that documents are copied between procuratorates and justice bureaus is
# reported for Guangdong. Before the Provisions nothing asks for the copy.
_JUSTICE_COPY = Source(
    "高检发释字〔2021〕4号 and the Guangdong agreement of procuratorates and justice bureaus: copy",
    Mark.REPORTED,
)
_SUPERIOR_COPY = Source("高检发释字〔2021〕4号: copy to the superior under vertical management", Mark.DERIVED)
_PROVISIONS_SINCE = date(2021, 9, 6)
_SUGGESTION = Source("人民检察院检察建议工作规定 art. 19", Mark.REPORTED)
_PENALTY_OPINION = Source("刑事诉讼法 art. 177(3)", Mark.VERIFIED)
_INTERNAL = Source("人民检察院内部移送法律监督线索工作规定: case management as hub", Mark.REPORTED)
_LED = Source("最高检 2023 opinion on two-way linkage: led by the administrative department", Mark.REPORTED)
_IN_THREE_DAYS = _guide("(within 3 working days)", Mark.REPORTED)
_GUIDE_SINCE = date(2024, 11, 26)
_LEVEL = _guide("an opinion for a higher organ goes through the procuratorate of that level", Mark.REPORTED)
_PLACE = _guide("art. 12: the other place's procuratorate is consulted", Mark.VERIFIED)
_BAIYUN = Source(
    "Baiyun linkage practice: obstacle leads go to the procuratorate (移送障碍线索)", Mark.VERIFIED
)


def _pil(articles: str) -> Source:
    return Source(f"检察公益诉讼解释 art. {articles}", Mark.VERIFIED)


_ADMINISTRATIVE = (
    Route(("admin_case.filed",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("admin_case.filed",), (To.CASE_MANAGEMENT,), COPY, _SHARED),
    Route(("admin_case.penalised",), (To.CRIMINAL,), COPY, _JOINT, when.CRIME_SUSPECTED),
    Route(("admin_case.penalised",), (To.LOCAL_POLICE,), COPY, _JOINT, when.CRIME_SUSPECTED),
    Route(("admin_case.penalised",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("admin_case.penalised",), (To.JUSTICE,), COPY, _SHARED),
    Route(("admin_case.penalised", "admin_case.correction_ordered"), (To.ASKERS,), RESULT, _PENALTY_OPINION),
    Route(("lead.found",), (To.ADDRESSEE,), DUTY, _agreed("the lead is passed on to this unit")),
    Route(("lead.threshold_matched",), (To.AGENCY,), COPY, _agreed("advisory: a question, not a finding")),
    Route(("lead.threshold_matched",), (To.CRIMINAL,), COPY, _agreed("advisory: a question, not a finding")),
    Route(("test.resulted",), (To.POLICE,), COPY, _o310("6")),
    Route(("accident.occurred",), (To.AGENCY,), COPY, _SAFETY, since=_SAFETY_SINCE),
    Route(("accident.occurred",), (To.LOCAL_POLICE,), COPY, _SAFETY, since=_SAFETY_SINCE),
    Route(("accident.occurred",), (To.CRIMINAL,), COPY, _SAFETY, since=_SAFETY_SINCE),
)

_SENT = ("transfer.sent", "transfer.on_site_handed")
_TRANSFER = (
    Route(("transfer.suspected",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("transfer.approved", "transfer.refused"), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(_SENT, (To.ADDRESSEE,), DUTY, _o310("5, 7")),
    Route(_SENT, (To.CRIMINAL,), COPY, _ENV, when.ENVIRONMENT, since=_ENV_SINCE),
    Route(_SENT, (To.CRIMINAL,), COPY, _SAFETY, when.WORK_SAFETY, since=_SAFETY_SINCE),
    Route(_SENT, (To.CRIMINAL,), COPY, _JOINT),
    Route(_SENT, (To.ASKERS_TO_TRANSFER,), RESULT, _PROGRESS),
    Route(("transfer.received",), (To.AGENCY,), RESULT, _o310("7")),
    Route(("transfer.received",), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("transfer.supplement_requested",), (To.ADDRESSEE, To.AGENCY), DUTY, _police("180(2)")),
    Route(("transfer.supplemented",), (To.ADDRESSEE, To.POLICE), DUTY, _police("180(2)")),
    Route(("transfer.forwarded",), (To.ADDRESSEE,), DUTY, _o310("7")),
    Route(("transfer.forwarded",), (To.AGENCY,), RESULT, _o310("7")),
    Route(("transfer.forwarded",), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("transfer.out_of_remit",), (To.AGENCY,), DUTY, _police("180(3)")),
    Route(("transfer.out_of_remit",), (To.CRIMINAL,), COPY, _SUPERVISED),
)

_DECIDED = ("filing.accepted", "filing.declined")
_FILING = (
    Route(("filing.extended",), (To.AGENCY,), RESULT, _PROGRESS),
    Route(("filing.extended",), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("filing.accepted",), (To.AGENCY,), DUTY, _o310("8, 12")),
    Route(("filing.declined",), (To.AGENCY,), DUTY, _o310("8, 9")),
    Route(_DECIDED, (To.CRIMINAL,), COPY, _police("182"), when.IN_SUPERVISION),
    Route(_DECIDED, (To.CRIMINAL,), COPY, _SAFETY, when.WORK_SAFETY, since=_SAFETY_SINCE),
    Route(_DECIDED, (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("filing.undecided_overdue",), (To.CRIMINAL,), ALARM, _rules("562")),
    Route(("filing.undecided_overdue",), (To.AGENCY,), ALARM, _rules("562")),
    Route(("reconsideration.requested",), (To.ADDRESSEE, To.POLICE), DUTY, _o310("9")),
    Route(("reconsideration.decided",), (To.ADDRESSEE, To.AGENCY), RESULT, _o310("9")),
    Route(("reconsideration.requested", "reconsideration.decided"), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("items.handed_over",), (To.ADDRESSEE,), DUTY, _o310("12")),
    Route(("items.handed_over",), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(
        ("items.custody_entrusted",), (To.ADDRESSEE, To.AGENCY), DUTY, _agreed("articles kept for the police")
    ),
)

_SUPERVISION = (
    Route(("supervision.proposed",), (To.ADDRESSEE, To.CRIMINAL), DUTY, _rules("557")),
    Route(("supervision.reasons_requested",), (To.ADDRESSEE, To.POLICE), DUTY, _rules("560")),
    Route(("supervision.reasons_given",), (To.ADDRESSEE, To.CRIMINAL), DUTY, _rules("560, 561")),
    Route(("supervision.file_ordered",), (To.ADDRESSEE, To.POLICE), DUTY, _rules("563")),
    Route(("supervision.file_ordered",), (To.AGENCY,), RESULT, _PROGRESS),
    Route(("supervision.concluded",), (To.ADDRESSEE, To.AGENCY), RESULT, _rules("561")),
    Route(("supervision.corrected", "supervision.urged"), (To.ADDRESSEE, To.POLICE), DUTY, _rules("564")),
    Route(("supervision.corrected", "supervision.urged"), (To.SUPERIOR_OF_SPEAKER,), COPY, _rules("564")),
)

_LETTERS = ("opinion.to_transfer_issued", "reverse.opinion_issued")
_OPINIONS = (
    Route(("opinion.to_transfer_issued",), (To.ADDRESSEE,), DUTY, _rules("557")),
    Route(("reverse.opinion_issued",), (To.ADDRESSEE,), DUTY, _PENALTY_OPINION),
    Route(_LETTERS, (To.JUSTICE,), COPY, _JUSTICE_COPY, since=_PROVISIONS_SINCE),
    Route(_LETTERS, (To.SUPERIOR_OF_ADDRESSEE,), COPY, _SUPERIOR_COPY, since=_PROVISIONS_SINCE),
    Route(("opinion.to_transfer_issued",), (To.CRIMINAL,), COPY, _INTERNAL),
    Route(
        ("opinion.to_transfer_issued",),
        (To.PC_OF_ADDRESSEE,),
        DUTY,
        _LEVEL,
        when.HIGHER_LEVEL,
        flag="higher-level",
    ),
    Route(
        ("reverse.opinion_issued",),
        (To.PA_OF_ADDRESSEE,),
        DUTY,
        _LEVEL,
        when.HIGHER_LEVEL,
        flag="higher-level",
    ),
    Route(("opinion.to_transfer_issued",), (To.PC_OF_ADDRESSEE,), COPY, _PLACE, when.OTHER_PLACE),
    Route(("reverse.opinion_issued",), (To.PA_OF_ADDRESSEE,), COPY, _PLACE, when.OTHER_PLACE),
    Route(("opinion.to_transfer_executed",), (To.ASKERS_TO_TRANSFER,), RESULT, _rules("557")),
    Route(("opinion.to_transfer_executed",), (To.ADDRESSEE, To.CRIMINAL), RESULT, _rules("557")),
)

_ENDS = ("case.judged", "case.appeal_decided")
_TO_REVERSE = ("case.not_prosecuted", "reverse.case_moved")
_CRIMINAL = (
    Route(("case.withdrawn",), (To.AGENCY,), RESULT, _police("189")),
    Route(("case.withdrawn",), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(
        ("case.sent_for_prosecution",),
        (To.ADDRESSEE, To.CRIMINAL),
        DUTY,
        Source("刑事诉讼法 art. 172", Mark.VERIFIED),
    ),
    Route(("case.suspect_in_custody",), (To.AGENCY,), RESULT, _PROGRESS),
    Route(("case.suspect_in_custody",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("case.arrest_approved",), (To.POLICE,), DUTY, _agreed("the police carry out the arrest")),
    Route(("case.prosecuted",), (To.ADDRESSEE, To.COURT), DUTY, _agreed("the indictment goes to the court")),
    Route(("case.prosecuted", *_ENDS), (To.AGENCY,), RESULT, _PROGRESS),
    Route(("case.prosecuted", *_ENDS), (To.POLICE,), RESULT, _PROGRESS),
    Route(_ENDS, (To.CRIMINAL,), RESULT, _agreed("the judgment goes to the prosecuting department")),
    Route(_ENDS, (To.PUBLIC_INTEREST,), RESULT, _pil("20"), when.PIL_CASE),
    Route(_ENDS, (To.PUBLIC_INTEREST,), COPY, _pil("20"), when.PUBLIC_INTEREST),
    Route(
        ("case.judged",),
        (To.ADMINISTRATIVE,),
        COPY,
        Source("行政处罚法 art. 27", Mark.VERIFIED),
        when.EXEMPTED,
    ),
    Route(_TO_REVERSE, (To.ADDRESSEE, To.ADMINISTRATIVE), DUTY, _IN_THREE_DAYS, since=_GUIDE_SINCE),
    Route(_TO_REVERSE, (To.ADDRESSEE, To.ADMINISTRATIVE), DUTY, _LED),
    Route(("case.not_prosecuted",), (To.POLICE,), RESULT, _PROGRESS),
    Route(("case.not_prosecuted",), (To.AGENCY,), RESULT, _ENV, when.ENVIRONMENT, since=_ENV_SINCE),
    Route(("case.not_prosecuted",), (To.AGENCY,), RESULT, _PROGRESS),
    Route(("case.compliance_review",), (To.AGENCY,), COPY, _agreed("the agency takes part in the review")),
    Route(("hearing.held",), (To.PARTICIPANTS,), COPY, _agreed("it took part")),
    Route(("hearing.held",), (To.AGENCY,), COPY, _SHARED, when.NOT_IN_COURT),
    Route(("hearing.held",), (To.POLICE,), COPY, _SHARED, when.JOINT_MEETING),
    Route(("hearing.held",), (To.CRIMINAL,), COPY, _SHARED, when.IN_COURT),
    Route(("hearing.held",), (To.PUBLIC_INTEREST,), COPY, _SHARED, when.IN_COURT),
    Route(("party.deregistered", "party.remedied"), (To.CRIMINAL,), COPY, _SHARED),
    Route(("party.deregistered", "party.remedied"), (To.ADMINISTRATIVE,), COPY, _SHARED),
    Route(
        ("case.corrected", "case.voided"),
        (To.DUTY_HEARERS,),
        DUTY,
        _agreed("what it received does not stand"),
    ),
    Route(("case.corrected", "case.voided"), (To.HEARERS,), COPY, _agreed("what it received does not stand")),
)

_REVERSE = (
    Route(("reverse.case_moved", "reverse.registered"), (To.CASE_MANAGEMENT,), COPY, _INTERNAL),
    Route(("reverse.registered",), (To.CRIMINAL,), RESULT, _PROGRESS),
    Route(("reverse.suspended", "reverse.resumed"), (To.CRIMINAL,), COPY, _guide("art. 13", Mark.VERIFIED)),
    Route(("reverse.review_closed",), (To.CRIMINAL,), RESULT, _guide("arts. 14-15", Mark.VERIFIED)),
    Route(("reverse.jurisdiction_settled",), (To.ADDRESSEE,), DUTY, _guide("art. 12", Mark.VERIFIED)),
    Route(("reverse.jurisdiction_settled",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("reverse.opinion_delivered",), (To.ADDRESSEE,), COPY, _agreed("proof of delivery (送达回证)")),
    Route(("reverse.opinion_delivered",), (To.ASKERS,), RESULT, _agreed("proof of delivery (送达回证)")),
    Route(
        ("reverse.opinion_delivered",), (To.ADMINISTRATIVE,), COPY, _agreed("proof of delivery (送达回证)")
    ),
    Route(("reverse.replied",), (To.ASKERS,), RESULT, _PENALTY_OPINION),
    Route(("reverse.replied",), (To.ADDRESSEE,), RESULT, _PENALTY_OPINION),
    Route(("reverse.replied",), (To.ADMINISTRATIVE,), RESULT, _LED),
    Route(("reverse.replied",), (To.CRIMINAL,), COPY, _PROGRESS),
    Route(("reverse.reply_overdue",), (To.HOLDER, To.AGENCY), ALARM, _agreed("no reply to the opinion")),
    Route(("reverse.reply_overdue",), (To.ADMINISTRATIVE,), ALARM, _agreed("no reply to the opinion")),
    Route(("reverse.followed_up",), (To.ADDRESSEE,), DUTY, _SUGGESTION),
    Route(("reverse.followed_up",), (To.JUSTICE,), COPY, _JUSTICE_COPY, since=_PROVISIONS_SINCE),
    Route(("reverse.followed_up",), (To.SUPERIOR_OF_ADDRESSEE,), COPY, _SUGGESTION),
    Route(("returned.to_agency",), (To.ADDRESSEE, To.AGENCY), DUTY, _o310("13")),
    Route(("returned.to_agency",), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("suggestion.revisited",), (To.ADDRESSEE, To.ASKED, To.AGENCY), RESULT, _SUGGESTION),
)

_MIRRORS = (
    Route(
        ("mirror.copied",),
        (To.COPIES,),
        MIRROR,
        Source("Baiyun linkage practice: opinions are copied at once (检察意见同步抄送)", Mark.VERIFIED),
        when.OPINION_STANDS,
    ),
    Route(("mirror.copied",), (To.OPINION_SPEAKER,), RESULT, _INTERNAL, when.OPINION_STANDS),
    Route(("mirror.copied",), (To.CASE_MANAGEMENT,), RESULT, _INTERNAL, when.OPINION_STANDS),
    Route(("mirror.accepted", "mirror.dismissed"), (To.REGARDING_SPEAKER,), RESULT, _INTERNAL),
    Route(("mirror.accepted", "mirror.dismissed"), (To.CASE_MANAGEMENT,), RESULT, _INTERNAL),
    Route(("mirror.accepted", "mirror.dismissed"), (To.CRIMINAL,), COPY, _INTERNAL),
)

_PIL = (
    Route(("pil.filed",), (To.ADDRESSEE, To.AGENCY), COPY, _SHARED),
    Route(("pil.consulted",), (To.ADDRESSEE,), DUTY, _pil("21")),
    Route(("pil.suggested",), (To.ADDRESSEE,), DUTY, _pil("21")),
    Route(("pil.suggested",), (To.PI_OF_ADDRESSEE,), DUTY, _LEVEL, when.HIGHER_LEVEL, flag="higher-level"),
    Route(("pil.suit_filed",), (To.ADDRESSEE, To.COURT), DUTY, _pil("13, 20")),
    Route(("pil.suit_filed",), (To.AGENCY,), COPY, _SHARED),
    Route(
        ("pil.filed", "pil.consulted", "pil.suggested", "pil.announced", "pil.suit_filed"),
        (To.CRIMINAL,),
        COPY,
        _SHARED,
    ),
    Route(("pil.replied",), (To.ADDRESSEE, To.ASKERS, To.PUBLIC_INTEREST), RESULT, _pil("21")),
    Route(("pil.verified",), (To.ASKED, To.AGENCY), RESULT, _PROGRESS),
)

_EARLY = _rules("256")
_SIDE = (
    Route(("intervention.requested",), (To.ADDRESSEE, To.CRIMINAL), DUTY, _EARLY),
    Route(("intervention.requested",), (To.CRIMINAL,), COPY, _EARLY),
    Route(("intervention.opined",), (To.ADDRESSEE,), DUTY, _EARLY),
    Route(("intervention.opined",), (To.REQUESTERS,), RESULT, _EARLY),
    Route(("intervention.adopted",), (To.ADDRESSEE,), RESULT, _EARLY),
    Route(("intervention.adopted",), (To.OPINERS,), RESULT, _EARLY),
    Route(("consult.asked",), (To.ADDRESSEE,), DUTY, _agreed("two-way consultation (双向咨询)")),
    Route(("consult.answered",), (To.ADDRESSEE,), RESULT, _agreed("two-way consultation (双向咨询)")),
    Route(("obstacle.reported",), (To.ADDRESSEE,), DUTY, _BAIYUN),
    Route(("obstacle.reported",), (To.CRIMINAL,), DUTY, _BAIYUN),
    Route(
        ("obstacle.reported",),
        (To.AGENCY,),
        COPY,
        _agreed("articles must follow the case"),
        when.OVER_CUSTODY,
    ),
    Route(
        ("obstacle.reported",),
        (To.POLICE,),
        COPY,
        _agreed("articles must follow the case"),
        when.OVER_CUSTODY,
    ),
    Route(("obstacle.cleared",), (To.REPORTERS,), RESULT, _BAIYUN),
    Route(("obstacle.cleared",), (To.CRIMINAL,), COPY, _BAIYUN),
    Route(("duty_lead.sent",), (To.SUPERVISION,), DUTY, _o310("18, 19")),
)

ROUTES: tuple[Route, ...] = (
    *_ADMINISTRATIVE,
    *_TRANSFER,
    *_FILING,
    *_SUPERVISION,
    *_OPINIONS,
    *_CRIMINAL,
    *_REVERSE,
    *_MIRRORS,
    *_PIL,
    *_SIDE,
)

UNHEARD: dict[str, str] = {
    "transfer.task_group_formed": "internal step of the agency; kept for its clock and its record",
    "transfer.reported": "internal step of the agency; kept for its clock and its record",
}
"""Events that nobody but their speaker receives, and why."""

BY_CLOCK: frozenset[str] = frozenset(
    {
        "deadline.approaching",
        "deadline.breached",
        "deadline.paused",
        "deadline.met",
        "deadline.withdrawn",
    }
)
"""Alarms: the limit itself says who holds the duty, who watches it and who stands above (handovers)."""
