"""The catalogue: every event that may be said on the bus, who may say it, and its schema id on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from schemas.units import Role

AVRO = Path(__file__).parent / "avro"
EXAMPLES = Path(__file__).parent / "examples"


class Sensitivity(StrEnum):
    """How far the content of one field may travel; the `sensitivity` of each field in the Avro schemas.

    A view of an event for a recipient keeps the fields that the recipient may see. The levels rise in this
    order and are ours; `personal` follows art. 4 of the Personal Information Protection Law.
    """

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    RESTRICTED = "restricted"


SENSITIVITIES: dict[Sensitivity, tuple[str, str]] = {
    Sensitivity.PUBLIC: ("可公开", "may stand in a published decision"),
    Sensitivity.INTERNAL: ("内部", "for the organs that take part in the case"),
    Sensitivity.PERSONAL: ("个人信息", "identifies a private person or tells about one"),
    Sensitivity.RESTRICTED: ("限制知悉", "for the addressee only"),
}
"""Chinese name and meaning of each level."""

SPEAKERS: dict[Role, tuple[str, str]] = {
    Role.AGENCY: ("行政执法机关", "administrative enforcement organ"),
    Role.POLICE: ("公安机关", "public security organ (police)"),
    Role.CRIMINAL: ("刑事检察部门", "criminal department of the procuratorate"),
    Role.ADMINISTRATIVE: ("行政检察部门", "administrative department of the procuratorate"),
    Role.CIVIL: ("民事检察部门", "civil department of the procuratorate"),
    Role.PUBLIC_INTEREST: ("公益诉讼检察部门", "public-interest department of the procuratorate"),
    Role.CASE_MANAGEMENT: ("案件管理部门", "case management of the procuratorate"),
    Role.JUSTICE: ("司法行政机关", "judicial-administrative organ (justice bureau)"),
    Role.SUPERVISION: ("监察机关", "supervision organ"),
    Role.SUPERIOR: ("上级主管机关", "superior organ of an agency"),
    Role.COURT: ("人民法院", "people's court"),
    Role.BUS: ("事件总线", "the bus itself"),
}
"""Chinese and English name of each role."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type in one version. `schema_id` stands in the wire frame: never reused, never changed.

    `speakers` are the roles that may say it, whichever unit holds them. A later version is a further row
    with the same name and an id of its own; the earlier row stays, so that the log remains readable.
    """

    schema_id: int
    name: str
    zh: str
    en: str
    conversation: str
    speakers: frozenset[Role]
    version: int = 1

    @property
    def avsc(self) -> str:
        """File name of the Avro schema in `schemas/avro/`."""
        return f"{self.name}.v{self.version}.avsc"


_AG = frozenset({Role.AGENCY})
_PSB = frozenset({Role.POLICE})
_PC = frozenset({Role.CRIMINAL})
_PA = frozenset({Role.ADMINISTRATIVE})
_PI = frozenset({Role.PUBLIC_INTEREST})
_CT = frozenset({Role.COURT})
_BUS = frozenset({Role.BUS})
_ANYONE = frozenset(Role) - _BUS
_PROSECUTORS = _PC | _PA | _PI | {Role.CIVIL}
_FINDERS = _AG | _PSB | _PROSECUTORS | {Role.CASE_MANAGEMENT, Role.JUSTICE, Role.SUPERVISION, Role.SUPERIOR}
_ADVISERS = _AG | _PSB | _PROSECUTORS | {Role.JUSTICE}

# One id per row, given once and for good: a retired type keeps its row. New rows take the next free id.
EVENT_TYPES: tuple[EventType, ...] = (
    EventType(1, "admin_case.filed", "行政案件立案备案", "Administrative case filed", "admin_case", _AG),
    EventType(2, "admin_case.penalised", "行政处罚决定", "Administrative penalty decided", "admin_case", _AG),
    EventType(
        3, "admin_case.correction_ordered", "责令改正", "Correction or stop ordered", "admin_case", _AG
    ),
    EventType(4, "lead.found", "发现线索", "Lead found, reported or passed on", "lead", _FINDERS),
    EventType(5, "lead.threshold_matched", "追诉标准比对命中", "Prosecution threshold matched", "lead", _BUS),
    EventType(
        6, "test.resulted", "检验鉴定结果", "Test or expert opinion received", "lead", _AG | _PSB | _PI
    ),
    EventType(
        7, "accident.occurred", "生产安全事故", "Accident occurred", "lead", _AG | _PSB | {Role.SUPERIOR}
    ),
    EventType(8, "transfer.suspected", "发现涉嫌犯罪", "Crime suspected", "transfer", _AG),
    EventType(9, "transfer.task_group_formed", "成立专案组", "Task group formed", "transfer", _AG),
    EventType(10, "transfer.reported", "报请审批", "Transfer reported to the head", "transfer", _AG),
    EventType(11, "transfer.approved", "批准移送", "Transfer approved", "transfer", _AG),
    EventType(12, "transfer.refused", "不批准移送", "Transfer refused by the head", "transfer", _AG),
    EventType(13, "transfer.sent", "正式移送", "Case sent to the police", "transfer", _AG),
    EventType(14, "transfer.on_site_handed", "现场移交", "Case handed over on site", "transfer", _AG),
    EventType(15, "transfer.received", "接受回执", "Transfer received, receipt signed", "transfer", _PSB),
    EventType(16, "transfer.supplement_requested", "通知补正", "Supplement requested", "transfer", _PSB),
    EventType(17, "transfer.supplemented", "补正材料", "Materials supplemented", "transfer", _AG),
    EventType(
        18,
        "transfer.forwarded",
        "转送有管辖权机关",
        "Forwarded to the competent police organ",
        "transfer",
        _PSB,
    ),
    EventType(19, "transfer.out_of_remit", "不属公安职责退回", "Outside the police remit", "transfer", _PSB),
    EventType(20, "filing.extended", "立案审查期限延长", "Filing review extended", "filing", _PSB),
    EventType(21, "filing.accepted", "决定立案", "Criminal case filed", "filing", _PSB),
    EventType(22, "filing.declined", "不予立案", "Filing declined", "filing", _PSB),
    EventType(23, "filing.undecided_overdue", "逾期未作决定", "Filing decision overdue", "filing", _BUS),
    EventType(
        24, "reconsideration.requested", "提请复议", "Reconsideration requested", "reconsideration", _AG
    ),
    EventType(25, "reconsideration.decided", "复议决定", "Reconsideration decided", "reconsideration", _PSB),
    EventType(26, "supervision.proposed", "建议立案监督", "Filing supervision proposed", "supervision", _AG),
    EventType(
        27,
        "supervision.reasons_requested",
        "要求说明理由",
        "Reasons for not filing requested",
        "supervision",
        _PC,
    ),
    EventType(
        28, "supervision.reasons_given", "说明不立案理由", "Reasons for not filing given", "supervision", _PSB
    ),
    EventType(29, "supervision.file_ordered", "通知立案", "Filing ordered", "supervision", _PC),
    EventType(30, "supervision.concluded", "监督结论告知", "Supervision concluded", "supervision", _PC),
    EventType(31, "supervision.corrected", "纠正违法", "Correction notice issued", "supervision", _PC),
    EventType(32, "supervision.urged", "催办", "Reminder letter sent", "supervision", _PC),
    EventType(
        33,
        "opinion.to_transfer_issued",
        "检察意见（督促移送）",
        "Procuratorial opinion to transfer issued",
        "opinion",
        _PC | _PI,
    ),
    EventType(
        34,
        "opinion.to_transfer_executed",
        "检察意见执行情况",
        "Opinion to transfer executed or answered",
        "opinion",
        _AG,
    ),
    EventType(35, "items.handed_over", "涉案物品移交", "Articles handed over", "items", _AG),
    EventType(36, "items.custody_entrusted", "委托代为保管", "Custody entrusted", "items", _PSB | _AG),
    EventType(37, "case.withdrawn", "撤销案件", "Criminal case withdrawn", "case", _PSB),
    EventType(38, "case.sent_for_prosecution", "移送起诉", "Sent for prosecution", "case", _PSB),
    EventType(39, "case.prosecuted", "提起公诉", "Prosecuted", "case", _PC),
    EventType(40, "case.judged", "判决", "Judged", "case", _CT),
    EventType(41, "case.not_prosecuted", "不起诉", "Not prosecuted", "case", _PC),
    EventType(42, "case.suspect_in_custody", "采取强制措施", "Coercive measure taken", "case", _PSB),
    EventType(43, "case.arrest_approved", "批准逮捕", "Arrest approved", "case", _PC),
    EventType(44, "case.appeal_decided", "二审裁判", "Appeal decided", "case", _CT),
    EventType(45, "case.compliance_review", "涉案企业合规考察", "Corporate compliance review", "case", _PC),
    EventType(46, "case.corrected", "更正", "Event corrected", "correction", _ANYONE),
    EventType(47, "case.voided", "作废", "Event voided", "correction", _ANYONE),
    EventType(
        48, "hearing.held", "听证会商", "Hearing, court session or joint meeting held", "case", _ANYONE
    ),
    EventType(49, "party.deregistered", "当事人注销登记", "Party deregistered", "case", _AG | _PROSECUTORS),
    EventType(
        50, "party.remedied", "当事人补救整改", "Party made good the harm", "case", _AG | _PSB | _PROSECUTORS
    ),
    EventType(51, "reverse.case_moved", "反向衔接线索移送", "Case moved to reverse linkage", "reverse", _PC),
    EventType(52, "reverse.registered", "反向衔接受理", "Reverse linkage registered", "reverse", _PA),
    EventType(53, "reverse.suspended", "中止审查", "Review suspended", "reverse", _PA),
    EventType(54, "reverse.resumed", "恢复审查", "Review resumed", "reverse", _PA),
    EventType(55, "reverse.review_closed", "终结审查", "Review closed without opinion", "reverse", _PA),
    EventType(
        56, "reverse.jurisdiction_settled", "确定主管机关", "Competent organ settled", "reverse", _PA | _PC
    ),
    EventType(
        57, "reverse.opinion_issued", "制发检察意见书", "Opinion for a penalty issued", "reverse", _PA | _PC
    ),
    EventType(
        58,
        "reverse.opinion_delivered",
        "检察意见书送达",
        "Opinion letter delivered",
        "reverse",
        _PA | _PC | _AG,
    ),
    EventType(59, "reverse.replied", "书面回复", "Opinion replied to", "reverse", _AG),
    EventType(60, "reverse.reply_overdue", "逾期未回复", "Reply overdue", "reverse", _BUS),
    EventType(61, "reverse.followed_up", "跟进监督", "Opinion followed up", "reverse", _PA | _PC),
    EventType(
        62, "returned.to_agency", "移送行政处理", "Returned to the agency for a penalty", "reverse", _PSB
    ),
    EventType(63, "suggestion.revisited", "检察建议回访", "Suggestion revisited", "reverse", _PROSECUTORS),
    EventType(64, "mirror.copied", "检察意见同步抄送", "Opinion mirrored", "mirror", _BUS),
    EventType(65, "mirror.accepted", "线索受理", "Mirrored opinion taken up", "mirror", _PROSECUTORS),
    EventType(66, "mirror.dismissed", "线索不受理", "Mirrored opinion dismissed", "mirror", _PROSECUTORS),
    EventType(67, "pil.filed", "公益诉讼立案", "Public-interest case filed", "pil", _PI),
    EventType(68, "pil.consulted", "诉前磋商", "Pre-litigation consultation held", "pil", _PI),
    EventType(69, "pil.suggested", "诉前检察建议", "Pre-litigation suggestion issued", "pil", _PI),
    EventType(70, "pil.announced", "诉前公告", "Pre-litigation announcement made", "pil", _PI),
    EventType(71, "pil.suit_filed", "提起公益诉讼", "Public-interest suit filed", "pil", _PI),
    EventType(72, "pil.replied", "检察建议回复", "Suggestion replied to", "pil", _AG),
    EventType(73, "pil.verified", "整改核实", "Performance verified", "pil", _PI),
    EventType(
        74,
        "intervention.requested",
        "提请提前介入",
        "Early intervention requested",
        "intervention",
        _PSB | _AG,
    ),
    EventType(
        75,
        "intervention.opined",
        "提前介入意见",
        "Early intervention opinion given",
        "intervention",
        _PROSECUTORS,
    ),
    EventType(
        76,
        "intervention.adopted",
        "介入意见采纳",
        "Intervention opinion answered",
        "intervention",
        _PSB | _AG,
    ),
    EventType(77, "consult.asked", "双向咨询", "Consultation asked", "consult", _ADVISERS),
    EventType(78, "consult.answered", "咨询答复", "Consultation answered", "consult", _ADVISERS),
    EventType(79, "obstacle.reported", "移送障碍线索", "Obstacle to transfer reported", "obstacle", _ANYONE),
    EventType(80, "obstacle.cleared", "移送障碍消除", "Obstacle cleared", "obstacle", _ANYONE),
    EventType(81, "duty_lead.sent", "职务违法犯罪线索移送", "Duty-crime lead sent", "duty_lead", _ANYONE),
    EventType(82, "deadline.approaching", "临期预警", "Deadline approaching", "deadline", _BUS),
    EventType(83, "deadline.breached", "逾期", "Deadline breached", "deadline", _BUS),
    EventType(84, "deadline.paused", "期限中止", "Deadline paused", "deadline", _BUS),
    EventType(85, "deadline.met", "按期完成", "Deadline met", "deadline", _BUS),
    EventType(86, "deadline.withdrawn", "逾期提示撤回", "Breach or clock withdrawn", "deadline", _BUS),
    # Version 2 of these can say `facts` for the comparison with prosecution standards.
    EventType(87, "admin_case.filed", "行政案件立案备案", "Administrative case filed", "admin_case", _AG, 2),
    EventType(
        88, "admin_case.penalised", "行政处罚决定", "Administrative penalty decided", "admin_case", _AG, 2
    ),
    EventType(89, "lead.found", "发现线索", "Lead found, reported or passed on", "lead", _FINDERS, 2),
    EventType(
        90, "test.resulted", "检验鉴定结果", "Test or expert opinion received", "lead", _AG | _PSB | _PI, 2
    ),
    EventType(91, "transfer.suspected", "发现涉嫌犯罪", "Crime suspected", "transfer", _AG, 2),
    EventType(96, "case.event_released", "搁置事件放行", "Parked event released", "case", _BUS),
    EventType(120, "calendar.adopted", "采用放假安排", "Calendar of days off adopted", "deadline", _BUS),
    EventType(121, "deadline.recounted", "期限重新计算", "Due time counted anew", "deadline", _BUS),
    EventType(
        122, "reverse.review_extended", "审查期限延长", "Review for reverse linkage extended", "reverse", _PA
    ),
    EventType(
        123,
        "case.investigation_returned",
        "退回补充侦查",
        "Returned for supplementary investigation",
        "case",
        _PC,
    ),
    EventType(
        124, "case.review_period_set", "审查起诉期限确定", "Period of the prosecution review set", "case", _PC
    ),
    EventType(
        125,
        "supervision.withdrawal_ordered",
        "通知撤销案件",
        "Withdrawal of the case ordered",
        "supervision",
        _PC,
    ),
    EventType(126, "supervision.disputed", "要求复议复核", "Order to withdraw disputed", "supervision", _PSB),
    EventType(
        127,
        "supervision.dispute_decided",
        "复议复核决定",
        "Dispute over the order decided",
        "supervision",
        _PC,
    ),
    EventType(140, "obstacle.assigned", "移送障碍分办", "Obstacle assigned", "obstacle", _PC),
    EventType(150, "items.seized", "查封扣押涉案物品", "Articles seized", "items", _AG | _PSB),
    EventType(151, "assistance.given", "提供协助", "Assistance given", "consult", _ADVISERS),
    # Version 2 can say of which party alone the facts are.
    EventType(
        152, "lead.threshold_matched", "追诉标准比对命中", "Prosecution threshold matched", "lead", _BUS, 2
    ),
)

BY_SCHEMA_ID: dict[int, EventType] = {row.schema_id: row for row in EVENT_TYPES}
BY_NAME: dict[str, EventType] = {row.name: row for row in sorted(EVENT_TYPES, key=lambda row: row.version)}
"""The latest version of each type, by its name."""
