"""Which documents belong to which event, which of them its law asks for, and on which basis, as one table.

A row with `required` is asked for: if the document is lacking, the event is admitted all the same and flagged
with what is missing. All other rows say what such an event usually comes with; nobody is asked about them.
Only the package of a transfer has required documents: Order 310 art. 6 lists them, and the police check them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from consumers.casefile import CaseEvent
from consumers.documents import kinds
from consumers.documents.kinds import DocumentKind, plain
from consumers.sources import (
    BAIYUN,
    LINKAGE_2021,
    ORDER_310,
    PENALTY_LAW,
    POLICE_ACCEPTANCE,
    POLICE_PROCEDURE,
    PROCEDURE_LAW,
    PROCURATORATE_RULES,
    PUBLIC_INTEREST,
    REVERSE_GUIDE,
    SUGGESTIONS,
    Mark,
    Source,
    agreed,
)


@dataclass(frozen=True, slots=True)
class Given:
    """A condition on a package, with its words for the page. Pure.

    `holds` gets the events whose documents are in the package, its letter first, and the standing events of the
    case before the letter.
    """

    zh: str
    en: str
    holds: Callable[[Sequence[CaseEvent], Sequence[CaseEvent]], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Belongs:
    """`kind` belongs to each of `events`. `required`: asked for, if `given` holds (always, without it)."""

    events: tuple[str, ...]
    kind: DocumentKind
    basis: Source
    required: bool = False
    given: Given | None = None


def _has_articles(package: Sequence[CaseEvent], _: Sequence[CaseEvent]) -> bool:
    return package[0].data.get("items_count") != 0


def _penalised(_: Sequence[CaseEvent], before: Sequence[CaseEvent]) -> bool:
    return any(event.type == "admin_case.penalised" for event in before)


def _tested(package: Sequence[CaseEvent], before: Sequence[CaseEvent]) -> bool:
    """A report is in the package, and no event says that the tester's qualification is proved."""
    listed = [document for event in package for document in event.data.get("documents") or ()]
    proved = any(event.data.get("qualified") for event in (*package, *before))
    return not proved and kinds.TEST_REPORT.among(listed)


HAS_ARTICLES = Given("未载明没有涉案物品", "unless the letter says that there are no articles", _has_articles)
PENALISED = Given("已作出行政处罚", "if a penalty was decided", _penalised)
TESTED = Given("已附检验报告或者鉴定意见", "if a report is attached", _tested)

LETTER = "transfer.sent"
"""The event that a package belongs to."""

_enclosed = ORDER_310.at("6", zh="移送应当附有的材料", en="what a transfer must come with")
_checked = POLICE_ACCEPTANCE.at(
    mark=Mark.REPORTED, zh="公安机关核对的移送材料", en="what the police check a transfer for"
)
_practice = agreed("通行做法，条文未规定", "usual practice, no text says it")
_o310, _police, _rules = ORDER_310.at, POLICE_PROCEDURE.at, PROCURATORATE_RULES.at
_cpl, _guide, _pil = PROCEDURE_LAW.at, REVERSE_GUIDE.at, PUBLIC_INTEREST.at
_penalty = PENALTY_LAW.at(mark=Mark.DERIVED, zh="行政处罚程序", en="penalty procedure")
_letter_2021 = LINKAGE_2021.at(mark=Mark.REPORTED, zh="检察意见书", en="opinion letter")
_on_site = BAIYUN.at(mark=Mark.REPORTED, zh="现场移交", en="hand-over on site")
_suggestion = SUGGESTIONS.at(mark=Mark.REPORTED, zh="检察建议书", en="suggestion")


def _usual(event: str, zh: str, en: str, basis: Source = _practice, also: tuple[str, ...] = ()) -> Belongs:
    return Belongs((event,), plain(zh, en, *also), basis)


_PACKAGE = (
    Belongs((LETTER,), kinds.TRANSFER_LETTER, _enclosed, required=True),
    Belongs((LETTER,), kinds.INVESTIGATION_REPORT, _enclosed, required=True),
    Belongs((LETTER,), kinds.ARTICLE_LIST, _enclosed, required=True, given=HAS_ARTICLES),
    Belongs((LETTER,), kinds.TEST_REPORT, _enclosed, required=True),
    # An open class: nothing can be said to lack from it.
    Belongs((LETTER,), kinds.OTHER_MATERIAL, _enclosed),
    Belongs((LETTER,), kinds.QUALIFICATION, _checked, required=True, given=TESTED),
    Belongs((LETTER,), kinds.PENALTY_DECISION, _checked, required=True, given=PENALISED),
    Belongs((LETTER,), kinds.EVIDENCE, _checked),
)

_FORWARD = (
    _usual("admin_case.filed", "立案审批表", "approval of filing", _penalty),
    _usual("admin_case.penalised", "行政处罚决定书", "penalty decision", PENALTY_LAW.at(mark=Mark.DERIVED)),
    _usual(
        "admin_case.correction_ordered",
        "责令改正通知书",
        "order to correct",
        _penalty,
        also=("改正指令书", "停止违法行为通知书"),
    ),
    _usual("lead.found", "线索移送表", "lead transfer form", also=("线索", "现场检查笔录")),
    Belongs(("test.resulted",), kinds.TEST_REPORT, _o310("4", "6")),
    _usual("accident.occurred", "事故快报", "accident bulletin", also=("事故报告",)),
    _usual("transfer.reported", "移送报告", "report on the transfer", _o310("5(1)")),
    _usual("transfer.approved", "案件移送审批表", "approval form", _o310("5(2)")),
    _usual("transfer.refused", "案件移送审批表", "approval form with the reasons", _o310("5(2)")),
    Belongs(("transfer.on_site_handed",), kinds.HANDOVER_SLIP, _on_site),
    Belongs(("transfer.on_site_handed",), kinds.ARTICLE_LIST, _on_site),
    _usual("transfer.received", "涉嫌犯罪案件移送书回执", "receipt slip", _o310("7"), also=("回执",)),
    _usual("transfer.supplement_requested", "补正通知书", "notice to supplement", _police("180(2)")),
    _usual("transfer.forwarded", "移送案件通知书", "notice of forwarding", _o310("7")),
    _usual("transfer.out_of_remit", "不属于公安机关管辖告知书", "notice with reasons", _police("180(3)")),
    _usual("filing.extended", "立案审查期限延长审批表", "approval of the extension"),
    _usual("filing.accepted", "立案通知书", "notice of filing", _o310("8"), also=("立案决定书",)),
    _usual("filing.declined", "不予立案通知书", "notice of non-filing", _o310("8")),
    _usual("reconsideration.requested", "提请复议书", "request for reconsideration", _o310("9")),
    _usual("reconsideration.decided", "复议决定书", "decision on reconsideration", _o310("9")),
    _usual("supervision.proposed", "立案监督建议书", "proposal of supervision", _o310("9")),
    _usual("supervision.reasons_requested", "要求说明不立案理由通知书", "request for reasons", _rules("560")),
    _usual("supervision.reasons_given", "不立案理由说明书", "statement of reasons", _rules("560")),
    _usual("supervision.file_ordered", "通知立案书", "order to file", _rules("563")),
    _usual("supervision.concluded", "监督结论告知函", "letter with the outcome", _rules("561")),
    _usual("supervision.corrected", "纠正违法通知书", "correction notice", _rules("564")),
    _usual("supervision.urged", "立案监督案件催办函", "reminder letter", _rules("564"), also=("催办函",)),
    _usual("supervision.withdrawal_ordered", "通知撤销案件书", "order to withdraw", _rules("561")),
    _usual(
        "supervision.disputed",
        "要求复议意见书",
        "request to reconsider",
        _rules("565"),
        also=("提请复核意见书",),
    ),
    _usual(
        "supervision.dispute_decided",
        "复议决定书",
        "decision on the dispute",
        _rules("565"),
        also=("复核决定书",),
    ),
    _usual("opinion.to_transfer_issued", "检察意见书", "opinion letter", _rules("557")),
    _usual("opinion.to_transfer_executed", "书面回复", "written reply", also=("回复函", "复函")),
    Belongs(("items.handed_over",), kinds.HANDOVER_LIST, _o310("12")),
    _usual("items.custody_entrusted", "委托保管函", "letter of custody"),
    _usual(
        "items.seized",
        "查封决定书",
        "decision to seal or detain",
        also=("扣押决定书", "查封扣押决定书", "先行登记保存证据通知书", "扣押清单", "物品清单"),
    ),
    _usual("case.suspect_in_custody", "拘留证", "detention warrant", also=("强制措施决定书",)),
    _usual("case.arrest_approved", "批准逮捕决定书", "approval of arrest"),
    _usual("case.withdrawn", "撤销案件决定书", "decision to withdraw", _police("189")),
    _usual("case.sent_for_prosecution", "起诉意见书", "opinion for prosecution", _cpl("172")),
    _usual("case.investigation_returned", "补充侦查决定书", "decision to return the file", _cpl("175")),
    _usual("case.review_period_set", "延长审查起诉期限审批表", "approval of the period", _cpl("172")),
    _usual("case.prosecuted", "起诉书", "indictment"),
    _usual("case.judged", "判决书", "judgment"),
    _usual("case.appeal_decided", "二审裁判文书", "ruling on appeal", also=("裁定书", "判决书")),
    _usual("case.compliance_review", "合规考察报告", "report of the compliance review"),
    _usual("hearing.held", "听证笔录", "record of the hearing", also=("会议纪要", "庭审笔录")),
    _usual("party.deregistered", "注销登记证明", "proof of deregistration"),
    _usual("party.remedied", "整改证明材料", "proof of what was made good"),
)

_BACK = (
    _usual("case.not_prosecuted", "不起诉决定书", "decision not to prosecute", _rules("373", "375")),
    _usual("reverse.case_moved", "不起诉决定书", "decision not to prosecute", _guide(mark=Mark.REPORTED)),
    _usual("reverse.case_moved", "审查报告", "review report", _guide(mark=Mark.REPORTED)),
    _usual("reverse.suspended", "中止审查决定书", "decision to suspend", _guide("13")),
    _usual("reverse.review_extended", "延长审查期限审批表", "approval of the extension", _guide("12")),
    _usual("reverse.review_closed", "终结审查决定书", "decision to end the review", _guide("14", "15")),
    _usual("reverse.opinion_issued", "检察意见书", "opinion letter", _letter_2021),
    _usual("reverse.opinion_delivered", "送达回证", "proof of delivery"),
    _usual("reverse.replied", "书面回复", "written reply", _cpl("177(3)"), also=("回复函", "复函", "告知书")),
    Belongs(("reverse.replied",), kinds.PENALTY_DECISION, _cpl("177(3)")),
    _usual("reverse.followed_up", "检察建议书", "suggestion or reminder", _suggestion, also=("催办函",)),
    _usual("returned.to_agency", "移送案件函", "letter of return", _o310("13"), also=("移送函",)),
    _usual("suggestion.revisited", "回访记录", "record of the visit"),
)

_SIDE = (
    _usual("pil.filed", "立案决定书", "decision to open the case"),
    _usual("pil.consulted", "磋商纪要", "minutes of the consultation", also=("会议纪要",)),
    _usual("pil.suggested", "检察建议书", "suggestion", _pil("21"), also=("诉前检察建议", "检察建议")),
    _usual("pil.announced", "公告", "announcement", _pil("13")),
    _usual("pil.suit_filed", "公益诉讼起诉书", "complaint", _pil("20")),
    _usual("pil.replied", "书面回复", "written reply", _pil("21"), also=("回复函",)),
    _usual("pil.verified", "核实情况记录", "record of the verification"),
    _usual("intervention.requested", "商请介入函", "request", _rules("256"), also=("商请函",)),
    _usual("intervention.opined", "提前介入意见书", "opinion", _rules("256")),
    _usual("intervention.adopted", "采纳情况回复", "answer to the opinion", _rules("256")),
    _usual("consult.asked", "咨询函", "question in writing", also=("商请函",)),
    _usual("consult.answered", "复函", "answer in writing", also=("专家意见",)),
    _usual("obstacle.reported", "移送障碍线索表", "form of the obstacle lead"),
    _usual("obstacle.assigned", "分办函", "letter of assignment"),
    _usual("obstacle.cleared", "联席会议纪要", "minutes of the meeting", also=("会议纪要",)),
    _usual("duty_lead.sent", "职务违法犯罪线索移送函", "letter", _o310("18", "19"), also=("移送函",)),
)

DOCUMENTS: tuple[Belongs, ...] = (*_PACKAGE, *_FORWARD, *_BACK, *_SIDE)

_STEP = "内部环节或者线上动作，不另附文书 / an internal step or one taken on the bus: no paper of its own"
_BY_BUS = "总线自行发出 / said by the bus"
WITHOUT: dict[str, str] = {
    "assistance.given": "协助的结果另有其文书，如鉴定意见 / what comes of it has its own document, such as an opinion",
    "transfer.suspected": _STEP,
    "transfer.task_group_formed": _STEP,
    "transfer.supplemented": "所补正的材料即其文书 / whatever was asked for",
    "reverse.registered": _STEP,
    "reverse.resumed": _STEP,
    "reverse.jurisdiction_settled": _STEP,
    "mirror.accepted": _STEP,
    "mirror.dismissed": _STEP,
    "case.corrected": _STEP,
    "case.voided": _STEP,
    "case.event_released": _STEP,
    "lead.threshold_matched": _BY_BUS,
    "filing.undecided_overdue": _BY_BUS,
    "reverse.reply_overdue": _BY_BUS,
    "mirror.copied": "所抄送文书原件的只读副本 / the opinion's own, read-only",
    "deadline.approaching": _BY_BUS,
    "deadline.breached": _BY_BUS,
    "deadline.paused": _BY_BUS,
    "deadline.met": _BY_BUS,
    "deadline.withdrawn": _BY_BUS,
    "deadline.recounted": _BY_BUS,
    "calendar.adopted": _BY_BUS,
}
"""Events that no document belongs to, and why, in both languages."""
