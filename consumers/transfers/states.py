"""The states of a case on its two tracks, in the order of the procedure."""

from __future__ import annotations

from dataclasses import dataclass

NO_STATE = ""
"""The reverse track before it began; `Case.reverse_state` is None then."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stands on one track. `code` is what the database and the page show."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the procedure: the states from `first` on, up to the first of the next stage."""

    first: str
    zh: str
    en: str


# In the order of the procedure: a later state proves the earlier ones.
FORWARD_STATES: tuple[State, ...] = (
    State("OPEN", "未定", "nothing known yet"),
    State("LEAD", "线索", "lead found"),
    State("ADMIN_FILED", "行政立案", "administrative case filed"),
    State("SUSPECTED_CRIME", "涉嫌犯罪", "crime suspected"),
    State("TASK_GROUP", "专案组", "task group formed"),
    State("PENDING_HEAD", "待批", "before the head of the agency"),
    State("REFUSED", "不批准移送", "transfer refused by the head"),
    State("APPROVED", "批准移送", "transfer approved"),
    State("OPINION_TO_TRANSFER", "检察意见（移送）", "procuratorate asks for the transfer"),
    State("TRANSFERRED", "已移送", "sent to the police"),
    State("SUPPLEMENT", "补正", "waiting for the agency's supplement"),
    State("FORWARDED", "转送管辖", "forwarded to another police organ"),
    State("OUT_OF_REMIT", "不属公安职责", "no matter for the police"),
    State("ACCEPTED", "已接受", "received, receipt signed"),
    State("NO_DECISION_OVERDUE", "逾期未决", "no filing decision in time"),
    State("NOT_FILED", "不予立案", "filing declined"),
    State("RECONSIDERING", "复议", "under reconsideration"),
    State("MAINTAINED", "维持", "non-filing maintained"),
    State("SUPERVISION", "立案监督", "filing supervision proposed"),
    State("REASONS_ASKED", "要求说明理由", "reasons for not filing asked"),
    State("REASONS_HOLD", "理由成立", "reasons hold"),
    State("FILE_ORDERED", "通知立案", "filing ordered"),
    State("RETURNED", "退回行政处理", "back with the agency"),
    State("FILED", "立案", "criminal case filed"),
    State("ITEMS_HANDED", "涉案物品移交", "articles handed over"),
    State("INVESTIGATING", "侦查", "under investigation"),
    State("WITHDRAWN", "撤案", "criminal case withdrawn"),
    State("SENT_FOR_PROSECUTION", "移送起诉", "sent for prosecution"),
    State("NOT_PROSECUTED", "不起诉", "not prosecuted"),
    State("PROSECUTED", "起诉", "prosecuted"),
    State("JUDGED", "判决", "judged"),
)

REVERSE_STATES: tuple[State, ...] = (
    State(NO_STATE, "未启动", "not begun"),
    State("RETURNED", "移送行政处理", "returned by the police"),
    State("NOT_PROSECUTED", "不起诉", "not prosecuted"),
    State("EXEMPTED", "免予刑事处罚", "exempted from punishment"),
    State("CASE_MOVED", "移送行政检察", "moved to the administrative department"),
    State("ADMIN_DEPT_RECEIVED", "行政检察受理", "registered by the administrative department"),
    State("SUSPENDED", "中止", "review suspended"),
    State("REVIEW_CLOSED", "终结审查", "closed without an opinion"),
    State("OPINION_ISSUED", "检察意见书", "opinion issued"),
    State("DELIVERED", "送达", "opinion delivered"),
    State("REPLY_OVERDUE", "逾期未回复", "no reply in time"),
    State("REPLIED_IN_PROGRESS", "回复（办理中）", "interim reply: still in progress"),
    State("REPLIED", "回复", "replied with a result"),
    State("FOLLOW_UP", "跟进监督", "followed up"),
    State("SUGGESTION", "检察建议", "procuratorial suggestion issued"),
)

FORWARD_STAGES: tuple[Stage, ...] = (
    Stage("OPEN", "线索与行政立案", "lead and administrative case"),
    Stage("SUSPECTED_CRIME", "决定移送", "deciding on the transfer"),
    Stage("TRANSFERRED", "公安机关审查", "before the police"),
    Stage("NOT_FILED", "不立案、监督与退回", "not filed: review, supervision, return"),
    Stage("FILED", "立案侦查", "filed and investigated"),
    Stage("SENT_FOR_PROSECUTION", "起诉与审判", "prosecution and trial"),
)
REVERSE_STAGES: tuple[Stage, ...] = (
    Stage(NO_STATE, "刑事程序终结", "end of the criminal case"),
    Stage("CASE_MOVED", "行政检察审查", "before the administrative department"),
    Stage("OPINION_ISSUED", "检察意见与回复", "opinion and reply"),
)


def by_stage(
    states: tuple[State, ...], stages: tuple[Stage, ...]
) -> tuple[tuple[Stage, tuple[State, ...]], ...]:
    """The states of each stage, in the order of the procedure."""
    codes = [state.code for state in states]
    begins = [codes.index(stage.first) for stage in stages]
    ends = [*begins[1:], len(codes)]
    return tuple((stage, states[begin:end]) for stage, begin, end in zip(stages, begins, ends, strict=True))
