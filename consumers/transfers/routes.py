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
from consumers.sources import (
    BAIYUN,
    COPIED_AT_ONCE,
    ENVIRONMENT,
    INTERNAL_CLUES,
    LINKAGE_2021,
    ORDER_310,
    PENALTY_LAW,
    PLATFORM,
    POLICE_PROCEDURE,
    PROCEDURE_LAW,
    PROCURATORATE_RULES,
    PUBLIC_INTEREST,
    REVERSE_GUIDE,
    SUGGESTIONS,
    TIMELY_TRANSFER_2006,
    TWO_WAY_2023,
    WORK_SAFETY,
    Mark,
    Source,
    agreed,
)
from consumers.transfers import conditions as when
from consumers.transfers.conditions import When
from consumers.transfers.handoffs import NAMES_ORGAN
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

    `basis` is what recipients are shown, in Chinese. `flag` is the code of an anomaly that the row brings with it.
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


_o310, _police, _rules, _pil = ORDER_310.at, POLICE_PROCEDURE.at, PROCURATORATE_RULES.at, PUBLIC_INTEREST.at
_guide = REVERSE_GUIDE.at

_SHARED = PLATFORM.at(mark=Mark.DERIVED, zh="办案信息在平台上共享", en="records are shared on the platform")
_PROGRESS = PLATFORM.at(
    mark=Mark.DERIVED,
    zh="案件进展和结果向移送方及有关单位反馈",
    en="the sender and those concerned learn what became of the case",
)
_SUPERVISED = ORDER_310.at(
    "14",
    mark=Mark.DERIVED,
    zh="移送和立案接受人民检察院监督",
    en="the procuratorate supervises transfer and filing",
)
_JOINT = TIMELY_TRANSFER_2006.at(
    "1",
    mark=Mark.REPORTED,
    zh="移送书抄送同级人民检察院",
    en="transfer letter copied to the procuratorate of the same level",
)
_JOINT_PENALTY = TIMELY_TRANSFER_2006.at(
    "1",
    mark=Mark.REPORTED,
    zh="已处罚而未移送的，处罚决定书抄送同级公安机关、人民检察院",
    en="a penalty given without a transfer is copied to police and procuratorate of the same level",
)
_ENV_TRANSFER = ENVIRONMENT.at(
    mark=Mark.REPORTED, zh="移送书抄送人民检察院", en="transfer letter copied to the procuratorate"
)
_ENV_DROPPED = ENVIRONMENT.at(
    mark=Mark.REPORTED,
    zh="不起诉的，书面告知移送的行政机关",
    en="the agency is told in writing of a non-prosecution",
)
_SAFETY_ACCIDENT = WORK_SAFETY.at(
    mark=Mark.REPORTED,
    zh="事故调查中发现涉嫌犯罪的，同样移送",
    en="what an accident inquiry finds is transferred too",
)
_SAFETY_TRANSFER = WORK_SAFETY.at(
    "8", mark=Mark.REPORTED, zh="移送案件抄送人民检察院", en="the transfer is copied to the procuratorate"
)
_SAFETY_DECIDED = WORK_SAFETY.at(
    mark=Mark.REPORTED,
    zh="是否立案的决定抄送人民检察院",
    en="the filing decision is copied to the procuratorate",
)
_ENV_SINCE, _SAFETY_SINCE = date(2017, 1, 25), date(2019, 4, 16)
# The articles on copies were not read; that documents are copied between procuratorates and justice bureaus is
# reported for Guangdong. Before the Provisions nothing asks for the copy.
_JUSTICE_COPY = Source(
    f"{LINKAGE_2021.zh}和广东省检察机关、司法行政机关协作意见：文书抄送同级司法行政机关",
    f"{LINKAGE_2021.en} and the Guangdong agreement of procuratorates and justice bureaus: "
    "copied to the justice bureau of the same level",
    Mark.REPORTED,
)
_SUPERIOR_COPY = LINKAGE_2021.at(
    mark=Mark.DERIVED,
    zh="实行垂直管理的，抄送其上级机关",
    en="copied to the superior under vertical management",
)
_PROVISIONS_SINCE = date(2021, 9, 6)
_SUGGESTION = SUGGESTIONS.at("19", mark=Mark.REPORTED)
_PENALTY_OPINION = PROCEDURE_LAW.at("177(3)")
_INTERNAL = INTERNAL_CLUES.at(
    mark=Mark.REPORTED, zh="内部移送由案件管理部门统一归口", en="case management is the hub"
)
_LED = TWO_WAY_2023.at(
    mark=Mark.REPORTED, zh="反向衔接由行政检察部门牵头", en="led by the administrative department"
)
_IN_THREE_DAYS = _guide(
    mark=Mark.REPORTED,
    zh="不起诉后3个工作日内移送行政检察部门",
    en="moved to the administrative department within 3 working days of the non-prosecution",
)
_GUIDE_SINCE = date(2024, 11, 26)
_LEVEL = _guide(
    mark=Mark.REPORTED,
    zh="对上级机关的意见，由与其同级的人民检察院提出",
    en="an opinion for a higher organ goes through the procuratorate of that level",
)
_PLACE = _guide(
    "12", zh="涉及异地行政机关的，征求当地人民检察院意见", en="the other place's procuratorate is consulted"
)
_OBSTACLE = BAIYUN.at(zh="移送障碍线索报送人民检察院", en="obstacle leads go to the procuratorate")
_PASSED_ON = agreed("线索移交本单位处理", "the lead is passed on to this unit")
_ADVISORY = agreed("追诉标准比对只作提示，不是认定", "advisory: a question, not a finding")
_ENTRUSTED = agreed("为公安机关代为保管涉案物品", "articles kept for the police")
_SEIZED_TOGETHER = agreed(
    "会同公安机关查扣的，告知该公安机关", "seized together with the police: they have the list"
)
_ASSISTED = agreed("相互协助：协助情况告知受协助单位", "mutual assistance: who was helped has it on record")
_ARREST = agreed("批准逮捕后由公安机关执行", "the police carry out the arrest")
_INDICTED = agreed("起诉书移送人民法院", "the indictment goes to the court")
_JUDGED = agreed("裁判文书送提起公诉的部门", "the judgment goes to the prosecuting department")
_REVIEWED = agreed("行政执法机关参与涉案企业合规考察", "the agency takes part in the review")
_RELEASED = agreed(
    "运维人员经核实，准许该单位就本案发言", "a person decided that the unit may speak for the case"
)
_TOOK_PART = agreed("本单位参加了听证或者会商", "it took part")
_DOES_NOT_STAND = agreed("先前收到的信息已被更正或者作废", "what it received does not stand")
_DELIVERED = agreed("送达回证证明检察意见书已经送达", "proof of delivery")
_NO_REPLY = agreed("检察意见逾期没有回复", "no reply to the opinion")
_ASSIGNED = agreed(
    "移送障碍线索由刑事检察部门分办，报送单位和承办单位知悉结果",
    "the criminal department assigns an obstacle; reporter and assignee learn what comes of it",
)
_CONSULTED = agreed("双向咨询：来函送受询单位，答复送咨询单位", "two-way consultation")
_HANDED_OUT = agreed(
    "收件单位不在总线上，由发出单位自行送达，案管部门登记去向",
    "the addressee is not on the bus: the sender delivers by its own means, case management keeps the record",
)
_FOLLOW_THE_CASE = agreed("涉案物品随案移送", "articles must follow the case")


_ADMINISTRATIVE = (
    Route(("admin_case.filed",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("admin_case.filed",), (To.CASE_MANAGEMENT,), COPY, _SHARED),
    Route(("admin_case.penalised",), (To.CRIMINAL,), COPY, _JOINT_PENALTY, when.CRIME_SUSPECTED),
    Route(("admin_case.penalised",), (To.LOCAL_POLICE,), COPY, _JOINT_PENALTY, when.CRIME_SUSPECTED),
    Route(("admin_case.penalised",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("admin_case.penalised",), (To.JUSTICE,), COPY, _SHARED),
    Route(("admin_case.penalised", "admin_case.correction_ordered"), (To.ASKERS,), RESULT, _PENALTY_OPINION),
    Route(("lead.found",), (To.ADDRESSEE,), DUTY, _PASSED_ON),
    Route(("lead.found",), (To.CASE_MANAGEMENT,), COPY, _INTERNAL, when.TO_A_DEPARTMENT),
    Route(("lead.threshold_matched",), (To.AGENCY,), COPY, _ADVISORY),
    Route(("lead.threshold_matched",), (To.CRIMINAL,), COPY, _ADVISORY),
    Route(("test.resulted",), (To.POLICE,), COPY, _o310("6")),
    Route(("accident.occurred",), (To.AGENCY,), COPY, _SAFETY_ACCIDENT, since=_SAFETY_SINCE),
    Route(("accident.occurred",), (To.LOCAL_POLICE,), COPY, _SAFETY_ACCIDENT, since=_SAFETY_SINCE),
    Route(("accident.occurred",), (To.CRIMINAL,), COPY, _SAFETY_ACCIDENT, since=_SAFETY_SINCE),
)

_SENT = ("transfer.sent", "transfer.on_site_handed")
_TRANSFER = (
    Route(("transfer.suspected",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("transfer.approved", "transfer.refused"), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(_SENT, (To.ADDRESSEE,), DUTY, _o310("5", "7")),
    Route(_SENT, (To.CRIMINAL,), COPY, _ENV_TRANSFER, when.ENVIRONMENT, since=_ENV_SINCE),
    Route(_SENT, (To.CRIMINAL,), COPY, _SAFETY_TRANSFER, when.WORK_SAFETY, since=_SAFETY_SINCE),
    Route(_SENT, (To.CRIMINAL,), COPY, _JOINT),
    Route(_SENT, (To.ASKERS_TO_TRANSFER,), RESULT, _PROGRESS),
    Route(("transfer.received",), (To.AGENCY,), RESULT, _o310("7")),
    Route(("transfer.received",), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("transfer.supplement_requested",), (To.ADDRESSEE, To.AGENCY), DUTY, _police("180(2)")),
    Route(("transfer.supplemented",), (To.ADDRESSEE, To.POLICE), DUTY, _police("180(2)")),
    Route(("transfer.supplement_requested", "transfer.supplemented"), (To.CRIMINAL,), COPY, _SUPERVISED),
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
    Route(("filing.accepted",), (To.AGENCY,), DUTY, _o310("8", "12")),
    Route(("filing.declined",), (To.AGENCY,), DUTY, _o310("8", "9")),
    Route(_DECIDED, (To.CRIMINAL,), COPY, _police("182"), when.IN_SUPERVISION),
    Route(_DECIDED, (To.CRIMINAL,), COPY, _SAFETY_DECIDED, when.WORK_SAFETY, since=_SAFETY_SINCE),
    Route(_DECIDED, (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("filing.undecided_overdue",), (To.CRIMINAL,), ALARM, _rules("562")),
    Route(("filing.undecided_overdue",), (To.AGENCY,), ALARM, _rules("562")),
    Route(("reconsideration.requested",), (To.ADDRESSEE, To.POLICE), DUTY, _o310("9")),
    Route(("reconsideration.decided",), (To.ADDRESSEE, To.AGENCY), RESULT, _o310("9")),
    Route(("reconsideration.requested", "reconsideration.decided"), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("items.handed_over",), (To.ADDRESSEE,), DUTY, _o310("12")),
    Route(("items.handed_over",), (To.CRIMINAL,), COPY, _SUPERVISED),
    Route(("items.custody_entrusted",), (To.ADDRESSEE, To.AGENCY), DUTY, _ENTRUSTED),
    Route(("items.seized",), (To.ADDRESSEE,), COPY, _SEIZED_TOGETHER),
    Route(("items.seized",), (To.CRIMINAL,), COPY, _SHARED),
)

_SUPERVISION = (
    Route(("supervision.proposed",), (To.ADDRESSEE, To.CRIMINAL), DUTY, _rules("557")),
    Route(("supervision.reasons_requested",), (To.ADDRESSEE, To.POLICE), DUTY, _rules("560")),
    Route(("supervision.reasons_given",), (To.ADDRESSEE, To.CRIMINAL), DUTY, _rules("560", "561")),
    Route(("supervision.file_ordered",), (To.ADDRESSEE, To.POLICE), DUTY, _rules("563")),
    Route(("supervision.file_ordered",), (To.AGENCY,), RESULT, _PROGRESS),
    Route(("supervision.concluded",), (To.ADDRESSEE, To.AGENCY), RESULT, _rules("561")),
    Route(("supervision.corrected", "supervision.urged"), (To.ADDRESSEE, To.POLICE), DUTY, _rules("564")),
    Route(("supervision.corrected", "supervision.urged"), (To.SUPERIOR_OF_SPEAKER,), COPY, _rules("564")),
    Route(("supervision.withdrawal_ordered",), (To.ADDRESSEE, To.POLICE), DUTY, _rules("561")),
    Route(("supervision.disputed",), (To.ADDRESSEE, To.CRIMINAL), DUTY, _rules("565")),
    Route(("supervision.dispute_decided",), (To.ADDRESSEE, To.POLICE), RESULT, _rules("565")),
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
        PROCEDURE_LAW.at("172"),
    ),
    Route(("case.investigation_returned",), (To.ADDRESSEE, To.POLICE), DUTY, PROCEDURE_LAW.at("175")),
    Route(("case.review_period_set",), (To.POLICE,), COPY, PROCEDURE_LAW.at("172")),
    Route(("case.suspect_in_custody",), (To.AGENCY,), RESULT, _PROGRESS),
    Route(("case.suspect_in_custody",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("case.arrest_approved",), (To.POLICE,), DUTY, _ARREST),
    Route(("case.prosecuted",), (To.ADDRESSEE, To.COURT), DUTY, _INDICTED),
    Route(("case.prosecuted", *_ENDS), (To.AGENCY,), RESULT, _PROGRESS),
    Route(("case.prosecuted", *_ENDS), (To.POLICE,), RESULT, _PROGRESS),
    Route(_ENDS, (To.CRIMINAL,), RESULT, _JUDGED),
    Route(_ENDS, (To.PUBLIC_INTEREST,), RESULT, _pil("20"), when.PIL_CASE),
    Route(_ENDS, (To.PUBLIC_INTEREST,), COPY, _pil("20"), when.PUBLIC_INTEREST),
    Route(
        ("case.judged",),
        (To.ADMINISTRATIVE,),
        COPY,
        PENALTY_LAW.at("27"),
        when.EXEMPTED,
    ),
    Route(_TO_REVERSE, (To.ADDRESSEE, To.ADMINISTRATIVE), DUTY, _IN_THREE_DAYS, since=_GUIDE_SINCE),
    Route(_TO_REVERSE, (To.ADDRESSEE, To.ADMINISTRATIVE), DUTY, _LED),
    Route(("case.not_prosecuted",), (To.POLICE,), RESULT, _PROGRESS),
    Route(("case.not_prosecuted",), (To.AGENCY,), RESULT, _ENV_DROPPED, when.ENVIRONMENT, since=_ENV_SINCE),
    Route(("case.not_prosecuted",), (To.AGENCY,), RESULT, _PROGRESS),
    Route(("case.compliance_review",), (To.AGENCY,), COPY, _REVIEWED),
    Route(("hearing.held",), (To.PARTICIPANTS,), COPY, _TOOK_PART),
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
        _DOES_NOT_STAND,
    ),
    Route(("case.corrected", "case.voided"), (To.HEARERS,), COPY, _DOES_NOT_STAND),
)

_REVERSE = (
    Route(("reverse.case_moved", "reverse.registered"), (To.CASE_MANAGEMENT,), COPY, _INTERNAL),
    Route(("reverse.registered",), (To.CRIMINAL,), RESULT, _PROGRESS),
    Route(("reverse.suspended", "reverse.resumed"), (To.CRIMINAL,), COPY, _guide("13")),
    Route(("reverse.review_extended",), (To.CRIMINAL,), COPY, _guide("12")),
    Route(("reverse.review_closed",), (To.CRIMINAL,), RESULT, _guide("14", "15")),
    Route(("reverse.jurisdiction_settled",), (To.ADDRESSEE,), DUTY, _guide("12")),
    Route(("reverse.jurisdiction_settled",), (To.CRIMINAL,), COPY, _SHARED),
    Route(("reverse.opinion_delivered",), (To.ADDRESSEE,), COPY, _DELIVERED),
    Route(("reverse.opinion_delivered",), (To.ASKERS,), RESULT, _DELIVERED),
    Route(("reverse.opinion_delivered",), (To.ADMINISTRATIVE,), COPY, _DELIVERED),
    Route(("reverse.replied",), (To.ASKERS,), RESULT, _PENALTY_OPINION),
    Route(("reverse.replied",), (To.ADDRESSEE,), RESULT, _PENALTY_OPINION),
    Route(("reverse.replied",), (To.ADMINISTRATIVE,), RESULT, _LED),
    Route(("reverse.replied",), (To.CRIMINAL,), COPY, _PROGRESS),
    Route(("reverse.reply_overdue",), (To.HOLDER, To.AGENCY), ALARM, _NO_REPLY),
    Route(("reverse.reply_overdue",), (To.ADMINISTRATIVE,), ALARM, _NO_REPLY),
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
        COPIED_AT_ONCE,
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
    Route(("pil.suit_filed",), (To.ADDRESSEE, To.COURT), DUTY, _pil("13", "20")),
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
    Route(("consult.asked",), (To.ADDRESSEE,), DUTY, _CONSULTED),
    Route(("consult.answered",), (To.ADDRESSEE,), RESULT, _CONSULTED),
    Route(("assistance.given",), (To.ADDRESSEE,), RESULT, _ASSISTED),
    Route(("obstacle.reported",), (To.ADDRESSEE,), DUTY, _OBSTACLE),
    Route(("obstacle.reported",), (To.CRIMINAL,), DUTY, _OBSTACLE),
    Route(
        ("obstacle.reported",),
        (To.AGENCY,),
        COPY,
        _FOLLOW_THE_CASE,
        when.OVER_CUSTODY,
    ),
    Route(
        ("obstacle.reported",),
        (To.POLICE,),
        COPY,
        _FOLLOW_THE_CASE,
        when.OVER_CUSTODY,
    ),
    Route(("obstacle.assigned",), (To.ADDRESSEE,), DUTY, _ASSIGNED),
    Route(("obstacle.assigned",), (To.REPORTERS,), RESULT, _ASSIGNED),
    Route(("obstacle.cleared",), (To.REPORTERS,), RESULT, _OBSTACLE),
    Route(("obstacle.cleared",), (To.ASSIGNEES,), RESULT, _ASSIGNED),
    Route(("obstacle.cleared",), (To.CRIMINAL,), COPY, _OBSTACLE),
    Route(("duty_lead.sent",), (To.SUPERVISION,), DUTY, _o310("18", "19")),
    Route(("case.event_released",), (To.ADDRESSEE,), RESULT, _RELEASED),
    Route(("case.event_released",), (To.CASE_MANAGEMENT,), COPY, _RELEASED),
)

_OUTSIDE = (
    Route(
        tuple(name for name, field in NAMES_ORGAN.items() if field == "addressee"),
        (To.CASE_MANAGEMENT,),
        COPY,
        _HANDED_OUT,
        when.OFF_THE_BUS,
    ),
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
    *_OUTSIDE,
)

_INTERNAL_STEP = (
    "行政执法机关内部环节，只留存并计算期限 / internal step of the agency; kept for its clock and its record"
)
_RECOUNT = (
    "由此变动的每一期限另行通知（deadline.recounted） / whoever holds or watches a limit is told how it moves"
)
UNHEARD: dict[str, str] = {
    "transfer.task_group_formed": _INTERNAL_STEP,
    "transfer.reported": _INTERNAL_STEP,
    "calendar.adopted": _RECOUNT,
}
"""Events that nobody but their speaker receives, and why, in both languages."""

BY_CLOCK: frozenset[str] = frozenset(
    {
        "deadline.approaching",
        "deadline.breached",
        "deadline.paused",
        "deadline.met",
        "deadline.withdrawn",
        "deadline.recounted",
    }
)
"""Alarms: the limit itself says who holds the duty, who watches it and who stands above (handovers)."""
